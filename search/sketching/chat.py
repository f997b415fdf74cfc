"""Asking a language model over an OpenAI-compatible endpoint, within a budget.

A call waits for its turn, keeps its worst case back, streams its answer, and books what was used.
What fails for a while is tried again. Nothing that is raised or logged holds a key: errors are
values until the last moment, so that no exception of the library, which holds the request, hangs
on to one of ours.
"""

import asyncio
import importlib
import importlib.util
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from search.accounts import Account, Allowances, Resource
from search.sketching.chat_settings import ChatSettings
from search.sketching.failures import Failure, cut, failure_of, never_sent, timed_out
from search.sketching.keys import OPENAI_HOST, Key, KeyUnreadable, find_key, key_problem
from search.sketching.pace import Pace, random_wait
from search.sketching.prompting import Message
from search.sketching.purse import Prices, Reservation, held_up, most_prompt_tokens
from search.sketching.stream import Received, receive

if TYPE_CHECKING:
    import openai

logger = logging.getLogger(__name__)


class ChatFailed(Exception):
    """No answer can be had, and why, in a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `prompt` and `answer` are tokens, as they were booked; `whole`: the model ended
    it, and not its limit; `seconds` are those of the call that brought it.
    """

    text: str
    prompt: int
    answer: int
    whole: bool
    seconds: float


