"""The namespace a line stands in, and whole names."""

import time

import pytest

from lean.namespaces import namespace_at, whole_names

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
    declared = [(6, "inner"), (13, "outer"), (6, "_root_.inner")]
    assert whole_names(TEXT, declared) == ["A.B.inner", "outer", "inner"]


def test_many_names_of_a_long_text_are_found_in_one_reading() -> None:
    text = "namespace A\n" + "theorem t : True := sorry -- unproved\n" * 2000
    began = time.process_time()
    names = whole_names(text, [(line, "t") for line in range(2, 2002)])
    assert set(names) == {"A.t"}
    # Stripping the comments anew for each took 70 ms, two minutes together.
    assert time.process_time() - began < 10
