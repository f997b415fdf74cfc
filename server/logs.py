"""The log of a command that runs for long: on stderr, for people or one JSON object a line.

What is logged, and how serious it is, is the business of whoever logs.
"""

import json
import logging
import sys
import time
from typing import TextIO


class JsonLines(logging.Formatter):
    """A record as one line: time (UTC, ISO 8601), level, logger, message, and the fields of an
    incident where it tells of one.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, object] = {
            "time": f"{seconds}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if incident := getattr(record, "incident", None):
            line["incident"] = incident
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logging(
    as_json: bool, stream: TextIO | None = None, verbose: bool | None = None
) -> None:
    """Log to `stream` (default: stderr) from now on.

    For people only warnings and worse, for programs, or if it shall be `verbose`, all that is worth
    knowing.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    if as_json:
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    verbose = as_json if verbose is None else verbose
    for package in ("lean", "search", "server"):
        logging.getLogger(package).setLevel(logging.INFO if verbose else logging.WARNING)
