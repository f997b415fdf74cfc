"""Training: it learns, keeps the best, can be stopped, and ends with whoever started it."""

import asyncio
import math
from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import psutil
import pytest
import torch
from transformers import T5ForConditionalGeneration

from search.generation.computing import NO_PENALTY
from search.generation.generator import Generator
from search.generation.model_settings import ModelSettings
from search.generation.tokens import encode
from search.training import byte_t5, conversion
from search.training.byte_t5 import Example, Training, decoded, encoded, new_model, parameters_of
from search.training.conversion import convert_generator, load_generator
from search.training.errors import TrainingError
from search.training.pairs import Split
from search.training.plan import CHECKPOINT, CONVERTED, Plan, Progress, Shape, told
from search.training.trainer import train
from tests.learn.toys import ENOUGH, SMALL, Learned, toy_pairs

PAIRS = toy_pairs()
SPLIT = Split(tuple(PAIRS[:80]), tuple(PAIRS[80:100]), tuple(PAIRS[100:]))


def right(texts: Sequence[Sequence[str]], examples: Sequence[Example]) -> float:
    hits = sum(text[:1] == [tactic] for text, (_, tactic) in zip(texts, examples, strict=True))
    return hits / len(examples)


def test_the_usual_shape_is_of_the_size_that_is_promised(tmp_path: Path) -> None:
    assert 1_000_000 <= parameters_of(new_model(Shape(), seed=0)) <= 5_000_000


def test_tokens_there_and_back() -> None:
    assert decoded([*encoded("⊢ p ∧ q")[:-1], 1, 70, 71]) == "⊢ p ∧ q"
    assert decoded([0, 1]) == "" and decoded([2, 300, 255]) == ""


def test_a_model_learns_a_rule_and_uses_it_on_what_it_has_not_seen(learned: Learned) -> None:
    first, last = learned.reports[0], learned.reports[-1]
    assert last.validation_loss <= ENOUGH
    assert last.exact_match >= 0.95
    assert last.loss < first.loss
    assert last.step > first.step and last.examples > first.examples


async def test_beams_find_what_was_learned_and_know_how_sure_they_are(learned: Learned) -> None:
    """The regression test for two faults that give no error.

    With the default length penalty short rubbish fills the beam; with a wrong output scale all
    answers are nearly as likely as each other.
    """
    goals = [goal for goal, _ in learned.unseen]
    async with Generator(ModelSettings(generator=str(learned.converted))) as generator:
        answers = await generator.generate(goals, beams=8, candidates=8, longest=40)
    texts = [[candidate.text for candidate in said] for said in answers]
    assert right(texts, learned.unseen) >= 0.9
    sure = [math.exp(said[0].log_probability) for said in answers]
    assert math.fsum(sure) / len(sure) > 0.5
    assert all(len(said) > 1 for said in answers)


def _mean_probability(folder: Path, goals: Sequence[str]) -> float:
    translator = ctranslate2.Translator(str(folder), device="cpu", intra_threads=1)
    results = translator.translate_batch(
        [encode(goal) for goal in goals], beam_size=8, return_scores=True, length_penalty=NO_PENALTY
    )
    return math.fsum(math.exp(result.scores[0]) for result in results) / len(results)


def test_one_seed_one_training(tmp_path: Path) -> None:
    def losses(seed: int, name: str) -> float:
        steps: list[int] = []

        def stopped() -> bool:
            steps.append(1)
            return len(steps) > 4

        examples = [told(pair) for pair in PAIRS[:20]]
        plan = Plan(seconds=600.0, seed=seed, shape=SMALL, look_every=600.0)
        training = Training(
            plan, lambda epoch: examples, examples[:5], tmp_path / name, lambda _: None, stopped
        )
        return training.run().validation_loss

    # The learning rate follows the clock, so that the last digits may differ.
    assert losses(1, "a") == pytest.approx(losses(1, "b"), rel=1e-3)
    assert losses(1, "c") != pytest.approx(losses(2, "d"), rel=1e-3)


