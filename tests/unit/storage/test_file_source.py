"""A folder as a source, and the URLs that lead to one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, PermanentError, TransientError, UnavailableError
from pipeline.storage import Gone, Listing, open_source
from pipeline.storage import file as module
from pipeline.storage.file import FileSource
from pipeline.storage.open import file_url_path

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX names and links")


def write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def keys(source: object, listing: Listing | None = None) -> list[str]:
    return [entry.key for entry in source.list(listing or Listing())]  # type: ignore[attr-defined]


def test_the_listing_is_in_the_order_of_the_keys_bytes(tmp_path: Path) -> None:
    for name in ("b/x", "b.txt", "a", "B", "b-", "é", "b/a/z", "c"):
        write(tmp_path / name)
    found = keys(open_source(str(tmp_path)))
    assert found == sorted(found, key=str.encode)
    assert len(found) == 8


def test_an_entry_has_size_version_and_time_and_stat_agrees(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "four")
    os.utime(path, ns=(10**18, 10**18 + 123))
    source = open_source(str(tmp_path))
    entry = next(iter(source.list(Listing())))
    assert entry.size == 4
    assert entry.version == f"4-{path.stat().st_mtime_ns}"
    assert entry.modified_at is not None
    assert source.stat("a.txt") == entry
    with source.open("a.txt") as stream:
        assert stream.read() == b"four"


@posix
def test_a_loop_through_two_folders_ends(tmp_path: Path) -> None:
    write(tmp_path / "a" / "x")
    write(tmp_path / "b" / "y")
    (tmp_path / "a" / "to_b").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "to_a").symlink_to(tmp_path / "a")
    listing = Listing()
    assert keys(open_source(str(tmp_path)), listing) == ["a/to_b/y", "a/x", "b/to_a/x", "b/y"]
    assert listing.other["link_loop"] == 2
    assert listing.complete


@posix
def test_folders_full_of_links_to_each_other_do_not_explode(tmp_path: Path) -> None:
    names = [f"{number:02}" for number in range(12)]
    for name in names:
        write(tmp_path / name / "file")
        for other in names:
            if other != name:
                (tmp_path / name / f"to_{other}").symlink_to(tmp_path / other)
    listing = Listing()
    found = keys(open_source(str(tmp_path)), listing)
    assert {f"{name}/file" for name in names} <= set(found)
    assert len(found) == len(set(found)) <= 12 * (module.MOST_VISITS + 1)
    assert listing.other["link_repeated"] > 0


@posix
def test_a_link_that_leads_out_of_the_source_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "outside" / "x")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "way").symlink_to(tmp_path / "outside")
    assert keys(open_source(str(tmp_path / "inside"))) == ["way/x"]


@posix
def test_a_pipe_that_took_a_files_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.pdf")
    with pytest.raises(Gone):
        open_source(str(tmp_path)).open("a.pdf")


def test_what_is_no_longer_there_is_gone(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path / "file")
    source = open_source(str(tmp_path))
    for key in ("missing", "missing/x", "file/x"):
        with pytest.raises(Gone):
            source.stat(key)
        with pytest.raises(Gone):
            source.open(key)
    with pytest.raises(Gone):
        source.stat("folder")


def test_a_source_that_went_away_is_out_of_reach_and_not_gone(tmp_path: Path) -> None:
    write(tmp_path / "source" / "a")
    source = open_source(str(tmp_path / "source"))
    (tmp_path / "source").rename(tmp_path / "elsewhere")
    with pytest.raises(UnavailableError, match="mount it again"):
        source.stat("a")
    with pytest.raises(UnavailableError):
        list(source.list(Listing()))


@pytest.mark.parametrize(("number", "expected"), [(13, PermanentError), (5, TransientError)],
                         ids=["no permission", "input/output error"])
def test_faults_of_one_file_say_whether_another_try_helps(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception]) -> None:
    write(tmp_path / "a")
    source = open_source(str(tmp_path))

    def fail(path: str, flags: int) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module, "_open_without_waiting", fail)
    with pytest.raises(expected):
        source.open("a")


def test_an_empty_mount_point_is_out_of_reach_and_its_files_are_not_gone(tmp_path: Path) -> None:
    write(tmp_path / "share" / "a.pdf").unlink()
    with pytest.raises(UnavailableError, match="empty"):
        open_source(str(tmp_path / "share")).stat("a.pdf")


def test_keys_that_lead_out_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "secret")
    (tmp_path / "source").mkdir()
    with pytest.raises(PermanentError):
        open_source(str(tmp_path / "source")).open("../secret")


def test_a_folder_inside_may_be_left_out_but_not_the_source_itself(tmp_path: Path) -> None:
    write(tmp_path / "a")
    write(tmp_path / "data" / "b")
    assert keys(FileSource(tmp_path, exclude=tmp_path / "data")) == ["a"]
    assert keys(FileSource(tmp_path, exclude=tmp_path / "missing")) == ["a", "data/b"]
    with pytest.raises(ConfigError, match="DATA_DIR"):
        FileSource(tmp_path, exclude=tmp_path)


def test_an_excluded_folder_around_the_source_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "demo" / "a")
    assert keys(FileSource(tmp_path / "demo", exclude=tmp_path)) == ["a"]


@pytest.mark.parametrize(("url", "message"), [
    ("", "--source or SOURCE_URL"), ("  ", "--source or SOURCE_URL"), ("s3://bucket/x", "folders and file:// only"),
    ("b2://bucket", "folders and file:// only"), ("ftp://host/x", "no kind of source"),
    ("http://u:secret@host/", "no kind of source"),
    ("/no/such/folder", "does not exist"), ("a\0b", "NUL"), (__file__, "is a file"), ("file:///no/such", "does not exist"),
    ("file://", "names no folder")])
def test_a_source_that_cannot_be_read_is_named_with_the_mend(url: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        open_source(url)
    assert "secret" not in str(caught.value)


@posix
def test_an_unreadable_source_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scandir(path: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module.os, "scandir", scandir)
    with pytest.raises(ConfigError, match=r"cannot be read \(Permission denied\)"):
        open_source(str(tmp_path))


@posix
@pytest.mark.parametrize("prefix", ["file://", "file://localhost", "file:"])
def test_file_urls_name_folders(tmp_path: Path, prefix: str) -> None:
    folder = tmp_path / "two words #1"
    write(folder / "a")
    assert keys(open_source(prefix + str(folder).replace(" ", "%20").replace("#", "%23"))) == ["a"]
    assert file_url_path("file:///mnt/%C3%A9").name == "é"


@posix
def test_a_file_url_of_another_machine_is_refused() -> None:
    with pytest.raises(ConfigError, match="another machine"):
        open_source("file://server/share")


@posix
def test_the_url_of_an_undecodable_folder_is_text(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    folder.mkdir()
    assert open_source(str(folder)).url.endswith("/%FF")
