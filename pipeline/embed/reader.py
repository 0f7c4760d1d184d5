"""The child's part of an `embed` job: texts in, vectors out, as COPY takes them."""

from __future__ import annotations

import json

from pipeline.embed.model import as_literal, model_version
from pipeline.embed.open import open_embedder
from pipeline.extract.options import ReadOptions

Packed = list[tuple[int, str]]


def embed_chunks(data: bytes, _options: ReadOptions, spec: str, endpoint_key: str = "") -> tuple[str, Packed]:
    """[[sequence, text], …] as UTF-8 JSON to the model's version and [(sequence, '[0.1,0.2,…]'), …], in the same order.

    The model is loaded once a process. Raises what open_embedder and Embedder.embed raise.
    """
    chunks = json.loads(data)
    embedder = open_embedder(spec, endpoint_key=endpoint_key)
    vectors = embedder.embed([text for _, text in chunks])
    return model_version(embedder), [(sequence, as_literal(vector)) for (sequence, _), vector in zip(chunks, vectors, strict=True)]
