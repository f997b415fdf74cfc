/-! What is known of a goal, of the theorems in sight, and of what a declaration rests on. -/

namespace Unsorry

/-- Made by this document, not imported. -/
def isLocal (environment : Environment) (name : Name) : Bool :=
  match environment.getModuleIdxFor? name with
  | some _ => false
  | none => true

/-! ## Axioms -/

/-- Those of the compiler are no checked names: newer Leans have none of them. -/
def axiomClass (environment : Environment) (name : Name) : String :=
  if name == ``sorryAx then "sorry"
  else if name == `Lean.ofReduceBool || name == `Lean.ofReduceNat || name == `Lean.trustCompiler then "compiler"
  else if name == ``propext || name == ``Classical.choice || name == ``Quot.sound then "standard"
  else if isLocal environment name then (if (name.toString.splitOn "native_decide").length > 1 then "compiler" else "other")
  else if isWithoutBody environment name then "library"
  else "other"

partial def axiomWires (environment : Environment) : List Name → List Wire
  | [] => []
  | name :: rest => object [("name", text name.toString), ("class", text (axiomClass environment name))] :: axiomWires environment rest

def axiomsOfOne (name : Name) : CoreM (Array Name) := collectAxioms name

partial def addNew : List Name → List Name → List Name
  | [], found => found
  | name :: rest, found => addNew rest (if has found name then found else name :: found)

/-- The axioms that any of `declarations` rests on. -/
partial def axiomsOf (environment : Environment) : List Name → List Name → IO (List Name)
  | [], found => pure found
  | name :: rest, found => do
    match ← ((axiomsOfOne name).run { fileName := "", fileMap := FileMap.ofString "" } { env := environment }).toBaseIO with
    | .ok (axioms, _) => axiomsOf environment rest (addNew axioms.toList found)
    | .error ex => throw (IO.userError (← ex.toMessageData.toString))

def serveAxioms (d : Driver) (id : Nat) (request : Json) : IO Wire := do
  let wanted := getNat request "state"
  match ← findIn d.states wanted with
  | none => pure (unknownId id "state" wanted)
  | some state =>
    let name := (getText request "declaration").toName
    if !state.env.contains name then pure (failed id "unknown_declaration" ("no declaration " ++ getText request "declaration"))
    else pure (done id [("axioms", array (axiomWires state.env (← axiomsOf state.env [name] [])))])

partial def firstOf {α : Type} : Nat → List α → List α
  | 0, _ => []
  | _, [] => []
  | n + 1, x :: rest => x :: firstOf n rest

/-! ## What a constant rests on within the document -/

partial def findInfo : List ConstantInfo → Name → Option ConstantInfo
  | [], _ => none
  | info :: rest, name => if info.name == name then some info else findInfo rest name

/-- What the kernel looked at when it accepted a constant. -/
def restsOn : ConstantInfo → List Name
  | .thmInfo i => i.value.getUsedConstants.toList
  | .defnInfo i => if i.safety == .safe then i.value.getUsedConstants.toList else []
  | .opaqueInfo i => if i.isUnsafe then [] else i.value.getUsedConstants.toList
  | _ => []

structure Walk where
  /-- Constants of the document found so far, each after those it rests on. -/
  found : List ConstantInfo := []
  /-- Imported constants that those use. -/
  leaves : List Name := []
  circular : Bool := false

mutual
/-- All constants of the document that one rests on, itself included. One that rests on itself can only come from a
kernel check that was skipped. -/
partial def walk (environment : Environment) (path : List Name) (name : Name) (w : Walk) : Walk :=
  if has path name then { w with circular := true }
  else match isLocal environment name, findInfo w.found name, environment.find? name with
    | true, none, some info =>
      let w := walkAll environment (name :: path) (restsOn info) w
      { w with found := info :: w.found }
    | false, _, _ => if has w.leaves name then w else { w with leaves := name :: w.leaves }
    | _, _, _ => w
partial def walkAll (environment : Environment) (path : List Name) (used : List Name) (w : Walk) : Walk :=
  match used with
  | [] => w
  | name :: rest => walkAll environment path rest (walk environment path name w)
end

partial def withDirectSorry : List ConstantInfo → List Name
  | [] => []
  | info :: rest =>
    if has (restsOn info) ``sorryAx || has info.type.getUsedConstants.toList ``sorryAx then info.name :: withDirectSorry rest
    else withDirectSorry rest

partial def minus : List Name → List Name → List Name
  | [], _ => []
  | name :: rest, others => if has others name then minus rest others else name :: minus rest others

/-- What is not proved and comes in through `value`, not through `type`: constants of the document with a `sorry` of
their own, and imported ones that rest on one. -/
def unprovedBy (environment : Environment) (type value : Expr) : IO (List Name) := do
  let stated := walkAll environment [] type.getUsedConstants.toList {}
  let used := walkAll environment [] value.getUsedConstants.toList {}
  let own := minus (withDirectSorry used.found) (withDirectSorry stated.found)
  let imported := minus used.leaves (``sorryAx :: stated.leaves)
  -- All at once first, which is nearly always the end of it.
  if has (← axiomsOf environment imported []) ``sorryAx then pure (own ++ (← restingOnSorry imported)) else pure own
where
  restingOnSorry : List Name → IO (List Name)
    | [] => pure []
    | name :: rest => do
      let others ← restingOnSorry rest
      if has (← axiomsOf environment [name] []) ``sorryAx then pure (name :: others) else pure others

/-! ## Sealing: a finished proof state as a closed theorem that the kernel has checked -/

structure Sealed where
  complaint : String
  axioms : List Wire := []
  constants : List Wire := []
  unproved : List Name := []

def noLevelMVars (e : Expr) : Expr := e.replaceLevel (fun l => if l.isMVar then some levelZero else none)

def closedTheorem (decl : MetavarDecl) (root : MVarId) : MetaM (Expr × Expr) := do
  let hypotheses := goalHypotheses decl
  let type ← instantiateMVars (← mkForallFVars hypotheses (← instantiateMVars decl.type))
  let value ← instantiateMVars (← mkLambdaFVars hypotheses (← instantiateMVars (.mvar root)))
  pure (type, noLevelMVars value)

def sealTheorem (environment : Environment) (type value : Expr) : IO Sealed := do
  if type.hasMVar || value.hasExprMVar || type.hasFVar || value.hasFVar then
    return { complaint := "the proof is not closed" }
  let levels := (collectLevelParams (collectLevelParams {} type) value).params.toList
  let name := `_unsorry_sealed
  match ← replay environment (.thmDecl { name, levelParams := levels, type, value }) with
  | .error ex => pure { complaint := ex }
  | .ok environment => pure {
      complaint := "", axioms := axiomWires environment (← axiomsOf environment [name] []),
      constants := names value.getUsedConstants.toList, unproved := ← unprovedBy environment type value }

