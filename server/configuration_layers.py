"""Where settings come from, weakest first: pyproject.toml, unsorry.toml, .env, the environment.

A layer has values by key and can say where each stands. What keys there are and which values are
possible is `server.configuration`.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    TomlConfigSettingsSource,
)

from lean.cache import FOLDER_VARIABLE
from lean.embedded_node import NODE_VARIABLE
from lean.errors import LeanError
from search.sketching.keys import VARIABLE as KEY_VARIABLE

PREFIX = "UNSORRY_"
NOT_SETTINGS = (FOLDER_VARIABLE, NODE_VARIABLE)
"""Variables that are read where they are needed, and from the environment only."""
_INTERNAL = ("UNSORRY_EMBEDDED", KEY_VARIABLE)
OLDER_NAMES = {
    "ORCH_PROFILE": "profile",
    "ORCH_STRATEGIES": "strategies",
    "ORCH_CPU_TARGET": "cpu_target",
    "ORCH_MAX_LIGHT": "max_light",
    "ORCH_MAX_HEAVY": "max_heavy",
    "ORCH_ESCALATE_THRESHOLD": "escalate_threshold",
}
"""Variables that stand for settings where the newer name is not given."""

FLAG_NAMES = {"sessions": "jobs", "features": "freeze", "remember": "no-ledger"}
"""Flags that are not called as their setting."""


class ConfigurationError(LeanError):
    """A setting that is not there or not possible; the text names it, its place, and the remedy."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings that one place gives.

    `where(key)` is the place of one in words (`features.grind`: of one entry of a table), and
    `spelled(key)` how a setting is written there. A relative path among them starts at `folder`.
    `committed`: it is a file of the workspace, which comes from whoever wrote that.
    """

    values: Mapping[str, Any]
    where: Callable[[str], str]
    folder: Path
    spelled: Callable[[str], str] = str
    committed: bool = False

    def has(self, key: str) -> bool:
        """Does it give this setting, or this entry of a table?"""
        name, _, entry = key.partition(".")
        value = self.values.get(name)
        return name in self.values and (not entry or (isinstance(value, dict) and entry in value))


class LayerSource(PydanticBaseSettingsSource):
    """A layer as pydantic-settings takes it."""

    def __init__(self, model: type[BaseSettings], layer: Layer) -> None:
        super().__init__(model)
        self._layer = layer

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """One value, by the name of its field."""
        return self._layer.values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """All of them; unknown keys too, so that they are complained about."""
        return dict(self._layer.values)


def read_layers(
    model: type[BaseSettings],
    folder: Path,
    flags: Mapping[str, Any],
    usual: Mapping[str, Any],
    where: Callable[[str], str],
) -> list[Layer]:
    """All layers, the weakest first: `usual` are the command's own defaults, `where` names the
    place of a flag.

    Raises ConfigurationError for a file that can't be read.
    """
    return [
        Layer(usual, lambda key: f"the command's own {key}", folder),
        _toml(model, folder, "pyproject.toml", ("tool", "unsorry")),
        _toml(model, folder, "unsorry.toml", ()),
        _dotenv(model, folder),
        _environment(model),
        Layer(flags, where, Path.cwd()),
    ]


def flag(key: str) -> str:
    """The place of a setting on the command line."""
    name = key.partition(".")[0]
    return f"flag --{FLAG_NAMES.get(name, name.replace('_', '-'))}"


def _toml(model: type[BaseSettings], folder: Path, name: str, header: tuple[str, ...]) -> Layer:
    path = folder / name
    try:
        values: Any = TomlConfigSettingsSource(model, path, ()).toml_data
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from error
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}.") from error
    for key in header:
        values = values.get(key, {}) if isinstance(values, dict) else values
    if not isinstance(values, dict):
        raise ConfigurationError(f"{path}: {'.'.join(header)} must be a table.")

    def where(key: str) -> str:
        text = path.read_text("utf-8")
        *tables, name = (*header, *key.split("."))
        line = _line_of(text, ".".join(tables), name)
        # An entry may stand in a table written on one line.
        line = line or _line_of(text, ".".join(tables[:-1]), tables[-1] if tables else name)
        return f"{path}{f', line {line}' if line else ''}"

    return Layer(values, where, folder, committed=True)


def _line_of(text: str, header: str, key: str) -> int:
    """The line where a key of a table stands, counted from 1; 0 when it is not found."""
    table = ""
    name = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]")
    for number, line in enumerate(text.splitlines(), 1):
        if heading := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            table = heading[1]
            if table == f"{header}.{key}".lstrip("."):
                return number
        elif table == header and name.match(line):
            return number
    return 0


def _dotenv(model: type[BaseSettings], folder: Path) -> Layer:
    path = folder / ".env"
    try:
        variables = DotEnvSettingsSource(model, path, case_sensitive=True).env_vars
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} can't be read: {error}.") from error
    for name in NOT_SETTINGS:
        if variables.get(name):
            raise ConfigurationError(
                f"{path}: {name} is read from the environment only.",
                f"Write `export {name}=…` in your shell instead.",
            )
    return replace(_variables(model, variables, f"{path}: ", folder), committed=True)


def _environment(model: type[BaseSettings]) -> Layer:
    variables = EnvSettingsSource(model, case_sensitive=True).env_vars
    return _variables(model, variables, "environment variable ", Path.cwd())


def _variables(
    model: type[BaseSettings], variables: Mapping[str, str | None], place: str, folder: Path
) -> Layer:
    """The settings among some variables; an empty one is none."""
    names = {old: key for old, key in OLDER_NAMES.items() if variables.get(old)}
    for name, value in variables.items():
        if value and name.startswith(PREFIX) and name not in (*NOT_SETTINGS, *_INTERNAL):
            names[name] = name.removeprefix(PREFIX).lower()
    # The newer names come last: they are stronger.
    places = {key: name for name, key in names.items()}
    values = {key: _value(key, variables[name] or "") for key, name in places.items()}
    return Layer(
        values,
        lambda key: f"{place}{places[key.partition('.')[0]]}",
        folder,
        lambda key: f"{PREFIX}{key.upper()}",
    )


def _value(key: str, text: str) -> object:
    """A variable's value: text, but for the table of features, `name=true,name=false`."""
    if key != "features":
        return text
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    return {name.strip(): state.strip() for name, _, state in pairs}
