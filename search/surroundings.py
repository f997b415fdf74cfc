"""What all pursuits of an engine share."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from search.accounts import Account
from search.attempt import Judge
from search.drafting.draft import Drafter
from search.drafting.request import Premises, no_premises
from search.events import Event
from search.incidents import Incident
from search.jobs import JobQueue
from search.knowledge import Knowledge
from search.reading import Reader
from search.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The parts of the engine that a search needs."""

    queue: JobQueue
    reader: Reader
    scheduler: Scheduler
    knowledge: Knowledge
    account: Account
    judge: Callable[[], Judge]
    publish: Callable[[Event], None]
    tell: Callable[[Incident], None]
    background: Callable[[Coroutine[Any, Any, None]], object]
    """Starts work that the engine ends with itself."""
    tickets: bool = True
    """Are helper lemmas asked for?"""
    one_by_one: bool = False
    """Does each strategy wait for the one before?"""
    drafters: tuple[Drafter, ...] = ()
    premises: Premises = no_premises