def serveSeal (d : Driver) (id : Nat) (request : Json) : IO Wire :=
  withProof d id request fun p => do
    match p.goals, p.roots with
    | [], [root] => match p.mctx.findDecl? root with
      | none => pure (failed id "failed" "the goal is gone")
      | some decl => match ← inProof d id 10000 p (some decl) (closedTheorem decl root) with
        | .error ex => refused id ex
        | .ok ((type, value), _, _) =>
          let sealing ← sealTheorem p.environment type value
          pure (done id [("ok", truth (sealing.complaint == "")), ("message", text sealing.complaint),
            ("axioms", array sealing.axioms), ("constants", array sealing.constants), ("unproved", array (names sealing.unproved))])
    | _, _ => pure (failed id "failed" "goals are left")

/-! ## Features of a goal -/

def headName (e : Expr) : String :=
  match e.getAppFn with
  | .const name _ => name.toString
  | .forallE .. => "∀"
  | .sort _ => "Sort"
  | .fvar _ => "variable"
  | _ => ""

partial def bare : Expr → Expr
  | .mdata _ e => bare e
  | e => e

def arrowKind (domain body : Expr) : MetaM String := do
  if body.hasLooseBVars then pure "forall"
  else if ← Meta.isProp domain then pure "implies"
  else pure "forall"

