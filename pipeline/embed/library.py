"""Sentence models that only the library sentence-transformers can compute (it brings torch: gigabytes)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.embed.model import FloatArray, normalised
from pipeline.errors import ConfigError


class LibraryEmbedder:
    """A folder, or a name that the library finds in its cache or on its hub."""

    def __init__(self, name: str) -> None:
        self._model = _load(name)
        self.name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
        self.version = str(getattr(self._model, "_model_card_vars", {}).get("version") or "library")
        self.dimension = int(self._model.get_sentence_embedding_dimension())

    def embed(self, texts: Sequence[str]) -> FloatArray:
        return self._encode(texts, "document")

    def embed_query(self, text: str) -> FloatArray:
        row: FloatArray = self._encode([text], "query")[0]
        return row

    def _encode(self, texts: Sequence[str], kind: str) -> FloatArray:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        prompt = {"prompt_name": kind} if kind in (self._model.prompts or {}) else {}
        return normalised(np.asarray(self._model.encode(list(texts), show_progress_bar=False, **prompt), dtype=np.float32))


def _load(name: str) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as exc:
        raise ConfigError(f"EMBEDDING_MODEL: {name[:200]} is no BERT with model.safetensors, so it needs the library: "
                          "pip install sentence-transformers, or name an ONNX folder: onnx:/path") from exc
    try:
        return SentenceTransformer(name, device="cpu")
    except (OSError, ValueError) as exc:
        raise ConfigError(f"EMBEDDING_MODEL: sentence-transformers cannot load {name[:200]} ({type(exc).__name__})") from exc
