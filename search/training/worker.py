"""The process that trains: `python -m search.training.worker`, so that torch is in no other.

A line of JSON on stdin is the job (`Job`); stdout has a line for each report, and nothing else:

    {"progress": {…}}                         a look at the model (`Progress`)
    {"done": {"progress": {…}, "held_out_loss": 0.7, "parameters": 1165568, "difference": 2e-05}}
    {"error": "…"}                            in words for the user

A line `stop` on stdin ends the training early: the best model so far is converted all the same.
When stdin closes the process ends at once. `search.training.trainer` is the other side.
"""

import contextlib
import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TextIO

from search.training.pairs import Pair
from search.training.plan import CHECKPOINT, CONVERTED, Job, told

if TYPE_CHECKING:
    from search.training.byte_t5 import Example


class Worker:
    """One job, from its line on stdin to its last report."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._stop = threading.Event()

    def serve(self) -> None:
        """Do the job. Faults of libraries are reported, not raised."""
        job = Job.from_json(json.loads(sys.stdin.readline()))
        # A thread, because torch computes for seconds without looking up, and our parent may die
        # or change its mind meanwhile.
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            self._say(done=self._train(job))
        except Exception as error:
            # The boundary of the process: whatever goes wrong is told to who has started it.
            self._say(error=" ".join(str(error).split()) or type(error).__name__)
            raise

    def _train(self, job: Job) -> dict[str, Any]:
        from search.training.byte_t5 import Training, loss_on, parameters_of
        from search.training.conversion import SAMPLES, convert_generator, load_generator

        _quietly()
        train, validation = _read(job.train), _read(job.validation)

        def examples(epoch: int) -> Sequence["Example"]:
            return _examples(train, job.plan.seed + epoch)

        training = Training(
            job.plan,
            examples,
            [told(pair) for pair in validation],
            job.folder / CHECKPOINT,
            lambda progress: self._say(progress=progress.as_json()),
            self._stop.is_set,
        )
        progress = training.run()
        samples = [*SAMPLES, *(told(pair) for pair in validation[:4])]
        checkpoint = job.folder / CHECKPOINT
        difference = convert_generator(checkpoint, job.folder / CONVERTED, samples=samples)
        best = load_generator(checkpoint)
        return {
            "progress": progress.as_json(),
            "held_out_loss": loss_on(best, [told(pair) for pair in _read(job.held_out)]),
            "parameters": parameters_of(best),
            "difference": difference,
        }

    def _watch(self) -> None:
        for line in sys.stdin:
            if line.strip() == "stop":
                self._stop.set()
        # At once, whatever is being computed: nobody is there to use it.
        os._exit(0)

    def _say(self, **report: object) -> None:
        self._output.write(json.dumps(report) + "\n")
        self._output.flush()


def _examples(pairs: Sequence[Pair], seed: int) -> list["Example"]:
    """The pairs as the model is told them, with names that differ from epoch to epoch."""
    from search.training.renamings import renamed

    random = Random(seed)
    return [told(renamed(pair, random)) for pair in pairs]


def _read(file: Path) -> list[Pair]:
    lines = file.read_text("utf-8").split("\n")
    return [Pair.from_json(json.loads(line)) for line in lines if line]


def _quietly() -> None:
    """No bars and no advice of libraries on stderr: it is shown when the process dies."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def main() -> None:
    """Do one job, with stdout kept for reports: whatever libraries print goes to stderr."""
    reports = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    with contextlib.suppress(BrokenPipeError):
        Worker(reports).serve()
    # Without waiting for the thread that watches stdin.
    os._exit(0)


if __name__ == "__main__":
    main()
