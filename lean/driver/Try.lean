/-! Scripts and tactics at proof states: try, keep, close, negate. A proof state that is done is evidence, not a proof. -/

namespace Unsorry

/-- A script as syntax: the block in parentheses, so that several lines and `;` work as they do after `by`. -/
def parseScript (p : ProofState) (script : String) : Except String Syntax :=
  Parser.runParserCategory p.environment `tactic ("(\n" ++ script ++ "\n)") "<script>"

/-- Syntax that runs programs while it is elaborated: it is not even tried (lean/forbidden.py says what a proof may not have). -/
def programs : List String :=
  ["Lean.Parser.Tactic.runTac", "Lean.byElab", "Lean.runCmd", "Lean.runElab", "Lean.runMeta", "Lean.includeStr",
   "Lean.Parser.Term.unsafe", "Lean.Parser.Tactic.dbgTrace", "Lean.Parser.Term.dbgTrace", "Lean.Parser.Tactic.sleep"]

mutual
partial def runsProgram (stx : Syntax) : Bool :=
  match stx with
  | .node _ kind args => has programs kind.toString || anyRunsProgram args.toList
  | _ => false
partial def anyRunsProgram : List Syntax → Bool
  | [] => false
  | stx :: rest => runsProgram stx || anyRunsProgram rest
end

/-- A script that may be tried, as syntax; or why there is none. -/
def harmlessScript (p : ProofState) (script : String) : Except String Syntax :=
  match parseScript p script with
  | .error e => .error e
  | .ok stx => if runsProgram stx then .error "it runs a program" else .ok stx

def runTactic (goals : List MVarId) (stx : Syntax) : TermElabM (List MVarId) := do
  let act : Tactic.TacticM Unit := do
    Tactic.evalTactic stx
    Tactic.pruneSolvedGoals
  let (_, s) ← (act.run { elaborator := .anonymous, recover := false }).run { goals := goals }
  Term.synthesizeSyntheticMVarsNoPostponing
  pure s.goals

def runScript (goals : List MVarId) (declaration : Name) (stx : Syntax) : MetaM (List MVarId) := do
  let name := if declaration.isAnonymous then `_unsorry else declaration
  let (goals, _) ← (runTactic goals stx).run { declName? := some name, errToSorry := false } {}
  pure goals

partial def anyAuxiliary (lctx : LocalContext) : List FVarId → Bool
  | [] => false
  | fvar :: rest => (match lctx.find? fvar with | some decl => decl.isAuxDecl | none => false) || anyAuxiliary lctx rest

/-- Why the finished proofs of `roots` are no good, or "". -/
partial def defect : List MVarId → MetaM String
  | [] => pure ""
  | root :: rest => do
    let proof ← instantiateMVars (.mvar root)
    let auxiliary := match (← getMCtx).findDecl? root with
      | some decl => anyAuxiliary decl.lctx (collectFVars {} proof).fvarIds.toList
      | none => false
    if auxiliary then pure "uses the declaration itself"
    else if has proof.getUsedConstants.toList ``sorryAx then pure "uses sorry"
    else if proof.hasExprMVar then pure "leaves metavariables"
    else defect rest

partial def displays : List MVarId → MetaM (List Wire)
  | [] => pure []
  | goal :: rest => do
    let shown ← Meta.ppGoal goal
    pure (text shown.pretty :: (← displays rest))

def coreContext (p : ProofState) (source : String) (token : IO.CancelToken) (beats heartbeats : Nat) : Core.Context :=
  { fileName := "<script>", fileMap := FileMap.ofString source, options := p.options, currNamespace := p.currentNamespace,
    openDecls := p.openDecls, initHeartbeats := beats, maxHeartbeats := heartbeats * 1000, cancelTk? := some token,
    maxRecDepth := 512 }

def coreState (p : ProofState) : Core.State :=
  { env := p.environment, ngen := p.ngen, infoState := { enabled := false } }

structure Trial where
  result : String
  message : String := ""
  goals : List Wire := []
  suggestions : List String := []
  after : Option ProofState := none

/-- The texts behind 'Try this:' in what a tactic said. -/
partial def suggestionLines : List String → List String → List String
  | [], found => found
  | line :: rest, found =>
    let line := trimmed line
    if line.startsWith "[apply] " then suggestionLines rest (withoutFirst 8 line :: found)
    else if line.startsWith "Try this: " then suggestionLines rest (withoutFirst 10 line :: found)
    else match found with
      | last :: others => if line == "" || line.startsWith "Try th" then suggestionLines rest found else suggestionLines rest ((last ++ "\n" ++ line) :: others)
      | [] => suggestionLines rest found

