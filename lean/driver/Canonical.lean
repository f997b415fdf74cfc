/-!
The canonical text of a goal: the same whatever its variables and universes are called, another for another meaning.
Tokens in prefix notation, one space between them: `( f a b )`, `( λ type body )`, `( ∀ type body )`,
`( let type value body )`, `( . Structure field e )`, `^0` (bound), `#2` (hypothesis), `?0` (metavariable), `'5`, `'"text"`,
`( itself $name type )` (the recursion variable of the declaration), `$name { levels }`, `Sort level`; levels are `0`, `+ l`, `max l l`, `imax l l`, `@0` (parameter). A proof by a theorem is
`( proof statement )`, for which proof does not matter. `lean/goal_key.py` makes keys of it.
-/

namespace Unsorry

/-- Nodes that the text of a goal, or of one definition, may have: shared subterms can make it exponentially long. -/
def canonicalRoom : Nat := 20000

/-- Nodes for all definitions behind one goal together; the rest is told apart by hashes. -/
def definitionsRoom : Nat := 100000

structure Writing where
  /-- Last first. -/
  tokens : List String := []
  room : Nat := canonicalRoom
  levels : List Name := []
  metavariables : List Name := []
  /-- Constants of the document that were written by name. -/
  locals : List Name := []

def Writing.put (w : Writing) (token : String) : Writing := { w with tokens := token :: w.tokens, room := w.room - 1 }

partial def joinTokens : List String → String → String
  | [], done => done
  | [t], done => done ++ t
  | t :: rest, done => joinTokens rest (done ++ t ++ " ")

def Writing.shown (w : Writing) : String := joinTokens (reversed w.tokens []) ""

partial def rank : List Name → Name → Nat → Nat
  | [], _, n => n
  | x :: rest, name, n => if x == name then n else rank rest name (n + 1)

def alsoName (known : List Name) (name : Name) : List Name := if has known name then known else known ++ [name]

def Writing.putLevelName (w : Writing) (mark : String) (name : Name) : Writing :=
  { w with levels := alsoName w.levels name }.put (mark ++ toString (rank w.levels name 0))

partial def Writing.putLevel (w : Writing) (level : Level) : Writing :=
  if w.room == 0 then w
  else match level with
    | .zero => w.put "0"
    | .succ l => (w.put "+").putLevel l
    | .max a b => ((w.put "max").putLevel a).putLevel b
    | .imax a b => ((w.put "imax").putLevel a).putLevel b
    | .param name => w.putLevelName "@" name
    | .mvar id => w.putLevelName "?@" id.name

partial def Writing.putLevels (w : Writing) : List Level → Writing
  | [] => w
  | l :: rest => (w.putLevel l).putLevels rest

/-- A name as one token; only names in French quotes can hold a space. -/
def nameToken (name : Name) : String :=
  let shown := (privateToUserName name).toString
  "$" ++ (if (shown.splitOn "«").length > 1 then text shown else shown)

def isTheoremName (environment : Environment) (name : Name) : Bool :=
  match environment.find? name with
  | some (.thmInfo _) => true
  | some (.axiomInfo _) => isWithoutProof environment name
  | _ => false

/-- The type of the document that a constructor, recursor, projection … was made for. -/
partial def ownerType (environment : Environment) : Name → Option Name
  | .str parent _ => match isLocal environment parent, environment.find? parent with
    | true, some (.inductInfo _) => some parent
    | _, _ => ownerType environment parent
  | .num parent _ => ownerType environment parent
  | .anonymous => none

/-- What the elaborator splits off has the name of the declaration that it was first needed in: its content counts. -/
def splitOff (environment : Environment) (name : Name) : Option ConstantInfo :=
  if isLocal environment name && (privateToUserName name).isInternalDetail then
    match environment.find? name with
    | some (.defnInfo info) => if info.safety == .safe then some (.defnInfo info) else none
    | _ => none
  else none

/-- Head and arguments of an application, without `mdata` between them. -/
partial def spine (e : Expr) (found : List Expr) : Expr × List Expr :=
  match e with
  | .app f a => spine f (a :: found)
  | .mdata _ f => spine f found
  | f => (f, found)

