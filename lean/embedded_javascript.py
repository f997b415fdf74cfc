"""Rewrites the package's lean.js so that the embedded Lean starts in seconds and can reach only
what it should.

`prepare_javascript` removes 200,000 export assignments that every thread would repeat, then applies
`EDITS`: named replacements, each of which must match exactly as often as it says, so that another
version of the package is refused and never half patched. What the edits call lies in
`driver/host.cjs`. The wasm side is `embedded_wasm.py`.
"""

import json
import re
from collections.abc import Mapping

from lean.embedded_edits import EDITS, Edit
from lean.errors import ToolchainError

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_USED_EXPORT = re.compile(
    r'wasmExports(?:\["([^"]+)"\]|\.([A-Za-z_0-9$]+))|moduleExports\["([^"]+)"\]'
)
# Exports that only the code added below needs.
_NEEDED_BY_EDITS = {
    "_malloc",
    "_pthread_create",
    "_pthread_attr_init",
    "_pthread_attr_setstacksize",
}
_EXPORTS_BEGIN = "function assignWasmExports(wasmExports){"
_EXPORTS_END = "}var wasmImports;"


def prepare_javascript(source: str, addresses: Mapping[str, int], main_index: int) -> str:
    """Return the prepared lean.js.

    `addresses`: table index or address of each symbol that the wasm imports as `GOT.*`;
    `main_index`: the table index of C's `main`. Raises ToolchainError when the package is not the
    one these edits were written for.
    """
    text = source
    for edit in EDITS:
        text = _apply(edit, text)
    return text.replace("UNSORRY_ADDRESSES", json.dumps(dict(addresses))).replace(
        "UNSORRY_MAIN_INDEX", str(main_index)
    )


def without_export_assignments(source: str) -> str:
    """Drop `_x=Module["_x"]=wasmExports["x"]` and the variable `_x` wherever no other JavaScript
    mentions `_x`.
    """
    begin = source.find(_EXPORTS_BEGIN)
    end = source.find(_EXPORTS_END, begin)
    if begin < 0 or end < 0:
        raise _unexpected("its list of exports")
    variables_begin = source.rfind(";", 0, begin - 1) + 1
    variables = source[variables_begin:begin].removesuffix(";")
    if not variables.startswith("var "):
        raise _unexpected("its list of variables")
    assignments = source[begin + len(_EXPORTS_BEGIN) : end].split(";")
    head, tail = source[:variables_begin], source[end:]
    used = set(_IDENTIFIER.findall(head)) | set(_IDENTIFIER.findall(tail)) | _NEEDED_BY_EDITS
    kept_variables = [
        name for name in variables.removeprefix("var ").split(",") if name.split("=")[0] in used
    ]
    kept_assignments = [text for text in assignments if text.split("=", 1)[0] in used]
    return "".join(
        [
            head,
            "var ",
            ",".join(kept_variables),
            ";",
            _EXPORTS_BEGIN,
            ";".join(kept_assignments),
            tail,
        ]
    )


def used_exports(source: str) -> set[str]:
    """Names of the wasm exports that this JavaScript mentions."""
    return {name for groups in _USED_EXPORT.findall(source) for name in groups if name}


def _apply(edit: Edit, text: str) -> str:
    if text.count(edit.pattern) != edit.count:
        raise _unexpected(f"the place of the change '{edit.name}'")
    return text.replace(edit.pattern, edit.replacement)


def _unexpected(what: str) -> ToolchainError:
    return ToolchainError(
        "The embedded Lean's package is not the one this Unsorry knows: "
        f"{what} was not found in lean.js.",
        "Install the newest Unsorry, or use a native Lean.",
    )