/-- A message without what can be unfolded in an editor. When `grind` fails, that is all that it knew, and writing it down
takes several times as long as the attempt. -/
partial def withoutTraces : MessageData → MessageData
  | .withContext context m => .withContext context (withoutTraces m)
  | .withNamingContext context m => .withNamingContext context (withoutTraces m)
  | .nest indent m => .nest indent (withoutTraces m)
  | .group m => .group (withoutTraces m)
  | .tagged name m => .tagged name (withoutTraces m)
  | .compose first second => .compose (withoutTraces first) (withoutTraces second)
  | .trace .. => .nil
  | m => m

def messageText (m : Message) : IO String := m.data.toString

def suggestionsOf (messages : MessageLog) : IO (List String) := do
  let said ← eachIO messageText messages.toList []
  let tried := keepTry said
  pure (gather tried [])
where
  keepTry : List String → List String
    | [] => []
    | t :: rest => if t.startsWith "Try th" then t :: keepTry rest else keepTry rest
  gather : List String → List String → List String
    | [], found => reversed found []
    | t :: rest, found => gather rest (suggestionLines (t.splitOn "\n") [] ++ found)

def trial (d : Driver) (id : Nat) (p : ProofState) (script : String) (heartbeats : Nat) (token : IO.CancelToken) : IO Trial := do
  match harmlessScript p script with
  | .error e => pure { result := "unparsed", message := e }
  | .ok stx =>
    let beats ← IO.getNumHeartbeats
    let act : MetaM (List MVarId × List Wire × String) := do
      let goals ← runScript p.goals p.declaration stx
      match goals with
      | [] => pure ([], [], ← defect p.roots)
      | _ => pure (goals, ← displays goals, "")
    match ← (((act.run {} { mctx := p.mctx }).run (coreContext p script token beats heartbeats) (coreState p))).toBaseIO with
    | .ok (((goals, shown, wrong), state), core) =>
      if wrong != "" then pure { result := "error", message := wrong }
      else
        let after := { p with environment := core.env, mctx := state.mctx, ngen := core.ngen, goals := goals }
        pure { result := (match goals with | [] => "proved" | _ => "goals"), goals := shown, after := some after,
               suggestions := ← suggestionsOf core.messages }
    | .error ex =>
      match ← d.interruption id token ex with
      | some why => pure { result := "interrupted", message := why }
      | none => pure { result := "error", message := ← (withoutTraces ex.toMessageData).toString }

/-- One script on all of `proofs`: proved if each is; else the first that is not. Kept is the state of a single proof. -/
partial def trials (d : Driver) (id : Nat) (script : String) (heartbeats : Nat) (token : IO.CancelToken) : List ProofState → Trial → IO Trial
  | [], last => pure last
  | p :: rest, _ => do
    let t ← trial d id p script heartbeats token
    if t.result == "proved" then trials d id script heartbeats token rest t else pure t

partial def checkAll (d : Driver) (id : Nat) (proofs : List ProofState) (heartbeats ms : Nat) (keep first progress : Bool) : List String → Nat → Nat → IO (Nat × Nat)
  | [], index, proved => pure (index, proved)
  | script :: rest, index, proved => do
    let began ← IO.monoMsNow
    let beats ← IO.getNumHeartbeats
    let t ← d.within id ms fun token => trials d id script heartbeats token proofs { result := "error", message := "no proof state" }
    let beatsNow ← IO.getNumHeartbeats
    let ended ← IO.monoMsNow
    let kept ← match keep, t.after with
      | true, some after => do pure [("proof", number (← keepIn d.proofs after))]
      | _, _ => pure []
    d.event id "outcome" ([("index", number index), ("result", text t.result), ("message", text t.message), ("goals", array t.goals),
      ("suggestions", array (texts t.suggestions)), ("heartbeats", number ((beatsNow - beats) / 1000)), ("ms", number (ended - began))] ++ kept)
    let proved := if t.result == "proved" then proved + 1 else proved
    let moved := t.result == "proved" || t.result == "goals"
    if (first && t.result == "proved") || (progress && moved) || t.message == "cancelled" then pure (index + 1, proved)
    else checkAll d id proofs heartbeats ms keep first progress rest (index + 1) proved

