"""Asking a model: retries, waits, limits and budgets, against a server that keeps its own books."""

import asyncio
import math

import pytest

from search.accounts import Account, Allowances, BudgetExceeded
from search.incidents import Incident
from search.sketching.chat import ChatFailed
from search.sketching.pace import LONGEST_RANDOM_WAIT
from search.sketching.purse import LEAST_ANSWER, most_prompt_tokens
from tests.search.sketching.asking import QUESTION, SECRET, Clock, client_of
from tests.search.sketching.model_server import Act, Break, Hang, ModelServer, Raw, Refuse, Say

ANSWER = Say("It is two.")
PROMPT = 8 + 8 + 3 + 4
"""Tokens of QUESTION, as the server counts."""


async def test_an_answer_and_what_it_used() -> None:
    async with ModelServer([ANSWER]).running() as server:
        client = client_of(server)
        account = Account("the goal")
        reply = await client.ask(QUESTION, account)
        await client.close()
    assert (reply.text, reply.whole) == ("It is two.", True)
    assert (reply.prompt, reply.answer) == (PROMPT, 3)
    assert account.spent == {"tokens": PROMPT + 3, "calls": 1, "seconds": 0, "money": 0}
    assert client.purse.spent["tokens"] == server.tokens
    assert account.free("tokens") == math.inf
    sent = server.requests[0]
    assert sent["stream"] and sent["stream_options"] == {"include_usage": True}
    assert sent["max_tokens"] == client.settings.max_tokens
    assert "tools" not in sent


async def test_failures_are_tried_again_after_growing_random_waits() -> None:
    clock = Clock()
    async with ModelServer([Refuse(500), Refuse(503), Refuse(502), ANSWER]).running() as server:
        client = client_of(server, clock, retries=3)
        assert (await client.ask(QUESTION)).text == ANSWER.text
    assert len(clock.slept) == 3
    for number, seconds in enumerate(clock.slept):
        assert 0 <= seconds <= 0.5 * 2**number
    assert client.purse.spent["tokens"] == server.tokens and client.purse.spent["calls"] == 4


async def test_waits_are_bounded_however_often_it_fails() -> None:
    clock = Clock()
    async with ModelServer([Refuse(500)]).running() as server:
        with pytest.raises(ChatFailed, match=r"busy or broken \(status 500\)"):
            await client_of(server, clock, retries=12).ask(QUESTION)
    assert len(server.requests) == 13
    assert max(clock.slept) <= LONGEST_RANDOM_WAIT


async def test_the_server_says_how_long_to_wait() -> None:
    clock = Clock()
    busy = Refuse(429, {"Retry-After": "7"})
    async with ModelServer([busy, ANSWER]).running() as server:
        client = client_of(server, clock)
        assert (await client.ask(QUESTION)).text == ANSWER.text
        # Others wait as well.
        assert clock.now >= 1007 and min(clock.slept) >= 0


async def test_a_server_that_wants_too_long_a_peace_is_left_alone() -> None:
    clock = Clock()
    async with ModelServer([Refuse(429, {"Retry-After": "3600"}), ANSWER]).running() as server:
        client = client_of(server, clock)
        with pytest.raises(ChatFailed, match="429"):
            await client.ask(QUESTION)
        assert not clock.slept and "429" in client.problem()
        with pytest.raises(ChatFailed):
            await client.ask(QUESTION)
        assert len(server.requests) == 1
        clock.now += 3601
        assert not client.problem()
        assert (await client.ask(QUESTION)).text == ANSWER.text


async def test_a_hanging_server_is_given_up_and_paid() -> None:
    async with ModelServer([Hang()]).running() as server:
        client = client_of(server, timeout=3.0, retries=1)
        with pytest.raises(ChatFailed, match="No answer within 3 s"):
            await client.ask(QUESTION)
    assert len(server.requests) == 2
    # Nobody said what it cost: the most it can have cost is booked.
    assert client.purse.spent["tokens"] >= server.tokens > 0


async def test_nobody_there() -> None:
    async with ModelServer([ANSWER]).running() as server:
        pass
    clock = Clock()
    client = client_of(server, clock)
    with pytest.raises(ChatFailed, match=r"127\.0\.0\.1 can't be reached"):
        await client.ask(QUESTION)
    assert client.purse.spent["tokens"] == 0
    assert "can't be reached" in client.problem()
    clock.now += 100
    assert not client.problem()


@pytest.mark.parametrize("broken", [Break("It is", clean=True), Break("It is")])
async def test_a_cut_stream_is_asked_for_again(broken: Break) -> None:
    async with ModelServer([broken, ANSWER]).running() as server:
        client = client_of(server)
        assert (await client.ask(QUESTION)).text == ANSWER.text
    assert client.purse.spent["tokens"] >= server.tokens


