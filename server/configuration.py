"""The settings a user can give, and the one complaint when one of them is wrong.

In order of increasing strength: defaults, `[tool.unsorry]` in pyproject.toml, unsorry.toml, the
file .env (all in the workspace's folder), the environment, flags. What the settings mean to the
search is `search.settings`.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ByteSize, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from lean.session import MEMORY_CEILING
from lean.toolchain import Choice
from search.generation.model_settings import Device, ModelSettings
from search.settings import PolicyName, Settings
from search.sketching.chat_settings import ChatSettings
from server.configuration_layers import (
    PREFIX,
    ConfigurationError,
    Layer,
    LayerSource,
    flag,
    read_layers,
)
from server.strategy_names import frozen_strategies, known_names, only_strategies

PRIVATE = (
    *("chat_url", "chat_key_from"),
    *("chat_model", "chat_tokens", "chat_money", "chat_prices"),
)
"""Settings that send secrets somewhere, or spend: whoever writes a workspace's files must not set
them.
"""
LEAST_MEMORY = 1536 * 2**20
"""Bytes; a session of the embedded Lean starts at 1.2 GB."""


def _parts(value: object) -> object:
    """A list that may be written with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_parts)]
Prices = Annotated[tuple[float, float], BeforeValidator(_parts)]


def _setting(default: object, says: str, allowed: str, **bounds: Any) -> Any:  # noqa: ANN401
    return Field(default, description=says, json_schema_extra={"allowed": allowed}, **bounds)