def targetKind (e : Expr) : MetaM String :=
  match e with
  | .forallE _ domain body _ => arrowKind domain body
  | _ => pure (match e.getAppFn with
    | .const ``Eq _ => "eq" | .const ``Iff _ => "iff" | .const ``And _ => "and" | .const ``Or _ => "or"
    | .const ``Not _ => "not" | .const ``Exists _ => "exists" | .const ``False _ => "false" | .const ``True _ => "true"
    | .const ``LE.le _ => "le" | .const ``LT.lt _ => "lt" | .const ``Ne _ => "ne" | _ => "other")

partial def binderCount : Expr → Nat
  | .forallE _ _ body _ => binderCount body + 1
  | .mdata _ e => binderCount e
  | _ => 0

/-- How often ∀ and ∃ take turns along the spine; `last`: 0 nothing yet, 1 ∀, 2 ∃. -/
partial def alternations (e : Expr) (last : Nat) : Nat :=
  match e with
  | .mdata _ e => alternations e last
  | .forallE _ _ body _ => alternations body 1 + (if last == 2 then 1 else 0)
  | .app (.app (.const ``Exists _) _) (.lam _ _ body _) => alternations body 2 + (if last == 1 then 1 else 0)
  | _ => 0

/-- The explicit fields of a constructor: each type's text ("?" where it depends on earlier fields), and whether it is
of the inductive type itself. -/
partial def fieldWires (ofType : Name) (type : Expr) : MetaM (List Wire) :=
  match type with
  | .forallE _ domain body binder => do
    let rest ← fieldWires ofType body
    if !binder.isExplicit then return rest
    let shown ← if domain.hasLooseBVars then pure "?" else do pure (← Meta.ppExpr domain).pretty
    pure (object [("type", text shown), ("recursive", truth (domain.getForallBody.getAppFn.isConstOf ofType))] :: rest)
  | _ => pure []

partial def applied (type : Expr) : List Expr → Expr
  | [] => type
  | parameter :: rest => match type with
    | .forallE _ _ body _ => applied (body.instantiate1 parameter) rest
    | _ => type

partial def arguments (e : Expr) (found : List Expr) : List Expr :=
  match e with
  | .app f a => arguments f (a :: found)
  | _ => found

partial def constructorWires (environment : Environment) (ofType : Name) (levels : List Level) (parameters : List Expr) : List Name → MetaM (List Wire)
  | [] => pure []
  | name :: rest => do
    let fields ← match environment.find? name with
      | some info => fieldWires ofType (applied (info.type.instantiateLevelParams info.levelParams levels) parameters)
      | none => pure []
    pure (object [("name", text name.toString), ("fields", array fields)] :: (← constructorWires environment ofType levels parameters rest))

partial def isProposition : Expr → Bool
  | .forallE _ _ body _ => isProposition body
  | .sort level => level.isZero
  | _ => false

/-- The constructors of the document's inductive predicates among the names. -/
partial def predicateConstructors (environment : Environment) : List Name → List Name
  | [] => []
  | name :: rest => match isLocal environment name, environment.find? name with
    | true, some (.inductInfo info) =>
      if isProposition info.type then info.ctors ++ predicateConstructors environment rest else predicateConstructors environment rest
    | _, _ => predicateConstructors environment rest

def inductiveWire (environment : Environment) (type : Expr) : MetaM Wire :=
  match type.getAppFn with
  | .const name levels => match environment.find? name with
    | some (.inductInfo info) => do
      let constructors ← constructorWires environment name levels (firstOf info.numParams (arguments type [])) info.ctors
      pure (object [("name", text name.toString), ("recursive", truth info.isRec), ("indices", truth (info.numIndices != 0)),
        ("user", truth (isLocal environment name)), ("constructors", array constructors)])
    | _ => pure "null"
  | _ => pure "null"

