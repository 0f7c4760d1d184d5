"""What every embedder offers, and the form in which vectors are stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

MOST_DIMENSIONS = 4000  # of a halfvec that an HNSW index takes


class Embedder(Protocol):
    """A model that turns texts into vectors. name and version say which; the same two give the same vectors everywhere."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """(n, dimension) float32, each row of length 1, or 0 where a text holds nothing that the model knows."""

    def embed_query(self, text: str) -> FloatArray:
        """(dimension,) float32: what a question is looked up with."""


def model_version(embedder: Embedder) -> str:
    """What is stored with each vector; vectors are compared only where it is the same."""
    return f"{embedder.name}@{embedder.version}/{embedder.dimension}"


def normalised(vectors: FloatArray) -> FloatArray:
    """Rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: FloatArray = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
    return result


def in_batches(texts: Sequence[str], size: int, embed: Callable[[list[str]], FloatArray], dimension: int) -> FloatArray:
    """Texts embedded `size` at a time, those of like length together, so that little is computed for padding."""
    vectors = np.zeros((len(texts), dimension), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    for first in range(0, len(order), size):
        places = order[first:first + size]
        vectors[places] = embed([texts[place] for place in places])
    return vectors


def as_literal(vector: FloatArray) -> str:
    """The vector as PostgreSQL reads a halfvec. Five digits are more than its 11 bits of fraction hold."""
    return "[" + ",".join([format(value, ".5g") for value in vector.tolist()]) + "]"