class Configuration(BaseSettings):
    """Every setting, with what it is for and which values are allowed."""

    model_config = SettingsConfigDict(extra="forbid", case_sensitive=True, frozen=True)

    profile: int = _setting(0, "how hard to try", "0, 1 or 2", ge=0, le=2)
    timeout: float | None = _setting(
        None, "seconds a goal, instead of the profile's", "a number above 0", gt=0, le=86_400
    )
    heartbeats: int | None = _setting(
        None,
        "Lean heartbeats a script, instead of the profile's",
        "a whole number from 1000",
        ge=1000,
    )
    run_seconds: float | None = _setting(
        None,
        "seconds of all strategies of a run together (default: as many as it takes)",
        "a number above 0",
        gt=0.0,
    )
    sessions: int | None = _setting(
        None,
        "Lean sessions at a time (default: by cores and memory)",
        "a whole number from 1",
        ge=1,
    )
    memory_ceiling: ByteSize = _setting(
        ByteSize(MEMORY_CEILING),
        "memory beyond which a Lean session is replaced",
        "a size from 1.5 GiB, such as 3GiB",
        ge=LEAST_MEMORY,
    )
    toolchain: Choice = _setting("auto", "which Lean to use", "auto, native or embedded")
    allowed_axioms: Names = _setting(
        (), "axioms that a proof may use beyond Lean's own three", "names, with commas between"
    )
    allow_compiler: bool = _setting(
        False, "accept proofs that trust Lean's compiler (native_decide)", "true or false"
    )
    cpu_target: float = _setting(
        1.0,
        "share of the whole machine that Unsorry may use (`bg`: 0.5)",
        "a number from 0.05 to 1",
        ge=0.05,
        le=1.0,
    )
    battery_floor: float = _setting(
        0.0,
        "charge in per cent below which it pauses on battery (0: never)",
        "a number from 0 to 100",
        ge=0.0,
        le=100.0,
    )
    max_light: int = _setting(
        8, "light strategies at a time", "a whole number from 1 to 64", ge=1, le=64
    )
    max_heavy: int = _setting(
        2, "heavy strategies at a time", "a whole number from 0 to 64", ge=0, le=64
    )
    escalate_threshold: float = _setting(
        0.6,
        "difficulty from which heavy strategies run",
        "a number from 0 to 1",
        ge=0.0,
        le=1.0,
    )
    policy: PolicyName = _setting(
        "contextual",
        "how the next strategy is chosen",
        "fixed, static, ucb1, thompson or contextual",
    )
    strategies: Names | None = _setting(
        None, "only these strategies (default: all)", "names of strategies, with commas between"
    )
    features: dict[str, bool] = _setting(
        {}, "strategies switched on or off", "true or false by name of a strategy"
    )
    ledger: str | None = _setting(
        None,
        "the database (default: .unsorry/ledger.db in the workspace)",
        "the path of a file",
    )
    remember: bool = _setting(True, "keep the ledger after the run", "true or false")
    tickets: bool = _setting(True, "ask for helper lemmas on the way", "true or false")
    generator: str = _setting(
        "trained", "the model that writes tactics (`unsorry models list`)", "a name or a path"
    )
    retriever: str = _setting(
        "", "the model that looks for premises (default: none)", "a name or a path"
    )
    reprover: str = _setting(
        "", "the model that writes tactics from premises (default: none)", "a name or a path"
    )
    model_device: Device = _setting("auto", "where models run", "auto, cpu or cuda")
    model_idle_seconds: float = _setting(
        120.0,
        "seconds without a question after which models are unloaded",
        "a number above 0",
        gt=0,
    )
    chat_url: str = _setting(
        "",
        "OpenAI-compatible endpoint of a language model (default: none)",
        "an http or https address",
    )
    chat_model: str = _setting("", "the language model's name there", "a name")
    chat_key_from: str = _setting(
        "",
        "where its key is (default: UNSORRY_API_KEY, or OPENAI_API_KEY for OpenAI)",
        "the name of a variable, or keyring",
    )
    chat_timeout: float = _setting(6.0, "seconds for one call of it", "a number above 0", gt=0.0)
    chat_tokens: int = _setting(200_000, "tokens of it in a run", "a whole number from 0", ge=0)
    chat_money: float | None = _setting(
        None, "money for it in a run (default: no limit)", "a number from 0", ge=0.0
    )
    chat_prices: Prices = _setting(
        (0.0, 0.0), "its price for a million tokens, read and written", "two numbers, with a comma"
    )
    chat_max_tokens: int = _setting(
        1024, "tokens of one answer of it", "a whole number from 64", ge=64
    )
    chat_rate: int = _setting(60, "calls of it a minute", "a whole number from 1", ge=1)
    seed: int = _setting(0, "of all chance", "a whole number", ge=0)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing is read but what `configure` asks for."""
        return (init_settings,)


def configure(
    folder: Path,
    flags: Mapping[str, Any] | None = None,
    usual: Mapping[str, Any] | None = None,
    where: Callable[[str], str] = flag,
) -> Settings:
    """The settings for the workspace in `folder`.

    `flags`: what the command line or the editor says, by key, each at its place `where`; `usual`:
    defaults of the command that differ from the documented ones. Raises ConfigurationError: one,
    that names the key, its place, and what is allowed.
    """
    layers = read_layers(Configuration, folder, flags or {}, usual or {}, where)
    for layer in layers:
        _refuse_unknown(layer)

    class Layered(Configuration):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            *others: PydanticBaseSettingsSource,
            **named: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(LayerSource(settings_cls, layer) for layer in reversed(layers))

    try:
        values = Layered()
    except ValidationError as error:
        raise _impossible(error, layers) from None
    return _settings(values, layers)


def allowed(key: str) -> str:
    """The values that a setting may have, in words."""
    extra = Configuration.model_fields[key].json_schema_extra
    assert isinstance(extra, dict)
    return str(extra["allowed"])


def variable(key: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{key.upper()}"


def _refuse_unknown(layer: Layer) -> None:
    """Complain about the first key that is no setting, or strategy that is none."""
    for key in layer.values:
        if key not in Configuration.model_fields:
            raise ConfigurationError(
                f"{layer.where(key)}: there is no setting {layer.spelled(key)}.",
                _suggestion(key, Configuration.model_fields, layer.spelled),
            )
        if layer.committed and key in PRIVATE:
            raise ConfigurationError(
                f"{layer.where(key)}: {key} can't be set in a file that others may have written, "
                "because it decides where a key goes, or what is paid.",
                f"Set {variable(key)} in the environment, or in the editor's own settings.",
            )
    for key in ("strategies", "features"):
        named = _parts(layer.values.get(key))
        for name in named if isinstance(named, list | tuple | dict) else ():
            if name not in known_names():
                place = layer.where(f"{key}.{name}" if key == "features" else key)
                raise ConfigurationError(
                    f"{place}: {key} names {name!r}, which is no strategy.",
                    _suggestion(str(name), known_names()),
                )


def _suggestion(name: str, known: Iterable[str], spelled: Callable[[str], str] = str) -> str:
    close = difflib.get_close_matches(name.lower().replace("-", "_"), known, 1)
    meant = f"Did you mean {spelled(close[0])}? " if close else ""
    return f"{meant}Allowed: {', '.join(spelled(key) for key in sorted(known))}."


def _impossible(error: ValidationError, layers: list[Layer]) -> ConfigurationError:
    """The first complaint of pydantic, in our words."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    entry = next((f"{name}.{part}" for part in first["loc"][1:2] if isinstance(part, str)), name)
    key = entry if any(layer.has(entry) for layer in layers) else name
    layer = _strongest(key, layers)
    value = layer.values[name][key.partition(".")[2]] if key != name else layer.values[name]
    return ConfigurationError(
        f"{layer.where(key)}: {key} = {value!r} is not possible.", f"Allowed: {allowed(name)}."
    )


