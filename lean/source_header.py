"""The header of a Lean file, read without Lean: which modules it imports and where its commands
begin.

For finding out what has to be compiled before Lean can start; what a file means is always Lean's to
say.
"""

import re
from dataclasses import dataclass

_IMPORT = re.compile(
    r"(?:(?:public|private|meta)\s+)*import\s+(?:all\s+)?(?:runtime\s+)?"
    r"((?:«[^»\n]+»|[^\W\d][\w'!?]*)(?:\.(?:«[^»\n]+»|[^\W\d][\w'!?]*))*)"
)
_KEYWORD = re.compile(r"(module|prelude)\b(?!\s*\.)")
# What makes a module unusable as an import on a Lean that can't load compiled code: it would have
# to run it.
_NEEDS_CODE = re.compile(
    r"^[ \t]*(?:@\[[^\]\n]*\]\s*)?(?:(?:public|scoped|private|protected|unsafe|meta)\s+)*"
    r"(macro_rules|macro|notation3?|infix[lr]?|prefix|postfix|syntax|elab_rules|elab|"
    r"declare_syntax_cat|initialize|builtin_initialize|simproc|dsimproc|run_cmd)\b",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class SourceHeader:
    """`imports` in order; `end`: index into the text after the last import (or keyword)."""

    imports: tuple[str, ...]
    is_module: bool
    end: int


def read_header(text: str) -> SourceHeader:
    """Read the header of a Lean file."""
    bare = without_comments(text)
    at = end = 0
    imports = []
    is_module = False
    while True:
        at = _after_space(bare, at)
        if keyword := _KEYWORD.match(bare, at):
            is_module |= keyword.group(1) == "module"
            at = end = keyword.end()
        elif imported := _IMPORT.match(bare, at):
            imports.append(imported.group(1).replace("«", "").replace("»", ""))
            at = end = imported.end()
        else:
            return SourceHeader(tuple(imports), is_module, end)


def code_on_import(text: str) -> tuple[str, int] | None:
    """Return the first command that an importing file would have to run, such as `macro`, and its
    line (from 1).
    """
    bare = without_comments(text)
    found = _NEEDS_CODE.search(bare)
    return (found.group(1), bare.count("\n", 0, found.start(1)) + 1) if found else None


def without_comments(text: str) -> str:
    """Replace comments and the content of strings by spaces; all else keeps its place."""
    result = list(text)
    at = 0
    while token := _TOKEN.search(text, at):
        begin = token.start()
        if token.group() == "/-":
            at = _comment_end(text, begin)
        elif token.lastgroup == "quote":
            at = token.end()
            begin += 1
        else:
            at = token.end()
        for index in range(begin, at):
            if result[index] != "\n":
                result[index] = " "
    return "".join(result)


_TOKEN = re.compile(
    r"--[^\n]*|/-|'(?:\\.|[^\\'\n])'|r(?P<hashes>#*)\"(?:.|\n)*?\"(?P=hashes)"
    r"|(?P<quote>\"(?:\\(?:.|\n)|[^\"\\])*(?:\"|\Z))"
)
_COMMENT_MARK = re.compile(r"/-|-/")


def _comment_end(text: str, begin: int) -> int:
    depth = 0
    for mark in _COMMENT_MARK.finditer(text, begin):
        depth += 1 if mark.group() == "/-" else -1
        if depth == 0:
            return mark.end()
    return len(text)


def _after_space(text: str, at: int) -> int:
    while at < len(text) and (text[at].isspace() or text[at] == "\ufeff"):
        at += 1
    return at
