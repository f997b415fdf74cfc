"""What a proof script may not contain, whatever Lean would make of it.

Two nets: characters and size, before Lean sees the text, and syntax kinds, which Lean's own parser
finds inside the script. They keep out programs and disguises; soundness rests on the facts that
`lean.verify` judges, not on this list.
"""

import re
import unicodedata

MAX_SCRIPT = 64 * 1024
"""Bytes of UTF-8."""
MAX_NESTING = 200
"""Brackets open at once; some thousands end the process, because Lean's parser recurses."""

FORBIDDEN_KINDS = (
    # An admission, not a proof.
    "Lean.Parser.Term.sorry",
    "Lean.Parser.Tactic.tacticSorry",
    "Lean.Parser.Tactic.tacticAdmit",
    "Lean.Parser.Tactic.tacticStop_",
    # Programs that run while Lean elaborates, or read files.
    "Lean.Parser.Tactic.runTac",
    "Lean.byElab",
    "Lean.runCmd",
    "Lean.runElab",
    "Lean.runMeta",
    "Lean.includeStr",
    "Lean.Parser.Term.unsafe",
    "Lean.Parser.Tactic.dbgTrace",
    "Lean.Parser.Term.dbgTrace",
    "Lean.Parser.Tactic.sleep",
    # Declarations, attributes and names beyond the proof itself.
    "Lean.Parser.Tactic.letrec",
    "Lean.Parser.Term.letrec",
    "Lean.Parser.Term.whereDecls",
    "Lean.Parser.Term.attributes",
    "Lean.Parser.Term.attrInstance",
    "Lean.Parser.Term.withDeclName",
    "Lean.Parser.Term.privateDecl",
    "Lean.Parser.Command.openPrivate",
)
NATIVE_KINDS = ("Lean.Parser.Tactic.nativeDecide",)
"""Forbidden unless the compiler is trusted."""
OPTION_KINDS = ("Lean.Parser.Tactic.set_option", "Lean.Parser.Term.set_option")
"""Forbidden unless every option set is one of `ALLOWED_OPTION`."""
ALLOWED_OPTION = re.compile(
    r"set_option (?:(?:synthInstance\.)?maxHeartbeats [1-9]\d{0,6}|maxRecDepth [1-9]\d{0,3})"
    r" in(?=\s)"
)
"""Options that only say how hard to try; a recursion depth of five digits can end the process."""

_BIDIRECTIONAL = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def text_objection(script: str) -> str:
    """Why the text itself can't be accepted, or "" if nothing speaks against it."""
    if not script.strip():
        return "the script is empty"
    try:
        size = len(script.encode())
    except UnicodeEncodeError:
        return "the script is not valid Unicode"
    if size > MAX_SCRIPT:
        return f"the script has {size} bytes, more than {MAX_SCRIPT}"
    for character in script:
        if character in _BIDIRECTIONAL:
            return f"the script has the direction control U+{ord(character):04X}"
        if character != "\n" and unicodedata.category(character) == "Cc":
            return f"the script has the control character U+{ord(character):04X}"
    if _nesting(script) > MAX_NESTING:
        return f"the script has more than {MAX_NESTING} brackets open at once"
    return ""


def _nesting(script: str) -> int:
    """The most brackets that are open at once, whatever they stand in."""
    deepest = depth = 0
    for character in script:
        depth += (character in "([{⟨⦃«") - (character in ")]}⟩⦄»")
        deepest = max(deepest, depth)
    return deepest


def forbidden_kinds(script: str, allow_compiler: bool) -> list[str]:
    """The syntax kinds that Lean is to look for in `script`."""
    kinds = list(FORBIDDEN_KINDS)
    if not allow_compiler:
        kinds += NATIVE_KINDS
    if script.count("set_option") != len(ALLOWED_OPTION.findall(script)):
        kinds += OPTION_KINDS
    return kinds
