"""Settings: which place is the strongest, and what is said about a wrong one."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from search.settings import Settings
from server.configuration import PRIVATE, Configuration, configure, variable
from server.configuration_layers import (
    NOT_SETTINGS,
    OLDER_NAMES,
    ConfigurationError,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*OLDER_NAMES, *(variable(key) for key in Configuration.model_fields)):
        monkeypatch.delenv(name, raising=False)


def write(folder: Path, **files: str) -> Path:
    """Files by name; `__` stands for a dot."""
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content, "utf-8")
    return folder


def complaint(folder: Path, **flags: object) -> str:
    with pytest.raises(ConfigurationError) as error:
        configure(folder, flags)
    return str(error.value)


def test_without_any_word_of_the_user_the_defaults_hold(tmp_path: Path) -> None:
    assert configure(tmp_path) == Settings()


def test_a_command_may_have_defaults_of_its_own(tmp_path: Path) -> None:
    assert configure(tmp_path, usual={"cpu_target": 0.5}).cpu_target == 0.5
    write(tmp_path, unsorry__toml="cpu_target = 0.7")
    assert configure(tmp_path, usual={"cpu_target": 0.5}).cpu_target == 0.7


def test_each_place_is_stronger_than_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, pyproject__toml="[tool.unsorry]\nmax_light = 1\nseed = 11\n")
    assert configure(tmp_path).max_light == 1
    write(tmp_path, unsorry__toml="max_light = 2\n")
    assert configure(tmp_path).max_light == 2
    write(tmp_path, __env="ORCH_MAX_LIGHT=3\nOTHER_PROGRAM=yes\n")
    assert configure(tmp_path).max_light == 3
    write(tmp_path, __env="ORCH_MAX_LIGHT=3\nUNSORRY_MAX_LIGHT=4\n")
    assert configure(tmp_path).max_light == 4
    monkeypatch.setenv("ORCH_MAX_LIGHT", "5")
    assert configure(tmp_path).max_light == 5
    monkeypatch.setenv("UNSORRY_MAX_LIGHT", "6")
    assert configure(tmp_path).max_light == 6
    chosen = configure(tmp_path, {"max_light": 7})
    assert (chosen.max_light, chosen.seed) == (7, 11)


def test_an_empty_variable_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNSORRY_PROFILE", "")
    monkeypatch.setenv("ORCH_PROFILE", "2")
    assert configure(tmp_path).profile == 2


def test_every_kind_of_value_can_be_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in {
        "timeout": "2.5",
        "memory_ceiling": "2GiB",
        "allowed_axioms": "A.b, C",
        "allow_compiler": "yes",
        "strategies": "grind,simplify",
        "features": "grind=off",
        "policy": "ucb1",
        "tickets": "false",
    }.items():
        monkeypatch.setenv(variable(key), value)
    chosen = configure(tmp_path)
    assert (chosen.timeout, chosen.memory_ceiling, chosen.policy_name) == (2.5, 2 * 2**30, "ucb1")
    assert chosen.allowed_axioms == {"A.b", "C"} and chosen.allow_compiler and not chosen.tickets
    assert set(chosen.strategies or ()) == {"simplify", "grind"} and "grind" in chosen.frozen


def test_features_of_all_places_count_together(tmp_path: Path) -> None:
    write(
        tmp_path,
        pyproject__toml="[tool.unsorry.features]\ngrind = false\nlibrary = false\n",
        unsorry__toml="[features]\ncopilot = false\nlibrary = true\n",
    )
    assert configure(tmp_path, {"features": {"refute": False}}).frozen == {
        "induct",
        "grind",
        "copilot",
        "refute",
        "refute_long",
    }


def test_what_is_off_runs_when_it_is_called_by_its_name(tmp_path: Path) -> None:
    assert configure(tmp_path).frozen == {"induct"}
    assert configure(tmp_path, {"features": {"structure": True}}).frozen == {"induct"}
    assert not configure(tmp_path, {"features": {"induct": True}}).frozen
    assert not configure(tmp_path, {"strategies": ["induct", "grind"]}).frozen
    assert configure(tmp_path, {"strategies": ["structure"]}).frozen == {"induct"}


def test_a_group_of_strategies_has_a_name(tmp_path: Path) -> None:
    """`micro` was one strategy once; old files go on to mean what they meant."""
    write(tmp_path, __env="ORCH_STRATEGIES=micro,copilot\n")
    names = configure(tmp_path).strategies or ()
    assert {"simplify", "structure"} <= set(names) and not {"refute", "refute_long"} & set(names)
    write(tmp_path, __env="", unsorry__toml="features = { micro = false, simplify = true }\n")
    frozen = configure(tmp_path).frozen
    assert "grind" in frozen and not {"simplify", "refute"} & frozen


@pytest.mark.parametrize(
    ("files", "place", "said"),
    [
        ({"unsorry__toml": "seed = 1\nprofle = 1\n"}, "unsorry.toml, line 2: ", "mean profile?"),
        (
            {"pyproject__toml": "[project]\nname = 'x'\n[tool.unsorry]\ncpu-target = 1\n"},
            "pyproject.toml, line 4: there is no setting cpu-target",
            "mean cpu_target?",
        ),
        ({"unsorry__toml": "profile = 3\n"}, "line 1: profile = 3 is not", "Allowed: 0, 1 or 2."),
        ({"unsorry__toml": "policy = 'best'\n"}, "line 1: policy = 'best'", "thompson or context"),
        ({"unsorry__toml": "memory_ceiling = '1GB'\n"}, "'1GB' is not", "a size from 1.5 GiB"),
        (
            {"unsorry__toml": "[features]\ngrind = true\ncopilt = false\n"},
            "line 3: features names 'copilt'",
            "mean copilot?",
        ),
        (
            {"unsorry__toml": "[features]\ncopilot = 'perhaps'\n"},
            "line 2: features.copilot = 'perhaps'",
            "true or false",
        ),
        ({"unsorry__toml": "strategies = ['simp']\n"}, "line 1: strategies names 'simp'", "grind"),
        ({"unsorry__toml": "strategies = []\n"}, "line 1: strategies names none", "grind"),
        (
            {"unsorry__toml": "chat_url = 'https://thief.example/v1'\n"},
            "line 1: chat_url can't be set in a file",
            "UNSORRY_CHAT_URL",
        ),
        (
            {"unsorry__toml": "chat_tokens = 1000000000\n"},
            "line 1: chat_tokens can't be set in a file",
            "what is paid",
        ),
        (
            {"__env": "UNSORRY_CHAT_URL=https://thief.example/v1\n"},
            ".env: UNSORRY_CHAT_URL: chat_url can't be set in a file",
            "UNSORRY_CHAT_URL in the environment",
        ),
        ({"unsorry__toml": "profile = \n"}, "unsorry.toml is not valid TOML", "line 1"),
        ({"pyproject__toml": "[tool]\nunsorry = 1\n"}, "pyproject.toml: tool.unsorry", "a table"),
        ({"__env": "UNSORRY_PROFLE=1\n"}, ".env: UNSORRY_PROFLE", "mean UNSORRY_PROFILE?"),
        ({"__env": "ORCH_CPU_TARGET=half\n"}, ".env: ORCH_CPU_TARGET: cpu_target = 'half'", "0.05"),
        ({"__env": "UNSORRY_NODE=/bin/node\n"}, ".env: UNSORRY_NODE", "export UNSORRY_NODE="),
    ],
)
def test_a_wrong_setting_is_named_with_its_place_and_what_is_allowed(
    tmp_path: Path, files: dict[str, str], place: str, said: str
) -> None:
    text = complaint(write(tmp_path, **files))
    assert place in text and said in text and "\n" not in text


def test_a_wrong_variable_and_a_wrong_flag_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert complaint(tmp_path, features={"grnd": False}).startswith("flag --freeze: ")
    monkeypatch.setenv("UNSORRY_MAX_HEAVY", "many")
    said = complaint(tmp_path)
    assert said.startswith("environment variable UNSORRY_MAX_HEAVY: max_heavy = 'many' is not")
    monkeypatch.setenv("UNSORRY_MAXHEAVY", "2")
    assert "Did you mean UNSORRY_MAX_HEAVY?" in complaint(tmp_path)


def test_variables_that_are_no_settings_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*NOT_SETTINGS, "UNSORRY_EMBEDDED", "ORCH_SOMETHING_ELSE"):
        monkeypatch.setenv(name, "value")
    assert configure(tmp_path) == Settings()


def test_a_path_starts_where_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    write(tmp_path, unsorry__toml="ledger = 'a.db'\n")
    assert configure(tmp_path).ledger == tmp_path / "a.db"
    assert configure(tmp_path, {"ledger": "b.db"}).ledger == elsewhere / "b.db"


def test_the_example_documents_every_variable_with_its_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    lines = re.findall(r"^# ([A-Z_]+)=(.*)$", example, re.MULTILINE)
    settings = [variable(key) for key in Configuration.model_fields]
    assert sorted(name for name, _ in lines) == sorted([*settings, *OLDER_NAMES, *NOT_SETTINGS])
    private = [variable(key) for key in PRIVATE]
    for name, value in lines:
        if name in private:
            monkeypatch.setenv(name, value)
    write(
        tmp_path, __env="\n".join(f"{name}={value}" for name, value in lines if name not in private)
    )
    # What depends on the profile and the machine is shown with a typical value.
    shown = replace(Settings(), timeout=8.0, heartbeats=200_000, sessions=1)
    assert configure(tmp_path) == shown


def test_the_readme_has_every_setting() -> None:
    _, _, settings = (ROOT / "README.md").read_text("utf-8").partition("| setting | default |")
    table = re.findall(r"^\| `([a-z_]+)` \|", settings, re.MULTILINE)
    assert sorted(table) == sorted(Configuration.model_fields)
