"""Checkpoints of transformers become models of CTranslate2 that say the same as torch does."""

import math
import shutil
from pathlib import Path

import pytest
import torch
from ctranslate2.converters import TransformersConverter
from transformers import ByT5Tokenizer, T5ForConditionalGeneration

from search.generation.errors import ModelError
from search.generation.generator import Generator
from search.generation.model_download import convert as convert_fetched
from search.generation.model_settings import ModelSettings
from search.generation.tokens import decode, encode
from search.training import conversion
from search.training.byte_t5 import decoded, encoded
from search.training.conversion import (
    EXACT,
    SAMPLES,
    byte_vocabulary,
    convert_encoder,
    convert_generator,
    embeddings,
    load_encoder,
    load_generator,
    scores,
    torch_embedding,
    torch_scores,
)
from search.training.errors import TrainingError

GOALS = ["n : Nat\n⊢ n + 0 = n", "⊢ True", "α : Type\nxs : List α\n⊢ xs ++ [] = xs"]


def test_bytes_are_those_of_the_tokenizer() -> None:
    tokenizer = ByT5Tokenizer()
    text = 'α : Type\n⊢ ∀ x, x = «x» ∧ 𝔸 = \t"⧼0⧽"'
    tokens = tokenizer.convert_ids_to_tokens(encoded(text))
    assert encoded(text) == tokenizer(text).input_ids
    assert encode(text) == tokens
    assert decode(tokens) == decoded(encoded(text)) == text
    by_id = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    assert byte_vocabulary(384) == [token for token, _ in by_id]


def test_log_probabilities_are_those_of_torch(checkpoint: Path, tmp_path: Path) -> None:
    worst = convert_generator(checkpoint, tmp_path / "exact", "float32")
    assert worst <= EXACT
    model = load_generator(checkpoint)
    for goal, tactic in [*SAMPLES, ("⊢ p", "exact ⟨h, ∅⟩")]:
        found, wanted = scores(tmp_path / "exact", goal, tactic), torch_scores(model, goal, tactic)
        assert len(found) == len(tactic.encode()) + 1
        assert found == pytest.approx(wanted, abs=EXACT)


def test_eight_bits_change_little_and_take_a_quarter(checkpoint: Path, tmp_path: Path) -> None:
    convert_generator(checkpoint, tmp_path / "exact", "float32")
    convert_generator(checkpoint, tmp_path / "small")
    sizes = [(tmp_path / name / "model.bin").stat().st_size for name in ("exact", "small")]
    assert sizes[1] < 0.4 * sizes[0]
    for goal, tactic in SAMPLES:
        found, wanted = (sum(scores(tmp_path / name, goal, tactic)) for name in ("small", "exact"))
        assert found == pytest.approx(wanted, rel=0.1)


async def test_beams_come_with_the_scores_that_torch_gives_them(
    checkpoint: Path, tmp_path: Path
) -> None:
    """Load, generate with beams, scores, batch: through the worker process that proving uses."""
    convert_fetched(checkpoint, tmp_path / "model")
    model = load_generator(checkpoint)
    async with Generator(ModelSettings(generator=str(tmp_path / "model"))) as generator:
        together = await generator.generate(GOALS, beams=8, candidates=8, longest=12)
        alone = [(await generator.generate([goal], 8, 8, 12))[0] for goal in GOALS]
    assert [[one.text for one in said] for said in together] == [
        [one.text for one in said] for said in alone
    ]
    for goal, said in zip(GOALS, together, strict=True):
        found = [candidate.log_probability for candidate in said]
        assert found == sorted(found, reverse=True)
        for candidate in said:
            # The text of an answer may have fewer bytes than it, where those are no UTF-8.
            if "\ufffd" in candidate.text or not candidate.text.isascii():
                continue
            wanted = math.fsum(torch_scores(model, goal, candidate.text))
            assert candidate.log_probability == pytest.approx(wanted, rel=0.1)


