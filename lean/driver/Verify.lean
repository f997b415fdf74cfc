/-!
The facts about a script in its place: the command with the script is parsed and elaborated afresh, compared with the
command as it stands, and every constant it made is given to the kernel once more. `lean/verify.py` decides.
-/

namespace Unsorry

/-! ## Syntax: the same outside the script as outside the hole -/

def inside (stx : Syntax) (start stop : Nat) : Bool :=
  match startByte stx, endByte stx with
  | some a, some b => start ≤ a && b ≤ stop
  | _, _ => true

mutual
/-- Kinds and leaves in order, without whatever lies inside the range or has no leaf at all; last first. -/
partial def outline (stx : Syntax) (start stop : Nat) (found : List String) : List String :=
  if inside stx start stop then found
  else match stx with
    | .node _ kind args => ")" :: outlineAll args.toList start stop (("(" ++ kind.toString) :: found)
    | .atom _ value => value :: found
    | .ident _ raw _ _ => raw.toString :: found
    | .missing => "missing" :: found
partial def outlineAll (args : List Syntax) (start stop : Nat) (found : List String) : List String :=
  match args with
  | [] => found
  | stx :: rest => outlineAll rest start stop (outline stx start stop found)
end

partial def sameTexts : List String → List String → Bool
  | [], [] => true
  | a :: x, b :: y => a == b && sameTexts x y
  | _, _ => false

mutual
/-- Nodes of the given kinds inside the range. -/
partial def kindsInside (stx : Syntax) (start stop : Nat) (kinds : List String) (found : List Wire) : List Wire :=
  match stx with
  | .node _ kind args =>
    let kindName := kind.toString
    let found := if inside stx start stop && has kinds kindName then
        match startByte stx, endByte stx with
        | some a, some b => object [("kind", text kindName), ("start", number a), ("end", number b)] :: found
        | _, _ => found
      else found
    kindsInsideAll args.toList start stop kinds found
  | _ => found
partial def kindsInsideAll (args : List Syntax) (start stop : Nat) (kinds : List String) (found : List Wire) : List Wire :=
  match args with
  | [] => found
  | stx :: rest => kindsInsideAll rest start stop kinds (kindsInside stx start stop kinds found)
end

/-! ## Constants: what the command made, then and now -/

partial def infosOf (environment : Environment) : List Name → List ConstantInfo
  | [] => []
  | name :: rest => match environment.find? name with
    | some info => info :: infosOf environment rest
    | none => infosOf environment rest

/-- Constants of `after` that `before` does not have. -/
def madeBetween (before after : Environment) : List ConstantInfo :=
  pick (localConstants after)
where
  pick : List ConstantInfo → List ConstantInfo
    | [] => []
    | info :: rest => if before.contains info.name then pick rest else info :: pick rest

partial def infoNames : List ConstantInfo → List Name
  | [] => []
  | info :: rest => info.name :: infoNames rest

def kindNumber : ConstantInfo → Nat
  | .axiomInfo _ => 0 | .defnInfo _ => 1 | .thmInfo _ => 2 | .opaqueInfo _ => 3
  | .quotInfo _ => 4 | .inductInfo _ => 5 | .ctorInfo _ => 6 | .recInfo _ => 7

def isProofHead (made : List ConstantInfo) (e : Expr) : Bool :=
  match e.getAppFn with
  | .const ``sorryAx _ => true
  | .const name _ => match findInfo made name with
    | some (.thmInfo _) => true
    | _ => false
  | _ => false

/-- Equal but for proofs: a `sorry`, or an auxiliary theorem that the elaborator split off. -/
partial def sameButProofs (madeThen madeNow : List ConstantInfo) (a b : Expr) : Bool :=
  if a == b then true
  else if isProofHead madeThen a then true
  else match a, b with
    | .app f x, .app g y => sameButProofs madeThen madeNow f g && sameButProofs madeThen madeNow x y
    | .lam _ t x _, .lam _ u y _ => sameButProofs madeThen madeNow t u && sameButProofs madeThen madeNow x y
    | .forallE _ t x _, .forallE _ u y _ => sameButProofs madeThen madeNow t u && sameButProofs madeThen madeNow x y
    | .letE _ t v x _, .letE _ u w y _ => sameButProofs madeThen madeNow t u && sameButProofs madeThen madeNow v w && sameButProofs madeThen madeNow x y
    | .mdata _ x, y => sameButProofs madeThen madeNow x y
    | x, .mdata _ y => sameButProofs madeThen madeNow x y
    | .proj _ i x, .proj _ j y => i == j && sameButProofs madeThen madeNow x y
    | _, _ => false