partial def hypothesisWires (environment : Environment) (lctx : LocalContext) (target : Expr) : List Expr → MetaM (List Wire)
  | [] => pure []
  | e :: rest => do
    match lctx.find? e.fvarId! with
    | none => hypothesisWires environment lctx target rest
    | some decl =>
      let type := bare (← instantiateMVars decl.type)
      let shown ← Meta.ppExpr type
      let wire := object [("name", text decl.userName.eraseMacroScopes.toString), ("accessible", truth (isAccessible lctx decl)),
        ("type", text shown.pretty), ("kind", text (← binderKind type decl.binderInfo)), ("head", text (headName type)),
        ("size", number type.sizeWithoutSharing), ("inductive", ← inductiveWire environment type), ("constants", array (names type.getUsedConstants.toList)),
        ("in_target", truth (target.containsFVar e.fvarId!))]
      pure (wire :: (← hypothesisWires environment lctx target rest))

partial def typesOf (lctx : LocalContext) : List Expr → List Expr
  | [] => []
  | e :: rest => match lctx.find? e.fvarId! with
    | some decl => decl.type :: typesOf lctx rest
    | none => typesOf lctx rest

partial def usedIn : List Expr → List Name → List Name
  | [], found => found
  | e :: rest, found => usedIn rest (addNew e.getUsedConstants.toList found)

partial def typesOfConstants (environment : Environment) : List Name → List Expr
  | [] => []
  | name :: rest => match environment.find? name with
    | some info => info.type :: typesOfConstants environment rest
    | none => typesOfConstants environment rest

/-- The constructors of the predicate that a goal asks for, if the document declares it; then those of the predicates
that they speak of. -/
def targetConstructors (environment : Environment) (target : Expr) : List Name :=
  let own := match target.getAppFn with
    | .const name _ => predicateConstructors environment [name]
    | _ => []
  (addNew (predicateConstructors environment (usedIn (typesOfConstants environment own) [])) own.reverse).reverse

partial def recursesThrough : List Name → Bool
  | [] => false
  | .str _ last :: rest => last == "brecOn" || last == "rec" || last == "fix" || last == "extrinsicFix" || recursesThrough rest
  | _ :: rest => recursesThrough rest

structure Definition where
  name : Name
  type : Expr
  value : Expr
  direct : Bool

partial def hasDefinition : List Definition → Name → Bool
  | [], _ => false
  | d :: rest, name => d.name == name || hasDefinition rest name

/-- Recursors, projections and the like, which come with a type; and what the elaborator splits off. -/
def isMadeForType (environment : Environment) (name : Name) : Bool :=
  name.isInternalDetail || isAuxRecursor environment name || isNoConfusion environment name ||
    (environment.isProjectionFn name) || underRecursor name
where
  underRecursor : Name → Bool
    | .str parent last => last == "brecOn" || last == "below" || last == "noConfusionType" || underRecursor parent
    | .num parent _ => underRecursor parent
    | .anonymous => false

/-- `def Store := String → Nat`: unfolding it helps nobody. -/
partial def namesType : Expr → Bool
  | .forallE _ _ body _ => namesType body
  | .sort level => !level.isZero
  | _ => false

/-- The document's own definitions among the names, then those in their bodies, and so on. -/
partial def definitionsAmong (environment : Environment) (direct : Bool) : List Name → List Definition → List Definition
  | [], found => found
  | name :: rest, found =>
    if hasDefinition found name || !isLocal environment name || isMadeForType environment name then definitionsAmong environment direct rest found
    else match environment.find? name with
      | some (.defnInfo info) =>
        let found := if namesType info.type then found else { name, type := info.type, value := info.value, direct } :: found
        definitionsAmong environment direct rest found
      | _ => definitionsAmong environment direct rest found

partial def definitionClosure (environment : Environment) (rounds : Nat) (found : List Definition) : List Definition :=
  if rounds == 0 then found
  else
    let more := definitionsAmong environment false (usedIn (values found) []) found
    if more.length == found.length then found else definitionClosure environment (rounds - 1) more
where
  values : List Definition → List Expr
    | [] => []
    | d :: rest => d.value :: values rest

/-- Those in the expressions; then those that the document's predicates in them are made of, and what is in bodies. -/
def definitionsBelow (environment : Environment) (expressions : List Expr) : List Definition :=
  let used := usedIn expressions []
  let direct := definitionsAmong environment true used []
  let ofPredicates := usedIn (typesOfConstants environment (predicateConstructors environment used)) []
  reversed (definitionClosure environment 3 (definitionsAmong environment false ofPredicates direct)) []

