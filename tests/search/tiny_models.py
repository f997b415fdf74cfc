"""Writes small CTranslate2 models from numpy arrays, for tests: nothing is trained or fetched.

The vocabulary is ByT5's. `random_model` listens to what it is told; `words_model` says words, of
which the first ones are the likeliest, whatever it is told.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy
from ctranslate2.specs import (
    TransformerDecoderSpec,
    TransformerEncoderModelSpec,
    TransformerEncoderSpec,
    TransformerSpec,
)
from numpy.typing import NDArray

PAD, END, FIRST_BYTE, SIZE = 0, 1, 3, 384
VOCABULARY = ["<pad>", "</s>", "<unk>", *map(chr, range(256))]
VOCABULARY += [f"<extra_id_{number}>" for number in range(SIZE - len(VOCABULARY))]
WIDTH, INNER, HEADS = 64, 96, 4
BUCKETS = 32
COUNTS, FADING = 2.0, 0.75
"""How much all bytes count, beside the last one, in the model that says words; and how much less
each of them with every byte that comes."""
ENDING = 1.1
"""How much likelier than other tokens the random model makes the end: some of its answers end
within a few bytes, others do not."""

Array = NDArray[numpy.float32]


def random_model(folder: Path, seed: int = 0) -> Path:
    """A T5 of one layer on each side, with random weights."""
    made = _Random(seed)
    spec = TransformerSpec(_encoder_stack(made, WIDTH, HEADS), _decoder_stack(made, WIDTH, HEADS))
    spec.decoder.projection.weight = made.array(SIZE, WIDTH, scale=0.15)
    bias = numpy.zeros(SIZE, numpy.float32)
    bias[END] = ENDING
    # Bytes that are letters, so that answers can be read.
    for token in range(SIZE):
        if token != END and not (97 <= token - FIRST_BYTE <= 122):
            bias[token] = -9.0
    spec.decoder.projection.bias = bias
    return _saved(spec, folder)


def words_model(folder: Path, words: Sequence[str]) -> Path:
    """A model that says these words and nothing else, each half as often as the one before.

    Its decoder sees the last byte and, by attention, which bytes came before, the later the more:
    enough to know where it is. A unit of its feed-forward layer stands for each beginning of a
    word, and for what may follow.
    """
    beginnings = _beginnings(words)
    known = sorted({PAD, *(token for tokens in beginnings for token in tokens)})
    width = max(2 * len(known), len(beginnings), WIDTH)
    places = {token: place for place, token in enumerate(known)}
    decoder = TransformerDecoderSpec(1, 1, relative_attention_bias=True, rms_norm=True)
    decoder.embeddings.weight = numpy.zeros((SIZE, width), numpy.float32)
    for token, place in places.items():
        decoder.embeddings.weight[token, place] = 1.0
    _fill_stack(decoder, _Nothing(), width, 1, len(beginnings))
    layer = decoder.layer[0]
    _fill_cross_attention(layer, _Nothing(), width)
    # The value is a mean of all bytes, which goes beside the last one.
    layer.self_attention.relative_attention_bias = numpy.full((BUCKETS, 1), -30.0, numpy.float32)
    for distance in range(BUCKETS // 2):
        layer.self_attention.relative_attention_bias[distance] = distance * math.log(FADING)
    value = layer.self_attention.linear[0].weight[2 * width :]
    beside = layer.self_attention.linear[1].weight
    for place in range(len(known)):
        value[place, place] = 1.0
        beside[len(known) + place, place] = COUNTS / width**0.5
    seen = numpy.array([_seen(tokens, places, width) for tokens in beginnings])
    likest = float((seen @ seen.T - 2 * numpy.eye(len(seen))).max(initial=-1.0))
    assert likest < 0.98, "two beginnings look alike to it"
    sharp = 2 / (1 - likest)
    layer.ffn.linear_0.weight = (seen * sharp / width**0.5).astype(numpy.float32)
    layer.ffn.linear_0.bias = numpy.full(len(seen), 1 - sharp, numpy.float32)
    layer.ffn.linear_1.weight[: len(seen)] = 1e4 * numpy.eye(len(seen), dtype=numpy.float32)
    said = numpy.full((SIZE, width), -14.0, numpy.float32)
    for unit, follows in enumerate(beginnings.values()):
        for token, weight in follows.items():
            said[token, unit] = math.log(weight / sum(follows.values()))
    decoder.projection.weight = said / width**0.5
    spec = TransformerSpec(_encoder_stack(_Random(0), width, 1), decoder)
    return _saved(spec, folder, quantization=None)


def encoder_model(folder: Path, seed: int = 0) -> Path:
    """An encoder alone, as a retriever is one."""
    spec = TransformerEncoderModelSpec(_encoder_stack(_Random(seed), WIDTH, HEADS))
    spec.register_vocabulary(VOCABULARY)
    return _written(spec, folder, quantization=None)


def _beginnings(words: Sequence[str]) -> dict[tuple[int, ...], dict[int, float]]:
    """Every beginning of a word, and how likely what follows is."""
    found: dict[tuple[int, ...], dict[int, float]] = {}
    for rank, word in enumerate(words):
        tokens = [PAD, *(byte + FIRST_BYTE for byte in word.encode()), END]
        for place, token in enumerate(tokens[1:], 1):
            follows = found.setdefault(tuple(tokens[:place]), {})
            follows[token] = follows.get(token, 0.0) + 0.5**rank
    return found


def _seen(tokens: Sequence[int], places: Mapping[int, int], width: int) -> NDArray[numpy.float64]:
    """What the feed-forward layer sees after these tokens, at length 1."""
    row = numpy.zeros(width)
    row[places[tokens[-1]]] = 1.0
    weights = [FADING**distance for distance in range(min(len(tokens), BUCKETS // 2))]
    for token, weight in zip(reversed(tokens), weights, strict=False):
        row[len(places) + places[token]] += COUNTS * weight / sum(weights)
    return row / numpy.linalg.norm(row)


class _Random:
    def __init__(self, seed: int) -> None:
        self._numbers = numpy.random.default_rng(seed)

    def array(self, *shape: int, scale: float = 0.3) -> Array:
        return (self._numbers.standard_normal(shape) * scale).astype(numpy.float32)


class _Nothing:
    def array(self, *shape: int, scale: float = 0.0) -> Array:
        return numpy.full(shape, scale, numpy.float32)


def _encoder_stack(made: _Random, width: int, heads: int) -> Any:  # noqa: ANN401
    stack = TransformerEncoderSpec(1, heads, relative_attention_bias=True, rms_norm=True)
    stack.embeddings[0].weight = made.array(SIZE, width, scale=1.0)
    _fill_stack(stack, made, width, heads, INNER)
    return stack


def _decoder_stack(made: _Random, width: int, heads: int) -> Any:  # noqa: ANN401
    stack = TransformerDecoderSpec(1, heads, relative_attention_bias=True, rms_norm=True)
    stack.embeddings.weight = made.array(SIZE, width, scale=1.0)
    _fill_stack(stack, made, width, heads, INNER)
    for layer in stack.layer:
        _fill_cross_attention(layer, made, width)
    return stack


def _fill_cross_attention(layer: Any, made: _Random | _Nothing, width: int) -> None:  # noqa: ANN401
    _norm(layer.attention, width)
    layer.attention.queries_scale = 1.0
    for linear, rows in zip(layer.attention.linear, (1, 2, 1), strict=True):
        linear.weight = made.array(rows * width, width)


def _fill_stack(
    stack: Any,  # noqa: ANN401
    made: _Random | _Nothing,
    width: int,
    heads: int,
    inner: int,
) -> None:
    stack.scale_embeddings = False
    _norm(stack, width)
    for layer in stack.layer:
        attention, feed = layer.self_attention, layer.ffn
        _norm(attention, width)
        _norm(feed, width)
        attention.queries_scale = 1.0
        attention.relative_attention_bias = made.array(BUCKETS, heads)
        attention.relative_attention_max_distance = numpy.dtype("int32").type(128)
        attention.linear[0].weight = made.array(3 * width, width)
        attention.linear[1].weight = made.array(width, width)
        feed.linear_0.weight = made.array(inner, width)
        feed.linear_1.weight = made.array(width, inner)


def _norm(part: Any, width: int) -> None:  # noqa: ANN401
    part.layer_norm.gamma = numpy.ones(width, numpy.float32)


def _saved(spec: Any, folder: Path, quantization: str | None = "int8") -> Path:  # noqa: ANN401
    spec.register_source_vocabulary(VOCABULARY)
    spec.register_target_vocabulary(VOCABULARY)
    return _written(spec, folder, quantization)


def _written(spec: Any, folder: Path, quantization: str | None) -> Path:  # noqa: ANN401
    spec.config.bos_token = "<pad>"
    spec.config.eos_token, spec.config.unk_token = "</s>", "<unk>"
    if hasattr(spec, "decoder"):
        spec.config.decoder_start_token = "<pad>"
    folder.mkdir(parents=True)
    spec.validate()
    spec.optimize(quantization=quantization)
    spec.save(str(folder))
    assert ctranslate2.contains_model(str(folder))
    return folder
