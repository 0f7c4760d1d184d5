"""What a model's folder says of itself: pooling, longest text, prompts, tokenizer. Shared by the readers of model folders."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.embed.model import FloatArray
from pipeline.errors import ConfigError

Ids = NDArray[np.int64]

NO_TOKENIZERS = "EMBEDDING_MODEL: {folder} needs the package tokenizers; pip install -r requirements-embed.txt"
LONGEST = 512  # tokens, where the folder says nothing


@dataclass(frozen=True)
class ModelFolder:
    """A sentence-transformers folder or one that looks like it.

    pooling   'mean', 'cls' or 'max'
    longest   tokens of one text that are looked at, special ones included
    prompts   what goes before a text: 'query', 'document'
    version   of the files: the start of the SHA-256 of the weights' sizes and the configuration
    """

    path: Path
    config: dict[str, Any]
    pooling: str
    longest: int
    version: str
    prompts: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The folder's own name; that of its package where it is just called 'model'."""
        return self.path.parent.name if self.path.name in ("model", "onnx") else self.path.name

    @classmethod
    def read(cls, path: Path, weights: Path) -> ModelFolder:
        """Raises ConfigError where the folder is none of a model."""
        config = read_json(path / "config.json")
        sentence = read_json(path / "sentence_bert_config.json")
        prompts = read_json(path / "config_sentence_transformers.json").get("prompts") or {}
        longest = int(sentence.get("max_seq_length") or config.get("max_position_embeddings") or LONGEST)
        return cls(path, config, _pooling(path), min(longest, int(config.get("max_position_embeddings") or longest)),
                   _fingerprint(path, weights), {str(key): str(text) for key, text in prompts.items()})

    def prompt(self, kind: str) -> str:
        names = ("query",) if kind == "query" else ("document", "passage")
        return next((self.prompts[name] for name in names if name in self.prompts), "")


class Tokens:
    """The folder's tokenizer: texts to padded ids and masks."""

    def __init__(self, folder: ModelFolder) -> None:
        try:
            from tokenizers import Tokenizer
        except ImportError as exc:
            raise ConfigError(NO_TOKENIZERS.format(folder=folder.path)) from exc
        path = folder.path / "tokenizer.json"
        if not path.is_file():
            raise ConfigError(f"EMBEDDING_MODEL: {folder.path} has no tokenizer.json; name a folder that has one")
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.enable_truncation(folder.longest)
        pad = int(folder.config.get("pad_token_id") or 0)
        self._tokenizer.enable_padding(pad_id=pad, pad_token=self._tokenizer.id_to_token(pad) or "[PAD]")

    def __call__(self, texts: list[str]) -> tuple[Ids, Ids]:
        """(n, longest of them) ids and their mask."""
        encoded = self._tokenizer.encode_batch(texts)
        return (np.array([one.ids for one in encoded], dtype=np.int64), np.array([one.attention_mask for one in encoded], dtype=np.int64))


def pooled(states: FloatArray, mask: Ids, pooling: str) -> FloatArray:
    """One vector a text of its tokens' vectors (n, tokens, d)."""
    if pooling == "cls":
        first: FloatArray = states[:, 0]
        return first
    weights = mask[:, :, None].astype(np.float32)
    if pooling == "max":
        highest: FloatArray = np.where(weights > 0, states, np.float32(-np.inf)).max(axis=1)
        return highest
    mean: FloatArray = (states * weights).sum(axis=1) / weights.sum(axis=1)
    return mean


def read_json(path: Path) -> dict[str, Any]:
    """The file's object, {} where there is none. Raises ConfigError where it is broken."""
    found = _json(path)
    return found if isinstance(found, dict) else {}


def module_kinds(path: Path) -> set[str]:
    """The parts that a sentence-transformers folder is made of: 'Transformer', 'Pooling', 'Normalize', 'Dense', …"""
    modules = _json(path / "modules.json")
    return {str(module.get("type", "")).rpartition(".")[2] for module in modules} if isinstance(modules, list) else set()


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        raise ConfigError(f"EMBEDDING_MODEL: {path} cannot be read as JSON ({type(exc).__name__}); fetch the model again") from exc


def _pooling(path: Path) -> str:
    given = read_json(path / "1_Pooling" / "config.json")
    if given.get("pooling_mode_cls_token"):
        return "cls"
    return "max" if given.get("pooling_mode_max_tokens") else "mean"


def _fingerprint(path: Path, weights: Path) -> str:
    """Cheap to make, and the same wherever the folder is copied to: the weights' size and last megabyte, and what configures them."""
    digest = hashlib.sha256(str(weights.stat().st_size).encode())
    with weights.open("rb") as stream:
        stream.seek(max(0, weights.stat().st_size - 1_000_000))
        digest.update(stream.read())
    for name in ("config.json", "1_Pooling/config.json", "sentence_bert_config.json", "tokenizer.json"):
        if (path / name).is_file():
            digest.update((path / name).read_bytes())
    return digest.hexdigest()[:12]
