"""BERT-like sentence models, computed with numpy from model.safetensors: no torch, which weighs gigabytes.

Source: Devlin et al., 2019, and the parameter names that the transformers library gives its BertModel.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np

from pipeline.embed.folder import Ids, ModelFolder, Tokens, pooled
from pipeline.embed.model import FloatArray, in_batches, normalised
from pipeline.errors import ConfigError

BATCH = 4  # more is slower on a CPU: attention no longer fits its caches
HIDDEN_ACTS = ("gelu", "relu")


class BertEmbedder:
    """A sentence-transformers folder whose transformer is a BERT."""

    def __init__(self, path: Path) -> None:
        self.folder = ModelFolder.read(path, path / "model.safetensors")
        self.name, self.version = self.folder.name, self.folder.version
        self._tokens = Tokens(self.folder)
        self._network = Bert(path / "model.safetensors", self.folder)
        self.dimension: int = self._network.dimension

    def embed(self, texts: Sequence[str]) -> FloatArray:
        return self._embed([self.folder.prompt("document") + text for text in texts])

    def embed_query(self, text: str) -> FloatArray:
        row: FloatArray = self._embed([self.folder.prompt("query") + text])[0]
        return row

    def _embed(self, texts: list[str]) -> FloatArray:
        with _one_thread():
            return in_batches(texts, BATCH, self._embed_batch, self.dimension)

    def _embed_batch(self, texts: list[str]) -> FloatArray:
        ids, mask = self._tokens(texts)
        return normalised(pooled(self._network(ids, mask), mask, self.folder.pooling))


class Bert:
    """The encoder: ids (n, tokens) and mask to states (n, tokens, dimension)."""

    def __init__(self, weights: Path, folder: ModelFolder) -> None:
        config = folder.config
        if config.get("hidden_act", "gelu") not in HIDDEN_ACTS or config.get("position_embedding_type", "absolute") != "absolute":
            raise ConfigError(f"EMBEDDING_MODEL: {folder.path} is a BERT of a kind that is not known here; use an ONNX folder of it")
        self._weights = _read(weights)
        self._layers = int(config["num_hidden_layers"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        self._activate = _gelu if config.get("hidden_act", "gelu") == "gelu" else _relu
        self.dimension = int(config["hidden_size"])

    def __call__(self, ids: Ids, mask: Ids) -> FloatArray:
        states = self._enter(ids)
        hidden: FloatArray = np.where(mask, 0, -1e9).astype(np.float32)[:, None, None, :]
        for layer in range(self._layers):
            name = f"encoder.layer.{layer}"
            attended = self._linear(self._attend(states, hidden, f"{name}.attention.self"), f"{name}.attention.output.dense")
            states = self._norm(states + attended, f"{name}.attention.output.LayerNorm")
            inner = self._activate(self._linear(states, f"{name}.intermediate.dense"))
            states = self._norm(states + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return states

    def _enter(self, ids: Ids) -> FloatArray:
        weights = self._weights
        states = (weights["embeddings.word_embeddings.weight"][ids]
                  + weights["embeddings.position_embeddings.weight"][:ids.shape[1]]
                  + weights["embeddings.token_type_embeddings.weight"][0])
        return self._norm(states, "embeddings.LayerNorm")

    def _attend(self, states: FloatArray, hidden: FloatArray, name: str) -> FloatArray:
        count, tokens, width = states.shape
        query, key, value = (self._linear(states, f"{name}.{part}").reshape(count, tokens, self._heads, -1).transpose(0, 2, 1, 3)
                             for part in ("query", "key", "value"))
        scores = (query / np.float32(np.sqrt(width // self._heads))) @ key.transpose(0, 1, 3, 2)
        scores += hidden
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        mixed = (scores @ value) / scores.sum(axis=-1, keepdims=True)
        attended: FloatArray = mixed.transpose(0, 2, 1, 3).reshape(count, tokens, width)
        return attended

    def _linear(self, states: FloatArray, name: str) -> FloatArray:
        product: FloatArray = states @ self._weights[f"{name}.weight"].T
        product += self._weights[f"{name}.bias"]
        return product

    def _norm(self, states: FloatArray, name: str) -> FloatArray:
        states = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((states * states).mean(axis=-1, keepdims=True) + np.float32(self._epsilon))
        normed: FloatArray = states / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return normed


def _one_thread() -> AbstractContextManager[object]:
    """The machine's cores belong to the worker's children; threads that wait for one another beside them are slower than one."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    limited: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limited


def _read(path: Path) -> dict[str, FloatArray]:
    """Parameters by name, without the prefix that some folders write."""
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    except ImportError as exc:
        raise ConfigError(f"EMBEDDING_MODEL: {path.parent} needs the package safetensors; pip install -r requirements-embed.txt") from exc
    try:
        found = load_file(path)
    except (OSError, SafetensorError) as exc:
        raise ConfigError(f"EMBEDDING_MODEL: {path} cannot be read ({type(exc).__name__}); fetch the model again") from exc
    return {name.removeprefix("bert."): array.astype(np.float32) for name, array in found.items() if array.dtype.kind == "f"}


def _relu(states: FloatArray) -> FloatArray:
    active: FloatArray = np.maximum(states, np.float32(0))
    return active


def _gelu(states: FloatArray) -> FloatArray:
    """x · Φ(x). Source of erf: Abramowitz and Stegun 7.1.26, within 1.5e-7, which is float32's own."""
    size = np.abs(states)
    size *= np.float32(0.7071067811865476)
    step = 1 / (1 + np.float32(0.3275911) * size)
    tail: FloatArray = np.full(step.shape, 1.061405429, dtype=np.float32)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail *= step
        tail += np.float32(factor)
    tail *= step
    np.multiply(size, size, out=size)
    tail *= np.exp(np.negative(size, out=size), out=size)
    tail *= np.float32(0.5)  # Φ(-|x|) by now
    active: FloatArray = np.maximum(states, np.float32(0)) - np.abs(states) * tail
    return active