def sameMeaning (madeThen madeNow : List ConstantInfo) (a b : ConstantInfo) : Bool :=
  kindNumber a == kindNumber b && a.type == b.type && a.levelParams == b.levelParams && match a, b with
    | .defnInfo x, .defnInfo y => sameButProofs madeThen madeNow x.value y.value
    | .opaqueInfo x, .opaqueInfo y => sameButProofs madeThen madeNow x.value y.value
    | _, _ => true

def isTheorem : ConstantInfo → Bool
  | .thmInfo _ => true
  | _ => false

/-- Constants of the original command that are gone or mean something else. Internal ones may come and go, and the
elaborator's auxiliary theorems are proofs: only what rests on them counts. -/
partial def changedNames (madeThen madeNow : List ConstantInfo) : List ConstantInfo → List Name
  | [] => []
  | info :: rest =>
    let internal := info.name.isInternalDetail
    let fine := match findInfo madeNow info.name with
      | some now => sameMeaning madeThen madeNow info now || (internal && isTheorem info && isTheorem now)
      | none => internal
    if fine then changedNames madeThen madeNow rest else info.name :: changedNames madeThen madeNow rest

/-- Constants that the original command did not make, but for internal ones and those that Lean makes on demand
(`f.eq_def`, `f.induct_unfolding`), whose names nobody else can take. -/
partial def addedNames (before : Environment) (madeThen : List ConstantInfo) : List ConstantInfo → List Name
  | [] => []
  | info :: rest => match findInfo madeThen info.name with
    | some _ => addedNames before madeThen rest
    | none =>
      if info.name.isInternalDetail || isReservedName before info.name then addedNames before madeThen rest
      else info.name :: addedNames before madeThen rest

partial def axiomNames : List ConstantInfo → List Name
  | [] => []
  | .axiomInfo info :: rest => info.name :: axiomNames rest
  | _ :: rest => axiomNames rest

partial def directSorries : List ConstantInfo → Nat
  | [] => 0
  | info :: rest =>
    let used := has (restsOn info) ``sorryAx || has info.type.getUsedConstants.toList ``sorryAx
    directSorries rest + (if used then 1 else 0)

partial def onlyTheorems : List ConstantInfo → Bool
  | [] => true
  | .thmInfo _ :: rest => onlyTheorems rest
  | info :: rest => info.name.isInternalDetail && onlyTheorems rest

/-! ## The kernel, once more -/

/-- Checked again under a fresh name, by the kernel itself: what an option or an elaborator skipped is caught here. -/
def replayed (environment : Environment) (info : ConstantInfo) : IO (Except String Environment) :=
  let name := info.name ++ `_unsorry_replayed
  match info with
  | .thmInfo i => replay environment (.thmDecl { i with name, all := [name] })
  | .defnInfo i => if i.safety == .safe then replay environment (.defnDecl { i with name, all := [name] }) else pure (.ok environment)
  | .opaqueInfo i => if i.isUnsafe then pure (.ok environment) else replay environment (.opaqueDecl { i with name, all := [name] })
  | _ => pure (.ok environment)

partial def kernelComplaint (environment : Environment) : List ConstantInfo → IO String
  | [] => pure ""
  | info :: rest => do
    match ← replayed environment info with
    | .ok _ => kernelComplaint environment rest
    | .error complaint => pure (info.name.toString ++ ": " ++ complaint)

/-- A declaration that the kernel does not check, or whose body it does not see (`unsafe`, `partial`). -/
partial def unchecked (environment : Environment) : List ConstantInfo → String
  | [] => ""
  | info :: rest =>
    let hidden := match info with
      | .opaqueInfo i => environment.contains (i.name ++ `_unsafe_rec)
      | _ => info.isUnsafe && !info.name.isInternalDetail
    if hidden then info.name.toString ++ ": the kernel does not check it" else unchecked environment rest

def kernelVerdict (after : Environment) (made : List ConstantInfo) : IO String := do
  let w := walkAll after [] (infoNames made) {}
  if w.circular then pure "a constant rests on itself"
  else match unchecked after made with
    | "" => kernelComplaint after w.found
    | complaint => pure complaint

/-! ## The request -/

def withSafeKernel (state : Command.State) : Command.State :=
  match state.scopes with
  | scope :: rest => { state with scopes := { scope with opts := withCheckingKernel scope.opts } :: rest }
  | [] => state

partial def errorTexts : List Message → IO (List Wire)
  | [] => pure []
  | m :: rest => do
    let others ← errorTexts rest
    match m.severity with
    | .error => pure (text (← m.data.toString) :: others)
    | _ => pure others

partial def holeRanges : List Hole → List Wire
  | [] => []
  | hole :: rest => range hole.start hole.stop :: holeRanges rest

