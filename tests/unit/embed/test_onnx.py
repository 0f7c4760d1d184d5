"""ONNX folders: a tiny model, written here byte by byte, is pooled as its folder says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.embed import open_embedder
from pipeline.errors import ConfigError

pytest.importorskip("tokenizers")

TABLE = np.array([[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 4]], dtype=np.float32)  # of [PAD], [UNK], screw, nut
INT64, FLOAT = 7, 1


def field(number: int, value: bytes | int) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def value_info(name: bytes, kind: int, rank: int) -> bytes:
    shape = b"".join(field(1, field(2, b"d%d" % axis)) for axis in range(rank))
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def model(*inputs: bytes) -> bytes:
    """last_hidden_state = TABLE[input_ids] as an ONNX ModelProto."""
    gather = field(1, b"table") + field(1, b"input_ids") + field(2, b"last_hidden_state") + field(4, b"Gather")
    table = b"".join(field(1, size) for size in TABLE.shape) + field(2, FLOAT) + field(8, b"table") + field(9, TABLE.tobytes())
    graph = (field(1, gather) + field(2, b"tiny") + field(5, table)
             + b"".join(field(11, value_info(name, INT64, 2)) for name in inputs)
             + field(12, value_info(b"last_hidden_state", FLOAT, 3)))
    return field(1, 8) + field(8, field(2, 13)) + field(7, graph)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1, "screw": 2, "nut": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "model.onnx").write_bytes(model(b"input_ids", b"attention_mask"))
    return tmp_path


def test_the_mean_of_the_tokens_without_padding(folder: Path) -> None:
    vectors = open_embedder(f"onnx:{folder}").embed(["screw nut", "screw"])
    assert vectors == pytest.approx(np.array([[0, 1 / 5**0.5, 2 / 5**0.5], [0, 1, 0]]), abs=1e-6)


def test_the_first_token_where_the_folder_says_so(folder: Path) -> None:
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}), encoding="utf-8")
    assert open_embedder(f"onnx:{folder}").embed(["nut screw"]).tolist() == [[0, 0, 1]]


def test_a_query_is_asked_with_its_prompt(folder: Path) -> None:
    prompts = {"prompts": {"query": "nut ", "document": ""}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts), encoding="utf-8")
    embedder = open_embedder(f"onnx:{folder}")
    assert embedder.embed_query("screw") == pytest.approx([0, 1 / 5**0.5, 2 / 5**0.5], abs=1e-6)
    assert embedder.embed(["screw"]).tolist() == [[0, 1, 0]]


def test_long_texts_are_cut_at_what_the_model_takes(folder: Path) -> None:
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 2}), encoding="utf-8")
    assert open_embedder(f"onnx:{folder}").embed(["nut nut screw screw"]).tolist() == [[0, 0, 1]]


def test_other_files_are_another_version(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    first = open_embedder(f"onnx:{folder}").version
    copy = tmp_path_factory.mktemp("copy")
    for name in ("model.onnx", "tokenizer.json"):
        (copy / name).write_bytes((folder / name).read_bytes())
    assert open_embedder(f"onnx:{copy}").version == first
    other = tmp_path_factory.mktemp("other")
    (other / "model.onnx").write_bytes((folder / "model.onnx").read_bytes().replace(TABLE.tobytes(), (TABLE * 2).tobytes()))
    (other / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    assert open_embedder(f"onnx:{other}").version != first


@pytest.mark.parametrize(("name", "content"), [("model.onnx", b"no model"), ("model.onnx", model(b"input_ids", b"pixel_values")),
                                               ("config.json", b"{")], ids=["broken", "wants more than text", "broken configuration"])
def test_what_cannot_be_used_is_named(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(ConfigError, match="EMBEDDING_MODEL"):
        open_embedder(f"onnx:{folder}")
