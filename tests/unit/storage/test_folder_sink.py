"""A folder as an output store: whole or not at all, whatever happens to the writer."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.config import Settings
from pipeline.errors import ConfigError, DraftmillError, PermanentError, UnavailableError
from pipeline.storage import Gone
from pipeline.storage.folder_sink import FolderSink
from pipeline.storage.sink import open_sink

KEY = "0198c3a2-0000-7000-8000-000000000001/12.1.jsonl"
# Writes files named by their hash until it is killed.
ENDLESS_WRITER = """
import hashlib, itertools, pathlib, sys
from pipeline.storage.folder_sink import FolderSink
sink = FolderSink(pathlib.Path(sys.argv[1]))
for number in itertools.count():
    data = f"{number} ".encode() * 400_000
    sink.put(f"{number % 3}/{hashlib.sha256(data).hexdigest()}.jsonl", data)
    print(number, flush=True)
"""


@pytest.fixture
def sink(tmp_path: Path) -> FolderSink:
    return FolderSink(tmp_path / "outputs")


def keys(sink: FolderSink, prefix: str = "", *, leftovers: bool = False) -> list[str]:
    return [entry.key for entry in sink.list(prefix, leftovers=leftovers)]


def test_what_was_put_is_there(sink: FolderSink) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    sink.put(KEY, b"one\n")
    sink.put(KEY, b"two\n")
    assert sink.get(KEY) == b"two\n"
    with sink.open(KEY) as stream:
        assert stream.readline() == b"two\n"
    entry, = sink.list()
    assert (entry.key, entry.size, entry.leftover) == (KEY, 4, "")
    assert before < entry.modified_at < datetime.now(UTC) + timedelta(minutes=1)
    assert sink.exists(KEY)


def test_the_listing_is_in_the_order_of_keys_and_obeys_a_prefix(sink: FolderSink) -> None:
    given = ["a/1.jsonl", "a-b/1.jsonl", "a.jsonl", "a/2.jsonl", "b/c/3.jsonl", "ab/1.jsonl", "ä b.jsonl"]
    for key in given:
        sink.put(key, b"")
    assert keys(sink) == sorted(given, key=str.encode)
    for prefix in ("a", "a/", "a/2", "b/c/", "b/c/3", "b", "zz", "zz/1"):
        assert keys(sink, prefix) == [key for key in sorted(given, key=str.encode) if key.startswith(prefix)]


def test_deleting_removes_file_and_empty_folder_and_is_harmless_twice(sink: FolderSink, tmp_path: Path) -> None:
    sink.put(KEY, b"1")
    sink.put("b/1.1.jsonl", b"1")
    sink.put("b/2.1.jsonl", b"1")
    sink.delete([KEY, "b/1.1.jsonl", "c/none.jsonl"])
    sink.delete([KEY, "b/1.1.jsonl"])
    assert keys(sink) == ["b/2.1.jsonl"]
    assert [path.name for path in (tmp_path / "outputs").iterdir()] == ["b"]
    sink.delete(["b/2.1.jsonl"])
    assert (tmp_path / "outputs").is_dir()  # the store itself stays


def test_what_is_not_there_is_gone(sink: FolderSink) -> None:
    sink.put(KEY, b"1")
    for key in ("none/1.1.jsonl", f"{KEY}/below"):
        assert not sink.exists(key)
        with pytest.raises(Gone):
            sink.get(key)
        with pytest.raises(Gone):
            sink.open(key)


@pytest.mark.parametrize("key", ["../up.jsonl", "/etc/passwd", "a/../../b", "", "a//b", "a/.b.0123456789abcdef.part"])
def test_a_key_that_leads_elsewhere_is_refused(sink: FolderSink, key: str) -> None:
    with pytest.raises(PermanentError):
        sink.put(key, b"1")


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(sink: FolderSink, monkeypatch: pytest.MonkeyPatch) -> None:
    sink.put(KEY, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError, match="No space left"):
        sink.put(KEY, b"new")
    assert sink.get(KEY) == b"old"
    assert keys(sink, leftovers=True) == [KEY]


def test_a_killed_writer_leaves_whole_files_and_leftovers_that_are_known(tmp_path: Path) -> None:
    root = tmp_path / "outputs"
    sink = FolderSink(root)
    for _ in range(4):
        with subprocess.Popen([sys.executable, "-c", ENDLESS_WRITER, str(root)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            writer.kill()
    entries = list(sink.list(leftovers=True))
    whole = [entry for entry in entries if not entry.leftover]
    assert whole
    for entry in whole:
        assert Path(entry.key).stem == hashlib.sha256(sink.get(entry.key)).hexdigest()
    assert {path.name for path in root.rglob("*.part")} == {entry.leftover for entry in entries if entry.leftover}
    sink.discard(entry for entry in entries if entry.leftover)
    assert not list(root.rglob("*.part"))
    assert len(keys(sink)) == len(whole)


def test_a_leftover_is_listed_under_the_key_it_was_for(sink: FolderSink, tmp_path: Path) -> None:
    sink.put(KEY, b"1")
    (tmp_path / "outputs" / KEY).with_name(".12.2.jsonl.0123456789abcdef.part").write_bytes(b"half")
    assert keys(sink) == [KEY]
    left, = (entry for entry in sink.list(leftovers=True) if entry.leftover)
    assert left.key == KEY.replace("12.1", "12.2")
    sink.discard([left])
    assert keys(sink, leftovers=True) == [KEY]


def test_writers_and_a_sweep_of_the_same_folder_do_not_hurt_each_other(sink: FolderSink) -> None:
    stop = threading.Event()

    def sweep() -> None:
        while not stop.wait(0.0005):
            sink.delete(["shared/gone.jsonl"])

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        for number in range(150):
            sink.put("shared/kept.jsonl", str(number).encode())
            assert sink.get("shared/kept.jsonl") == str(number).encode()
            sink.put("shared/gone.jsonl", b"x")
            sink.delete(["shared/kept.jsonl"])
    finally:
        stop.set()
        sweeper.join()


def test_a_store_that_went_away_is_unavailable_and_not_made_anew(sink: FolderSink, tmp_path: Path) -> None:
    sink.put(KEY, b"1")
    shutil.rmtree(tmp_path / "outputs")
    with pytest.raises(UnavailableError, match="went away"):
        sink.put(KEY, b"1")
    with pytest.raises(UnavailableError):
        sink.exists(KEY)
    with pytest.raises(UnavailableError):
        list(sink.list())
    assert not (tmp_path / "outputs").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind here")
def test_a_folder_that_cannot_be_written_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(ConfigError, match="OUTPUT_URL"):
        FolderSink(tmp_path / "locked" / "outputs")


def test_output_url_names_a_folder_a_file_url_or_nothing(tmp_path: Path) -> None:
    settings = Settings.load(None, {}, data_dir=str(tmp_path / "data"))
    for url, place in [("", "data/outputs"), (str(tmp_path / "a b"), "a b"), ((tmp_path / "c d").as_uri(), "c d")]:
        open_sink(url, settings).put(KEY, b"1")
        assert (tmp_path / place / KEY).read_bytes() == b"1"


@pytest.mark.parametrize(("url", "said"), [
    ("ftp://host/x", "no kind of output store"), ("https://user:hunter2@host/x", "no kind of output store"), ("s3://", "bucket"),
    ("a\x00b", "NUL")])
def test_a_wrong_output_url_is_named_without_its_password(tmp_path: Path, url: str, said: str) -> None:
    settings = Settings.load(None, {}, data_dir=str(tmp_path))
    with pytest.raises(ConfigError, match=said) as caught:
        open_sink(url, settings)
    assert "hunter2" not in str(caught.value)


def test_a_file_in_place_of_the_folder_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DraftmillError, match="is a file"):
        FolderSink(tmp_path / "file")