/-- What the elaborator has split off: a definition by well-founded recursion has its body there. -/
partial def bodiesSplitOff (environment : Environment) : List Name → List Expr
  | [] => []
  | name :: rest =>
    if !name.isInternalDetail || !isLocal environment name then bodiesSplitOff environment rest
    else match environment.find? name with
      | some (.defnInfo info) => info.value :: bodiesSplitOff environment rest
      | _ => bodiesSplitOff environment rest

partial def explicitArguments : Expr → Nat
  | .forallE _ _ body binder => explicitArguments body + (if binder.isExplicit then 1 else 0)
  | _ => 0

partial def withoutDetails : List Name → List Name
  | [] => []
  | name :: rest => if name.isInternalDetail then withoutDetails rest else name :: withoutDetails rest

partial def definitionWires (environment : Environment) : List Definition → List Wire
  | [] => []
  | d :: rest =>
    let used := usedIn (d.value :: bodiesSplitOff environment d.value.getUsedConstants.toList) []
    let recursive := recursesThrough used
    object [("name", text d.name.toString), ("recursive", truth recursive), ("direct", truth d.direct),
      ("arguments", number (explicitArguments d.type)), ("constants", array (names (withoutDetails used)))] :: definitionWires environment rest

def goalFeatures (environment : Environment) (decl : MetavarDecl) (goal : MVarId) : MetaM Wire := do
  let target := bare (← instantiateMVars decl.type)
  let hypotheses := (goalHypotheses decl).toList
  let shown ← Meta.ppGoal goal
  let targetShown ← Meta.ppExpr target
  pure (object [
    ("display", text shown.pretty), ("case", text (if decl.userName.isAnonymous then "" else decl.userName.eraseMacroScopes.toString)),
    ("target", object [("text", text targetShown.pretty), ("size", number target.sizeWithoutSharing), ("head", text (headName target)),
      ("constants", array (names target.getUsedConstants.toList)), ("binders", number (binderCount target)),
      ("alternations", number (alternations target 0)), ("kind", text (← targetKind target)),
      ("constructors", array (names (targetConstructors environment target)))]),
    ("hypotheses", array (← hypothesisWires environment decl.lctx target hypotheses)),
    ("definitions", array (definitionWires environment (definitionsBelow environment (target :: typesOf decl.lctx hypotheses))))])

partial def featuresOf (d : Driver) (id : Nat) (p : ProofState) : List MVarId → List Wire → IO (Except Exception (List Wire))
  | [], found => pure (.ok (reversed found []))
  | goal :: rest, found => match p.mctx.findDecl? goal with
    | none => featuresOf d id p rest found
    | some decl => do
      match ← inProof d id 10000 p (some decl) (goalFeatures p.environment decl goal) with
      | .ok (wire, _, _) => featuresOf d id p rest (wire :: found)
      | .error ex => pure (.error ex)

def serveFeatures (d : Driver) (id : Nat) (request : Json) : IO Wire :=
  withProof d id request fun p => do
    let limit := getNat request "limit"
    match ← featuresOf d id p (if limit == 0 then p.goals else firstOf limit p.goals) [] with
    | .ok goals => pure (done id [("goals", array goals)])
    | .error ex => refused id ex

/-! ## Theorems in sight -/

def theoremLike (environment : Environment) (info : ConstantInfo) : Bool :=
  !info.name.isInternalDetail && match info with
    | .thmInfo _ => true
    | .axiomInfo _ => isLocal environment info.name || isWithoutProof environment info.name
    | _ => false

def statementText (environment : Environment) (info : ConstantInfo) : IO String := do
  match ← (((Meta.ppExpr info.type).run {} {} |>.run { fileName := "", fileMap := FileMap.ofString "" } { env := environment }).toBaseIO) with
  | .ok ((shown, _), _) => pure shown.pretty
  | .error _ => pure ""

structure Rows where
  rows : List Wire := []
  waiting : Nat := 0
  count : Nat := 0

