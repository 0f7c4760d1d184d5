"""The errors that callers tell apart.

DraftmillError
|-- ConfigError       a setting or an argument is missing or wrong; nothing was claimed
|-- UnavailableError  the database or the file store stayed out of reach
|-- TransientError    the same input may pass later
`-- PermanentError    the same input will fail again (its `reason` is a short, stable word)

A file that killed its process raises nothing: the parent sees the death (kind 'poison'). A lost claim raises nothing:
the fenced write finds no row.

A message names the thing, the fault and the mend. It never holds a document's content or a secret.
"""

from __future__ import annotations


class DraftmillError(Exception):
    """Base of all errors raised on purpose."""


class ConfigError(DraftmillError):
    """A setting or an argument is missing or wrong (exit status 2)."""


class UnavailableError(DraftmillError):
    """The database or the file store stayed out of reach (exit status 3)."""


class TransientError(DraftmillError):
    """The same input may pass later."""


class PermanentError(DraftmillError):
    """The same input will fail again.

    reason  a short, stable word for grouping dead letters: 'encrypted', 'corrupt', 'empty', …
    """

    def __init__(self, message: str, *, reason: str = "corrupt") -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:  # travels from a child process with its reason
        return (_rebuild_permanent, (type(self), self.args[0], self.reason))


def _rebuild_permanent(kind: type[PermanentError], message: str, reason: str) -> PermanentError:
    error = kind.__new__(kind)
    PermanentError.__init__(error, message, reason=reason)
    return error
