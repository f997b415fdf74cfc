"""ByT5 checkpoints become CTranslate2 models, and what was converted is compared with torch.

Two faults that go unnoticed are dealt with here: transformers 5 says of every T5 that its word
embeddings are tied, from which the stock converter concludes that outputs are scaled (a model of
which that is not true then ranks nearly everything alike); and CTranslate2 has no loader for an
encoder alone. Running models is `search.generation`.
"""

import json
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from search.generation.tokens import encode
from search.training.errors import TrainingError
from search.training.folders import put_in_place

if TYPE_CHECKING:
    from transformers import T5EncoderModel, T5ForConditionalGeneration

Quantization = Literal["int8", "float32"]

EXACT = 2e-3
"""Nats by which the log-probability of a byte may differ when nothing was rounded: measured 2e-5,
and above 1 with the wrong output scale."""
ROUNDED = 0.35
"""The same for weights of eight bits, on average over a text: measured 0.01 to 0.05."""
SAMPLES: tuple[tuple[str, str], ...] = (
    ("n : Nat\n⊢ n + 0 = n", "simp"),
    ("a b : Nat\nh : a < b\n⊢ a + 1 ≤ b", "omega"),
    ("α : Type\nxs ys : List α\n⊢ (xs ++ ys).length = xs.length + ys.length", "simp [h]"),
)
"""What a converted model is compared on, whatever it was made for."""


def convert_generator(
    checkpoint: Path,
    output: Path,
    quantization: Quantization = "int8",
    samples: Sequence[tuple[str, str]] = SAMPLES,
) -> float:
    """Write the T5 of `checkpoint` to the folder `output`, verified: its greatest difference from
    torch before rounding, in nats a byte.

    `output` changes only when all is well. Raises TrainingError.
    """
    model = load_generator(checkpoint)
    wanted = [torch_scores(model, *sample) for sample in samples]
    with _beside(output) as folder:
        exact, rounded = folder / "exact", folder / "rounded"
        converter = _converter(lambda: _generator_spec(model))
        converter.convert(str(exact), quantization="float32")
        worst = _worst(exact, samples, wanted)
        if not worst <= EXACT:
            raise TrainingError(
                f"The converted model is another one: {worst:.3g} nats a byte from {checkpoint}.",
                "Its log-probabilities would rank tactics wrongly; it was not kept.",
            )
        if quantization == "float32":
            rounded = exact
        else:
            converter.convert(str(rounded), quantization=quantization)
            mean = _mean(rounded, samples, wanted)
            if not mean <= ROUNDED:
                raise TrainingError(
                    f"Rounded to {quantization} the model differs by {mean:.3g} nats a byte.",
                    "Train it longer, or convert it with float32.",
                )
        put_in_place(rounded, output)
    return worst


def convert_encoder(checkpoint: Path, output: Path, quantization: Quantization = "int8") -> float:
    """Write the T5 encoder of `checkpoint` (a retriever) to the folder `output`, verified: the
    least cosine between its mean-pooled vectors and torch's. Raises TrainingError.
    """
    model = load_encoder(checkpoint)
    texts = [goal for goal, _ in SAMPLES]
    wanted = [torch_embedding(model, text) for text in texts]
    with _beside(output) as folder:
        made = folder / "encoder"
        converter = _converter(lambda: _encoder_spec(model))
        converter.convert(str(made), quantization=quantization)
        found = embeddings(made, texts)
        worst = min(_cosine(one, other) for one, other in zip(found, wanted, strict=True))
        least = 0.999 if quantization == "float32" else 0.97
        if not worst >= least:
            raise TrainingError(
                f"The converted encoder is another one: cosine {worst:.4f} with {checkpoint}.",
                "It was not kept.",
            )
        put_in_place(made, output)
    return worst


def load_generator(checkpoint: Path) -> "T5ForConditionalGeneration":
    """The model of a checkpoint, ready to be asked. Raises TrainingError."""
    from transformers import T5ForConditionalGeneration

    return _loaded(T5ForConditionalGeneration, checkpoint)


def load_encoder(checkpoint: Path) -> "T5EncoderModel":
    """The encoder of a checkpoint, ready to be asked. Raises TrainingError."""
    from transformers import T5EncoderModel

    return _loaded(T5EncoderModel, checkpoint)


def torch_scores(model: "T5ForConditionalGeneration", goal: str, tactic: str) -> list[float]:
    """The log-probability of each byte of the tactic, and of its end, by torch."""
    import torch

    from search.training.byte_t5 import encoded

    labels = torch.tensor([encoded(tactic)])
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([encoded(goal)]), labels=labels).logits
    scores = torch.log_softmax(logits.float(), dim=-1)
    return [float(scores[0, place, token]) for place, token in enumerate(labels[0].tolist())]


def torch_embedding(model: "T5EncoderModel", text: str) -> list[float]:
    """The mean of the encoder's vectors for a text, by torch."""
    import torch

    from search.training.byte_t5 import encoded

    with torch.no_grad():
        states = model(input_ids=torch.tensor([encoded(text)])).last_hidden_state
    return [float(value) for value in states[0].mean(dim=0)]


