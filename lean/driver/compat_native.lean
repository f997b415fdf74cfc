import Lean
open Lean Elab Command Meta

/-!
What differs between the native Leans from 4.9 on. Where the name or the type of something changed, both forms stand
here, the newer one first, and the first that elaborates is taken.
-/
namespace Unsorry

syntax (name := firstThatElaborates) "either% " term:max " or " term:max : term

@[term_elab firstThatElaborates]
def elabFirstThatElaborates : Term.TermElab := fun stx expected? => do
  let saved ← Term.saveState
  try
    let e ← Term.withoutErrToSorry <| Term.elabTermEnsuringType stx[1] expected?
    Term.synthesizeSyntheticMVarsNoPostponing
    instantiateMVars e
  catch _ =>
    saved.restore
    Term.elabTermEnsuringType stx[3] expected?

abbrev ParserState := Parser.ModuleParserState

def importHeader (imports : Array Import) : IO Environment :=
  either% (importModules imports {} 0 (loadExts := true)) or (importModules imports {} 0)

def firstState (environment : Environment) (options : Options) : Command.State :=
  Command.mkState environment {} options

def inputContext (text : String) : Parser.InputContext :=
  Parser.mkInputContext text "<input>"

def parserStart (byte : Nat) : ParserState := { pos := ⟨byte⟩ }

def commandContext (ictx : Parser.InputContext) (start : ParserState) (token : IO.CancelToken) : Command.Context :=
  either% ({ fileName := ictx.fileName, fileMap := ictx.fileMap, cmdPos := start.pos, snap? := none, cancelTk? := some token }) or ({ fileName := ictx.fileName, fileMap := ictx.fileMap, cmdPos := start.pos, tacticCache? := none, snap? := none, cancelTk? := some token })

def bytePosition (fileMap : FileMap) (p : Position) : Nat := (fileMap.ofPosition p).byteIdx

def startByte (stx : Syntax) : Option Nat := match stx.getPos? with | some p => some p.byteIdx | none => none
def endByte (stx : Syntax) : Option Nat := match stx.getTailPos? with | some p => some p.byteIdx | none => none

/-- Name, and whether it is `public`, `all`, `meta`. -/
def importFlags (i : Import) : Bool × Bool × Bool :=
  either% (i.isExported, i.importAll, i.isMeta) or (true, false, (fun _ => false) i)

def parseFileHeader (ictx : Parser.InputContext) : IO (Syntax × Array Import × ParserState × MessageLog) := do
  let (header, state, messages) ← Parser.parseHeader ictx
  let raw : Syntax := either% (header.raw) or (header)
  pure (raw, headerToImports header, state, messages)

def waitFor (promise : IO.Promise Unit) : IO Unit := do
  either% (do let _ ← IO.wait promise.result?; pure ()) or (do let _ ← IO.wait promise.result; pure ())

def trimmed (s : String) : String := either% (s.trimAscii.toString) or (s.trim)
def withoutFirst (n : Nat) (s : String) : String := either% ((s.drop n).toString) or (s.drop n)

/-- Give a declaration to the kernel; its complaint is a text. Of the three forms the middle one of history comes first,
which no other Lean takes; then the newest, with a recursion depth, and the oldest, without limits. -/
def replay (environment : Environment) (declaration : Declaration) : IO (Except String Environment) := do
  match either% (environment.addDeclCore 0 declaration none) or (either% (environment.addDeclCore 0 0 declaration none) or (environment.addDecl declaration)) with
  | .ok environment => pure (.ok environment)
  | .error ex => pure (.error (← (ex.toMessageData {}).toString))

def withCheckingKernel (options : Options) : Options :=
  either% (options.setBool `debug.skipKernelTC false) or (options.set `debug.skipKernelTC false)

def withOption (options : Options) (name : Name) : Options :=
  either% (options.setBool name true) or (options.set name true)
def withoutOption (options : Options) (name : Name) : Options :=
  either% (options.setBool name false) or (options.set name false)
def withNumber (options : Options) (name : Name) (value : Nat) : Options :=
  either% (options.setNat name value) or (options.set name value)
def withText (options : Options) (name : Name) (value : String) : Options :=
  either% (options.setString name value) or (options.set name value)

/-- A native Lean has the bodies of what it imports; what looks like an axiom is one. -/
def isWithoutBody (environment : Environment) (name : Name) : Bool :=
  (fun _ _ => false) environment name

def isWithoutProof (environment : Environment) (name : Name) : Bool :=
  (fun _ _ => false) environment name

def localConstants (environment : Environment) : List ConstantInfo :=
  environment.constants.map₂.toList.map (·.2)

end Unsorry
