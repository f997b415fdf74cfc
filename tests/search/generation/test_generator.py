"""The models' process as its owner sees it: what it answers, when it starts, how it ends.

The models are real ones, run by CTranslate2; they are small, and nothing has trained them.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import ctranslate2
import numpy
import psutil
import pytest

from search.generation.errors import ModelError
from search.generation.generator import Candidate, Generator
from search.generation.model_settings import ModelSettings
from search.generation.tokens import encode
from tests.search.tiny_models import words_model

GOALS = ["a b : Nat\n⊢ a + b = b + a", "⊢ True", "xs : List Nat\n⊢ xs ++ [] = xs", "h : p\n⊢ p"]
MANY = [f"n : Nat\n⊢ n + {number} = {number} + n" for number in range(30_000)]
"""A question that would take minutes."""


def settings(generator: Path | str, retriever: Path | str = "", **others: object) -> ModelSettings:
    return ModelSettings(str(generator), str(retriever), **others)  # type: ignore[arg-type]


@pytest.fixture
async def listening(listener: Path, encoder: Path) -> AsyncIterator[Generator]:
    async with Generator(settings(listener, encoder)) as generator:
        yield generator


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


def alike(one: list[Candidate], other: list[Candidate]) -> None:
    assert [candidate.text for candidate in one] == [candidate.text for candidate in other]
    for here, there in zip(one, other, strict=True):
        assert here.log_probability == pytest.approx(there.log_probability, abs=1e-3)


async def test_answers_come_with_their_scores_best_first(speaker: Path) -> None:
    async with Generator(settings(speaker)) as generator:
        [found] = await generator.generate(GOALS[:1], beams=4, candidates=8)
    said = [candidate.text for candidate in found]
    scores = [candidate.log_probability for candidate in found]
    assert said[:4] == ["omega", "rfl", "exact ⧼0⧽", "intro h"]
    assert scores == sorted(scores, reverse=True) and len(set(said)) == len(said) <= 8
    # Sums of logarithms of 8, 4, 2 and 1 of 15 parts, but for rounding: not divided by a length.
    assert scores[:4] == pytest.approx([-0.63, -1.32, -2.01, -2.71], abs=0.2)


@pytest.mark.parametrize(("beams", "candidates", "most"), [(1, 1, 1), (4, 2, 2), (2, 5, 5)])
async def test_as_many_candidates_as_wanted(
    speaker: Path, beams: int, candidates: int, most: int
) -> None:
    async with Generator(settings(speaker)) as generator:
        [found] = await generator.generate(["⊢ p"], beams, candidates)
    assert len(found) == most


async def test_only_answers_that_ended_within_their_bytes(listening: Generator) -> None:
    [none] = await listening.generate(GOALS[:1], 4, 8, longest=2)
    [some] = await listening.generate(GOALS[:1], 4, 8, longest=6)
    [all_of_them] = await listening.generate(GOALS[:1], 4, 8, longest=40)
    assert len(none) < len(some) < len(all_of_them)
    assert max(len(candidate.text) for candidate in some) <= 5


async def test_a_batch_answers_as_its_texts_alone(listening: Generator) -> None:
    together = await listening.generate(GOALS * 5, 4, 4, 20)
    assert len(together) == 20
    for goal, found in zip(GOALS * 2, together, strict=False):
        [alone] = await listening.generate([goal], 4, 4, 20)
        alike(found, alone)
    assert together[0] != together[1], "it listens to what it is told"
    assert await listening.generate([]) == []


async def test_long_texts_are_heard_to_their_end(listening: Generator) -> None:
    above = "h : a = b\n" * 120
    one, other = await listening.generate([f"{above}⊢ p", f"{above}⊢ q ∧ r"], 4, 4, 20)
    assert one != other


async def test_vectors_are_means_of_length_one(listening: Generator, encoder: Path) -> None:
    rows = await listening.embed(GOALS * 3)
    assert rows.shape == (12, 64) and rows.dtype == numpy.float32
    assert numpy.linalg.norm(rows, axis=1) == pytest.approx(numpy.ones(12), abs=1e-5)
    whole = ctranslate2.Encoder(str(encoder), compute_type="float32")
    for goal, row in zip(GOALS, rows, strict=False):
        states = numpy.array(whole.forward_batch([encode(goal)]).last_hidden_state)[0]
        mean = states.mean(axis=0) / numpy.linalg.norm(states.mean(axis=0))
        assert row @ mean > 0.99, "but for rounding"
    [alone] = await listening.embed([GOALS[2]])
    assert rows[2] == pytest.approx(alone, abs=1e-3)
    assert rows[6] == pytest.approx(alone, abs=1e-3)
    assert rows[0] @ rows[1] < 0.9
    assert (await listening.embed([])).shape[0] == 0


async def test_many_vectors_come_in_parts(listening: Generator) -> None:
    rows = await listening.embed(MANY[:600])
    assert rows.shape == (600, 64)
    [alone] = await listening.embed([MANY[599]])
    assert rows[599] == pytest.approx(alone, abs=1e-3)


async def test_nothing_runs_before_the_first_question(speaker: Path) -> None:
    async with Generator(settings(speaker)) as generator:
        assert generator.problem() == "" and not generator.running
        assert generator.pid is None and generator.rss_bytes() == 0
        await generator.generate(["⊢ p"])
        assert generator.running and generator.rss_bytes() > 20_000_000
        process = psutil.Process(generator.pid)
        assert process.parent() == psutil.Process()
    assert not generator.running and generator.rss_bytes() == 0
    assert not process.is_running()


async def test_idle_models_give_their_memory_back(speaker: Path) -> None:
    async with Generator(settings(speaker, idle_seconds=0.1)) as generator:
        first = await generator.generate(["⊢ p"])
        process = psutil.Process(generator.pid)
        await until(lambda: not generator.running and not process.is_running())
        assert await generator.generate(["⊢ p"]) == first
        assert generator.pid != process.pid


async def test_models_that_work_are_not_idle(listener: Path) -> None:
    async with Generator(settings(listener, idle_seconds=0.01)) as generator:
        long, short = await asyncio.gather(
            generator.generate(MANY[:150], 8, 8, 40), generator.generate(GOALS[:1])
        )
        assert len(long) == 150 and len(short) == 1


async def test_a_killed_process_is_one_clear_error_and_then_another_process(speaker: Path) -> None:
    async with Generator(settings(speaker)) as generator:
        asking = asyncio.create_task(generator.generate(MANY))
        await until(lambda: generator.pid is not None)
        died = generator.pid
        assert died is not None
        os.kill(died, signal.SIGKILL)
        with pytest.raises(ModelError, match=r"has ended \(signal SIGKILL\).* starts it again"):
            await asking
        [found] = await generator.generate(["⊢ p"])
        assert found[0].text == "omega" and generator.pid != died


async def test_a_question_that_is_given_up_holds_nobody_up(listening: Generator) -> None:
    await listening.generate(GOALS[:1])
    process = listening.pid
    asking = asyncio.create_task(listening.generate(MANY, 8, 8, 40))
    await asyncio.sleep(0.1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    async with asyncio.timeout(60):
        assert await listening.generate(GOALS[:1])
    assert listening.pid == process


async def test_closing_ends_open_questions(listener: Path) -> None:
    generator = Generator(settings(listener))
    asking = asyncio.create_task(generator.generate(MANY))
    await until(lambda: generator.running)
    await generator.close()
    with pytest.raises(ModelError, match="has ended"):
        await asking
    assert not generator.running


async def test_a_model_that_was_replaced_is_loaded_anew(tmp_path: Path) -> None:
    words_model(tmp_path / "old", ["simp"])
    words_model(tmp_path / "new", ["decide"])
    shutil.copytree(tmp_path / "old", tmp_path / "model")
    async with Generator(settings(tmp_path / "model")) as generator:
        before = generator.model()
        assert (await generator.generate(["⊢ p"], 1, 1))[0][0].text == "simp"
        shutil.copytree(tmp_path / "new", tmp_path / "model", dirs_exist_ok=True)
        os.utime(tmp_path / "model" / "model.bin", (1, 1))
        process = generator.pid
        assert "d" in (await generator.generate(["⊢ p"], 1, 1))[0][0].text
        assert generator.pid == process
        assert generator.model().fingerprint != before.fingerprint


def test_a_model_has_one_fingerprint_wherever_it_lies(listener: Path, tmp_path: Path) -> None:
    shutil.copytree(listener, tmp_path / "copy")
    [one, other] = [Generator(settings(folder)).model() for folder in (listener, tmp_path / "copy")]
    assert one.fingerprint == other.fingerprint


async def test_damaged_weights_are_one_clear_line(listener: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(listener, folder)
    whole = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(whole[: len(whole) // 2])
    async with Generator(settings(folder)) as generator:
        with pytest.raises(ModelError) as raised:
            await generator.generate(["⊢ p"])
        said = str(raised.value)
        assert said.startswith(f"The model in {folder} can't be used: ") and "\n" not in said
        assert said.endswith("(unsorry models convert), or name another model.")
        (folder / "model.bin").write_bytes(whole)
        assert await generator.generate(["⊢ p"])


async def test_an_encoder_is_no_generator(encoder: Path) -> None:
    async with Generator(settings(encoder)) as generator:
        with pytest.raises(ModelError, match="can't be used"):
            await generator.generate(["⊢ p"])


async def test_cuda_that_is_asked_for_has_to_be_there(listener: Path) -> None:
    async with Generator(settings(listener, device="cuda")) as generator:
        if ctranslate2.get_cuda_device_count():
            assert await generator.generate(["⊢ p"])
        else:
            with pytest.raises(ModelError, match="CUDA"):
                await generator.generate(["⊢ p"])


async def test_a_workspaces_own_modules_are_not_ours(
    speaker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    async with Generator(settings(speaker)) as generator:
        assert await generator.generate(["⊢ p"])