partial def appliedTo (f : Expr) : List Expr → Expr
  | [] => f
  | a :: rest => appliedTo (.app f a) rest

structure Place where
  environment : Environment
  variables : List Name := []
  context : LocalContext := {}

mutual
partial def Writing.putExpr (w : Writing) (place : Place) (e : Expr) : Writing :=
  if w.room == 0 then w
  else match e with
    | .bvar i => w.put ("^" ++ toString i)
    | .fvar id => match has place.variables id.name, place.context.find? id with
      | false, some decl => ((w.put ("( itself " ++ nameToken decl.userName)).putExpr place decl.type).put ")"
      | _, _ => w.put ("#" ++ toString (rank place.variables id.name 0))
    | .mvar id => { w with metavariables := alsoName w.metavariables id.name }.put ("?" ++ toString (rank w.metavariables id.name 0))
    | .sort level => (w.put "Sort").putLevel level
    | .lit (.natVal n) => w.put ("'" ++ toString n)
    | .lit (.strVal s) => w.put ("'" ++ text s)
    | .lam _ type body _ => (((w.put "( λ").putExpr place type).putExpr place body).put ")"
    | .forallE _ type body _ => (((w.put "( ∀").putExpr place type).putExpr place body).put ")"
    | .letE _ type value body _ => ((((w.put "( let").putExpr place type).putExpr place value).putExpr place body).put ")"
    | .mdata _ e => w.putExpr place e
    | .proj type i e => (((w.put ("( . " ++ nameToken type ++ " " ++ toString i)).putExpr place e).put ")").met place type
    | .const name levels => w.putConst place name levels []
    | .app .. =>
      let (f, arguments) := spine e []
      match f with
      | .lam .. => w.putExpr place (appliedTo f arguments).headBeta
      | .const ``optParam _ => w.putFirst place f arguments
      | .const ``autoParam _ => w.putFirst place f arguments
      | .const name levels => w.putConst place name levels arguments
      | _ => w.putApp place f arguments
/-- `optParam type value` and the like, for which the type says it all. -/
partial def Writing.putFirst (w : Writing) (place : Place) (f : Expr) (arguments : List Expr) : Writing :=
  match arguments with
  | [type, _] => w.putExpr place type
  | _ => w.putApp place f arguments
partial def Writing.putApp (w : Writing) (place : Place) (f : Expr) (arguments : List Expr) : Writing :=
  (((w.put "(").putExpr place f).putAll place arguments).put ")"
partial def Writing.putAll (w : Writing) (place : Place) (es : List Expr) : Writing :=
  match es with
  | [] => w
  | e :: rest => (w.putExpr place e).putAll place rest
partial def Writing.putConst (w : Writing) (place : Place) (name : Name) (levels : List Level) (arguments : List Expr) : Writing :=
  if isTheoremName place.environment name then
    match place.environment.find? name with
    | some info =>
      let statement := applied (info.type.instantiateLevelParams info.levelParams levels) arguments
      ((w.put "( proof").putExpr place statement).put ")"
    | none => w
  else match splitOff place.environment name with
    | some (.defnInfo info) =>
      let value := info.value.instantiateLevelParams info.levelParams levels
      -- Without arguments, or with too few, it is a function: as good a text as any.
      { w with room := w.room - 1 }.putExpr place (appliedTo value arguments).headBeta
    | _ => match arguments with
      | [] => w.putName place name levels
      | _ => (((w.put "(").putName place name levels).putAll place arguments).put ")"
partial def Writing.putName (w : Writing) (place : Place) (name : Name) (levels : List Level) : Writing :=
  let w := (w.put (nameToken name)).met place name
  match levels with
  | [] => w
  | _ => ((w.put "{").putLevels levels).put "}"
partial def Writing.met (w : Writing) (place : Place) (name : Name) : Writing :=
  if isLocal place.environment name then { w with locals := alsoName w.locals name } else w
end

/-! ## Definitions of the document -/

