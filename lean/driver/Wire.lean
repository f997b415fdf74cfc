/-! JSON lines: reading requests, writing replies. Not: what the requests mean. -/

namespace Unsorry

/-- The text of a JSON value; replies are put together from such texts, which is much faster than building `Json`. -/
abbrev Wire := String

def text (s : String) : Wire := (Json.str s).compress
def number (n : Nat) : Wire := toString n
def truth (b : Bool) : Wire := if b then "true" else "false"

partial def separated : List Wire → String → String
  | [], done => done
  | [x], done => done ++ x
  | x :: rest, done => separated rest (done ++ x ++ ",")

def array (items : List Wire) : Wire := "[" ++ separated items "" ++ "]"

partial def fieldTexts : List (String × Wire) → List Wire
  | [] => []
  | (k, v) :: rest => (text k ++ ":" ++ v) :: fieldTexts rest

def object (fields : List (String × Wire)) : Wire := "{" ++ separated (fieldTexts fields) "" ++ "}"

def range (start stop : Nat) : Wire := array [number start, number stop]

partial def names : List Name → List Wire
  | [] => []
  | n :: rest => text n.toString :: names rest

partial def texts : List String → List Wire
  | [] => []
  | s :: rest => text s :: texts rest

/-- Lists without `List.map` and friends: see the compat file of the embedded Lean for why. -/
partial def reversed {α : Type} : List α → List α → List α
  | [], done => done
  | x :: rest, done => reversed rest (x :: done)

partial def eachIO {α β : Type} (f : α → IO β) : List α → List β → IO (List β)
  | [], done => pure (reversed done [])
  | x :: rest, done => do
    let y ← f x
    eachIO f rest (y :: done)

partial def has {α : Type} [BEq α] : List α → α → Bool
  | [], _ => false
  | x :: rest, y => x == y || has rest y

/-! Reading the fields of a request; what is missing or of another type has its default. -/

def getText (request : Json) (key : String) (default : String := "") : String :=
  match request.getObjVal? key with
  | .ok (.str s) => s
  | _ => default

def asNat (j : Json) (default : Nat) : Nat :=
  match j.getNat? with
  | .ok n => n
  | .error _ => default

def getNat (request : Json) (key : String) (default : Nat := 0) : Nat :=
  match request.getObjVal? key with
  | .ok v => asNat v default
  | _ => default

def getBool (request : Json) (key : String) (default : Bool := false) : Bool :=
  match request.getObjVal? key with
  | .ok (.bool b) => b
  | _ => default

def getList (request : Json) (key : String) : List Json :=
  match request.getObjVal? key with
  | .ok (.arr a) => a.toList
  | _ => []

partial def natList : List Json → List Nat
  | [] => []
  | j :: rest => asNat j 0 :: natList rest

partial def textList : List Json → List String
  | [] => []
  | .str s :: rest => s :: textList rest
  | _ :: rest => textList rest

def getRange (request : Json) (key : String) : Nat × Nat :=
  match natList (getList request key) with
  | [a, b] => (a, b)
  | _ => (0, 0)

end Unsorry
