"""A small T5 over bytes, and its training on a processor: torch and transformers, nothing of ours.

Texts are pairs of strings here; what they say, and where they come from, is `pairs` and
`gathering`. It runs in a process of its own (`search.training.worker`).
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from search.training.errors import TrainingError
from search.training.plan import Plan, Progress, Shape

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer
    from transformers import T5ForConditionalGeneration

Example = tuple[str, str]
"""A goal and its tactic."""

VOCABULARY = 384
"""ByT5's: three special tokens, 256 bytes, 125 that are never used."""
PAD, END, FIRST_BYTE = 0, 1, 3
IGNORED = -100
"""Instead of a token that counts for no loss."""
POOLED = 16
"""Batches that are sorted by length together, so that little is padded."""
CHECKED = 48
"""Validation examples that are generated to see how many are right."""


def encoded(text: str) -> list[int]:
    """The tokens of a text, as ByT5's tokenizer has them."""
    return [byte + FIRST_BYTE for byte in text.encode()] + [END]


def decoded(tokens: Sequence[int]) -> str:
    """The text of tokens up to the first end; bytes that are no text are left out."""
    said = list(tokens[: tokens.index(END)] if END in tokens else tokens)
    data = bytes(token - FIRST_BYTE for token in said if 0 <= token - FIRST_BYTE < 256)
    return data.decode("utf-8", "ignore")


def new_model(shape: Shape, seed: int) -> "T5ForConditionalGeneration":
    """An untrained model."""
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    torch.manual_seed(seed)
    config = T5Config(
        vocab_size=VOCABULARY,
        d_model=shape.width,
        d_ff=shape.inner,
        d_kv=shape.width // shape.heads,
        num_heads=shape.heads,
        num_layers=shape.encoder_layers,
        num_decoder_layers=shape.decoder_layers,
        feed_forward_proj="gated-gelu",
        dropout_rate=shape.dropout,
        # With scaled outputs: it learns three times as fast, and any converter is right for it.
        tie_word_embeddings=True,
        decoder_start_token_id=PAD,
        pad_token_id=PAD,
        eos_token_id=END,
    )
    return T5ForConditionalGeneration(config)


