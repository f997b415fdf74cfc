"""Parts of texts that fit into so many bytes, whole lines where possible, made harmless to send."""

import unicodedata

CUT = "…"
MARK = len(f"{CUT}\n".encode())


def beginning(text: str, most: int) -> str:
    """The first lines of a text, at most so many bytes; a mark says that something is missing."""
    # A character has a byte or more, so that nothing long is looked at as a whole.
    shown = _clean(text[: most + 1])
    if len(text) <= most and len(shown.encode()) <= most:
        return shown
    kept = shown.encode()[: max(0, most - MARK)].decode("utf-8", "ignore")
    whole = kept.rpartition("\n")[0]
    return f"{whole or kept}\n{CUT}"


def ending(text: str, most: int) -> str:
    """The last lines of a text, at most so many bytes; a mark says that something is missing."""
    shown = _clean(text[-most - 1 :])
    if len(text) <= most and len(shown.encode()) <= most:
        return shown
    size = max(0, most - MARK)
    kept = shown.encode()[-size:].decode("utf-8", "ignore") if size else ""
    whole = kept.partition("\n")[2]
    return f"{CUT}\n{whole or kept}"


def _clean(text: str) -> str:
    """Without control characters, and without halves of characters, which nothing can encode."""
    text = text.replace("\r\n", "\n").encode("utf-8", "replace").decode()
    return "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf")
    )
