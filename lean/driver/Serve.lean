/-! The loop: one thread reads, one serves, one watches the clock. -/

namespace Unsorry

def serveDrop (d : Driver) (id : Nat) (request : Json) : IO Wire := do
  let _ ← eachIO (dropFrom d.states) (natList (getList request "states")) []
  let _ ← eachIO (dropFrom d.proofs) (natList (getList request "proofs")) []
  pure (done id [])

def serveStats (d : Driver) (id : Nat) : IO Wire := do
  let now ← IO.monoMsNow
  pure (done id [
    ("states", number (countIn (← d.states.get) 0 0)), ("proofs", number (countIn (← d.proofs.get) 0 0)),
    ("environments", number (← d.environments.get).length), ("requests", number (← d.requests.get)),
    ("uptime_ms", number (now - d.started))])

def serveOne (d : Driver) (id : Nat) (op : String) (request : Json) : IO Wire :=
  if op == "check" then serveCheck d id request
  else if op == "elaborate" then serveElaborate d id request
  else if op == "header" then serveHeader id request
  else if op == "open" then serveOpen d id request
  else if op == "parses" then serveParses d id request
  else if op == "features" then serveFeatures d id request
  else if op == "canonical" then serveCanonical d id request
  else if op == "negate" then serveNegate d id request
  else if op == "lemma" then serveLemma d id request
  else if op == "seal" then serveSeal d id request
  else if op == "verify" then serveVerify d id request
  else if op == "axioms" then serveAxioms d id request
  else if op == "theorems" then serveTheorems d id request
  else if op == "modules" then serveModules d id request
  else if op == "describe" then serveDescribe d id request
  else if op == "split" then serveSplit d id request
  else if op == "drop" then serveDrop d id request
  else if op == "stats" then serveStats d id
  else pure (failed id "bad_request" s!"unknown op '{op}'")

def badLine (message : String) : Wire :=
  object [("id", "null"), ("error", object [("kind", text "bad_request"), ("message", text message)])]

/-- `cancel` is answered here, by the reader, so that it overtakes what is being served. -/
def cancelRequest (d : Driver) (id target : Nat) : IO Unit := do
  d.cancelled.modify (target :: ·)
  let running ← match ← d.current.get with
    | some (current, token) => do
      if current == target then
        token.set
        pure true
      else pure false
    | none => pure false
  d.say (done id [("cancelled", truth running)])

partial def without (id : Nat) : List Nat → List Nat
  | [] => []
  | x :: rest => if x == id then without id rest else x :: without id rest

partial def read (d : Driver) (input : IO.FS.Stream) : IO Unit := do
  let line ← match ← (input.getLine).toBaseIO with
    | .ok line => pure line
    | .error e => do
      d.say (badLine s!"not a line of UTF-8: {e}")
      pure "{}"
  if line == "" then IO.Process.exit 0
  else do
    match Json.parse line with
    | .error e => d.say (badLine s!"not JSON: {e}")
    | .ok request =>
      let op := getText request "op"
      let id := getNat request "id"
      if op == "" || id == 0 then d.say (badLine "a request has an id (a positive number) and an op")
      else if op == "cancel" then cancelRequest d id (getNat request "target")
      else do
        d.queue.modify (fun queue => queue ++ [request])
        wakeUp d.wake
    read d input

partial def serve (d : Driver) : IO Unit := do
  match ← d.queue.get with
  | [] => do
    sleepUntil d.wake (do match ← d.queue.get with | [] => pure false | _ => pure true)
    serve d
  | request :: _ => do
    d.queue.modify (fun queue => match queue with | _ :: rest => rest | [] => [])
    d.requests.modify (· + 1)
    let id := getNat request "id"
    let op := getText request "op"
    if op == "shutdown" then
      d.say (done id [])
      IO.Process.exit 0
    let reply ← match ← (serveOne d id op request).toBaseIO with
      | .ok reply => pure reply
      | .error e => pure (failed id "failed" (toString e))
    d.current.set none
    d.cancelled.modify (without id)
    d.say reply
    serve d

unsafe def run : IO Unit := do
  enableInitializersExecution
  let d : Driver := {
    states := ← IO.mkRef #[], proofs := ← IO.mkRef #[], environments := ← IO.mkRef [], queue := ← IO.mkRef [],
    wake := ← IO.mkRef none, current := ← IO.mkRef none, cancelled := ← IO.mkRef [], deadline := ← IO.mkRef 0,
    clockWake := ← IO.mkRef none, requests := ← IO.mkRef 0, started := ← IO.monoMsNow, out := ← IO.getStdout }
  let _ ← IO.asTask (prio := .dedicated) (clock d 0)
  let _ ← IO.asTask (prio := .dedicated) (do read d (← IO.getStdin))
  d.say (object [("ready", "true"), ("protocol", number 1), ("lean", text Lean.versionStringCore)])
  serve d

end Unsorry
