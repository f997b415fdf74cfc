"""What a user can decide about the search; values only, read by the engine and the scheduler.

Where settings come from (the command line, files, the environment, an editor) is their reader's
business.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from lean.session import MEMORY_CEILING
from lean.toolchain import Choice
from lean.verify import Policy
from search.generation.model_settings import ModelSettings
from search.sketching.chat_settings import ChatSettings

Profile = Literal[0, 1, 2]
PolicyName = Literal["fixed", "static", "ucb1", "thompson", "contextual"]


@dataclass(frozen=True, slots=True)
class Effort:
    """What a goal may cost: seconds of light strategies, heartbeats (unit of `maxHeartbeats`) a
    script, and seconds of heavy strategies.

    `forced`: those run however easy the goal looks. `another`: the proofs that are known don't
    count, nor do the strategies that have found them.
    """

    seconds: float
    heartbeats: int
    heavy_seconds: float = 0.0
    forced: bool = False
    another: bool = False


EFFORTS: dict[Profile, Effort] = {
    0: Effort(8.0, 200_000),
    1: Effort(20.0, 400_000, 30.0),
    2: Effort(60.0, 1_000_000, 120.0),
}
"""By profile. 200,000 heartbeats is what Lean itself gives a declaration."""
ALL_THERE_IS = replace(EFFORTS[2], forced=True)
"""When somebody asks to search harder."""
FROM_MEMORY = Effort(0.0, 1)
"""When another program does the searching."""


OFF = frozenset({"induct"})
"""Strategies that run only where somebody switches them on: they add neither goals nor time to the
others, as `bench.ablation` has it (`bench/README.md`).
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to search.

    `timeout` (seconds a goal) and `heartbeats` (a script) replace the profile's when they are not
    None; `run_seconds` bounds all strategies of a run together. `automatic`: goals are searched as
    soon as they are found, not only when asked for. `sessions` and `spare` are chosen from cores
    and memory when they are None; `memory_ceiling` is in bytes of resident memory a session.
    `cpu_target` is the share of the whole machine that Unsorry may use (1: all of it),
    `battery_floor` the charge in per cent below which it pauses on battery (0: never). `max_light`
    and `max_heavy` bound how many strategies run at a time; heavy ones run when two light ones have
    failed and the difficulty is at least `escalate_threshold`. `strategies`: only these (None:
    all); `frozen`: not these. `ledger` is the database (None: `.unsorry/ledger.db` in the
    workspace); without `remember` nothing is kept after the run. `tickets`: helper lemmas are asked
    for automatically. `repeatable`: the same texts and the same ledger give the same verdicts on
    every machine, where there is one session: strategies run one after the other, their seconds are
    those of `lean.work`, and nothing is learned from how long they took.
    """

    profile: Profile = 0
    timeout: float | None = None
    heartbeats: int | None = None
    run_seconds: float | None = None
    automatic: bool = True
    sessions: int | None = None
    spare: bool | None = None
    memory_ceiling: int = MEMORY_CEILING
    toolchain: Choice = "auto"
    allowed_axioms: frozenset[str] = frozenset()
    allow_compiler: bool = False
    cpu_target: float = 1.0
    battery_floor: float = 0.0
    max_light: int = 8
    max_heavy: int = 2
    escalate_threshold: float = 0.6
    policy_name: PolicyName = "contextual"
    strategies: tuple[str, ...] | None = None
    frozen: frozenset[str] = OFF
    ledger: Path | None = None
    remember: bool = True
    tickets: bool = True
    models: ModelSettings = field(default_factory=ModelSettings)
    chat: ChatSettings = field(default_factory=ChatSettings)
    seed: int = 0
    repeatable: bool = False

    @property
    def effort(self) -> Effort:
        """What one goal may cost."""
        usual = EFFORTS[self.profile]
        return Effort(
            usual.seconds if self.timeout is None else self.timeout,
            usual.heartbeats if self.heartbeats is None else self.heartbeats,
            usual.heavy_seconds,
        )

    def wants(self, strategy: str) -> bool:
        """May the strategy of this name run?"""
        chosen = self.strategies is None or strategy in self.strategies
        return chosen and strategy not in self.frozen

    @property
    def policy(self) -> Policy:
        """What `lean.verify` accepts beyond the standard axioms."""
        return Policy(self.allowed_axioms, self.allow_compiler)
