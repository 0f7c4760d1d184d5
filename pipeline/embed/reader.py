"""The child's part of an `embed` job: texts in, vectors out, as COPY takes them."""

from __future__ import annotations

import json

from pipeline.embed.model import as_literal
from pipeline.embed.open import open_embedder
from pipeline.extract.options import ReadOptions

Packed = list[tuple[int, str]]


def embed_chunks(data: bytes, _options: ReadOptions, spec: str, endpoint_key: str = "") -> Packed:
    """[[sequence, text], …] as UTF-8 JSON to [(sequence, '[0.1,0.2,…]'), …], in the same order.

    The model is loaded once a process. Raises what open_embedder and Embedder.embed raise.
    """
    chunks = json.loads(data)
    vectors = open_embedder(spec, endpoint_key=endpoint_key).embed([text for _, text in chunks])
    return [(sequence, as_literal(vector)) for (sequence, _), vector in zip(chunks, vectors, strict=True)]
