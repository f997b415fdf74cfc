import Lean.Elab.Frontend
import Lean.Elab.Tactic
open Lean Elab Command

/-!
Starts the driver on the embedded Lean without compiling it again. `lean -o` has left the driver's intermediate code in
`/driver/Driver.ir`; this build never reads such a file on import, so it is read here, its declarations are added to
the environment of this very file, and the interpreter is given their `main`. It runs in a thread of its own, because the
standard streams of an elaborating thread are redirected. Saves the 10 s of compiling at every start.
-/
@[extern "shadow"] public opaque Lean.PersistentEnvExtension.addEntry._redArg (ext : NonScalar) (environment : Environment) (entry : NonScalar) (mode : NonScalar) (declaration : Name) : Environment
@[extern "shadow"] public opaque Lean.Environment.evalConst._redArg (environment : Environment) (options : Options) (name : Name) (checkMeta : Bool) : Except String NonScalar

partial def addDeclarations (entries : Array EnvExtensionEntry) (i : Nat) (environment : Environment) : Environment :=
  if h : i < entries.size then
    addDeclarations entries (i + 1) (PersistentEnvExtension.addEntry IR.declMapExt environment (unsafe unsafeCast entries[i]))
  else environment

partial def addExtensions (extensions : Array (Name × Array EnvExtensionEntry)) (i : Nat) (environment : Environment) : Environment :=
  if h : i < extensions.size then
    let (name, entries) := extensions[i]
    addExtensions extensions (i + 1) (if name == `Lean.IR.declMapExt then addDeclarations entries 0 environment else environment)
  else environment

def runDriver (environment : Environment) : IO Unit := do
  let (compiled, _) ← readModuleData "/driver/Driver.ir"
  let environment := addExtensions compiled.entries 0 environment
  match (unsafe (environment.evalConst (List String → IO Unit) {} `main false) : Except String (List String → IO Unit)) with
  | .error message => throw (IO.userError message)
  | .ok main => main []

def start : CommandElabM Unit := fun _ state => do
  let task ← IO.asTask (prio := .dedicated) (runDriver (← state.get).env)
  match ← IO.wait task with
  | .ok () => pure ()
  | .error e => throw (Exception.error .missing (toString e))

run_cmd start
