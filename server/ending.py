"""How a command that runs for long hears that it shall end."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


@contextlib.contextmanager
def on_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Call `stop` at the first signal that asks us to end; a second one ends the hard way.

    A signal that is ignored, as in a background job of a shell or under nohup, stays ignored.
    """
    loop = asyncio.get_running_loop()
    handled: list[int] = []

    def end() -> None:
        for number in handled:
            loop.remove_signal_handler(number)
        handled.clear()
        stop()

    for name in ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            # Where the loop has no signal handlers (Windows), Ctrl-C cancels the main task.
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, end)
                handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
