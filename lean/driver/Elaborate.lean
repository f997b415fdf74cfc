/-! Headers and commands: text in, states, messages and holes out. -/

namespace Unsorry

def severity : MessageSeverity → String
  | .error => "error"
  | .warning => "warning"
  | .information => "information"

def messageWire (fileMap : FileMap) (m : Message) : IO Wire := do
  let start := bytePosition fileMap m.pos
  let stop := match m.endPos with | some p => bytePosition fileMap p | none => start
  pure (object [("severity", text (severity m.severity)), ("start", number start), ("end", number stop),
    ("text", text (← m.data.toString))])

/-! ## Headers -/

partial def importWires : List Import → List Wire
  | [] => []
  | i :: rest =>
    let (isPublic, isAll, isMeta) := importFlags i
    object [("module", text i.module.toString), ("public", truth isPublic), ("all", truth isAll), ("meta", truth isMeta)] :: importWires rest

/-- Does the header's syntax hold this keyword (`module`, `prelude`) as an atom of its own? -/
partial def hasAtom (stx : Syntax) (keyword : String) : Bool :=
  match stx with
  | .atom _ value => value == keyword
  | .node _ kind args => kind != ``Lean.Parser.Module.import && anyAtom args.toList keyword
  | _ => false
where
  anyAtom : List Syntax → String → Bool
    | [], _ => false
    | x :: rest, keyword => hasAtom x keyword || anyAtom rest keyword

def serveHeader (id : Nat) (request : Json) : IO Wire := do
  let ictx := inputContext (getText request "text")
  let (header, imports, state, messages) ← parseFileHeader ictx
  let said ← eachIO (messageWire ictx.fileMap) messages.toList []
  pure (done id [("imports", array (importWires imports.toList)), ("start", number state.pos.byteIdx),
    ("messages", array said), ("module", truth (hasAtom header "module")), ("prelude", truth (hasAtom header "prelude"))])

partial def lookUp : List (String × Nat) → String → Option Nat
  | [], _ => none
  | (key, id) :: rest, wanted => if key == wanted then some id else lookUp rest wanted

partial def importList : List String → List Import
  | [] => []
  | name :: rest => { module := name.toName } :: importList rest

/-- Options as texts: `name=true`, `name=3` or `name="text"`. -/
partial def optionsOf : List String → Options → Options
  | [], options => options
  | setting :: rest, options =>
    match setting.splitOn "=" with
    | name :: parts =>
      let value := "=".intercalate parts
      let name := name.toName
      optionsOf rest (
        if value == "true" then withOption options name
        else if value == "false" then withoutOption options name
        else match value.toNat? with
          | some n => withNumber options name n
          | none => withText options name (match value.splitOn "\"" with | _ :: text :: _ => text | _ => value))
    | [] => optionsOf rest options

/-- The module that an import error is about: between the first pair of quotes or backquotes, if any. -/
def quoted (message : String) : String :=
  match message.splitOn "`" with
  | _ :: name :: _ => name
  | _ => match message.splitOn "'" with
    | _ :: name :: _ => name
    | _ => ""

def serveOpen (d : Driver) (id : Nat) (request : Json) : IO Wire := do
  let modules := textList (getList request "imports")
  let options := textList (getList request "options")
  let key := array (texts modules) ++ array (texts options)
  match lookUp (← d.environments.get) key with
  | some state => pure (done id [("state", number state), ("cached", "true"), ("ms", "0")])
  | none =>
    let start ← IO.monoMsNow
    match ← (importHeader (importList modules).toArray).toBaseIO with
    | .error e =>
      let message := toString e
      let kind := if message.startsWith "unknown module prefix" || (message.splitOn "does not exist").length > 1 then "unknown_module" else "import_failed"
      pure (object [("id", number id), ("error", object [("kind", text kind), ("message", text message), ("module", text (quoted message))])])
    | .ok environment =>
      let state ← keepIn d.states (firstState environment (optionsOf options {}))
      d.environments.modify ((key, state) :: ·)
      let stop ← IO.monoMsNow
      pure (done id [("state", number state), ("cached", "false"), ("ms", number (stop - start))])

/-! ## Holes: `sorry` and `admit` as the elaborator met them -/

