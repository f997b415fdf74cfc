"""Reading the answer of a language model: a plan, and one block of tactics with holes, or nothing.

The answer is data. What is in it goes to Lean only if it is tactics: nothing that declares, runs
or imports something. Whether it proves anything is for Lean to say.
"""

import re
from dataclasses import dataclass

from lean.forbidden import text_objection
from search.sketching.lean_text import (
    bare,
    block,
    without_comments,
    without_statement,
)

MAX_ANSWER = 64 * 1024
"""Bytes of an answer that are worth reading."""
MAX_DRAFT = 16 * 1024
"""Bytes of its block."""
MAX_PLAN = 1000
MAX_HOLES = 24

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r" {0,3}+`{3,}+[ \t]*+(?P<language>[^\s`]*+)[^`]*+")
_LEAN = ("lean", "lean4")
_WORD_BEFORE, _WORD_AFTER = r"(?<![\w.'!?«])", r"(?![\w'!?])"
_ADMIT = re.compile(rf"{_WORD_BEFORE}admit{_WORD_AFTER}")
_SORRY = re.compile(rf"{_WORD_BEFORE}sorry{_WORD_AFTER}")
_REFUSED = re.compile(
    rf"{_WORD_BEFORE}(?P<word>"
    # Declarations and other commands.
    r"axiom|theorem|lemma|def|abbrev|example|instance|opaque|structure|inductive|class|deriving"
    r"|mutual|variable|universe|namespace|section|end|import|prelude|export|attribute|initialize"
    r"|builtin_initialize|private|protected|noncomputable|local|scoped|unsafe|where|termination_by"
    r"|decreasing_by|set_option|include|omit"
    # Syntax and programs.
    r"|macro|macro_rules|syntax|elab|elab_rules|notation|infix|infixl|infixr|prefix|postfix"
    r"|declare_syntax_cat|simproc|run_tac|run_cmd|run_elab|run_meta|by_elab|include_str|dbg_trace"
    r"|dbgTrace|sleep|stop|native_decide|ofReduceBool|implemented_by|extern|reduceBool"
    rf"){_WORD_AFTER}"
    # Commands such as #eval, attributes, and ways of writing native_decide.
    r"|(?P<sign>#[a-z]\w*|@\[|\+[ \t]*native\b|\bnative[ \t]*:=[ \t]*true)"
)
_OPEN = re.compile(rf"{_WORD_BEFORE}open{_WORD_AFTER}(?![^\n]*\bin\b)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read: lines of tactics at column 0 with `holes` times `sorry`, and the plan."""

    script: str
    plan: str
    holes: int


class Malformed(Exception):
    """An answer that is no draft, and why, in a sentence of ours that quotes nothing of it but a
    word that Lean reserves.
    """


def read_answer(text: str, declaration: str = "") -> Answer:
    """The draft in an answer. `declaration`: the text up to the hole; an answer that repeats it is
    taken from there on.

    Raises Malformed.
    """
    if len(text.encode("utf-8", "replace")) > MAX_ANSWER:
        raise Malformed(f"it has more than {MAX_ANSWER} bytes.")
    text = _THOUGHTS.sub("", text.replace("\r\n", "\n"), count=1)
    blocks = [found for found in _blocks(text) if found.language.lower() in _LEAN]
    if not blocks:
        raise Malformed("it has no block that begins with ```lean and ends with ```.")
    if len(blocks) > 1:
        raise Malformed("it has more than one block that begins with ```lean.")
    script = _script(blocks[0].code, declaration)
    holes = len(_SORRY.findall(bare(script)))
    if holes > MAX_HOLES:
        raise Malformed(f"it has more than {MAX_HOLES} holes.")
    if not _SORRY.sub("", script).strip(" \n·;()"):
        raise Malformed("it is nothing but a hole.")
    return Answer(script, blocks[0].before.strip()[:MAX_PLAN], holes)


@dataclass(frozen=True, slots=True)
class _Block:
    """A block between fences, and the text before it."""

    language: str
    code: str
    before: str


def _blocks(text: str) -> list[_Block]:
    """All blocks that have an end. Line by line, because a pattern for a whole block would try all
    pairs of fences, and an answer may be nothing but backticks.
    """
    blocks = []
    lines = text.split("\n")
    language, opened = "", -1
    for number, line in enumerate(lines):
        if not (fence := _FENCE.fullmatch(line)):
            continue
        if opened < 0:
            language, opened = fence["language"], number
        elif not line.strip(" \t`"):
            code, before = lines[opened + 1 : number], lines[:opened]
            blocks.append(_Block(language, "".join(f"{row}\n" for row in code), "\n".join(before)))
            opened = -1
    return blocks


def _script(written: str, declaration: str) -> str:
    """The tactics in a block, without comments."""
    code = without_comments(written.expandtabs(2))
    if code is None:
        raise Malformed("it has a comment or a string without an end.")
    tactics = without_statement(code, declaration)
    if tactics is None:
        raise Malformed("it states another theorem than the one that is to be proved.")
    script = _ADMIT.sub("sorry", block(tactics))
    if len(script.encode("utf-8", "replace")) > MAX_DRAFT:
        raise Malformed(f"its block has more than {MAX_DRAFT} bytes.")
    if objection := text_objection(script):
        raise Malformed(f"{objection}.")
    if refused := _REFUSED.search(script):
        word = refused["word"] or refused["sign"]
        raise Malformed(f"its block has `{word[:24]}`, which does not belong into a proof.")
    if _OPEN.search(script):
        raise Malformed("its block has `open` without `in`, which does not belong into a proof.")
    return script
