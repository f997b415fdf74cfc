"""What an editor says about itself and its user: options at the start, and its settings.

A wrong setting is left at its default and named, once; how the search is set is
`server.configuration`, where an editor's settings count as flags do. What is costly to import is
imported when settings come: the editor waits for our first answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from search.settings import Settings

USUAL = {"cpu_target": 0.5}
"""Defaults that differ from the command line's: it runs beside the user's own work."""
MOST_SESSIONS = 2
"""Lean sessions unless the user says otherwise; each takes 1.3 GB beside Lean's own server."""
SEARCH = (
    "profile",
    "timeout",
    "heartbeats",
    "run_seconds",
    "sessions",
    "memory_ceiling",
    "toolchain",
    "allowed_axioms",
    "allow_compiler",
    "cpu_target",
    "battery_floor",
    "max_light",
    "max_heavy",
    "escalate_threshold",
    "policy",
    "strategies",
    "features",
    "tickets",
    "generator",
    "retriever",
    "reprover",
    "model_device",
    "model_idle_seconds",
    "chat_url",
    "chat_model",
    "chat_key_from",
    "chat_timeout",
    "chat_tokens",
    "chat_money",
    "chat_prices",
    "chat_max_tokens",
    "chat_rate",
)
"""The settings of the search that an editor can give; none that is null counts."""


@dataclass(frozen=True, slots=True)
class StartOptions:
    """`initializationOptions`: may Lean run here, does the client ask for diagnostics (None: as it
    can do), and does it show the texts that commands return?
    """

    trusted: bool = True
    pulls: bool | None = None
    shows_texts: bool = False


@dataclass(frozen=True, slots=True)
class EditorOptions:
    """The settings of the section `unsorry` that are about what is shown, and when it is read."""

    severity: Literal["hint", "information", "warning"] = "information"
    extraction: Literal["onSave", "onIdle"] = "onSave"
    idle_seconds: float = field(default=1.5, metadata={"least": 0.1, "most": 3600.0})
    inlay_hints: bool = True
    code_lens: bool = True


@dataclass(frozen=True, slots=True)
class EditorSettings:
    """Everything the client has set. `search`: settings of the search, by their own names."""

    shown: EditorOptions = EditorOptions()
    search: Mapping[str, Any] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()


def start_options(said: object) -> StartOptions:
    """The options at the start; nobody could be told what is wrong with them."""
    values = said if isinstance(said, dict) else {}
    pulls = {"push": False, "pull": True}.get(str(values.get("diagnostics")))
    # Lean runs code: only a plain yes is one.
    trusted = values.get("trusted", True) is True
    return StartOptions(trusted, pulls, values.get("showsTexts") is True)


def editor_settings(said: object) -> EditorSettings:
    """The settings as `workspace/configuration` has them; what is wrong is complained about."""
    values = said if isinstance(said, dict) else {}
    shown, complaints = _shown(values)
    search = {key: values.get(camel(key)) for key in SEARCH}
    given = {key: value for key, value in search.items() if value not in (None, {}, "")}
    return EditorSettings(shown, given, complaints)


def search_settings(root: Path, given: Mapping[str, Any]) -> "tuple[Settings, str]":
    """The settings of the search for a workspace, and what is wrong with them, if anything.

    When something is, the defaults hold. Sessions are few unless the user says otherwise.
    """
    from lean.pool import default_sessions
    from search.settings import Settings
    from server.configuration import configure
    from server.configuration_layers import ConfigurationError

    problem = ""
    try:
        settings = configure(root, given, USUAL, lambda key: f"setting unsorry.{camel(key)}")
    except ConfigurationError as error:
        settings, problem = Settings(cpu_target=USUAL["cpu_target"]), str(error)
    sessions = settings.sessions or min(MOST_SESSIONS, default_sessions())
    return replace(settings, sessions=sessions, spare=False), problem


def camel(key: str) -> str:
    """A setting as editors spell it."""
    first, *others = key.split("_")
    return first + "".join(other.capitalize() for other in others)


def _shown(values: Mapping[str, Any]) -> tuple[EditorOptions, tuple[str, ...]]:
    """What is right among the values, and a complaint for each that is not."""
    from pydantic import TypeAdapter, ValidationError

    right, complaints = {}, []
    for option in fields(EditorOptions):
        value = values.get(camel(option.name))
        if value is None:
            continue
        kind: Any = option.type
        try:
            valid = TypeAdapter(kind).validate_python(value)
            bounds = option.metadata
            if bounds and not bounds["least"] <= valid <= bounds["most"]:
                raise ValueError
        except (ValidationError, ValueError):
            complaints.append(f"unsorry.{camel(option.name)} = {value!r} is not possible.")
        else:
            right[option.name] = valid
    return EditorOptions(**right), tuple(complaints)
