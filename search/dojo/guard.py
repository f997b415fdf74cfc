"""The process between us and a long job: `python -I guard.py LOG PROGRAM ARGUMENTS…`.

Whatever the job and its children print goes to the file LOG, and they have nothing to read. When
the job has ended its exit code is a line on stdout. When stdin closes, because whoever started this
has had enough or is dead, the whole process group ends: start it in a group of its own.

Standard library only; `search.dojo.running` is the other side.
"""

import os
import signal
import subprocess
import sys
import threading

NOT_STARTED = 127


def _end_with(watched: int) -> None:
    while os.read(watched, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


def main(log: str, command: list[str]) -> None:
    """Run the job, say how it ended, and wait to be ended."""
    watching = threading.Thread(target=_end_with, args=[0])
    watching.start()
    with open(log, "ab") as output:  # noqa: PTH123 - a file object is what is needed
        try:
            code = subprocess.call(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        except OSError as error:
            output.write(f"{command[0]}: {error.strerror}\n".encode())
            code = NOT_STARTED
    os.write(1, f"{code}\n".encode())
    # What the job has left running is ended together with this process.
    watching.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
