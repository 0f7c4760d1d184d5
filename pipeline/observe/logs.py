"""Events on standard error: one line each, the name first, its fields behind it.

    10:41:02 WARNING  job.failed  job_id=17 attempt=1 reason=encrypted
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

# What every record has; the rest are the event's own fields.
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
OURS = ("pipeline", "phases", "commands")


class LineFormatter(logging.Formatter):
    """time LEVEL event field=value …; values with blanks are quoted, line breaks shown as \\n."""

    def format(self, record: logging.LogRecord) -> str:
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        fields = "".join(f" {name}={shown(value)}" for name, value in vars(record).items() if name not in STANDARD)
        line = f"{clock} {record.levelname:<7}  {record.getMessage()} {fields}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class StandardErrorHandler(logging.Handler):
    """Writes to what sys.stderr is at that moment: a progress bar puts itself in between and keeps lines apart."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)


def configure(level: str, *, others: int = logging.WARNING) -> None:
    """Send our events of this level and above to standard error, and what other libraries say from the level `others` on."""
    handler = StandardErrorHandler()
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=max(others, logging.getLevelName(level)), handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)


def level_of_events() -> str:
    """The level from which our events are sent, for a child process to be configured like its parent."""
    return logging.getLevelName(logging.getLogger(OURS[0]).getEffectiveLevel())


def shown(value: Any) -> str:
    """A value as it stands behind `field=`: on one line, and without what could command a terminal."""
    text = str(value)
    if text and text.isprintable() and not any(character in text for character in " \"'="):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in escaped) + '"'