def _strongest(key: str, layers: list[Layer]) -> Layer:
    """The layer whose word counts for a key."""
    return next(layer for layer in reversed(layers) if layer.has(key))


def _settings(values: Configuration, layers: list[Layer]) -> Settings:
    only = None
    if values.strategies is not None:
        only = only_strategies(values.strategies)
        if not only:
            where = _strongest("strategies", layers).where("strategies")
            raise ConfigurationError(
                f"{where}: strategies names none.",
                f"Allowed: {', '.join(sorted(known_names()))}.",
            )
    return Settings(
        profile=values.profile,  # type: ignore[arg-type]
        timeout=values.timeout,
        heartbeats=values.heartbeats,
        run_seconds=values.run_seconds,
        sessions=values.sessions,
        memory_ceiling=int(values.memory_ceiling),
        toolchain=values.toolchain,
        allowed_axioms=frozenset(values.allowed_axioms),
        allow_compiler=values.allow_compiler,
        cpu_target=values.cpu_target,
        battery_floor=values.battery_floor,
        max_light=values.max_light,
        max_heavy=values.max_heavy,
        escalate_threshold=values.escalate_threshold,
        policy_name=values.policy,
        strategies=only,
        frozen=frozen_strategies(values.features, values.strategies),
        ledger=_ledger(values.ledger, layers),
        remember=values.remember,
        tickets=values.tickets,
        models=ModelSettings(
            values.generator,
            values.retriever,
            values.reprover,
            values.model_idle_seconds,
            values.model_device,
        ),
        chat=ChatSettings(
            base_url=values.chat_url,
            model=values.chat_model,
            key_from=values.chat_key_from,
            requests_per_minute=values.chat_rate,
            timeout=values.chat_timeout,
            input_price=values.chat_prices[0],
            output_price=values.chat_prices[1],
            max_tokens=values.chat_max_tokens,
            token_budget=values.chat_tokens,
            money_budget=values.chat_money,
        ),
        seed=values.seed,
    )


def _ledger(named: str | None, layers: list[Layer]) -> Path | None:
    """The path of the ledger; a relative one starts where it was written down."""
    if named is None:
        return None
    return _strongest("ledger", layers).folder / Path(named).expanduser()
