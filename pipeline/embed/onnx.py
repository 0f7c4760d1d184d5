"""Model folders in ONNX form: model.onnx (or onnx/model.onnx) and tokenizer.json."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.embed.folder import ModelFolder, Tokens, pooled
from pipeline.embed.model import FloatArray, in_batches, normalised
from pipeline.errors import ConfigError

BATCH = 16
KNOWN_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class OnnxEmbedder:
    """A sentence model run by onnxruntime on one thread: the machine's cores belong to the worker's children."""

    def __init__(self, path: Path) -> None:
        weights = next((file for file in (path / "model.onnx", path / "onnx" / "model.onnx") if file.is_file()), None)
        if weights is None:
            raise ConfigError(f"EMBEDDING_MODEL: {path} holds no model.onnx; name the folder that does")
        self.folder = ModelFolder.read(path, weights)
        self.name, self.version = self.folder.name, self.folder.version
        self._tokens = Tokens(self.folder)
        self._session = _session(weights)
        self._inputs = [one.name for one in self._session.get_inputs()]
        if unknown := [name for name in self._inputs if name not in KNOWN_INPUTS]:
            raise ConfigError(f"EMBEDDING_MODEL: {weights} asks for the input {unknown[0]}, which no text gives; name another model")
        self.dimension: int = self._run(["dimension"]).shape[1]

    def embed(self, texts: Sequence[str]) -> FloatArray:
        return self._embed([self.folder.prompt("document") + text for text in texts])

    def embed_query(self, text: str) -> FloatArray:
        row: FloatArray = self._embed([self.folder.prompt("query") + text])[0]
        return row

    def _embed(self, texts: list[str]) -> FloatArray:
        return in_batches(texts, BATCH, self._run, self.dimension)

    def _run(self, texts: list[str]) -> FloatArray:
        ids, mask = self._tokens(texts)
        given = dict(zip(KNOWN_INPUTS, (ids, mask, np.zeros_like(ids)), strict=True))
        states = np.asarray(self._session.run(None, {name: given[name] for name in self._inputs})[0], dtype=np.float32)
        return normalised(states if states.ndim == 2 else pooled(states, mask, self.folder.pooling))


def _session(weights: Path):  # type: ignore[no-untyped-def]  # onnxruntime ships no types
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
    except Exception as exc:  # its errors have no class of their own to name
        raise ConfigError(f"EMBEDDING_MODEL: {weights} cannot be loaded ({type(exc).__name__}); fetch the model again") from exc