def scores(folder: Path, goal: str, tactic: str) -> list[float]:
    """The same as `torch_scores`, by the converted model in `folder`."""
    import ctranslate2

    translator = ctranslate2.Translator(str(folder), device="cpu", intra_threads=1)
    source, target = encode(goal), encode(tactic)[:-1]
    return list(translator.score_batch([source], [target])[0].log_probs)


def embeddings(folder: Path, texts: Sequence[str]) -> list[list[float]]:
    """The mean-pooled vectors of texts, by the converted encoder in `folder`."""
    import ctranslate2
    import numpy

    encoder = ctranslate2.Encoder(str(folder), device="cpu", intra_threads=1)
    found = []
    for text in texts:
        states = numpy.array(encoder.forward_batch([encode(text)]).last_hidden_state)
        found.append([float(value) for value in states[0].mean(axis=0)])
    return found


def byte_vocabulary(size: int) -> list[str]:
    """ByT5's tokens in order: special ones, a character for each byte, what fills up to `size`."""
    tokens = ["<pad>", "</s>", "<unk>", *map(chr, range(256))]
    return [*tokens, *(f"<extra_id_{number}>" for number in range(size - len(tokens)))]


def _worst(
    folder: Path, samples: Sequence[tuple[str, str]], wanted: Sequence[list[float]]
) -> float:
    return max(_differences(folder, samples, wanted))


def _mean(folder: Path, samples: Sequence[tuple[str, str]], wanted: Sequence[list[float]]) -> float:
    found = _differences(folder, samples, wanted)
    return math.fsum(found) / len(found)


def _differences(
    folder: Path, samples: Sequence[tuple[str, str]], wanted: Sequence[list[float]]
) -> list[float]:
    return [
        abs(one - other)
        for sample, expected in zip(samples, wanted, strict=True)
        for one, other in zip(scores(folder, *sample), expected, strict=True)
    ]


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    product = math.fsum(a * b for a, b in zip(one, other, strict=True))
    return product / (math.hypot(*one) * math.hypot(*other))


def _loaded(kind: Any, checkpoint: Path) -> Any:  # noqa: ANN401 - classes of transformers
    """A model of a folder. Raises TrainingError."""
    config = checkpoint / "config.json"
    if not config.is_file():
        raise TrainingError(
            f"There is no checkpoint at {checkpoint}.",
            "Name a folder with a config.json and weights, as `save_pretrained` writes it.",
        )
    try:
        if json.loads(config.read_text("utf-8")).get("model_type") != "t5":
            raise TrainingError(f"{checkpoint} is no T5 model.", "Only T5 over bytes is known.")
        return kind.from_pretrained(str(checkpoint), local_files_only=True).eval()
    except TrainingError:
        raise
    except Exception as error:
        # The boundary of libraries that let through whatever their readers of files raise.
        said = " ".join(str(error).split()) or type(error).__name__
        raise TrainingError(f"{checkpoint} can't be loaded: {said[:300]}") from error


@contextmanager
def _beside(output: Path) -> Iterator[Path]:
    """A temporary folder on the same disk as `output`. Raises TrainingError."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as folder:
            yield Path(folder)
    except OSError as error:
        raise TrainingError(
            f"{output} can't be written: {error.strerror or error}.", "Name another folder."
        ) from error


def _converter(load: Callable[[], Any]) -> Any:  # noqa: ANN401 - a class of CTranslate2
    """A converter of what `load` makes; its class is made here, as its base is a heavy import."""
    from ctranslate2.converters import Converter

    class ByT5Converter(Converter):  # type: ignore[misc]
        """Loads by ourselves what the stock one gets wrong, or not at all."""

        def _load(self) -> Any:  # noqa: ANN401
            return load()

    return ByT5Converter()


def _generator_spec(model: Any) -> Any:  # noqa: ANN401
    from ctranslate2.converters.transformers import T5Loader

    config = model.config
    said = config.tie_word_embeddings
    # What the loader takes for whether outputs are scaled, and transformers 5 always sets.
    config.tie_word_embeddings = bool(getattr(config, "scale_decoder_outputs", said))
    try:
        spec = T5Loader().get_model_spec(model)
    finally:
        config.tie_word_embeddings = said
    tokens = byte_vocabulary(config.vocab_size)
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.bos_token = spec.config.decoder_start_token = "<pad>"
    spec.config.eos_token, spec.config.unk_token = "</s>", "<unk>"
    return spec


def _encoder_spec(model: Any) -> Any:  # noqa: ANN401
    from ctranslate2.converters.transformers import T5Loader
    from ctranslate2.specs import common_spec, transformer_spec

    config = model.config
    activations = {
        "gelu_new": common_spec.Activation.GELUTanh,
        "gelu": common_spec.Activation.GELU,
        "relu": common_spec.Activation.RELU,
        "silu": common_spec.Activation.SWISH,
    }
    stack = transformer_spec.TransformerEncoderSpec(
        config.num_layers,
        config.num_heads,
        pre_norm=True,
        activation=activations[config.dense_act_fn],
        ffn_glu=config.is_gated_act,
        relative_attention_bias=True,
        rms_norm=True,
    )
    T5Loader().set_stack(stack, model.encoder)
    spec = transformer_spec.TransformerEncoderModelSpec(stack)
    spec.register_vocabulary(byte_vocabulary(config.vocab_size))
    spec.config.bos_token = "<pad>"
    spec.config.eos_token, spec.config.unk_token = "</s>", "<unk>"
    return spec