@pytest.mark.parametrize(
    "nonsense",
    [
        Raw(b"data: {not json\n\n"),
        Raw(b"data: []\n\n"),
        Raw(b"data: {}\n\ndata: [DONE]\n\n"),
        Raw(b'data: {"choices": 3}\n\n'),
        Raw(b"<html>Welcome</html>", "text/html"),
        Raw(b'{"choices": [{"message": {"content": "hi"}}]}', "application/json"),
        Raw(b'data: {"error": {"message": "overloaded"}}\n\n'),
        Raw(b""),
    ],
)
async def test_what_is_no_stream_of_answers(nonsense: Raw) -> None:
    async with ModelServer([nonsense]).running() as server:
        with pytest.raises(ChatFailed, match="cut off"):
            await client_of(server, retries=0).ask(QUESTION)


async def test_a_server_that_counts_nothing_is_counted_for() -> None:
    silent = Say("It is two, as far as I know.", usage=False)
    async with ModelServer([silent]).running() as server:
        client = client_of(server)
        reply = await client.ask(QUESTION)
    assert reply.prompt == most_prompt_tokens(QUESTION)
    assert server.tokens <= client.purse.spent["tokens"] == reply.prompt + reply.answer
    assert reply.answer <= len(silent.text) + 1


async def test_thoughts_are_no_answer_but_are_counted() -> None:
    thinking = Say("Two.", usage=False, thought="One and one. " * 20)
    async with ModelServer([thinking]).running() as server:
        reply = await client_of(server).ask(QUESTION)
    assert reply.text == "Two." and reply.answer > 250


async def test_parts_of_a_request_that_a_server_does_not_know_are_left_out() -> None:
    acts: list[Act] = [
        Refuse(400, message="Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'."),
        Refuse(400, message="Unsupported value: 'temperature' does not support 0.6."),
        Refuse(422, message="extra fields not permitted: stream_options"),
        ANSWER,
    ]
    async with ModelServer(acts).running() as server:
        client = client_of(server, retries=0)
        assert (await client.ask(QUESTION)).text == ANSWER.text
        await client.ask(QUESTION)
    first, last = server.requests[0], server.requests[-1]
    assert {"max_tokens", "temperature", "stream_options"} <= set(first)
    assert not {"max_tokens", "temperature", "stream_options"} & set(last)
    assert last["max_completion_tokens"] == client.settings.max_tokens
    assert len(server.requests) == 5
    assert client.purse.spent["tokens"] >= server.tokens


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Refuse(401, message=f"Incorrect API key provided: {SECRET}"), "The key was refused"),
        (Refuse(403), "may not use this model"),
        (Refuse(404), "no such model"),
        (Refuse(429, code="insufficient_quota"), "no credit"),
        (Refuse(307, {"Location": "http://127.0.0.1:9/v1"}), "elsewhere"),
        (Refuse(400, message="context length exceeded"), "context length exceeded"),
    ],
)
async def test_what_does_not_get_better_is_not_tried_again(refusal: Refuse, said: str) -> None:
    async with ModelServer([refusal]).running() as server:
        client = client_of(server)
        with pytest.raises(ChatFailed, match=said):
            await client.ask(QUESTION)
        assert len(server.requests) == 1
        assert client.purse.spent["tokens"] == 0
        assert bool(client.problem()) == (refusal.status != 400)


async def test_no_more_calls_at_a_time_than_allowed() -> None:
    async with ModelServer([Say("Two.", delay=0.05)]).running() as server:
        client = client_of(server, concurrency=3)
        replies = await asyncio.gather(*(client.ask(QUESTION) for _ in range(9)))
    assert len(replies) == 9 and server.most_at_once <= 3


async def test_no_more_calls_a_minute_than_allowed() -> None:
    clock = Clock()
    async with ModelServer([ANSWER]).running() as server:
        client = client_of(server, clock, requests_per_minute=4)
        started = []
        for _ in range(10):
            await client.ask(QUESTION)
            started.append(clock.now - 1000)
    assert started == [0] * 4 + [60] * 4 + [120] * 2


async def test_a_cancelled_call_leaves_nothing_behind_and_is_paid() -> None:
    async with ModelServer([Hang(), ANSWER]).running() as server:
        client = client_of(server, concurrency=1, token_budget=5000)
        call = asyncio.ensure_future(client.ask(QUESTION))
        while not server.requests:
            await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert client.purse.spent["tokens"] >= server.tokens
        assert client.purse.free("tokens") == client.purse.left("tokens")
        assert (await client.ask(QUESTION)).text == ANSWER.text
        await client.close()


# Budgets


