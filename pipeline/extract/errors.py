"""What a reader says of a file that it cannot read. Each is final for these bytes.

ExtractionError
|-- EncryptedFile      a password is needed
|-- CorruptFile        the bytes are not what their type promises, or are cut off
|-- EmptyFile          zero bytes
|-- BombFile           unpacks to far more than any document of its kind holds
`-- UnsupportedFormat  readable by somebody, not by us
"""

from __future__ import annotations


class ExtractionError(Exception):
    """These bytes cannot be read; the same bytes will fail again.

    reason  a short, stable word for grouping dead letters
    """

    reason = "corrupt"


class EncryptedFile(ExtractionError):
    """A password is needed to read the file."""

    reason = "encrypted"


class CorruptFile(ExtractionError):
    """The bytes are damaged, cut off, or of another kind than their type promises."""

    reason = "corrupt"


class EmptyFile(ExtractionError):
    """The file has no bytes."""

    reason = "empty"


class BombFile(ExtractionError):
    """A small file that unpacks to far more than any document of its kind holds, or that declares XML entities to do so."""

    reason = "bomb"


class UnsupportedFormat(ExtractionError):
    """A format or version that this release does not read."""

    reason = "unsupported"
