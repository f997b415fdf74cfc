"""Text as the tokens of a byte-level model (ByT5), and back; needs no tokenizer.

A token is one byte, written as the character of that number; `</s>` ends a text.
"""

from collections.abc import Iterable, Sequence

END = "</s>"
MARKS = ("<a>", "</a>")
"""What LeanDojo's models put around the names of premises."""


def encode(text: str) -> list[str]:
    """The tokens of a text, with the end; as many as it has bytes of UTF-8, and one."""
    return [chr(byte) for byte in text.encode("utf-8", "ignore")] + [END]


def decode(tokens: Iterable[str]) -> str:
    """The text of tokens, without special tokens and without bytes that are no UTF-8."""
    return bytes(ord(token) for token in tokens if len(token) == 1 and ord(token) < 256).decode(
        "utf-8", "ignore"
    )


def without_marks(text: str) -> str:
    """The text without the marks around premises."""
    for mark in MARKS:
        text = text.replace(mark, "")
    return text


def is_finished(tokens: Sequence[str]) -> bool:
    """Did a model end this text itself, rather than run out of room?"""
    return bool(tokens) and tokens[-1] == END