@pytest.mark.parametrize("usage", [True, False])
@pytest.mark.parametrize("budget", [300, 777, 1000, 2500])
async def test_a_budget_is_never_exceeded(budget: int, usage: bool) -> None:
    told: list[Incident] = []
    async with ModelServer([Say("word " * 1000, usage=usage)]).running() as server:
        account = Account("the run", Allowances(tokens=budget), tell=told.append)
        client = client_of(server, account=account, max_tokens=400, concurrency=3)

        async def ask_until_nothing_is_left() -> None:
            while True:
                await client.ask(QUESTION)

        calls = [ask_until_nothing_is_left() for _ in range(4)]
        for outcome in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(outcome, BudgetExceeded), outcome
            assert "too little for another call" in str(outcome)
    assert server.tokens <= account.spent["tokens"] <= budget
    assert len(server.requests) >= 1
    # What is left would not have paid for another call at its worst.
    assert account.left("tokens") < most_prompt_tokens(QUESTION) + LEAST_ANSWER


async def test_a_budget_that_hangs_and_cuts_is_kept_too() -> None:
    hanging: list[Act] = [Hang(), Break("It is"), Refuse(500)]
    acts = [*hanging, Say("word " * 1000), Break("It", clean=True)]
    async with ModelServer(acts).running() as server:
        account = Account("the run", Allowances(tokens=3000))
        client = client_of(server, account=account, max_tokens=300, timeout=2.0, retries=9)
        with pytest.raises(BudgetExceeded):
            while True:
                await client.ask(QUESTION)
    assert server.tokens <= account.spent["tokens"] <= 3000 and len(server.requests) >= 2


async def test_the_last_answer_may_use_the_budget_up() -> None:
    async with ModelServer([Say("word " * 1000)]).running() as server:
        account = Account("the run")
        client = client_of(server, account=account, max_tokens=100)
        await client.ask(QUESTION)
        cost = int(account.spent["tokens"])
        exact = Account("the run", Allowances(tokens=cost + most_prompt_tokens(QUESTION) - PROMPT))
        client = client_of(server, account=exact, max_tokens=100)
        reply = await client.ask(QUESTION)
        assert reply.answer == 100 and not reply.whole
        with pytest.raises(BudgetExceeded):
            await client.ask(QUESTION)
    assert len(server.requests) == 2


async def test_an_answer_gets_shorter_when_less_is_left() -> None:
    async with ModelServer([ANSWER]).running() as server:
        left = most_prompt_tokens(QUESTION) + 80
        await client_of(server, account=Account("the run", Allowances(tokens=left))).ask(QUESTION)
    assert server.requests[0]["max_tokens"] == 80


async def test_money_is_counted_and_its_budget_is_kept() -> None:
    async with ModelServer([Say("word " * 1000)]).running() as server:
        client = client_of(
            server, input_price=2.0, output_price=8.0, money_budget=0.01, max_tokens=400
        )
        with pytest.raises(BudgetExceeded, match="in money"):
            while True:
                await client.ask(QUESTION)
    calls = len(server.requests)
    answers = server.tokens - calls * PROMPT
    cost = (calls * PROMPT * 2 + answers * 8) / 1e6
    assert client.purse.spent["money"] == pytest.approx(cost)
    assert 0.005 < cost <= 0.01
    assert 0 <= client.budget_left < 0.3 and client.settings.paid


async def test_the_goal_s_own_account_stops_it_too() -> None:
    async with ModelServer([ANSWER]).running() as server:
        client = client_of(server)
        goal = Account("the goal", Allowances(calls=2))
        await client.ask(QUESTION, goal)
        await client.ask(QUESTION, goal)
        with pytest.raises(BudgetExceeded, match="0 calls left"):
            await client.ask(QUESTION, goal)
        await client.ask(QUESTION, Account("another goal"))
    assert len(server.requests) == 3


async def test_a_server_that_ignores_the_limit_is_cut_off() -> None:
    async with ModelServer([Say("word " * 100_000, ignores_limit=True)]).running() as server:
        client = client_of(server, max_tokens=100)
        with pytest.raises(ChatFailed, match="more than was asked for"):
            await client.ask(QUESTION)
    assert len(server.requests) == 1 and client.purse.spent["tokens"] > 100


async def test_a_proxy_that_the_library_can_t_use_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://somebody:password@127.0.0.1:1")
    monkeypatch.setenv("UNSORRY_API_KEY", SECRET)
    account = Account("the goal")
    client = client_of("https://models.example.org/v1")
    with pytest.raises(ChatFailed, match=r"No call can be made from here .*ALL_PROXY") as failed:
        await client.ask(QUESTION, account)
    assert "password" not in str(failed.value) and not any(account.spent.values())
    assert client.problem() == str(failed.value)
