"""The child's part of an `embed` job: texts in, vectors out, as COPY takes them."""

from __future__ import annotations

import errno
import json

from pipeline.embed.model import as_literal, model_version
from pipeline.embed.open import open_embedder
from pipeline.errors import ConfigError, PermanentError, TransientError
from pipeline.extract.errors import ExtractionError
from pipeline.extract.options import ReadOptions

Packed = list[tuple[int, str]]


class TextRefused(ExtractionError):
    """The model takes no such text, now or later."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


def embed_chunks(data: bytes, _options: ReadOptions, spec: str, endpoint_key: str = "") -> tuple[str, Packed]:
    """[[sequence, text], …] as UTF-8 JSON to the model's version and [(sequence, '[0.1,0.2,…]'), …], in the same order.

    The model is loaded once a process. What a child's parent tells apart: TextRefused is final, OSError may pass, or be mended
    by a person (an endpoint that is away, a model that this machine lacks).
    """
    chunks = json.loads(data)
    try:
        embedder = open_embedder(spec, endpoint_key=endpoint_key)
        vectors = embedder.embed([text for _, text in chunks])
    except PermanentError as exc:
        raise TextRefused(str(exc), exc.reason) from exc
    except (TransientError, ConfigError) as exc:
        raise ConnectionError(errno.ECONNREFUSED, str(exc)) from exc
    return model_version(embedder), [(sequence, as_literal(vector)) for (sequence, _), vector in zip(chunks, vectors, strict=True)]
