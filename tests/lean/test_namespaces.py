"""The namespace a line stands in, and whole names."""

import pytest

from lean.namespaces import namespace_at, whole_name

TEXT = """\
namespace A.B
section helpers
mutual
end
/- namespace No -/
theorem inner : True := sorry
end helpers
end B
theorem middle : True := sorry
noncomputable section
end
end A
theorem outer : True := sorry
"""


@pytest.mark.parametrize(("line", "namespace"), [(1, ""), (6, "A.B"), (9, "A"), (13, "")])
def test_a_line_is_in_the_namespaces_that_are_open(line: int, namespace: str) -> None:
    assert namespace_at(TEXT, line) == namespace


def test_a_whole_name_begins_at_the_root() -> None:
    assert whole_name(TEXT, 6, "inner") == "A.B.inner"
    assert whole_name(TEXT, 6, "_root_.inner") == "inner"
    assert whole_name(TEXT, 13, "outer") == "outer"
