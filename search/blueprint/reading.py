"""Reads `blueprint/src/**/*.tex` into nodes, in the order in which TeX would read the files.

As leanblueprint does it: which environments are nodes is the option `thms` of its package; a proof
belongs to the statement before it, or to the one that `\\proves` names.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from search.blueprint.errors import BlueprintError
from search.blueprint.nodes import DEFINITION, Blueprint, Node, Place, Proof
from search.blueprint.tex import Macro, argument, listed, macros, option

SOURCES = Path("blueprint", "src")
"""Where a blueprint lies in its repository."""
USUAL_KINDS = ("definition", "lemma", "proposition", "theorem", "corollary")
"""The nodes where the package's option `thms` names no others."""
_ROOTS = ("web.tex", "print.tex", "content.tex", "main.tex")
"""The files that TeX begins with; others are read where they are included, or at the end."""
_INCLUDES = frozenset({"input", "include", "subfile"})
_THMS = re.compile(r"(?:^|,)\s*thms\s*=\s*([^,\]]*)")


def has_blueprint(root: Path) -> bool:
    """Is there a blueprint in the repository at `root`?"""
    return (root / SOURCES).is_dir()


def read_blueprint(folder: Path) -> Blueprint:
    """The blueprint whose TeX files lie in `folder`. Raises BlueprintError."""
    files = sorted(path for path in folder.rglob("*.tex") if path.is_file())
    if not files:
        raise BlueprintError(
            f"There is no blueprint in {folder}.",
            "Name the folder of its TeX files: --source FOLDER",
        )
    texts = {path.resolve(): _text(path) for path in files}
    reader = _Reader(folder.resolve(), texts)
    for text in texts.values():
        reader.preamble(text)
    first = [folder.resolve() / name for name in _ROOTS]
    for path in [*(path for path in first if path in texts), *texts]:
        reader.file(path)
    return reader.finished()


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise BlueprintError(
            f"{path} can't be read: {error.strerror}.", "Check its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise BlueprintError(
            f"{path} is not UTF-8 (byte {error.start}).", "Save it as UTF-8."
        ) from error


@dataclass(slots=True)
class _Open:
    """An environment that has begun and not ended: perhaps a node or a proof."""

    name: str
    part: Node | Proof | None = None
    owner: Node | None = None
    """The statement that a proof belongs to, unless it names another."""