partial def proofsAt (d : Driver) : List Nat → List ProofState → IO (Except Nat (List ProofState))
  | [], found => pure (.ok (reversed found []))
  | id :: rest, found => do
    match ← findIn d.proofs id with
    | some p => proofsAt d rest (p :: found)
    | none => pure (.error id)

def serveCheck (d : Driver) (id : Nat) (request : Json) : IO Wire := do
  match ← proofsAt d (natList (getList request "proofs")) [] with
  | .error wanted => pure (unknownId id "proof" wanted)
  | .ok proofs =>
    let (tried, proved) ← checkAll d id proofs (getNat request "heartbeats" 200000) (getNat request "ms")
      (getBool request "keep") (getBool request "first") (getBool request "progress") (textList (getList request "scripts")) 0 0
    pure (done id [("tried", number tried), ("proved", number proved)])

partial def parseable (p : ProofState) (harmless : Bool) : List String → List Wire
  | [] => []
  | script :: rest =>
    let read := if harmless then harmlessScript p script else parseScript p script
    truth (match read with | .ok _ => true | .error _ => false) :: parseable p harmless rest

/-- Serve a request about one proof state. -/
def withProof (d : Driver) (id : Nat) (request : Json) (act : ProofState → IO Wire) : IO Wire := do
  let wanted := getNat request "proof"
  match ← findIn d.proofs wanted with
  | none => pure (unknownId id "proof" wanted)
  | some p => act p

def serveParses (d : Driver) (id : Nat) (request : Json) : IO Wire :=
  withProof d id request fun p => pure (done id [("ok", array (parseable p (getBool request "harmless") (textList (getList request "tactics"))))])

partial def splitGoals (d : Driver) (p : ProofState) : List MVarId → List Wire → IO (List Wire)
  | [], found => pure (reversed found [])
  | goal :: rest, found => do
    let id ← keepIn d.proofs { p with goals := [goal], roots := [goal] }
    splitGoals d p rest (number id :: found)

/-- A proof state for each goal alone. -/
def serveSplit (d : Driver) (id : Nat) (request : Json) : IO Wire :=
  withProof d id request fun p => do
    pure (done id [("proofs", array (← splitGoals d p p.goals []))])

/-- Run where a goal lives (or nowhere in particular), under the clock of the request. -/
def inProof {α : Type} (d : Driver) (id ms : Nat) (p : ProofState) (decl? : Option MetavarDecl) (act : MetaM α) : IO (Except Exception (α × MetavarContext × Core.State)) :=
  d.within id ms fun token => do
    let beats ← IO.getNumHeartbeats
    let place : Meta.Context := match decl? with
      | some decl => { lctx := decl.lctx, localInstances := decl.localInstances }
      | none => {}
    match ← (((act.run place { mctx := p.mctx }).run (coreContext p "" token beats 0) (coreState p))).toBaseIO with
    | .ok ((x, state), core) => pure (.ok (x, state.mctx, core))
    | .error ex => pure (.error ex)

def refused (id : Nat) (ex : Exception) : IO Wire := do
  pure (failed id "failed" (← ex.toMessageData.toString))

/-- The local hypotheses of a goal, without the recursion variables of the declaration being proved. -/
partial def hypotheses (lctx : LocalContext) : List Expr → List Expr
  | [] => []
  | e :: rest => match lctx.find? e.fvarId! with
    | some decl => if decl.isAuxDecl then hypotheses lctx rest else e :: hypotheses lctx rest
    | none => hypotheses lctx rest

def goalHypotheses (decl : MetavarDecl) : Array Expr := (hypotheses decl.lctx decl.lctx.getFVars.toList).toArray

/-- Can tactics call it by its name? Not when that was made by a macro, nor when a later hypothesis has the same. -/
def isAccessible (lctx : LocalContext) (decl : LocalDecl) : Bool :=
  !decl.userName.hasMacroScopes && match lctx.findFromUserName? decl.userName with
    | some last => last.fvarId == decl.fvarId
    | none => false

/-! ## Negation: to refute a goal is to prove `¬ ∀ context, target` -/

partial def zeros : List Name → List Level
  | [] => []
  | _ :: rest => levelZero :: zeros rest

def binderKind (type : Expr) (binder : BinderInfo) : MetaM String := do
  if binder.isInstImplicit then pure "instance"
  else if ← Meta.isProp type then pure "prop"
  else if type.isSort then pure "type"
  else pure "data"

