"""The text of a theorem taken apart: what stands before its name, its binders, what it states.

Reads brackets and words, not Lean: what is put together again is a text that Lean may refuse.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_HEAD = re.compile(
    r"(?P<before>(?:/--.*?-/\s*|@\[[^\]]*\]\s*|(?:private|protected|noncomputable|public)\s+)*)"
    r"(?P<keyword>theorem|lemma)\s+(?P<name>[^\s({\[⦃:]+)(?P<rest>.*)\Z",
    re.DOTALL,
)
_OPEN, _CLOSE = "([{⟨⦃", ")]}⟩⦄"
_BINDER = re.compile(r"(?P<names>[^:]*?)\s*:\s*(?P<type>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Binder:
    """One group of bound variables: `(a b : Nat)`. `names` is empty for an instance without one."""

    bracket: str
    names: tuple[str, ...]
    type: str

    def __str__(self) -> str:
        close = _CLOSE[_OPEN.index(self.bracket)]
        named = f"{' '.join(self.names)} : " if self.names else ""
        return f"{self.bracket}{named}{self.type}{close}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A theorem without its proof."""

    name: str
    binders: tuple[Binder, ...]
    claim: str

    def __str__(self) -> str:
        return " ".join(["theorem", self.name, *map(str, self.binders), ":", self.claim])

    @property
    def names(self) -> tuple[str, ...]:
        """All names that are bound."""
        return tuple(name for binder in self.binders for name in binder.names)

    def with_words(self, words: dict[str, str]) -> "Statement":
        """The same with whole words replaced, all at once, in types and in the claim."""
        if not words:
            return self
        alternatives = "|".join(re.escape(word) for word in words)
        pattern = re.compile(rf"(?<![\w.'!?])(?:{alternatives})(?![\w'!?])")

        def changed(text: str) -> str:
            return pattern.sub(lambda found: words[found[0]], text)

        binders = tuple(replace(binder, type=changed(binder.type)) for binder in self.binders)
        return Statement(self.name, binders, changed(self.claim))


def statement_of(command: str) -> Statement | None:
    """The statement of a theorem's text; None when it is no theorem that can be read so."""
    found = _HEAD.match(command.strip())
    if found is None:
        return None
    rest = found["rest"]
    ends = end_of_statement(rest)
    colon = _top(rest[:ends], ":")
    if ends is None or colon is None:
        return None
    binders = _binders(rest[:colon])
    claim = " ".join(rest[colon + 1 : ends].split())
    if binders is None or not claim:
        return None
    return Statement(found["name"], binders, claim)


def without_proof(command: str) -> str | None:
    """The text of a theorem with `sorry` for its proof; None when it can't be found."""
    found = _HEAD.match(command)
    ends = end_of_statement(found["rest"]) if found else None
    if found is None or ends is None:
        return None
    return command[: found.start("rest") + ends].rstrip() + " := by\n  sorry"


def end_of_statement(rest: str) -> int | None:
    """Where the proof begins (`:=`, or a line with `|`) in the text after a theorem's name."""
    for place in _outside(rest):
        if rest.startswith(":=", place):
            return place
        if rest[place] == "|" and not rest[:place].rpartition("\n")[2].strip():
            return place
    return None


def _binders(text: str) -> tuple[Binder, ...] | None:
    """The binders of a text; None when something stands between them that is none."""
    found: list[Binder] = []
    start, depth = 0, 0
    for place, character in enumerate(text):
        if character in _OPEN:
            start = start if depth else place
            depth += 1
        elif character in _CLOSE:
            depth -= 1
            if depth == 0:
                found.append(_binder(text[start], text[start + 1 : place]))
        elif depth == 0 and not character.isspace():
            return None
    return tuple(found)


def _binder(bracket: str, text: str) -> Binder:
    named = _BINDER.match(text)
    if named is None or (bracket == "[" and ":" not in text):
        return Binder(bracket, (), " ".join(text.split()))
    return Binder(bracket, tuple(named["names"].split()), " ".join(named["type"].split()))


def _top(text: str | None, wanted: str) -> int | None:
    """The first place outside of brackets where `wanted` stands."""
    if text is None:
        return None
    return next((place for place in _outside(text) if text.startswith(wanted, place)), None)


def _outside(text: str) -> Iterator[int]:
    """The places of a text that are in no bracket."""
    depth = 0
    for place, character in enumerate(text):
        if character in _CLOSE:
            depth -= 1
        elif character in _OPEN:
            depth += 1
            continue
        if depth == 0 and character not in _CLOSE:
            yield place