def flushRows (d : Driver) (id : Nat) (r : Rows) : IO Rows := do
  if r.waiting != 0 then d.event id "theorems" [("rows", array (reversed r.rows []))]
  pure { r with rows := [], waiting := 0 }

def addRow (d : Driver) (id : Nat) (environment : Environment) (statements : Bool) (moduleName : String) (info : ConstantInfo) (r : Rows) : IO Rows := do
  if !theoremLike environment info then return r
  let statement ← if statements then statementText environment info else pure ""
  let row := array [text info.name.toString, text moduleName, array (names info.type.getUsedConstants.toList), text statement]
  let r := { rows := row :: r.rows, waiting := r.waiting + 1, count := r.count + 1 }
  if r.waiting == 200 then flushRows d id r else pure r

partial def addRows (d : Driver) (id : Nat) (environment : Environment) (statements : Bool) (moduleName : String) (infos : Array ConstantInfo) (i : Nat) (token : IO.CancelToken) (r : Rows) : IO Rows := do
  if i < infos.size && !(← token.isSet) then
    addRows d id environment statements moduleName infos (i + 1) token (← addRow d id environment statements moduleName infos[i]! r)
  else pure r

partial def addModules (d : Driver) (id : Nat) (environment : Environment) (statements : Bool) (wanted : List String) (i : Nat) (token : IO.CancelToken) (r : Rows) : IO Rows := do
  let modules := environment.header.moduleData
  if i < modules.size then
    let name := (environment.header.moduleNames[i]!).toString
    let chosen := match wanted with | [] => true | _ => has wanted name
    let r ← if chosen then addRows d id environment statements name (modules[i]!).constants 0 token r else pure r
    addModules d id environment statements wanted (i + 1) token r
  else pure r

/-- What is visible after a state, or where the goal of a proof state stands. -/
def environmentOf (d : Driver) (request : Json) : IO (Except (String × Nat) Environment) := do
  let proof := getNat request "proof"
  if proof != 0 then match ← findIn d.proofs proof with
    | some p => pure (.ok p.environment)
    | none => pure (.error ("proof", proof))
  else
    let wanted := getNat request "state"
    match ← findIn d.states wanted with
    | some state => pure (.ok state.env)
    | none => pure (.error ("state", wanted))

def withEnvironment (d : Driver) (id : Nat) (request : Json) (act : Environment → IO Wire) : IO Wire := do
  match ← environmentOf d request with
  | .error (what, wanted) => pure (unknownId id what wanted)
  | .ok environment => act environment

def serveTheorems (d : Driver) (id : Nat) (request : Json) : IO Wire :=
  withEnvironment d id request fun environment => do
    let statements := getBool request "statements"
    let r ← d.within id 0 fun token => do
      let r ← addModules d id environment statements (textList (getList request "modules")) 0 token {}
      let r ← addRows d id environment statements "" (localConstants environment).toArray 0 token r
      flushRows d id r
    pure (done id [("count", number r.count)])

partial def moduleWires (modules : Array Name) (i : Nat) : List Wire :=
  if i < modules.size then text (modules[i]!).toString :: moduleWires modules (i + 1) else []

def serveModules (d : Driver) (id : Nat) (request : Json) : IO Wire :=
  withEnvironment d id request fun environment =>
    pure (done id [("modules", array (moduleWires environment.header.moduleNames 0))])

partial def describedRows (environment : Environment) : List String → List Wire → IO (List Wire)
  | [], found => pure (reversed found [])
  | name :: rest, found => match environment.find? name.toName with
    | none => describedRows environment rest found
    | some info => do
      let moduleName := match environment.getModuleIdxFor? info.name with
        | some i => (environment.header.moduleNames[i.toNat]!).toString
        | none => ""
      let row := array [text info.name.toString, text moduleName, array (names info.type.getUsedConstants.toList),
        text (← statementText environment info)]
      describedRows environment rest (row :: found)

/-- Some constants only, with their statements; those that are not visible are left out. -/
def serveDescribe (d : Driver) (id : Nat) (request : Json) : IO Wire :=
  withEnvironment d id request fun environment => do
    pure (done id [("rows", array (← describedRows environment (textList (getList request "names")) []))])

end Unsorry