partial def binderWires (lctx : LocalContext) : List Expr → MetaM (List Wire)
  | [] => pure []
  | e :: rest => do
    let decl ← match lctx.find? e.fvarId! with
      | some decl => pure decl
      | none => throwError "a hypothesis is gone"
    let shown ← Meta.ppExpr decl.type
    let wire := object [("name", text decl.userName.eraseMacroScopes.toString), ("type", text shown.pretty), ("kind", text (← binderKind decl.type decl.binderInfo))]
    pure (wire :: (← binderWires lctx rest))

structure Negation where
  /-- `¬ ∀ context, target`, in an empty context. -/
  negated : MVarId
  /-- The target with everything introduced, also what it begins with: to read names and types off. -/
  opened : MVarId
  introduced : List Expr
  shown : Format

def negation (decl : MetavarDecl) : MetaM Negation := do
  let closed ← instantiateMVars (← mkForallFVars (goalHypotheses decl) (← instantiateMVars decl.type))
  if closed.hasMVar then throwError "the goal has metavariables"
  -- A statement about every universe is refuted in the lowest.
  let levels := (collectLevelParams {} closed).params.toList
  let closed := closed.instantiateLevelParams levels (zeros levels)
  let negated ← mkFreshExprMVarAt {} #[] (mkApp (mkConst ``Not) closed) .syntheticOpaque
  let statement ← mkFreshExprMVarAt {} #[] closed .syntheticOpaque
  let (introduced, opened) ← statement.mvarId!.introNP closed.getNumHeadForalls
  pure { negated := negated.mvarId!, opened, introduced := fvarList introduced.toList, shown := ← Meta.ppGoal negated.mvarId! }
where
  fvarList : List FVarId → List Expr
    | [] => []
    | f :: rest => mkFVar f :: fvarList rest

def serveNegate (d : Driver) (id : Nat) (request : Json) : IO Wire :=
  withProof d id request fun p => do
    match p.goals with
    | goal :: _ => match p.mctx.findDecl? goal with
      | none => pure (failed id "failed" "the goal is gone")
      | some decl => match ← inProof d id 10000 p (some decl) (negation decl) with
        | .error ex => refused id ex
        | .ok (found, mctx, core) =>
          let here (goal : MVarId) : ProofState := { p with mctx, environment := core.env, ngen := core.ngen, goals := [goal], roots := [goal] }
          let binders ← match mctx.findDecl? found.opened with
            | none => pure []
            | some inner => match ← inProof d id 10000 (here found.opened) (some inner) (binderWires inner.lctx found.introduced) with
              | .ok (binders, _, _) => pure binders
              | .error _ => pure []
          let proof ← keepIn d.proofs (here found.negated)
          let opened ← keepIn d.proofs (here found.opened)
          pure (done id [("proof", number proof), ("opened", number opened), ("goal", text found.shown.pretty), ("binders", array binders)])
    | [] => pure (failed id "failed" "no goal left")

/-! ## Lemmas: a goal as the statement of a theorem of its own -/

