"""The driver's replies as frozen dataclasses: the Python half of docs/protocol.md.

Only shapes: reading them off the wire is `lean.decoding`, the conversation itself is
`lean.session`. Positions are byte offsets into the UTF-8 of the text that was sent, ranges are half
open, times are milliseconds, heartbeats are in the unit of Lean's `maxHeartbeats`.
"""

from dataclasses import dataclass, field
from typing import Literal

PROTOCOL_VERSION = 1

Severity = Literal["error", "warning", "information"]
AxiomClass = Literal["standard", "sorry", "compiler", "library", "other"]
BinderKind = Literal["data", "prop", "type", "instance"]
OutcomeResult = Literal["proved", "goals", "error", "unparsed", "interrupted"]


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a driver says first."""

    ready: bool
    protocol: int
    lean: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something Lean said about a range of the text."""

    severity: Severity
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Import:
    """One import of a header."""

    module: str
    public: bool
    all: bool
    meta: bool


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header; commands begin at byte `start`. `module`: it says `module`."""

    imports: tuple[Import, ...]
    start: int
    messages: tuple[Message, ...]
    module: bool
    prelude: bool

    @property
    def modules(self) -> tuple[str, ...]:
        """The imported modules' names, with the `Init` that every file but a prelude has."""
        names = tuple(entry.module for entry in self.imports)
        return names if self.prelude or "Init" in names else ("Init", *names)


@dataclass(frozen=True, slots=True)
class Opened:
    """A header's environment: the state before the first command."""

    state: int
    cached: bool
    ms: int


@dataclass(frozen=True, slots=True)
class HoleReport:
    """One elaboration of one `sorry`; a `sorry` that ran on three goals gives three reports."""

    proof: int
    mode: Literal["tactic", "term"]
    syntax: Literal["sorry", "admit"]
    start: int
    end: int
    goal: str
    prop: bool
    declaration: str
    editable: bool
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepReport:
    """A tactic of a proof as it stands in the text, and the goal that it met.

    `before` and `left` count the goals before and after it; `symbols` are the constants of the
    target, `context` those of the hypotheses, `constants` those that the tactic names.
    """

    start: int
    end: int
    kind: str
    declaration: str
    before: int
    left: int
    constants: tuple[str, ...]
    goal: str
    hypotheses: tuple[str, ...]
    symbols: tuple[str, ...]
    context: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TheoremReport:
    """A theorem with the constants of its statement, and the theorems in its proof term."""

    name: str
    symbols: tuple[str, ...]
    premises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CommandReport:
    """One elaborated command; `next` is where the parser went on, `state` the state after it."""

    kind: str
    start: int
    end: int
    next: int
    state: int
    ms: int
    heartbeats: int
    messages: tuple[Message, ...]
    holes: tuple[HoleReport, ...]
    declarations: tuple[str, ...]
    failed: bool
    steps: tuple[StepReport, ...] | None
    proved: tuple[TheoremReport, ...] | None


@dataclass(frozen=True, slots=True)
class Elaborated:
    """The end of an `elaborate` request."""

    state: int
    end: int
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one script. `proved` is evidence, never a proof (that is `lean.verify`)."""

    index: int
    result: OutcomeResult
    goals: tuple[str, ...]
    proof: int | None
    message: str
    suggestions: tuple[str, ...]
    heartbeats: int
    ms: int


@dataclass(frozen=True, slots=True)
class Checked:
    """The end of a `check` request."""

    tried: int
    proved: int


@dataclass(frozen=True, slots=True)
class Parses:
    """For each tactic text: does it parse as a tactic block?"""

    ok: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What a goal asks for. `size` counts nodes of the expression; `constructors` are those of an
    inductive predicate of the document, then those of the predicates that they speak of.
    """

    text: str
    size: int
    head: str
    constants: tuple[str, ...]
    binders: int
    alternations: int
    kind: str
    constructors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """An explicit field of a constructor; `type` is "?" where it depends on earlier fields."""

    type: str
    recursive: bool