partial def Writing.putConstructors (w : Writing) (place : Place) : List Name → Writing
  | [] => w
  | name :: rest =>
    let w := w.put (nameToken name)
    let w := match place.environment.find? name with
      | some info => w.putExpr place info.type
      | none => w
    w.putConstructors place rest

partial def Writing.meetAll (w : Writing) (place : Place) : List Name → Writing
  | [] => w
  | name :: rest => (w.met place name).meetAll place rest

def Writing.putOwner (w : Writing) (place : Place) (owner : Name) : Writing :=
  (w.put ("of " ++ nameToken owner)).met place owner

/-- Made by the elaborator for a type, with a value that the type determines. -/
def comesWithType (environment : Environment) (name : Name) : Bool :=
  isAuxRecursor environment name || isNoConfusion environment name || environment.isProjectionFn name

def Writing.putDefinition (w : Writing) (place : Place) (info : ConstantInfo) : Writing :=
  let w := { w with levels := info.levelParams }
  match info with
  | .ctorInfo i => w.putOwner place i.induct
  | .inductInfo i =>
    (((w.put ("inductive " ++ toString i.numParams)).putExpr place i.type).putConstructors place i.ctors).meetAll place i.all
  | .defnInfo i => match comesWithType place.environment i.name, ownerType place.environment i.name with
    | true, some owner => w.putOwner place owner
    | _, _ => ((w.put "def").putExpr place i.type).putExpr place i.value
  | .opaqueInfo i => ((w.put "opaque").putExpr place i.type).putExpr place i.value
  | .recInfo i => match ownerType place.environment i.name with
    | some owner => w.putOwner place owner
    | none => (w.put "recursor").putExpr place i.type
  | _ => (w.put "axiom").putExpr place info.type

partial def onlyLocal (environment : Environment) : List Name → List Name
  | [] => []
  | name :: rest => if isLocal environment name then name :: onlyLocal environment rest else onlyLocal environment rest

/-- What a definition says, as a number, and the document's constants that it names: of its text, or when that is too long
of its terms as they are. -/
def definitionDigest (environment : Environment) (info : ConstantInfo) (w : Writing) : String × List Name :=
  if w.room != 0 then (toString (hash w.shown), w.locals)
  else
    let (value, used) := match info.value? with
      | some value => (toString value.hash, value.getUsedConstants.toList)
      | none => ("", [])
    (toString info.type.hash ++ "." ++ value, onlyLocal environment (info.type.getUsedConstants.toList ++ used ++ w.locals))

/-- The document's constants that the goal's texts name, and those that these name, and so on. -/
partial def definitionsBehind (place : Place) (room : Nat) : List Name → List Name → List Wire → List Wire
  | [], _, found => reversed found []
  | name :: rest, known, found => match has known name, place.environment.find? name with
    | false, some info =>
      let given := if room < canonicalRoom then room else canonicalRoom
      let w := { room := given : Writing }.putDefinition place info
      let (digest, uses) := definitionDigest place.environment info w
      let wire := object [("name", text (nameToken name)), ("digest", text digest), ("uses", array (tokenTexts uses))]
      definitionsBehind place (room - (given - w.room)) (uses ++ rest) (name :: known) (wire :: found)
    | _, _ => definitionsBehind place room rest known found
where
  tokenTexts : List Name → List Wire
    | [] => []
    | name :: rest => text (nameToken name) :: tokenTexts rest

/-! ## What the document declares above -/

/-- A sum, so that the order of the constants does not matter. The declaration at work does not count. -/
partial def surroundingsOf (declaration : Name) (total : UInt64) : List ConstantInfo → UInt64
  | [] => total
  | info :: rest =>
    if info.name.isInternalDetail || (!declaration.isAnonymous && declaration.isPrefixOf info.name) then surroundingsOf declaration total rest
    else
      let value : UInt64 := match info with
        | .defnInfo i => i.value.hash
        | _ => 7
      surroundingsOf declaration (total + mixHash (mixHash info.name.hash info.type.hash) value) rest

/-! ## The request -/

partial def variableNames : List Expr → List Name
  | [] => []
  | e :: rest => e.fvarId!.name :: variableNames rest