def factsOf (before old : Command.State) (now : Command.State) : IO (List (String × Wire)) := do
  let madeThen := madeBetween before.env old.env
  let madeNow := madeBetween before.env now.env
  let changed := changedNames madeThen madeNow madeThen
  let axiomsNow ← axiomsOf now.env (infoNames madeNow) []
  let axiomsThen ← axiomsOf old.env (infoNames madeThen) []
  pure [("types_same", truth (match changed with | [] => true | _ => false)), ("changed", array (names changed)),
    ("added", array (names (addedNames before.env madeThen madeNow))), ("new_axioms", array (names (axiomNames madeNow))),
    ("axioms", array (axiomWires now.env axiomsNow)), ("axioms_before", array (names axiomsThen)),
    ("sorries", range (directSorries madeThen) (directSorries madeNow)),
    ("made", number madeNow.length), ("kernel", text (← kernelVerdict now.env madeNow)), ("opaque", truth (onlyTheorems madeNow))]

def noFacts : List (String × Wire) :=
  [("types_same", "false"), ("changed", "[]"), ("added", "[]"), ("new_axioms", "[]"), ("axioms", "[]"), ("axioms_before", "[]"),
   ("sorries", "[0,0]"), ("made", "0"), ("kernel", "\"\""), ("opaque", "false")]

/-- Elaborate what was parsed and tell what came of it. -/
def verifyParsed (d : Driver) (id ms : Nat) (before old : Command.State) (ictx : Parser.InputContext) (stx : Syntax) (start : Nat) (said : MessageLog) : IO (List (String × Wire)) := do
  let beats ← IO.getNumHeartbeats
  d.within id ms fun token => do
    match ← elaborateOne ictx (withSafeKernel before) stx (parserStart start) token said with
    | .error ex =>
      let message ← ex.toMessageData.toString
      pure ([("errors", array [text message]), ("holes", "[]"), ("interrupted", truth (← token.isSet)), ("heartbeats", "0")] ++ noFacts)
    | .ok now =>
      let errors ← errorTexts now.messages.toList
      let holes := reversed (holesInAll now.infoState.trees.toList none [] []) []
      let beatsNow ← IO.getNumHeartbeats
      let facts ← match errors with
        | [] => factsOf before old now
        | _ => pure noFacts
      pure ([("errors", array errors), ("holes", array (holeRanges holes)), ("interrupted", truth (← token.isSet)),
        ("heartbeats", number ((beatsNow - beats) / 1000))] ++ facts)

def serveVerify (d : Driver) (id : Nat) (request : Json) : IO Wire := do
  match ← findIn d.states (getNat request "before"), ← findIn d.states (getNat request "after") with
  | some before, some old =>
    let began ← IO.monoMsNow
    let start := getNat request "start"
    let (holeStart, holeEnd) := getRange request "hole"
    let (scriptStart, scriptEnd) := getRange request "script"
    let oldSource := getText request "original"
    let newSource := getText request "text"
    let (oldSyntax, oldNext, _) := parseOne (inputContext oldSource) before (parserStart start)
    let ictx := inputContext newSource
    let (newSyntax, newNext, said) := parseOne ictx before (parserStart start)
    -- Both must leave the parser at the same place, and end at the same place too, unless the hole ends the command:
    -- then the script may end in a comment.
    let goesOn := oldNext.pos.byteIdx + newSource.utf8ByteSize == newNext.pos.byteIdx + oldSource.utf8ByteSize
    let endsRight := goesOn && match endByte oldSyntax, endByte newSyntax with
      | some a, some b => a + newSource.utf8ByteSize == b + oldSource.utf8ByteSize ||
          (a == holeEnd && b ≤ scriptEnd && scriptEnd ≤ newNext.pos.byteIdx)
      | _, _ => false
    let parsed := endsRight && !said.hasErrors && sameTexts (outline oldSyntax holeStart holeEnd []) (outline newSyntax scriptStart scriptEnd [])
    let forbidden := kindsInside newSyntax scriptStart scriptEnd (textList (getList request "forbidden")) []
    let facts ← match parsed, forbidden with
      | true, [] => verifyParsed d id (getNat request "ms") before old ictx newSyntax start said
      | _, _ => do
        let errors ← errorTexts said.toList
        pure ([("errors", array errors), ("holes", "[]"), ("interrupted", "false"), ("heartbeats", "0")] ++ noFacts)
    let ended ← IO.monoMsNow
    pure (done id ([("parsed", truth parsed), ("forbidden", array forbidden), ("ms", number (ended - began))] ++ facts))
  | none, _ => pure (unknownId id "state" (getNat request "before"))
  | _, none => pure (unknownId id "state" (getNat request "after"))

end Unsorry
