"""The driver's source: both kinds are complete, and the native one agrees with the Lean at hand."""

import re

from lean.document import elaborate
from lean.driver_source import PARTS, assemble_driver
from lean.session import Session

CHOICE = re.compile(r"either% (?P<newer>\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)) or \(.*\)")


def test_each_kind_has_every_part_and_a_main() -> None:
    native, embedded = assemble_driver("native", "4.28.0"), assemble_driver("embedded", "4.28.0")
    for part in PARTS:
        assert f"{part}.lean" not in native
    assert "\nunsafe def main" in native
    assert "\npublic unsafe def main" in embedded
    assert "shadow" in embedded and "shadow" not in native


async def test_native_driver_type_checks_on_this_lean(session: Session) -> None:
    # `either%` itself needs compiled code, which the embedded Lean can't run: take its newer form.
    source = CHOICE.sub(r"\g<newer>", assemble_driver("native", session.lean_version))
    assert source.count("either%") == 1
    document = await elaborate(session, source, seconds=120)
    assert document.errors == ()
    assert len(document.commands) > 200