@dataclass(slots=True)
class _Reader:
    folder: Path
    texts: dict[Path, str]
    seen: set[Path] = field(default_factory=set)
    nodes: list[Node] = field(default_factory=list)
    loose: list[Proof] = field(default_factory=list)
    last: Node | None = None
    open: list[_Open] = field(default_factory=list)
    chosen: tuple[str, ...] = ()
    titles: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)

    def preamble(self, text: str) -> None:
        """Learn which environments there are, wherever in the files that is said."""
        for macro in macros(text):
            if macro.name == "usepackage":
                self._package(text, macro)
            elif macro.name == "newtheorem":
                self._theorem(text, macro)

    def file(self, path: Path) -> None:
        """Read a file where it is included; a second time it says nothing new."""
        if path in self.seen:
            return
        self.seen.add(path)
        text = self.texts[path]
        for macro in macros(text):
            if macro.name in _INCLUDES:
                self._include(path, text, macro)
            elif macro.name == "begin":
                self._begin(path, text, macro)
            elif macro.name == "end":
                self._end(text, macro)
            else:
                self._say(path, text, macro)

    def finished(self) -> Blueprint:
        """Everything that was read, with proofs at their statements and only what is a node."""
        by_label = {node.key: node for node in self.nodes if node.key}
        for proof in self.loose:
            owner = by_label.get(proof.proves)
            if owner is not None:
                owner.proofs.append(proof)
            elif proof.proves:
                self._tell(proof.begin, f"a proof of {proof.proves}, which is no node")
        kept = [node for node in self.nodes if self._is_node(node)]
        self._name(kept)
        known = {node.key for node in kept}
        for node in kept:
            for used in node.every_use:
                # An equation or a section may be used, too; the graph has only nodes.
                if used not in known and used not in self.labels:
                    self._tell(node.begin, f"{node.key} uses {used}, and there is no such label")
        return Blueprint(self.folder, tuple(kept), self.texts, tuple(self.problems))

    def _is_node(self, node: Node) -> bool:
        # An environment of the author's own is one as soon as it speaks of Lean.
        if node.kind in (self.chosen or USUAL_KINDS):
            return True
        return bool(node.lean or node.uses or node.leanok or node.notready)

    def _name(self, nodes: list[Node]) -> None:
        """Give nodes without a label a name, and find labels that are used twice."""
        seen: set[str] = set()
        for node in nodes:
            title = self.titles.get(node.kind, node.kind)
            node.defines = node.kind == DEFINITION or title.lower().startswith("defin")
            where = f"{node.begin.path.relative_to(self.folder).as_posix()}:{node.line}"
            node.key = node.key or (node.lean[0] if node.lean else where)
            if node.key in seen:
                self._tell(node.begin, f"the label {node.key} is used twice")
                node.key = f"{node.key} ({where})"
            seen.add(node.key)

    def _tell(self, place: Place, what: str) -> None:
        line = self.texts[place.path].count("\n", 0, place.start) + 1
        self.problems.append(f"{place.path.relative_to(self.folder).as_posix()}:{line}: {what}")

    # What the macros say

    def _include(self, path: Path, text: str, macro: Macro) -> None:
        named = argument(text, macro.end)
        if named is None:
            return
        name = named.text.strip()
        for base in (self.folder, path.parent):
            for candidate in (base / name, base / f"{name}.tex"):
                if candidate.resolve() in self.texts:
                    self.file(candidate.resolve())
                    return
        if name.endswith(".tex") or not Path(name).suffix:
            self._tell(Place(path, macro.start, macro.end), f"there is no file {name}")

    def _package(self, text: str, macro: Macro) -> None:
        options = option(text, macro.end)
        package = argument(text, options.end) if options else None
        if options and package and package.text.strip() == "blueprint":
            thms = _THMS.search(options.text)
            self.chosen = tuple(thms[1].replace(" ", "").split("+")) if thms else ()

    def _theorem(self, text: str, macro: Macro) -> None:
        start = macro.end + text.startswith("*", macro.end)
        name = argument(text, start)
        shared = option(text, name.end) if name else None
        title = argument(text, shared.end if shared else name.end) if name else None
        if name and title:
            self.titles[name.text.strip()] = title.text.strip()

    def _begin(self, path: Path, text: str, macro: Macro) -> None:
        environment = argument(text, macro.end)
        if environment is None:
            return
        name = environment.text.strip()
        options = option(text, environment.end)
        end = options.end if options else environment.end
        part: Node | Proof | None = None
        if name == "proof":
            part = Proof(Place(path, macro.start, end))
        elif name in self.titles or name in (self.chosen or USUAL_KINDS):
            line = text.count("\n", 0, macro.start) + 1
            part = Node(Place(path, macro.start, end), name, line)
            self.nodes.append(part)
        # What is stated within a proof must not take it from the statement before it.
        self.open.append(_Open(name, part, self.last))

    def _end(self, text: str, macro: Macro) -> None:
        environment = argument(text, macro.end)
        name = environment.text.strip() if environment else ""
        if not any(begun.name == name for begun in self.open):
            return
        while self.open:
            ended = self.open.pop()
            if isinstance(ended.part, Node):
                self.last = ended.part
            elif ended.part is not None:
                self._proof_ended(ended.part, ended.owner)
            if ended.name == name:
                return

    def _proof_ended(self, proof: Proof, owner: Node | None) -> None:
        if not proof.proves and owner is not None:
            owner.proofs.append(proof)
        else:
            self.loose.append(proof)

    def _say(self, path: Path, text: str, macro: Macro) -> None:
        """What a macro says of the statement or the proof it stands in."""
        part = next((begun.part for begun in reversed(self.open) if begun.part), None)
        label = argument(text, macro.end) if macro.name == "label" else None
        if label:
            self.labels.add(label.text.strip())
        if part is None:
            return
        if macro.name == "leanok":
            part.leanok.append(Place(path, macro.start, macro.end))
            return
        given = argument(text, macro.end) if macro.name in _WITH_ARGUMENT else None
        if given and macro.name == "uses":
            part.uses += listed(given.text)
        elif isinstance(part, Proof):
            if given and macro.name == "proves":
                part.proves = given.text.strip()
        elif given and macro.name == "lean":
            part.lean += listed(given.text)
            part.named = Place(path, macro.start, given.end)
        elif label and self.open[-1].part is part:
            # A label further inside is that of an equation or an item.
            part.key = part.key or label.text.strip()
        elif macro.name == "notready":
            part.notready = True
        elif macro.name == "mathlibok":
            part.outside = True


_WITH_ARGUMENT = frozenset({"uses", "proves", "lean"})