def test_a_wrong_output_scale_is_found_out(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stock converter takes transformers 5 at its word, and so gets one of the kinds wrong."""
    right = conversion._generator_spec

    def wrong(model: T5ForConditionalGeneration) -> object:
        spec = right(model)
        scaled = model.config.scale_decoder_outputs
        spec.decoder.scale_outputs = 1.0 if scaled else model.config.d_model**-0.5
        return spec

    monkeypatch.setattr(conversion, "_generator_spec", wrong)
    with pytest.raises(TrainingError, match=r"another one: .* nats a byte"):
        convert_generator(checkpoint, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_the_stock_converter_is_still_wrong_for_untied_models(
    checkpoint: Path, tmp_path: Path
) -> None:
    """Where this fails, our own converter may have become superfluous."""
    ByT5Tokenizer().save_pretrained(checkpoint)
    stock = TransformersConverter(str(checkpoint))
    stock.convert(str(tmp_path / "stock"), quantization="float32")
    model = load_generator(checkpoint)
    assert model.config.tie_word_embeddings is True, "transformers 5 says so of every T5"
    found, wanted = scores(tmp_path / "stock", *SAMPLES[0]), torch_scores(model, *SAMPLES[0])
    worst = max(abs(one - other) for one, other in zip(found, wanted, strict=True))
    assert (worst < EXACT) is model.config.scale_decoder_outputs


async def test_vectors_are_the_means_of_torch(encoder_checkpoint: Path, tmp_path: Path) -> None:
    assert convert_encoder(encoder_checkpoint, tmp_path / "exact", "float32") > 0.9999
    model = load_encoder(encoder_checkpoint)
    wanted = [torch_embedding(model, goal) for goal in GOALS]
    for found, expected in zip(embeddings(tmp_path / "exact", GOALS), wanted, strict=True):
        assert found == pytest.approx(expected, abs=1e-3)
    # As a strategy asks for them: of eight bits, in a batch, of length 1.
    convert_fetched(encoder_checkpoint, tmp_path / "model")
    async with Generator(ModelSettings(retriever=str(tmp_path / "model"))) as generator:
        rows = await generator.embed(GOALS)
    lengths = torch.tensor(wanted).norm(dim=1, keepdim=True)
    cosines = (torch.tensor(rows) * (torch.tensor(wanted) / lengths)).sum(dim=1)
    assert float(cosines.min()) > 0.99


def test_what_is_there_stays_until_the_new_one_is_right(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old").touch()
    with pytest.raises(TrainingError):
        convert_generator(tmp_path / "nothing", tmp_path / "model")
    assert (tmp_path / "model" / "old").exists()
    convert_generator(checkpoint, tmp_path / "model")
    assert (tmp_path / "model" / "model.bin").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


async def test_a_missing_model_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(TrainingError) as missing:
        convert_generator(tmp_path / "nothing", tmp_path / "model")
    assert str(missing.value).startswith(f"There is no checkpoint at {tmp_path / 'nothing'}.")
    async with Generator(ModelSettings(generator=str(tmp_path / "nothing"))) as generator:
        with pytest.raises(ModelError) as unusable:
            await generator.generate(["⊢ True"])
    for error in (missing, unusable):
        assert "\n" not in str(error.value) and str(tmp_path / "nothing") in str(error.value)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('{"model_type": "bert"}', "is no T5 model"),
        ('{"model_type": "t5"', "can't be loaded"),
        ('{"model_type": "t5", "d_model": 64}', "can't be loaded"),
        ('["t5"]', "can't be loaded"),
    ],
)
def test_a_checkpoint_that_is_none_is_one_clear_line(
    tmp_path: Path, config: str, said: str
) -> None:
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    (folder / "config.json").write_text(config, "utf-8")
    for convert in (convert_generator, convert_encoder):
        with pytest.raises(TrainingError, match=said) as error:
            convert(folder, tmp_path / "model")
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
@pytest.mark.parametrize("kept", [0, 4, 1000])
def test_weights_that_are_cut_off_are_one_clear_line(
    checkpoint: Path, tmp_path: Path, name: str, kept: int
) -> None:
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    shutil.copy(checkpoint / "config.json", folder)
    if name == "model.safetensors":
        whole = (checkpoint / name).read_bytes()
    else:
        torch.save(load_generator(checkpoint).state_dict(), tmp_path / name)
        whole = (tmp_path / name).read_bytes()
    (folder / name).write_bytes(whole[:kept])
    with pytest.raises(TrainingError, match="can't be loaded") as error:
        convert_generator(folder, tmp_path / "model")
    assert "\n" not in str(error.value)
