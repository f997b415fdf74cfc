"""The environment that LeanDojo is installed in: made by Python alone, gone when that fails."""

from pathlib import Path

import pytest

from search.dojo import environment
from search.dojo.environment import python_of, set_up
from search.dojo.errors import DojoError


async def test_a_workspaces_own_modules_are_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real environment, and a real pip that is told to ask nobody."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setattr(environment, "TOO_NEW_PYTHON", (4, 0))
    root = tmp_path / "p"
    root.mkdir()
    for module in ("logging", "pip", "venv"):
        (root / f"{module}.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')")
    said: list[str] = []
    with pytest.raises(DojoError, match=r"can't be installed: .*No matching distribution"):
        await set_up(root, said.append)
    assert len(said) == 2, "an environment was made"
    assert not (tmp_path / "run").exists()
    assert not python_of(root).exists()