@dataclass
class Training:
    """One training, until its time is up or it is told to stop.

    `examples(number)` gives those of an epoch. The best model so far, by the loss on `validation`,
    is in the folder `checkpoint` whenever `run` is not writing it.
    """

    plan: Plan
    examples: Callable[[int], Sequence[Example]]
    validation: Sequence[Example]
    checkpoint: Path
    report: Callable[[Progress], None]
    stopped: Callable[[], bool]
    best: float = math.inf
    step: int = 0
    seen: int = 0
    _losses: list[float] = field(default_factory=list)

    def run(self) -> Progress:
        """Train, and return the progress at the best model.

        Raises TrainingError when there is none, because no loss was a number.
        """
        import torch

        plan = self.plan
        torch.set_num_threads(plan.threads)
        model = new_model(plan.shape, plan.seed)
        optimizers = optimizers_of(model, plan)
        started = time.monotonic()
        looked, best = started, None
        for batch in self._batches():
            elapsed = time.monotonic() - started
            if elapsed >= plan.seconds or self.stopped():
                break
            share = _share(elapsed / plan.seconds, self.step)
            for optimizer, rate in optimizers:
                optimizer.param_groups[0]["lr"] = rate * share
            self._learn(model, [optimizer for optimizer, _ in optimizers], batch)
            if not math.isfinite(self._losses[-1]):
                # No later step makes numbers of it again.
                break
            if time.monotonic() - looked >= plan.look_every:
                best = self._look(model, time.monotonic() - started) or best
                looked = time.monotonic()
        last = self._look(model, time.monotonic() - started)
        found = last or best
        if found is None:
            raise TrainingError(
                "No model came of it: its losses are no finite numbers.", "Try another seed."
            )
        return found

    def _learn(
        self,
        model: "T5ForConditionalGeneration",
        optimizers: "Sequence[Optimizer]",
        batch: Sequence[Example],
    ) -> None:
        import torch

        model.train()
        loss = loss_of(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        self.step += 1
        self.seen += len(batch)
        self._losses.append(float(loss.detach()))

    def _look(self, model: "T5ForConditionalGeneration", seconds: float) -> Progress | None:
        """Report how good the model is now; and return that if it is the best so far."""
        model.eval()
        loss = loss_on(model, self.validation)
        right = exact_matches(model, self.validation[:CHECKED])
        recent = self._losses[-50:] or [math.nan]
        progress = Progress(
            step=self.step,
            seconds=seconds,
            loss=math.fsum(recent) / len(recent),
            validation_loss=loss,
            exact_match=right,
            examples=self.seen,
        )
        self.report(progress)
        # Also when it is no number.
        if not loss < self.best:
            return None
        self.best = loss
        model.save_pretrained(self.checkpoint)
        return progress

    def _batches(self) -> Iterator[list[Example]]:
        """Batches without end, of examples that are about as long as each other."""
        random = Random(self.plan.seed)
        epoch, size = 0, self.plan.batch
        while True:
            examples = list(self.examples(epoch))
            random.shuffle(examples)
            for start in range(0, len(examples), size * POOLED):
                pool = sorted(examples[start : start + size * POOLED], key=_length)
                batches = [pool[i : i + size] for i in range(0, len(pool), size)]
                random.shuffle(batches)
                yield from batches
            epoch += 1


def optimizers_of(
    model: "T5ForConditionalGeneration", plan: Plan
) -> "list[tuple[Optimizer, float]]":
    """The optimizers that learn the model's numbers, with their highest rates: Muon for matrices,
    which is after 100 s where AdamW is after 150 (measured here), AdamW for all else.
    """
    import torch
    from torch.nn import Parameter

    matrices: list[Parameter] = []
    others: list[Parameter] = []
    for name, parameter in model.named_parameters():
        is_table = "shared" in name or "relative_attention_bias" in name
        (others if parameter.ndim != 2 or is_table else matrices).append(parameter)
    muon = torch.optim.Muon(matrices, lr=plan.matrix_rate, weight_decay=plan.decay)
    adam = torch.optim.AdamW(others, lr=plan.rate, betas=(0.9, 0.98), weight_decay=plan.decay)
    return [(muon, plan.matrix_rate), (adam, plan.rate)]


def loss_of(model: "T5ForConditionalGeneration", batch: Sequence[Example]) -> "Tensor":
    """The mean negative log-likelihood of a token of the tactics, in nats."""
    import torch

    sources = padded([encoded(goal) for goal, _ in batch], PAD)
    labels = padded([encoded(tactic) for _, tactic in batch], IGNORED)
    loss = model(
        input_ids=sources, attention_mask=(sources != PAD).to(torch.long), labels=labels
    ).loss
    assert loss is not None
    return loss


def loss_on(model: "T5ForConditionalGeneration", examples: Sequence[Example]) -> float:
    """The same over many examples, without learning; infinite for none."""
    import torch

    total, tokens = 0.0, 0
    for start in range(0, len(examples), CHECKED):
        some = examples[start : start + CHECKED]
        count = sum(len(encoded(tactic)) for _, tactic in some)
        with torch.no_grad():
            total += float(loss_of(model, some)) * count
        tokens += count
    return total / tokens if tokens else math.inf


def exact_matches(model: "T5ForConditionalGeneration", examples: Sequence[Example]) -> float:
    """The part of the examples whose tactic is what the model finds likeliest, byte by byte."""
    if not examples:
        return 0.0
    sources = padded([encoded(goal) for goal, _ in examples], PAD)
    longest = max(len(encoded(tactic)) for _, tactic in examples)
    answers = model.generate(
        input_ids=sources,
        attention_mask=(sources != PAD).long(),
        max_new_tokens=longest,
        num_beams=1,
        do_sample=False,
    )
    said = [decoded(row[1:]) for row in answers.tolist()]
    right = sum(text == tactic for text, (_, tactic) in zip(said, examples, strict=True))
    return right / len(examples)


def padded(rows: Sequence[Sequence[int]], filler: int) -> "Tensor":
    """Rows of tokens as one table, the shorter ones filled up."""
    import torch

    width = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (width - len(row))] for row in rows])


def parameters_of(model: "T5ForConditionalGeneration") -> int:
    """How many numbers are learned; those that are used twice count once."""
    return sum(parameter.numel() for parameter in model.parameters())


def _share(passed: float, step: int) -> float:
    """Of the learning rate: it rises over the first steps, and falls to a twentieth at the end."""
    return min(1.0, (step + 1) / WARM_UP) * max(0.05, 1.0 - passed)


WARM_UP = 40
"""Steps until the whole learning rate."""


def _length(example: Example) -> int:
    return len(example[0].encode()) + 2 * len(example[1].encode())
