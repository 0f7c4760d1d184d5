"""The exit statuses, and what an exception means in them."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import psycopg

from pipeline.errors import ConfigError, DraftmillError, TransientError, UnavailableError
from pipeline.observe.logs import OURS

DONE = 0
CHECKPOINT_FAILED = 1
WRONG_USAGE = 2
OUT_OF_REACH = 3
OUR_ERROR = 4
INTERRUPTED = 130

EPILOG = """\b
Exit status: 0 done, all checkpoints passed; 1 a checkpoint failed; 2 wrong usage or configuration;
3 database or file store out of reach; 4 an error of ours; 130 interrupted (the same command goes on)."""

HERE = Path(__file__).resolve().parent.parent


def judge(exc: Exception) -> tuple[int, str]:
    """Exit status and the line for a person. Texts that may quote a document's content are left out."""
    if isinstance(exc, ConfigError):
        return WRONG_USAGE, str(exc)
    if isinstance(exc, (UnavailableError, TransientError)):
        return OUT_OF_REACH, str(exc)
    if isinstance(exc, psycopg.OperationalError):
        return OUT_OF_REACH, f"the database went away ({type(exc).__name__}); the same command goes on when it is back"
    if isinstance(exc, DraftmillError):
        return OUR_ERROR, str(exc)
    if isinstance(exc, OSError) and exc.filename:
        return OUR_ERROR, f"{exc.filename}: {exc.strerror}; make room or mend its permissions, then run the same command again"
    return OUR_ERROR, (f"an error of ours: {type(exc).__name__} at {_place(exc)}; "
                       "DRAFTMILL_LOG_LEVEL=DEBUG shows the traceback, please report it")


def show_traceback(exc: Exception) -> str:
    """The traceback where the log level asks for it, else nothing."""
    if not logging.getLogger("pipeline").isEnabledFor(logging.DEBUG):
        return ""
    return "".join(traceback.format_tb(exc.__traceback__)) + f"{type(exc).__name__}\n"  # its text may quote a document


def _place(exc: Exception) -> str:
    """Where in our own code it happened."""
    for frame in reversed(traceback.extract_tb(exc.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(HERE) and path.relative_to(HERE).parts[0] in OURS:
            return f"{path.relative_to(HERE).as_posix()} line {frame.lineno}"
    return "an unknown place"