@dataclass(frozen=True, slots=True)
class Constructor:
    """A constructor of an inductive type, with its explicit fields."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Inductive:
    """The inductive type of a hypothesis; `user`: the document made it."""

    name: str
    recursive: bool
    indices: bool
    user: bool
    constructors: tuple[Constructor, ...]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One local hypothesis of a goal."""

    name: str
    accessible: bool
    type: str
    kind: BinderKind
    head: str
    size: int
    inductive: Inductive | None
    in_target: bool
    constants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition of the document: it occurs in a goal (`direct`), or in one that does.

    `arguments` counts the explicit ones of its type; `constants` are those in its body.
    """

    name: str
    recursive: bool
    direct: bool
    arguments: int = 0
    constants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoalFeatures:
    """What strategies read off one goal."""

    display: str
    case: str
    target: Target
    hypotheses: tuple[Hypothesis, ...]
    definitions: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class FeatureList:
    """The features of every goal of a proof state."""

    goals: tuple[GoalFeatures, ...]


@dataclass(frozen=True, slots=True)
class CanonicalHypothesis:
    """A hypothesis in canonical tokens; `value` is "" unless it is a `let`.

    `needs` are the indices of the hypotheses that its type or value mentions, in proofs too.
    """

    name: str
    accessible: bool
    kind: BinderKind
    type: str
    value: str
    needs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CanonicalDefinition:
    """A constant of the document, as a token; `digest` of what it says, `uses` of its like."""

    name: str
    digest: str
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CanonicalGoal:
    """A goal in canonical tokens (driver/Canonical.lean).

    One that is too large for that has its `display`, and a mere digest as its `target`.
    """

    too_large: bool
    display: str
    target: str
    needs: tuple[int, ...]
    hypotheses: tuple[CanonicalHypothesis, ...]
    definitions: tuple[CanonicalDefinition, ...]


@dataclass(frozen=True, slots=True)
class Canonical:
    """The goals of a proof state; `surroundings` changes with the declarations above it."""

    goals: tuple[CanonicalGoal, ...]
    surroundings: str


@dataclass(frozen=True, slots=True)
class Binder:
    """One bound variable of a closed statement."""

    name: str
    type: str
    kind: BinderKind


@dataclass(frozen=True, slots=True)
class Negation:
    """The proof state whose one goal is the negation of another's closed statement."""

    proof: int
    opened: int
    """The target with everything introduced; its features tell the types of the variables."""
    goal: str
    binders: tuple[Binder, ...]


@dataclass(frozen=True, slots=True)
class LemmaText:
    """A goal as texts of a theorem: its universes, its binders in order, what it states."""

    universes: tuple[str, ...]
    binders: tuple[Binder, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Axiom:
    """An axiom that a proof rests on; `kind` is the protocol's `class`."""

    name: str
    kind: AxiomClass = field(metadata={"wire": "class"})


@dataclass(frozen=True, slots=True)
class AxiomList:
    """The axioms of one declaration."""

    axioms: tuple[Axiom, ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished proof state as a closed theorem, after the kernel's check."""

    ok: bool
    message: str
    axioms: tuple[Axiom, ...]
    constants: tuple[str, ...]
    unproved: tuple[str, ...]
    """Constants with a `sorry` that the proof rests on and the statement does not."""


@dataclass(frozen=True, slots=True)
class ForbiddenSyntax:
    """A syntax kind that the request forbade, found inside the script."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class VerifyFacts:
    """What the driver found out about a script in its place; `lean.verify` judges it."""

    parsed: bool
    forbidden: tuple[ForbiddenSyntax, ...]
    errors: tuple[str, ...]
    holes: tuple[tuple[int, int], ...]
    types_same: bool
    changed: tuple[str, ...]
    added: tuple[str, ...]
    new_axioms: tuple[str, ...]
    axioms: tuple[Axiom, ...]
    axioms_before: tuple[str, ...]
    sorries: tuple[int, int]
    made: int
    kernel: str
    opaque: bool
    ms: int
    heartbeats: int
    interrupted: bool


@dataclass(frozen=True, slots=True)
class TheoremRows:
    """A batch of visible theorems: name, module, symbols of the statement, statement or ""."""

    rows: tuple[tuple[str, str, tuple[str, ...], str], ...]


@dataclass(frozen=True, slots=True)
class Modules:
    """The names of imported modules."""

    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """Proof states of one goal each."""

    proofs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TheoremCount:
    """The end of a `theorems` request."""

    count: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What a driver holds, and how long it has lived."""

    states: int
    proofs: int
    environments: int
    requests: int
    uptime_ms: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A reply that says no more than `done`."""
