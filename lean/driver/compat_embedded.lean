import Lean.Elab.Frontend
import Lean.Elab.Tactic
open Lean Elab Command Meta

/-!
What only the embedded Lean needs. Its build treats each file as a `module`, so the compiler can't see the private
helpers (`f._redArg`, `f._boxed`) that it wants to call; but the interpreter finds any native symbol by its mangled
name. Each declaration below therefore shadows one such helper: a public opaque constant of that name, with the native
arity, erased types as `NonScalar`. A new 'Unknown constant X._redArg' while compiling the driver means one more line here.
-/
@[extern "shadow"] public opaque Lean.PersistentArray.toList._redArg (t : PersistentArray NonScalar) : List NonScalar
@[extern "shadow"] public opaque List.lengthTR._redArg (l : List NonScalar) : Nat
@[extern "shadow"] public opaque List.reverse._redArg (l : List NonScalar) : List NonScalar
@[extern "shadow"] public opaque List.appendTR._redArg (a b : List NonScalar) : List NonScalar
@[extern "shadow"] public opaque Lean.Meta.ppGoal._boxed (m : MVarId) : MetaM Format
@[extern "shadow"] public opaque Lean.Meta.ppExpr._boxed (e : Expr) : MetaM Format
@[extern "shadow"] public opaque Lean.Meta.isProp._boxed (e : Expr) : MetaM Bool
@[extern "shadow"] public opaque Lean.Meta.check._boxed (e : Expr) : MetaM Unit
@[extern "shadow"] public opaque Lean.Elab.Term.TermElabM.run._redArg (x : TermElabM NonScalar) (ctx : Term.Context) (s : Term.State) : MetaM (NonScalar × Term.State)
@[extern "shadow"] public opaque Lean.Elab.ContextInfo.runMetaM._redArg (ci : ContextInfo) (lctx : LocalContext) (x : MetaM NonScalar) : IO NonScalar
@[extern "shadow"] public opaque Lean.Parser.mkInputContext._redArg (input fileName : String) (normalize : Bool) (endPos : String.Pos.Raw) : Parser.InputContext

namespace Unsorry

abbrev ParserState := Parser.ModuleParserState

def importHeader (imports : Array Import) : IO Environment :=
  importModules imports {} 0 (loadExts := true)

/-- The compiler of this build can't see library helpers either, so that `def f xs := xs ++ xs` would be an error for
code generation only. Nothing here runs compiled code of a document: it starts as if in a `noncomputable section`. -/
def firstState (environment : Environment) (options : Options) : Command.State :=
  let state := Command.mkState environment {} options
  match state.scopes with
  | scope :: rest => { state with scopes := { scope with isNoncomputable := true } :: rest }
  | [] => state

def inputContext (text : String) : Parser.InputContext :=
  Parser.mkInputContext text "<input>"

def parserStart (byte : Nat) : ParserState := { pos := ⟨byte⟩ }

def commandContext (ictx : Parser.InputContext) (start : ParserState) (token : IO.CancelToken) : Command.Context :=
  { fileName := ictx.fileName, fileMap := ictx.fileMap, cmdPos := start.pos, snap? := none, cancelTk? := some token }

def bytePosition (fileMap : FileMap) (p : Position) : Nat := (fileMap.ofPosition p).byteIdx

def startByte (stx : Syntax) : Option Nat := match stx.getPos? with | some p => some p.byteIdx | none => none
def endByte (stx : Syntax) : Option Nat := match stx.getTailPos? with | some p => some p.byteIdx | none => none

/-- Name, and whether it is `public`, `all`, `meta`. -/
def importFlags (i : Import) : Bool × Bool × Bool := (i.isExported, i.importAll, i.isMeta)

def parseFileHeader (ictx : Parser.InputContext) : IO (Syntax × Array Import × ParserState × MessageLog) := do
  let (header, state, messages) ← Parser.parseHeader ictx
  pure (header.raw, headerToImports header (includeInit := false), state, messages)

def waitFor (promise : IO.Promise Unit) : IO Unit := do
  let _ ← IO.wait promise.result?
  pure ()

def trimmed (s : String) : String := s.trimAscii.toString
def withoutFirst (n : Nat) (s : String) : String := (s.drop n).toString

/-- Give a declaration to the kernel; its complaint is a text. -/
def replay (environment : Environment) (declaration : Declaration) : IO (Except String Environment) := do
  match environment.addDeclCore 0 declaration none with
  | .ok environment => pure (.ok environment)
  | .error ex => pure (.error (← (ex.toMessageData {}).toString))

def withCheckingKernel (options : Options) : Options := options.setBool `debug.skipKernelTC false

def withOption (options : Options) (name : Name) : Options := options.setBool name true
def withoutOption (options : Options) (name : Name) : Options := options.setBool name false
def withNumber (options : Options) (name : Name) (value : Nat) : Options :=
  options.setNat name value
def withText (options : Options) (name : Name) (value : String) : Options :=
  options.setString name value

/-- An imported theorem or definition that this build ships without its body, so that it looks like an axiom. -/
def isWithoutBody (environment : Environment) (name : Name) : Bool :=
  match getOriginalConstKind? environment name with
  | some .axiom => false
  | some _ => true
  | none => false

def isWithoutProof (environment : Environment) (name : Name) : Bool :=
  match getOriginalConstKind? environment name with
  | some .thm => true
  | _ => false

/-! The constants of a document live in a persistent map, walked here by hand: its own folds are generic. -/
mutual
partial def constantsInNode : PersistentHashMap.Node Name ConstantInfo → List ConstantInfo → List ConstantInfo
  | .entries es, found => constantsInEntries es 0 found
  | .collision _ infos _, found => constantsInValues infos 0 found
partial def constantsInEntries (es : Array (PersistentHashMap.Entry Name ConstantInfo (PersistentHashMap.Node Name ConstantInfo))) (i : Nat) (found : List ConstantInfo) : List ConstantInfo :=
  if i < es.size then
    constantsInEntries es (i + 1) (match es[i]! with
      | .entry _ info => info :: found
      | .ref node => constantsInNode node found
      | .null => found)
  else found
partial def constantsInValues (infos : Array ConstantInfo) (i : Nat) (found : List ConstantInfo) : List ConstantInfo :=
  if i < infos.size then constantsInValues infos (i + 1) (infos[i]! :: found) else found
end

def localConstants (environment : Environment) : List ConstantInfo :=
  constantsInNode environment.constants.map₂.root []

end Unsorry
