"""What a call may cost, kept back before it and booked after it, so that no budget is overrun.

Before a call the worst case is kept back: an upper bound of the prompt and as long an answer as
may come. What is booked afterwards is what the endpoint says it has used.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, inf

from search.accounts import Account, BudgetExceeded, Resource
from search.incidents import Incident
from search.sketching.prompting import Message

LEAST_ANSWER = 64
"""Tokens; a proof hardly fits into fewer, so that a call would be wasted."""
TOKENS_A_CALL = 128
"""What a server's own words around the messages may take (chat templates, usual system texts)."""
TOKENS_A_MESSAGE = 16
MILLION = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Prices:
    """For a million tokens of prompts and of answers."""

    input: float = 0.0
    output: float = 0.0

    def of(self, prompt: int, answer: int) -> float:
        """What so many tokens cost."""
        return (prompt * self.input + answer * self.output) / MILLION


def held_up(accounts: Sequence[Account], prices: Prices, prompt: int, wanted: int) -> bool:
    """Is there room for a longer answer once other calls are settled?"""
    return any(
        _affordable(account, prices, prompt, account.free) < most
        for account in accounts
        if (most := min(wanted, _affordable(account, prices, prompt, account.left))) > 0
    )


def most_prompt_tokens(messages: Sequence[Message]) -> int:
    """More tokens than any tokenizer makes of these messages: none makes two of one byte."""
    words = sum(len(message.content.encode("utf-8", "replace")) for message in messages)
    return words + TOKENS_A_MESSAGE * len(messages) + TOKENS_A_CALL


@dataclass(slots=True)
class Reservation:
    """The worst case of one call, kept back on every account that pays for it.

    `prompt` and `answer` are in tokens; the call may ask for no longer an answer. It has to be
    settled once, whatever happens.
    """

    accounts: tuple[Account, ...]
    prices: Prices
    prompt: int
    answer: int
    settled: bool = False

    @classmethod
    def make(
        cls, accounts: Sequence[Account], prices: Prices, prompt: int, wanted: int
    ) -> "Reservation":
        """Keep back a prompt and as much of the answer wanted as there is money and tokens for.

        Raises BudgetExceeded when that is too little for an answer.
        """
        answer = wanted
        for account in accounts:
            answer = min(answer, _affordable(account, prices, prompt, account.free))
            if account.free("calls") < 1 or answer < min(LEAST_ANSWER, wanted):
                raise BudgetExceeded(_too_little(account, prompt))
        made = cls(tuple(accounts), prices, prompt, answer)
        made._hold(1)
        return made

    def settle(self, prompt: int, answer: int, calls: int = 1) -> None:
        """Give the reservation back and book what was used, in tokens."""
        if self.settled:
            return
        self.settled = True
        self._hold(-1)
        for account in self.accounts:
            try:
                account.spend(
                    tokens=prompt + answer, calls=calls, money=self.prices.of(prompt, answer)
                )
            except BudgetExceeded:
                # It was paid for, so it is of use; the next call is refused.
                continue

    def settle_worst(self) -> None:
        """Book the worst case: nobody says what was used."""
        self.settle(self.prompt, self.answer)

    def settle_nothing(self, calls: int = 1) -> None:
        """Book no tokens: the endpoint did not take the call."""
        self.settle(0, 0, calls)

    def _hold(self, sign: int) -> None:
        for account in self.accounts:
            account.hold("tokens", sign * (self.prompt + self.answer))
            account.hold("money", sign * self.prices.of(self.prompt, self.answer))
            account.hold("calls", sign)


def _affordable(
    account: Account, prices: Prices, prompt: int, rest: Callable[[Resource], float]
) -> int:
    """The longest answer, in tokens, that the rest of an account pays after the prompt; -1: not
    even that.
    """
    tokens = rest("tokens") - prompt
    money = rest("money") - prices.of(prompt, 0)
    if prices.output > 0 and money < inf:
        tokens = min(tokens, money * MILLION / prices.output)
    elif money < 0:
        tokens = -1
    return floor(min(max(tokens, -1), MILLION))


def _too_little(account: Account, prompt: int) -> Incident:
    tokens, money, calls = account.free("tokens"), account.free("money"), account.free("calls")
    left = [f"{tokens:.0f} tokens"] if tokens < inf else []
    left += [f"{money:.4f} in money"] if money < inf else []
    left += [f"{calls:.0f} calls"] if calls < inf else []
    return Incident.of(
        "call_budget_exceeded" if calls < 1 else "token_budget_exceeded",
        f"{account.name}: {' and '.join(left)} left, too little for another call",
        "reserve",
        "low",
        account=account.name,
        prompt=prompt,
        **account.context,
    )
