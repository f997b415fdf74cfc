/-! What the driver keeps between requests, and the clock that bounds each of them. -/

namespace Unsorry

/-- A proof state: goals, what they are to prove, and all that is needed to go on from there. -/
structure ProofState where
  environment : Environment
  mctx : MetavarContext
  options : Options
  currentNamespace : Name
  openDecls : List OpenDecl
  ngen : NameGenerator
  goals : List MVarId
  roots : List MVarId
  declaration : Name

/-- Things under ids 1, 2, 3, …; an id is never used twice. -/
abbrev Store (α : Type) := IO.Ref (Array (Option α))

def keepIn {α : Type} (store : Store α) (x : α) : IO Nat := do
  let items ← store.get
  store.set #[]
  let items := items.push (some x)
  let id := items.size
  store.set items
  pure id

def findIn {α : Type} (store : Store α) (id : Nat) : IO (Option α) := do
  let items ← store.get
  if id == 0 || id > items.size then pure none else pure (items[id - 1]!)

def dropFrom {α : Type} (store : Store α) (id : Nat) : IO Unit := do
  let items ← store.get
  store.set #[]
  store.set (if id == 0 || id > items.size then items else items.set! (id - 1) none)

partial def countIn {α : Type} (items : Array (Option α)) (i n : Nat) : Nat :=
  if i < items.size then countIn items (i + 1) (match items[i]! with | some _ => n + 1 | none => n) else n

structure Driver where
  states : Store Command.State
  proofs : Store ProofState
  /-- Headers already imported: their import list as text, and the state after them. -/
  environments : IO.Ref (List (String × Nat))
  queue : IO.Ref (List Json)
  /-- Resolved by the reader when the queue is no longer empty. -/
  wake : IO.Ref (Option (IO.Promise Unit))
  /-- The request being served, its cancel token, and whether the owner (not the clock) set it. -/
  current : IO.Ref (Option (Nat × IO.CancelToken))
  cancelled : IO.Ref (List Nat)
  /-- Milliseconds of the monotonic clock at which the current work must end; 0: none. -/
  deadline : IO.Ref Nat
  clockWake : IO.Ref (Option (IO.Promise Unit))
  requests : IO.Ref Nat
  started : Nat
  out : IO.FS.Stream

def Driver.say (d : Driver) (line : Wire) : IO Unit := do
  d.out.putStr (line ++ "\n")
  d.out.flush

def Driver.event (d : Driver) (id : Nat) (kind : String) (fields : List (String × Wire)) : IO Unit :=
  d.say (object (("id", number id) :: ("event", text kind) :: fields))

def done (id : Nat) (fields : List (String × Wire)) : Wire :=
  object (("id", number id) :: ("done", "true") :: fields)

def failed (id : Nat) (kind message : String) : Wire :=
  object [("id", number id), ("error", object [("kind", text kind), ("message", text message)])]

def unknownId (id : Nat) (what : String) (wanted : Nat) : Wire :=
  failed id "unknown_id" s!"no {what} {wanted}"

/-- Wait on a promise that is put in `cell` first, unless `ready` already holds: whoever makes it hold resolves it. -/
def sleepUntil (cell : IO.Ref (Option (IO.Promise Unit))) (ready : IO Bool) : IO Unit := do
  let promise ← IO.Promise.new
  cell.set (some promise)
  if ← ready then cell.set none
  else waitFor promise

def wakeUp (cell : IO.Ref (Option (IO.Promise Unit))) : IO Unit := do
  match ← cell.get with
  | some promise => do
    cell.set none
    promise.resolve ()
  | none => pure ()

/-- The clock: sleeps while nothing has a deadline, so that an idle driver uses no time at all. -/
partial def clock (d : Driver) (idle : Nat) : IO Unit := do
  let deadline ← d.deadline.get
  if deadline == 0 then
    if idle > 20 then
      sleepUntil d.clockWake (do pure ((← d.deadline.get) != 0))
      clock d 0
    else do
      IO.sleep 10
      clock d (idle + 1)
  else do
    let now ← IO.monoMsNow
    if now > deadline then
      match ← d.current.get with
      | some (_, token) => token.set
      | none => pure ()
    IO.sleep 10
    clock d 0

/-- Run `act` under a wall clock of `ms` milliseconds (0: none). The token is set when it is over or the owner cancels. -/
def Driver.within {α : Type} (d : Driver) (id ms : Nat) (act : IO.CancelToken → IO α) : IO α := do
  -- Whatever went before: its time must not end this.
  d.deadline.set 0
  let token ← IO.CancelToken.new
  d.current.set (some (id, token))
  if has (← d.cancelled.get) id then token.set
  if ms != 0 then
    let now ← IO.monoMsNow
    d.deadline.set (now + ms)
    wakeUp d.clockWake
  let result ← (act token).toBaseIO
  d.deadline.set 0
  match result with
  | .ok result => pure result
  | .error e => throw e

/-- Why did an exception end the work: the owner, the clock, Lean's heartbeats, or the work itself (none)? -/
def Driver.interruption (d : Driver) (id : Nat) (token : IO.CancelToken) (ex : Exception) : IO (Option String) := do
  if ← token.isSet then
    pure (some (if has (← d.cancelled.get) id then "cancelled" else "deadline"))
  else if ex.isMaxHeartbeat then pure (some "heartbeats")
  else pure none

end Unsorry
