/-! The steps of a command's proofs: each tactic as it was written, and the goal before it; and what its theorems use. -/

namespace Unsorry

/-- Written by the user, or by a macro? Then the range is the macro's call. -/
def isOriginal (stx : Syntax) : Bool :=
  match stx.getHeadInfo with
  | .original .. => true
  | _ => false

structure ProofStep where
  start : Nat
  stop : Nat
  kind : SyntaxNodeKind
  context : ContextInfo
  before : MetavarContext
  goal : MVarId
  goals : Nat
  left : Nat
  constants : List Name

/-- Holds tactics and is none. -/
def isSequence (kind : SyntaxNodeKind) : Bool :=
  kind == ``Lean.Parser.Tactic.tacticSeq || kind == ``Lean.Parser.Tactic.tacticSeq1Indented ||
  kind == ``Lean.Parser.Tactic.tacticSeqBracketed || kind == ``Lean.Parser.Term.byTactic || kind == nullKind ||
  kind == `by || kind == `Lean.cdotTk || kind == `Lean.cdot

mutual
/-- Constants that the user has named below a node. -/
partial def namedIn (tree : InfoTree) (found : List Name) : List Name :=
  match tree with
  | .context _ rest => namedIn rest found
  | .hole _ => found
  | .node info children =>
    let found := match info with
      | .ofTermInfo i => match i.expr.getAppFn, i.stx.isIdent && isOriginal i.stx with
        | .const name _, true => if has found name then found else name :: found
        | _, _ => found
      | _ => found
    namedInAll children.toList found
partial def namedInAll (trees : List InfoTree) (found : List Name) : List Name :=
  match trees with
  | [] => found
  | tree :: rest => namedInAll rest (namedIn tree found)
end

def proofStep (i : TacticInfo) (context : ContextInfo) (children : List InfoTree) : Option ProofStep :=
  match startByte i.stx, endByte i.stx, i.goalsBefore with
  | some start, some stop, goal :: _ => some {
      start, stop, kind := i.stx.getKind, context, before := i.mctxBefore, goal, goals := i.goalsBefore.length,
      left := i.goalsAfter.length, constants := reversed (namedInAll children []) [] }
  | _, _, _ => none

mutual
/-- All steps of an info tree, last first. -/
partial def stepsIn (tree : InfoTree) (context? : Option ContextInfo) (found : List ProofStep) : List ProofStep :=
  match tree with
  | .context part rest => stepsIn rest (part.mergeIntoOuter? context?) found
  | .hole _ => found
  | .node info children =>
    let found := match info, context? with
      | .ofTacticInfo i, some context =>
        if isOriginal i.stx && !i.stx.isAtom && !isSequence i.stx.getKind then match proofStep i context children.toList with
          | some step => step :: found
          | none => found
        else found
      | _, _ => found
    stepsInAll children.toList context? found
partial def stepsInAll (trees : List InfoTree) (context? : Option ContextInfo) (found : List ProofStep) : List ProofStep :=
  match trees with
  | [] => found
  | tree :: rest => stepsInAll rest context? (stepsIn tree context? found)
end

partial def hypothesisNames (lctx : LocalContext) : List Expr → List Name
  | [] => []
  | e :: rest => match lctx.find? e.fvarId! with
    | some decl => decl.userName.eraseMacroScopes :: hypothesisNames lctx rest
    | none => hypothesisNames lctx rest

def goalOfStep (decl : MetavarDecl) (goal : MVarId) : MetaM (List (String × Wire)) := do
  let shown ← Meta.ppGoal goal
  let target ← instantiateMVars decl.type
  let hypotheses := (goalHypotheses decl).toList
  pure [("goal", text shown.pretty), ("hypotheses", array (names (hypothesisNames decl.lctx hypotheses))),
    ("symbols", array (names target.getUsedConstants.toList)),
    ("context", array (names (reversed (usedIn (typesOf decl.lctx hypotheses) []) [])))]

def stepWire (s : ProofStep) : IO (Option Wire) := do
  match s.before.findDecl? s.goal with
  | none => pure none
  | some decl =>
    match ← (({ s.context with mctx := s.before }).runMetaM decl.lctx (goalOfStep decl s.goal)).toBaseIO with
    | .error _ => pure none
    | .ok shown =>
      let declaration := match s.context.parentDecl? with | some name => name.toString | none => ""
      pure (some (object ([("start", number s.start), ("end", number s.stop), ("kind", text s.kind.toString),
        ("declaration", text declaration), ("before", number s.goals), ("left", number s.left),
        ("constants", array (names s.constants))] ++ shown)))

/-- At most so many: a proof with thousands of steps teaches no more than its beginning. -/
partial def stepWires : Nat → List ProofStep → List Wire → IO (List Wire)
  | 0, _, found => pure (reversed found [])
  | _, [], found => pure (reversed found [])
  | n + 1, step :: rest, found => do
    match ← stepWire step with
    | some wire => stepWires n rest (wire :: found)
    | none => stepWires n rest found

/-! ## What theorems use -/

partial def theoremsAmong (environment : Environment) : List Name → List Name → List Name
  | [], found => found
  | name :: rest, found => match environment.find? name with
    | some info => theoremsAmong environment rest (if theoremLike environment info && !has found name then name :: found else found)
    | none => theoremsAmong environment rest found

/-- Theorems in a proof term; what the elaborator split off it is looked through. -/
partial def theoremsUsed (environment : Environment) (depth : Nat) (value : Expr) (found : List Name) : List Name :=
  let used := value.getUsedConstants.toList
  let found := theoremsAmong environment used found
  match depth with
  | 0 => found
  | depth + 1 => through depth used found
where
  through (depth : Nat) : List Name → List Name → List Name
    | [], found => found
    | name :: rest, found =>
      if name.isInternalDetail && isLocal environment name then match environment.find? name with
        | some (.thmInfo info) => through depth rest (theoremsUsed environment depth info.value found)
        | _ => through depth rest found
      else through depth rest found

partial def provedWires (environment : Environment) : List Name → List Wire
  | [] => []
  | name :: rest => match environment.find? name with
    | some (.thmInfo info) => object [("name", text name.toString), ("symbols", array (names info.type.getUsedConstants.toList)),
        ("premises", array (names (reversed (theoremsUsed environment 3 info.value []) [])))] :: provedWires environment rest
    | _ => provedWires environment rest

end Unsorry