def test_a_model_that_falls_apart_does_not_replace_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models: list[T5ForConditionalGeneration] = []
    reports: list[Progress] = []

    def made(shape: Shape, seed: int) -> T5ForConditionalGeneration:
        models.append(new_model(shape, seed))
        return models[-1]

    def stopped() -> bool:
        """Never; after the first look no weight is a number any more."""
        for parameter in models[0].parameters() if reports else ():
            torch.nn.init.constant_(parameter, math.nan)
        return False

    monkeypatch.setattr(byte_t5, "new_model", made)
    examples = [told(pair) for pair in PAIRS[:20]]
    plan = Plan(seconds=20.0, shape=SMALL, look_every=0.0)
    training = Training(
        plan, lambda epoch: examples, examples[:5], tmp_path / "best", reports.append, stopped
    )
    best = training.run()
    assert best == reports[0] and len(reports) == 2, "it ends at once"
    weights = load_generator(tmp_path / "best").parameters()
    assert all(bool(one.isfinite().all()) for one in weights)


async def test_a_training_without_a_model_is_one_clear_line(tmp_path: Path) -> None:
    plan = Plan(seconds=20.0, shape=SMALL, rate=math.inf, matrix_rate=math.inf)
    with pytest.raises(TrainingError, match="No model came of it") as failed:
        await train(plan, SPLIT, tmp_path, lambda _: None)
    assert "\n" not in str(failed.value)
    assert not (tmp_path / CHECKPOINT).exists() and not _workers()


async def test_a_process_trains_and_leaves_a_model(tmp_path: Path) -> None:
    reports: list[Progress] = []
    plan = Plan(seconds=4.0, shape=SMALL, look_every=1.0)
    trained = await train(plan, SPLIT, tmp_path, reports.append)
    assert reports and trained.progress in reports
    assert trained.progress.validation_loss == min(one.validation_loss for one in reports)
    assert trained.parameters == parameters_of(new_model(SMALL, 0))
    assert trained.difference < conversion.EXACT and math.isfinite(trained.held_out_loss)
    assert (tmp_path / CONVERTED / "model.bin").is_file()
    assert not _workers()


async def test_a_training_that_is_cancelled_keeps_its_best_model(tmp_path: Path) -> None:
    begun = asyncio.Event()
    plan = Plan(seconds=600.0, shape=SMALL, look_every=0.5)
    task = asyncio.create_task(train(plan, SPLIT, tmp_path, lambda _: begun.set()))
    await asyncio.wait_for(begun.wait(), 120)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (tmp_path / CHECKPOINT / "model.safetensors").is_file()
    assert (tmp_path / CONVERTED / "model.bin").is_file()
    assert not _workers()


async def test_too_few_pairs_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="too few"):
        await train(Plan(), Split((), (), ()), tmp_path, lambda _: None)


async def test_what_goes_wrong_there_is_told_here(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="Training failed: "):
        await train(Plan(shape=Shape(width=-1)), SPLIT, tmp_path, lambda _: None)
    assert not _workers()


def test_a_wrong_scale_makes_the_learned_model_unsure(
    learned: Learned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would be served if the conversion were not compared with torch."""
    right_spec = conversion._generator_spec

    def wrong(model: object) -> object:
        spec = right_spec(model)
        spec.decoder.scale_outputs = SMALL.width**-1.0
        return spec

    monkeypatch.setattr(conversion, "_generator_spec", wrong)
    monkeypatch.setattr(conversion, "EXACT", math.inf)
    monkeypatch.setattr(conversion, "ROUNDED", math.inf)
    convert_generator(learned.checkpoint, tmp_path / "wrong")
    goals = [goal for goal, _ in learned.unseen]
    unsure = _mean_probability(tmp_path / "wrong", goals)
    assert unsure < _mean_probability(learned.converted, goals) / 2


def _workers() -> list[int]:
    """Processes of ours that train."""
    return [
        child.pid
        for child in psutil.Process().children(recursive=True)
        if "search.training.worker" in child.cmdline()
    ]