/-- How a statement is printed so that it can be read back: 0 as people write it, 1 with the types and full names that
say what is meant, 2 with everything. -/
def lemmaOptions (level : Nat) (options : Options) : Options :=
  let options := withOption (withOption (withoutOption options `pp.sanitizeNames) `pp.proofs) `pp.deepTerms
  if level == 0 then options
  else if level == 1 then
    let typed := withOption (withOption (withOption options `pp.funBinderTypes) `pp.numericTypes) `pp.coercions.types
    withoutOption (withOption (withOption typed `pp.letVarTypes) `pp.fullNames) `pp.fieldNotation
  else withOption options `pp.all

def fromBase (base : String) (taken : List String) (n : Nat) : String :=
  let name := if n == 0 then base else base ++ "_" ++ toString n
  if has taken name then "" else name

partial def freshFrom (base : String) (taken : List String) (n : Nat) : String :=
  match fromBase base taken n with
  | "" => freshFrom base taken (n + 1)
  | name => name

/-- A name that a binder can have: the hypothesis' own when it is a plain one. -/
def binderBase (name : Name) (kind : String) : String :=
  let other := if kind == "prop" then "h" else if kind == "instance" then "inst" else "x"
  match name.eraseMacroScopes with
  | .str .anonymous own => if own == "" || own == "this" || own.startsWith "_" || (Name.mkSimple own).toString != own then other else own
  | _ => other

structure LemmaBinder where
  fvar : FVarId
  name : String
  type : Expr
  kind : String

partial def lemmaBinders (lctx : LocalContext) (wanted : List Nat) (index : Nat) (taken : List String) : List Expr → MetaM (List LemmaBinder)
  | [] => pure []
  | e :: rest => match lctx.find? e.fvarId!, has wanted index with
    | some decl, true => do
      if decl.isLet then throwError "a local definition is no hypothesis of a lemma"
      let type ← instantiateMVars decl.type
      let kind ← binderKind type decl.binderInfo
      let name := freshFrom (binderBase decl.userName kind) taken 0
      pure ({ fvar := e.fvarId!, name, type, kind } :: (← lemmaBinders lctx wanted (index + 1) (name :: taken) rest))
    | _, _ => lemmaBinders lctx wanted (index + 1) taken rest

partial def renamed (lctx : LocalContext) : List LemmaBinder → LocalContext
  | [] => lctx
  | b :: rest => renamed (lctx.setUserName b.fvar (Name.mkSimple b.name)) rest

partial def levelsOf (target : Expr) : List LemmaBinder → List Name
  | binders => (collect binders (collectLevelParams {} target)).params.toList
where
  collect : List LemmaBinder → CollectLevelParams.State → CollectLevelParams.State
    | [], found => found
    | b :: rest, found => collect rest (collectLevelParams found b.type)

/-- The universe parameters, renamed: what the section calls `u` can't be declared once more. -/
partial def lemmaLevels (n : Nat) : List Name → List Name
  | [] => []
  | _ :: rest => Name.mkSimple ("u_" ++ toString n) :: lemmaLevels (n + 1) rest

partial def levelParams : List Name → List Level
  | [] => []
  | name :: rest => .param name :: levelParams rest

/-- On one line where it can be: Lean minds columns. -/
def oneLine (shown : Format) : String := shown.pretty (width := 1000000)

structure LemmaText where
  universes : List Name
  binders : List Wire
  target : String

partial def lemmaBinderWires (levels : List Name) (chosen : List Level) : List LemmaBinder → MetaM (List Wire)
  | [] => pure []
  | b :: rest => do
    let shown ← Meta.ppExpr (b.type.instantiateLevelParams levels chosen)
    let wire := object [("name", text b.name), ("type", text (oneLine shown)), ("kind", text b.kind)]
    pure (wire :: (← lemmaBinderWires levels chosen rest))

partial def anyMVar : List LemmaBinder → Bool
  | [] => false
  | b :: rest => b.type.hasMVar || anyMVar rest

def lemmaShown (target : Expr) (binders : List LemmaBinder) : MetaM LemmaText := do
  if target.hasMVar || anyMVar binders then throwError "the goal has metavariables"
  let levels := levelsOf target binders
  let universes := lemmaLevels 1 levels
  let chosen := levelParams universes
  let wires ← lemmaBinderWires levels chosen binders
  pure { universes, binders := wires, target := oneLine (← Meta.ppExpr (target.instantiateLevelParams levels chosen)) }

def lemmaText (d : Driver) (id : Nat) (p : ProofState) (decl : MetavarDecl) (wanted : List Nat) : IO (Except Exception LemmaText) := do
  let read : MetaM (Expr × List LemmaBinder) := do
    pure (← instantiateMVars decl.type, ← lemmaBinders decl.lctx wanted 0 [] (goalHypotheses decl).toList)
  match ← inProof d id 10000 p (some decl) read with
  | .error ex => pure (.error ex)
  | .ok ((target, binders), _, _) =>
    match ← inProof d id 10000 p (some { decl with lctx := renamed decl.lctx binders }) (lemmaShown target binders) with
    | .error ex => pure (.error ex)
    | .ok (shown, _, _) => pure (.ok shown)

partial def goalAt : List MVarId → Nat → Option MVarId
  | [], _ => none
  | goal :: rest, n => if n == 0 then some goal else goalAt rest (n - 1)

def serveLemma (d : Driver) (id : Nat) (request : Json) : IO Wire :=
  withProof d id request fun p => do
    match goalAt p.goals (getNat request "goal") with
    | none => pure (failed id "failed" "there is no such goal")
    | some goal => match p.mctx.findDecl? goal with
      | none => pure (failed id "failed" "the goal is gone")
      | some decl =>
        let p := { p with options := lemmaOptions (getNat request "level") p.options }
        match ← lemmaText d id p decl (natList (getList request "hypotheses")) with
        | .error ex => refused id ex
        | .ok shown => pure (done id [("universes", array (names shown.universes)), ("binders", array shown.binders), ("target", text shown.target)])

end Unsorry