@dataclass(eq=False)
class ChatClient:
    """An endpoint, for as long as a run lasts; `close` it at the end.

    `account` is what the whole run may spend, made from the settings unless given. `clock`,
    `sleep` and `chance` time what happens between calls.
    """

    settings: ChatSettings
    account: Account | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        settings = self.settings
        limits = Allowances(tokens=settings.token_budget, money=settings.money_budget)
        self.purse = self.account or Account("the language model", limits)
        self._prices = Prices(settings.input_price, settings.output_price)
        self._pace = Pace(settings.requests_per_minute, self.clock, self.sleep)
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._opening = asyncio.Lock()
        self._client: openai.AsyncOpenAI | None = None
        self._key: Key | None = None
        self._flying = 0
        self._settled = asyncio.Event()
        self._left_out: set[str] = set()
        self._down = ("", 0.0)

    def problem(self) -> str:
        """Why it can't be asked now, in a sentence for the user; "" when it can."""
        if objection := self.settings.objection():
            return objection
        if importlib.util.find_spec("openai") is None:
            return "The package openai is missing: pip install 'unsorry[sketch]'."
        why, until = self._down
        return why if self.clock() < until else key_problem(self.settings)

    @property
    def budget_left(self) -> float:
        """The share of the run's budget that is left, from 0 to 1; 1 without a limit."""
        names: tuple[Resource, ...] = ("tokens", "money")
        limits = [(name, self.purse.limits.of(name)) for name in names]
        shares = [
            self.purse.left(name) / limit if limit else 0.0
            for name, limit in limits
            if limit is not None
        ]
        return min(shares, default=1.0)

    async def ask(
        self, messages: Sequence[Message], account: Account | None = None, most: int | None = None
    ) -> Reply:
        """The answer to some messages, of at most `most` tokens (default: the settings' maximum).

        It is paid by the run's account and by `account`. Raises BudgetExceeded when an answer does
        not fit into what is left, and ChatFailed.
        """
        accounts = [self.purse, *([account] if account is not None else [])]
        failures = 0
        while True:
            if problem := self.problem():
                raise ChatFailed(problem)
            outcome = await self._turn(messages, accounts, most or self.settings.max_tokens)
            if isinstance(outcome, Reply):
                return outcome
            if outcome.refused and outcome.refused not in self._left_out:
                self._left_out.add(outcome.refused)
                continue
            failures += 1
            wait = outcome.wait + random_wait(failures, self.chance)
            given_up = not outcome.again or failures > self.settings.retries
            if given_up or wait > self.settings.longest_wait:
                down = max(outcome.down, outcome.wait)
                self._down = (outcome.reason, self.clock() + down)
                raise ChatFailed(outcome.reason)
            if outcome.wait:
                self._pace.pause(outcome.wait)
            logger.info("sketch: %s Again in %.1f s.", outcome.reason, wait)
            await self.sleep(wait)

    async def close(self) -> None:
        """End its connections."""
        client, self._client, self._key = self._client, None, None
        if client is not None:
            await client.close()

    async def _turn(
        self, messages: Sequence[Message], accounts: Sequence[Account], wanted: int
    ) -> Reply | Failure:
        """One call, when it is its turn."""
        async with self._slots:
            client = await self._open()
            if isinstance(client, Failure):
                return client
            reservation = await self._reserve(messages, accounts, wanted)
            self._flying += 1
            try:
                await self._pace.turn()
                return await self._call(client, messages, reservation)
            finally:
                # Cancelled before anything was sent, nothing is booked; settled ones stay so.
                reservation.settle_nothing(calls=0)
                self._flying -= 1
                self._settled.set()

    async def _reserve(
        self, messages: Sequence[Message], accounts: Sequence[Account], wanted: int
    ) -> Reservation:
        prompt = most_prompt_tokens(messages)
        # What others keep back is mostly given back: better wait than ask for a short answer.
        while self._flying and held_up(accounts, self._prices, prompt, wanted):
            self._settled.clear()
            await self._settled.wait()
        return Reservation.make(accounts, self._prices, prompt, wanted)

    async def _call(
        self, client: "openai.AsyncOpenAI", messages: Sequence[Message], reservation: Reservation
    ) -> Reply | Failure:
        """One request and its stream; the reservation is settled in any case."""
        import openai

        started, received = time.monotonic(), Received()
        request = self._request(messages, reservation.answer)
        failure: Failure | None = None
        try:
            async with asyncio.timeout(self.settings.timeout):
                stream = await client.chat.completions.create(**request)
                try:
                    await receive(stream, received, reservation.answer)
                finally:
                    await stream.close()
        except TimeoutError:
            failure = timed_out(self.settings.timeout)
        except asyncio.CancelledError:
            reservation.settle_worst()
            raise
        except openai.OpenAIError as error:
            failure = failure_of(error, self._key, self.settings.host, request)
        except Exception as error:  # A server may send anything; parsers fail in many ways.
            failure = cut(f"it is no stream of answers, {type(error).__name__}")
        if failure is None and received.wild:
            failure = Failure(f"{self.settings.host} sends more than was asked for.", billed=True)
        elif failure is None and not received.finish:
            failure = cut("it has no end" if received.size else "it is no stream of answers")
        seconds = time.monotonic() - started
        if failure is not None:
            _book_failure(reservation, received, failure)
            return failure
        prompt, answer = _book(reservation, received)
        logger.info("sketch: %d + %d tokens in %.1f s", prompt, answer, seconds)
        return Reply(received.text, prompt, answer, received.finish == "stop", seconds)

    def _request(self, messages: Sequence[Message], most: int) -> dict[str, Any]:
        """What is sent. There are no tools, so that nothing can be called."""
        request: dict[str, Any] = {
            "model": self.settings.model,
            "messages": [{"role": one.role, "content": one.content} for one in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": self.settings.temperature,
        }
        newer = self.settings.host == OPENAI_HOST or "max_tokens" in self._left_out
        newer = newer and "max_completion_tokens" not in self._left_out
        limit = "max_completion_tokens" if newer else "max_tokens"
        for name in self._left_out - {"max_tokens", "max_completion_tokens"}:
            request.pop(name, None)
        # A limit is always sent: without one no budget could be kept.
        return request | {limit: most}

    async def _open(self) -> "openai.AsyncOpenAI | Failure":
        """The library's client, made when it is first needed."""
        async with self._opening:
            if self._client is None:
                try:
                    self._key = await find_key(self.settings)
                except KeyUnreadable as error:
                    return Failure(str(error), down=float("inf"))
                # A thread, because the import takes half a second, and an editor may be waiting.
                await asyncio.to_thread(importlib.import_module, "openai.resources.chat")
                try:
                    self._client = _library_client(self.settings, self._key)
                except Exception as error:  # A proxy or a certificate that the library can't use.
                    return never_sent(type(error).__name__)
            return self._client


def _library_client(settings: ChatSettings, key: Key | None) -> "openai.AsyncOpenAI":
    import openai

    text = key.reveal() if key is not None else "none"
    client = openai.AsyncOpenAI(
        base_url=settings.base_url,
        # Never left out: the library would send OPENAI_API_KEY, whoever is asked.
        api_key=text,
        default_headers={"Authorization": f"Bearer {text}"},
        max_retries=0,
        timeout=settings.timeout,
        # What is here needs no proxy, and no address is believed but the user's.
        http_client=openai.DefaultAsyncHttpxClient(
            follow_redirects=False, trust_env=not settings.local
        ),
    )
    if settings.host != OPENAI_HOST:
        client.organization = client.project = client.admin_api_key = None
    return client


def _book(reservation: Reservation, received: Received) -> tuple[int, int]:
    """Book a complete answer; the tokens of its prompt and of itself."""
    prompt = reservation.prompt if received.prompt is None else received.prompt
    # No tokenizer makes two tokens of one byte; the end of an answer may be one.
    answer = min(reservation.answer, received.size + 1)
    if received.finish == "length":
        answer = reservation.answer
    answer = answer if received.answer is None else received.answer
    reservation.settle(prompt, answer)
    return prompt, answer


def _book_failure(reservation: Reservation, received: Received, failure: Failure) -> None:
    # What a server says in the middle of an answer is too little.
    if received.finish and received.prompt is not None and received.answer is not None:
        reservation.settle(received.prompt, received.answer)
    elif failure.billed:
        reservation.settle_worst()
    else:
        reservation.settle_nothing()
