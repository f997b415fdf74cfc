"""Small models for tests of what asks models; see `tiny_models`."""

from pathlib import Path

import pytest

from tests.search.tiny_models import encoder_model, random_model, words_model

WORDS = ("omega", "rfl", "exact ⧼0⧽", "intro h")


@pytest.fixture(scope="session")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose answers depend on what it is told."""
    return random_model(tmp_path_factory.mktemp("models") / "listener")


@pytest.fixture(scope="session")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that says `omega`, less often `rfl`, and so on, whatever it is told."""
    return words_model(tmp_path_factory.mktemp("models") / "speaker", WORDS)


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that makes vectors."""
    return encoder_model(tmp_path_factory.mktemp("models") / "encoder")