structure Hole where
  start : Nat
  stop : Nat
  tactic : Bool
  syntaxName : String
  editable : Bool
  parents : List SyntaxNodeKind
  context : ContextInfo
  /-- Tactic mode: the goals before it (the first is the hole's). Term mode: none; see `expected?`. -/
  goals : List MVarId
  expected? : Option (LocalContext × Expr)

def tacticHole (stx : Syntax) (context : ContextInfo) (goals : List MVarId) (mctx : MetavarContext) (parents : List SyntaxNodeKind) : Option Hole :=
  match startByte stx, endByte stx with
  | some start, some stop => some {
      start, stop, tactic := true, editable := isOriginal stx, parents, goals, expected? := none,
      syntaxName := if stx.getKind == ``Lean.Parser.Tactic.tacticSorry then "sorry" else "admit",
      context := { context with mctx := mctx } }
  | _, _ => none

def termHole (stx : Syntax) (context : ContextInfo) (lctx : LocalContext) (expected? : Option Expr) (parents : List SyntaxNodeKind) : Option Hole :=
  match startByte stx, endByte stx, expected? with
  | some start, some stop, some type => some {
      start, stop, tactic := false, editable := isOriginal stx, parents, goals := [], context, syntaxName := "sorry",
      expected? := some (lctx, type) }
  | _, _, _ => none

def orElse (found : Option Hole) (holes : List Hole) : List Hole :=
  match found with
  | some hole => hole :: holes
  | none => holes

mutual
/-- All holes of an info tree, last first. -/
partial def holesIn (tree : InfoTree) (context? : Option ContextInfo) (parents : List SyntaxNodeKind) (found : List Hole) : List Hole :=
  match tree with
  | .context part rest => holesIn rest (part.mergeIntoOuter? context?) parents found
  | .hole _ => found
  | .node info children =>
    match info, context? with
    | .ofTacticInfo i, some context =>
      let kind := i.stx.getKind
      if kind == ``Lean.Parser.Tactic.tacticSorry || kind == ``Lean.Parser.Tactic.tacticAdmit then
        orElse (tacticHole i.stx context i.goalsBefore i.mctxBefore parents) found
      else holesInAll children.toList context? (kind :: parents) found
    | .ofTermInfo i, some context =>
      if i.stx.getKind == ``Lean.Parser.Term.sorry then orElse (termHole i.stx context i.lctx i.expectedType? parents) found
      else holesInAll children.toList context? (i.stx.getKind :: parents) found
    | _, _ => holesInAll children.toList context? parents found
partial def holesInAll (trees : List InfoTree) (context? : Option ContextInfo) (parents : List SyntaxNodeKind) (found : List Hole) : List Hole :=
  match trees with
  | [] => found
  | tree :: rest => holesInAll rest context? parents (holesIn tree context? parents found)
end

mutual
/-- Names that the commands declared: binder infos that are constants, last first. -/
partial def declaredIn (tree : InfoTree) (found : List Name) : List Name :=
  match tree with
  | .context _ rest => declaredIn rest found
  | .hole _ => found
  | .node info children =>
    let found := match info with
      | .ofTermInfo i => match i.isBinder, i.expr with
        | true, .const name _ => if has found name then found else name :: found
        | _, _ => found
      | _ => found
    declaredInAll children.toList found
partial def declaredInAll (trees : List InfoTree) (found : List Name) : List Name :=
  match trees with
  | [] => found
  | tree :: rest => declaredInAll rest (declaredIn tree found)
end

/-- The goal's metavariable in a context where it is open. -/
def holeGoal (hole : Hole) : IO (Option (MVarId × MetavarContext)) :=
  match hole.expected? with
  | some (lctx, type) => do
    let (goal, mctx) ← hole.context.runMetaM lctx (do
      let goal ← mkFreshExprSyntheticOpaqueMVar type
      pure (goal.mvarId!, ← getMCtx))
    pure (some (goal, mctx))
  | none => match hole.goals with
    | goal :: _ => pure (some (goal, hole.context.mctx))
    | [] => pure none

/-- The environment after a command holds the sorried theorem itself; prefer the one before, where the goal makes sense there. -/
def goalEnvironment (context : ContextInfo) (before : Environment) (decl : MetavarDecl) : IO Environment := do
  match ← (({ context with env := before }).runMetaM decl.lctx (Meta.check decl.type)).toBaseIO with
  | .ok _ => pure before
  | .error _ => pure context.env

def holeWire (d : Driver) (before : Environment) (hole : Hole) : IO (Option Wire) := do
  match ← holeGoal hole with
  | none => pure none
  | some (goal, mctx) =>
    match mctx.findDecl? goal with
    | none => pure none
    | some decl =>
      let context := { hole.context with mctx := mctx }
      let environment ← goalEnvironment context before decl
      let display ← context.runMetaM {} (Meta.ppGoal goal)
      let prop ← match ← (context.runMetaM decl.lctx (Meta.isProp decl.type)).toBaseIO with
        | .ok prop => pure prop
        | .error _ => pure false
      let declaration := match context.parentDecl? with | some name => name | none => .anonymous
      let id ← keepIn d.proofs {
        environment, mctx, options := context.options, currentNamespace := context.currNamespace,
        openDecls := context.openDecls, ngen := context.ngen, goals := [goal], roots := [goal], declaration }
      pure (some (object [
        ("proof", number id), ("mode", text (if hole.tactic then "tactic" else "term")), ("syntax", text hole.syntaxName),
        ("start", number hole.start), ("end", number hole.stop), ("goal", text display.pretty), ("prop", truth prop),
        ("declaration", text (if declaration.isAnonymous then "" else declaration.toString)),
        ("editable", truth hole.editable), ("parents", array (names hole.parents))]))

partial def holeWires (d : Driver) (before : Environment) : List Hole → List Wire → IO (List Wire)
  | [], found => pure (reversed found [])
  | hole :: rest, found => do
    match ← (holeWire d before hole).toBaseIO with
    | .ok (some wire) => holeWires d before rest (wire :: found)
    | _ => holeWires d before rest found

/-! ## Commands -/

def parseOne (ictx : Parser.InputContext) (state : Command.State) (start : ParserState) : Syntax × ParserState × MessageLog :=
  let scope := match state.scopes with | s :: _ => s | [] => { header := "" }
  let context : Parser.ParserModuleContext :=
    { env := state.env, options := scope.opts, currNamespace := scope.currNamespace, openDecls := scope.openDecls }
  Parser.parseCommand ictx context start {}

/-- Elaborate one parsed command. The parser's messages are kept: the elaborator would drop them. -/
def elaborateOne (ictx : Parser.InputContext) (state : Command.State) (stx : Syntax) (start : ParserState) (token : IO.CancelToken) (said : MessageLog) : IO (Except Exception Command.State) := do
  match ← ((elabCommandTopLevel stx).run (commandContext ictx start token) |>.run { state with messages := {}, infoState := { enabled := true } }).toBaseIO with
  | .ok (_, after) => pure (.ok { after with messages := said ++ after.messages })
  | .error ex => pure (.error ex)

structure Step where
  after : Command.State
  next : ParserState
  finished : Bool
  interrupted : Bool

def elaborateStep (d : Driver) (id : Nat) (ictx : Parser.InputContext) (token : IO.CancelToken) (wantHoles wantSteps : Bool) (state : Command.State) (start : ParserState) : IO Step := do
  let (stx, next, said) := parseOne ictx state start
  let first := match startByte stx with | some p => p | none => start.pos.byteIdx
  let last := match endByte stx with | some p => p | none => next.pos.byteIdx
  let began ← IO.monoMsNow
  let beats ← IO.getNumHeartbeats
  let fields (after : Command.State) (stateId : Nat) (messages holes declared : List Wire) (failed : Bool) : IO (List (String × Wire)) := do
    let ended ← IO.monoMsNow
    let beatsNow ← IO.getNumHeartbeats
    let _ := after
    pure [("kind", text stx.getKind.toString), ("start", number first), ("end", number last), ("next", number next.pos.byteIdx),
      ("state", number stateId), ("ms", number (ended - began)), ("heartbeats", number ((beatsNow - beats) / 1000)),
      ("messages", array messages), ("holes", array holes), ("declarations", array declared), ("failed", truth failed)]
  if stx.getKind == ``Lean.Parser.Command.eoi then
    match said.toList with
    | [] => pure { after := state, next, finished := true, interrupted := false }
    | _ => do
      let stateId ← keepIn d.states state
      d.event id "command" (← fields state stateId (← eachIO (messageWire ictx.fileMap) said.toList []) [] [] false)
      pure { after := state, next, finished := true, interrupted := false }
  else
    match ← elaborateOne ictx state stx start token said with
    | .ok after =>
      let messages ← eachIO (messageWire ictx.fileMap) after.messages.toList []
      let trees := after.infoState.trees.toList
      let holes ← if wantHoles then holeWires d state.env (reversed (holesInAll trees none [] []) []) [] else pure []
      let declared := reversed (declaredInAll trees []) []
      let learned ← if wantSteps then do
          let steps ← stepWires 200 (reversed (stepsInAll trees none []) []) []
          pure [("steps", array steps), ("proved", array (provedWires after.env declared))]
        else pure []
      let clean := { after with messages := {}, infoState := {} }
      let stateId ← keepIn d.states clean
      d.event id "command" ((← fields clean stateId messages holes (names declared) false) ++ learned)
      pure { after := clean, next, finished := Parser.isTerminalCommand stx, interrupted := false }
    | .error ex =>
      let interrupted ← token.isSet
      let stateId ← keepIn d.states state
      let said ← eachIO (messageWire ictx.fileMap) said.toList []
      let complaint := object [("severity", text "error"), ("start", number first), ("end", number last), ("text", text (← ex.toMessageData.toString))]
      d.event id "command" (← fields state stateId (if interrupted then said else complaint :: said) [] [] true)
      pure { after := state, next, finished := false, interrupted }

partial def elaborateAll (d : Driver) (id : Nat) (ictx : Parser.InputContext) (token : IO.CancelToken) (wantHoles wantSteps : Bool) (state : Command.State) (start : ParserState) : IO (Nat × Nat × Bool) := do
  let step ← elaborateStep d id ictx token wantHoles wantSteps state start
  if step.finished || step.interrupted then
    pure (← keepIn d.states step.after, step.next.pos.byteIdx, step.interrupted)
  else elaborateAll d id ictx token wantHoles wantSteps step.after step.next

def serveElaborate (d : Driver) (id : Nat) (request : Json) : IO Wire := do
  let wanted := getNat request "state"
  match ← findIn d.states wanted with
  | none => pure (unknownId id "state" wanted)
  | some state =>
    let ictx := inputContext (getText request "text")
    let (last, stop, interrupted) ← d.within id (getNat request "ms") fun token =>
      elaborateAll d id ictx token (getBool request "holes" true) (getBool request "steps") state (parserStart (getNat request "start"))
    pure (done id [("state", number last), ("end", number stop), ("interrupted", truth interrupted)])

end Unsorry
