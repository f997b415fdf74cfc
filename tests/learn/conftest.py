"""Fixtures of what needs torch: scratch checkpoints, and a model that was trained on toys.

`make test-learn` runs these tests in an environment of their own; no other run collects them.
"""

import sys
from pathlib import Path
from random import Random

import pytest
import torch
import transformers
from transformers import T5Config, T5EncoderModel, T5ForConditionalGeneration

from lean.toolchain import Toolchain
from search.training.byte_t5 import Training
from search.training.conversion import convert_generator
from search.training.plan import Plan, Progress, told
from tests.learn.toys import ENOUGH, SMALL, Learned, toy_pairs

# Models written from numpy arrays (`tiny_models`) serve here too.
sys.path.append(str(Path(__file__).parent.parent / "search"))
# A machine with two cores that others use as well: more threads would wait for each other.
torch.set_num_threads(1)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

AT_MOST = 240.0
"""Seconds for that; 15 on an idle machine."""


def small_config(tied: bool) -> T5Config:
    """ByT5's vocabulary and layout; untied it is like ByT5, tied like the models that we train."""
    return T5Config(
        vocab_size=384,
        d_model=64,
        d_ff=128,
        d_kv=16,
        num_heads=4,
        num_layers=2,
        num_decoder_layers=2,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=tied,
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=1,
    )


def save_generator(folder: Path, tied: bool) -> Path:
    """A checkpoint with random weights, as `save_pretrained` writes it."""
    torch.manual_seed(1)
    model = T5ForConditionalGeneration(small_config(tied))
    if not tied:
        # transformers 5 ties the weights of every new T5; only a checkpoint can have others.
        model.lm_head.weight = torch.nn.Parameter(0.3 * torch.randn_like(model.lm_head.weight))
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session", params=["tied", "untied"])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ByT5 checkpoint with random weights, of either kind."""
    folder = tmp_path_factory.mktemp("checkpoints") / request.param
    return save_generator(folder, request.param == "tied")


@pytest.fixture(scope="session")
def encoder_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a retriever with random weights."""
    folder = tmp_path_factory.mktemp("checkpoints") / "retriever"
    torch.manual_seed(2)
    T5EncoderModel(small_config(tied=False)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """Trained until it knows the rule for pairs that it has not seen."""
    folder = tmp_path_factory.mktemp("learned")
    pairs = [told(pair) for pair in toy_pairs()]
    Random(0).shuffle(pairs)
    train, unseen = pairs[:100], pairs[100:]
    reports: list[Progress] = []

    def knows() -> bool:
        return len(reports) > 1 and reports[-1].validation_loss <= ENOUGH

    plan = Plan(seconds=AT_MOST, seed=3, shape=SMALL, batch=25, rate=4e-3, look_every=1.5)
    training = Training(
        plan, lambda epoch: train, unseen, folder / "checkpoint", reports.append, knows
    )
    training.run()
    convert_generator(folder / "checkpoint", folder / "converted", samples=unseen[:4])
    return Learned(folder / "checkpoint", folder / "converted", reports, unseen)


@pytest.fixture(scope="session")
async def installed(toolchain: Toolchain) -> Toolchain:
    """So that no test with a process of its own pays for the installation of Lean, or sees it."""
    return toolchain