/-- Which hypotheses a term mentions, in proofs too. -/
partial def needsOf (place : Place) : List FVarId → List Wire
  | [] => []
  | id :: rest => if has place.variables id.name then number (rank place.variables id.name 0) :: needsOf place rest else needsOf place rest

def needs (place : Place) (e : Expr) : List Wire := needsOf place (collectFVars {} e).fvarIds.toList

partial def canonicalHypotheses (place : Place) (lctx : LocalContext) : List Expr → Writing → List Wire → MetaM (List Wire × Writing)
  | [], w, found => pure (reversed found [], w)
  | e :: rest, w, found => match lctx.find? e.fvarId! with
    | none => canonicalHypotheses place lctx rest w found
    | some decl => do
      let type ← instantiateMVars decl.type
      let w := { w with tokens := [] }.putExpr place type
      let shown := w.shown
      let needed := needs place type
      let (value, valueNeeds, w) ← match decl.value? with
        | none => pure ("", [], w)
        | some value => do
          let value ← instantiateMVars value
          let w := { w with tokens := [] }.putExpr place value
          pure (w.shown, needs place value, w)
      let wire := object [("name", text decl.userName.eraseMacroScopes.toString), ("accessible", truth (isAccessible lctx decl)),
        ("kind", text (← binderKind type decl.binderInfo)), ("type", text shown), ("value", text value), ("needs", array (needed ++ valueNeeds))]
      canonicalHypotheses place lctx rest w (wire :: found)

/-- A number for the closed statement: like canonical text blind to names, but only a hash. -/
def closedDigest (hypotheses : List Expr) (target : Expr) : MetaM (String × List Name) := do
  let closed ← instantiateMVars (← mkForallFVars hypotheses.toArray target)
  pure (toString closed.hash, closed.getUsedConstants.toList)

/-- The display leaves out what lies deep in a large goal; the digest does not. -/
def tooLarge (place : Place) (hypotheses : List Expr) (target : Expr) (goal : MVarId) : MetaM Wire := do
  let display ← Meta.ppGoal goal
  let (digest, constants) ← closedDigest hypotheses target
  pure (object [("too_large", "true"), ("display", text display.pretty), ("target", text digest), ("needs", "[]"), ("hypotheses", "[]"),
    ("definitions", array (definitionsBehind place definitionsRoom (onlyLocal place.environment constants) [] []))])

def canonicalGoal (environment : Environment) (decl : MetavarDecl) (goal : MVarId) : MetaM Wire := do
  let hypotheses := (goalHypotheses decl).toList
  let place : Place := { environment, variables := variableNames hypotheses, context := decl.lctx }
  let target ← instantiateMVars decl.type
  let w := ({} : Writing).putExpr place target
  let shown := w.shown
  let (wires, w) ← canonicalHypotheses place decl.lctx hypotheses w []
  if w.room == 0 then tooLarge place hypotheses target goal
  else pure (object [("too_large", "false"), ("display", text ""), ("target", text shown), ("needs", array (needs place target)),
    ("hypotheses", array wires), ("definitions", array (definitionsBehind place definitionsRoom w.locals [] []))])

partial def canonicalAll (d : Driver) (id : Nat) (p : ProofState) : List MVarId → List Wire → IO (Except Exception (List Wire))
  | [], found => pure (.ok (reversed found []))
  | goal :: rest, found => match p.mctx.findDecl? goal with
    | none => canonicalAll d id p rest found
    | some decl => do
      match ← inProof d id 10000 p (some decl) (canonicalGoal p.environment decl goal) with
      | .ok (wire, _, _) => canonicalAll d id p rest (wire :: found)
      | .error ex => pure (.error ex)

def serveCanonical (d : Driver) (id : Nat) (request : Json) : IO Wire :=
  withProof d id request fun p => do
    match ← canonicalAll d id p p.goals [] with
    | .ok goals =>
      let surroundings := surroundingsOf p.declaration 0 (localConstants p.environment)
      pure (done id [("goals", array goals), ("surroundings", text (toString surroundings))])
    | .error ex => refused id ex

end Unsorry
