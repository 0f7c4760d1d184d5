"""The export of chunks: everything, then what is new, through kills and late commits, and never twice."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pipeline import jobs
from pipeline.database import DEFAULT_TENANT, Connection, Database
from pipeline.errors import ConfigError, UnavailableError
from pipeline.jobs import Claim
from pipeline.outputs import export as exporting
from pipeline.outputs import parts as part_files
from pipeline.outputs.export import Request, export_chunks, stream_chunks
from pipeline.outputs.manifest import Export
from pipeline.outputs.records import COLUMNS
from pipeline.outputs.selection import Cursor, parse_since
from pipeline.storage.folder_sink import FolderSink
from pipeline.store.results import discard_chunks
from tests.outputs import again, document_of, held_jobs, key_of, lines_of, make, record, register

TENANT = UUID(DEFAULT_TENANT)
MONTH = timedelta(days=30)
AWKWARD = 'He said "no", then:\r\nline two; ü 表 \u2028 = 1'


@pytest.fixture
def sink(tmp_path: Path) -> FolderSink:
    return FolderSink(tmp_path / "outputs")


class Exporter:
    """Exports into one folder, and reads it as another system would."""

    def __init__(self, database: Database, sink: FolderSink, folder: Path, format_name: str = "jsonl") -> None:
        self.database, self.sink, self.folder, self.format = database, sink, folder, format_name

    def __call__(self, *, since: Cursor | datetime | None = None, rows: int = 1000, keep: timedelta = MONTH) -> Export | None:
        request = Request(TENANT, self.folder, self.format, since, rows)
        return export_chunks(self.database, self.sink, request, keep_superseded=keep)[1]

    def manifest(self) -> dict[str, Any]:
        return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))

    def texts(self, made: Export | None) -> list[str]:
        assert made is not None
        return [json.loads(line)["content"]["chunkText"] for part in made.parts
                for line in (self.folder / part.chunks.name).read_bytes().split(b"\n") if line]

    def removed(self, made: Export | None) -> list[str]:
        assert made is not None
        assert made.removed is not None
        return [json.loads(line)["documentId"] for line in (self.folder / made.removed.name).read_text(encoding="utf-8").splitlines()]

    def replayed(self) -> dict[str, list[str]]:
        """The chunks of each document, as a reader has them that followed every export: the recipe of our how-to page."""
        table: dict[str, list[str]] = {}
        for made in self.manifest()["exports"]:
            gone = self._lines(made["removed"]["name"])
            for part in made["parts"]:
                gone += self._lines(part["outputs"]["name"])
            for one in gone:
                table.pop(one["documentId"], None)
            for part in made["parts"]:
                for one in self._lines(part["name"]):
                    table.setdefault(one["documentId"], []).append(one["content"]["chunkText"])
        return table

    def _lines(self, name: str) -> list[Any]:
        return [json.loads(line) for line in (self.folder / name).read_bytes().split(b"\n") if line]


@pytest.fixture
def export(database: Database, sink: FolderSink, tmp_path: Path) -> Exporter:
    return Exporter(database, sink, tmp_path / "chunks")


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir() if path.name != ".export.lock"}


def make_all(conn: Connection, sink: FolderSink, held: Sequence[Claim], chunks: int = 2) -> list[str]:
    """An output each; the texts in their order."""
    texts = [[f"{number}.{chunk}" for chunk in range(chunks)] for number in range(len(held))]
    for job, own in zip(held, texts, strict=True):
        make(conn, sink, job, own)
    return [text for own in texts for text in own]


def test_an_export_of_nothing_leaves_a_manifest_to_go_on_from(export: Exporter) -> None:
    assert export() is None
    assert export.manifest()["exports"] == []
    assert Cursor.parse(export.manifest()["cursor"]) is not None


def test_lines_come_out_as_they_went_in_and_the_manifest_tells_of_them(conn: Connection, sink: FolderSink, export: Exporter) -> None:
    held = held_jobs(conn, 3)
    for job in held:
        make(conn, sink, job, [AWKWARD, "b"])
    made = export()
    assert made is not None
    part, = export.manifest()["exports"][0]["parts"]
    content = (export.folder / part["name"]).read_bytes()
    assert content == b"".join(lines_of(job, [AWKWARD, "b"]) for job in held)
    assert (part["rows"], part["bytes"], part["sha256"]) == (6, len(content), hashlib.sha256(content).hexdigest())
    listed = [json.loads(line) for line in (export.folder / part["outputs"]["name"]).read_text(encoding="utf-8").splitlines()]
    assert [(one["key"], one["documentId"], one["rows"]) for one in listed] == [(key_of(job), str(document_of(job)), 2) for job in held]
    assert {name for name in os.listdir(export.folder) if not name.startswith(".")} == {
        "manifest.json", part["name"], part["outputs"]["name"], "removed-000001.jsonl"}


def test_a_second_run_with_nothing_new_changes_nothing(conn: Connection, sink: FolderSink, export: Exporter) -> None:
    make_all(conn, sink, held_jobs(conn, 2))
    export()
    before = files(export.folder)
    assert export() is None
    assert files(export.folder) == before


def test_parts_hold_whole_outputs_up_to_their_size(conn: Connection, sink: FolderSink, export: Exporter,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "AHEAD", 2)
    monkeypatch.setattr("pipeline.outputs.selection.PAGE", 2)
    held = held_jobs(conn, 6)
    for job, count in zip(held, (2, 3, 4, 9, 1, 4), strict=True):
        make(conn, sink, job, [f"{job.id}.{number}" for number in range(count)])
    made = export(rows=5)
    assert made is not None
    assert [part.chunks.rows for part in made.parts] == [5, 4, 9, 5]
    assert [part.chunks.name for part in made.parts] == [f"part-{number:06d}.jsonl" for number in range(1, 5)]
    assert len(set(export.texts(made))) == 23


def test_only_current_chunk_outputs_are_exported(conn: Connection, sink: FolderSink, export: Exporter) -> None:
    held, other = held_jobs(conn, 2)
    make(conn, sink, held, ["old"])
    make(conn, sink, again(conn, held), ["new"])
    register(conn, other, b"{}\n", output_type="document_json")
    assert export.texts(export()) == ["new"]


def test_the_next_export_holds_what_is_new_and_what_has_gone(conn: Connection, sink: FolderSink, export: Exporter) -> None:
    kept, changed, gone = held_jobs(conn, 3)
    for job, text in ((kept, "kept"), (changed, "old"), (gone, "gone")):
        make(conn, sink, job, [text])
    export()
    make(conn, sink, again(conn, changed), ["new"])
    discard_chunks(conn, [gone.blob_id])
    added, = held_jobs(conn)
    make(conn, sink, added, ["added"])

    made = export()

    assert export.texts(made) == ["new", "added"]
    assert export.removed(made) == [str(document_of(gone))]
    assert [part.chunks.name for part in made.parts if made] == ["part-000002.jsonl"]
    assert export.replayed() == {str(document_of(kept)): ["kept"], str(document_of(changed)): ["new"], str(document_of(added)): ["added"]}
    assert export() is None  # and says so once


def test_a_document_that_comes_back_is_new_again(conn: Connection, sink: FolderSink, export: Exporter) -> None:
    held, = held_jobs(conn)
    make(conn, sink, held, ["one"])
    export()
    discard_chunks(conn, [held.blob_id])
    export()
    assert export.replayed() == {}
    make(conn, sink, again(conn, held), ["two"])
    export()
    assert export.replayed() == {str(document_of(held)): ["two"]}


def test_a_transaction_that_commits_late_is_not_missed(database: Database, conn: Connection, sink: FolderSink, export: Exporter) -> None:
    """It began before others that are exported already: a reader by created_at would never see it."""
    late, early = held_jobs(conn, 2)
    data = lines_of(late, ["late"])
    sink.put(key_of(late), data)
    with database.connect("a slow worker") as slow:
        register(slow, late, data)
        assert jobs.complete(slow, [jobs.Finished(late.id, late.attempt, 1)])
        make(conn, sink, early, ["early"])

        first = export()  # must not go past the open transaction
        slow.commit()
    second = export()

    assert [export.texts(made) for made in (first, second) if made] == [["late", "early"]]
    created = conn.execute("SELECT output_blob_key FROM extraction_outputs ORDER BY created_at").fetchall()
    assert created == [(key_of(late),), (key_of(early),)]
    assert export.replayed() == {str(document_of(late)): ["late"], str(document_of(early)): ["early"]}


def test_a_removal_that_commits_late_is_not_missed(database: Database, conn: Connection, sink: FolderSink, export: Exporter) -> None:
    gone, other = held_jobs(conn, 2)
    make(conn, sink, gone, ["gone"])
    export()
    with database.connect("a slow worker") as slow:
        discard_chunks(slow, [gone.blob_id])
        make(conn, sink, other, ["other"])
        export()
        slow.commit()
    export()
    assert export.replayed() == {str(document_of(other)): ["other"]}


def test_a_removal_whose_transaction_began_before_the_last_export_is_not_missed(database: Database, conn: Connection, sink: FolderSink,
                                                                                export: Exporter) -> None:
    gone, = held_jobs(conn)
    make(conn, sink, gone, ["gone"])
    with database.connect("a slow worker") as slow:
        slow.execute("SELECT now()")  # what its superseded_at will be
        export()
        discard_chunks(slow, [gone.blob_id])
        slow.commit()
    assert export.removed(export()) == [str(document_of(gone))]


@pytest.mark.parametrize("moment", ["before the second part", "between part and note", "before the manifest", "after the manifest"])
def test_an_export_that_was_killed_goes_on_behind_its_last_part(conn: Connection, sink: FolderSink, export: Exporter, moment: str,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    texts = make_all(conn, sink, held_jobs(conn, 6))
    places = {"before the second part": ("_write_part", 2), "between part and note": ("Unfinished.save", 3),
              "before the manifest": ("Manifest.save", 1), "after the manifest": ("Path.unlink", 1)}
    name, call = places[moment]
    with monkeypatch.context() as patched:
        kill_at(patched, name, call)
        with pytest.raises(KeyboardInterrupt):
            export(rows=4)
    kept = files(export.folder)
    late, = held_jobs(conn)
    make(conn, sink, late, ["late"])

    export(rows=4)
    export(rows=4)

    found = [text for one in export.replayed().values() for text in one]
    assert sorted(found) == sorted([*texts, "late"])
    assert [text for made in export.manifest()["exports"] for part in made["parts"]
            for text in [one["content"]["chunkText"] for one in export._lines(part["name"])]] == [*texts, "late"]  # nothing twice
    after = files(export.folder)
    assert after["part-000001.jsonl"] == kept["part-000001.jsonl"]
    assert not [name for name in after if "partial" in name or name.endswith(".tmp")]


def kill_at(patched: pytest.MonkeyPatch, name: str, call: int) -> None:
    """Ctrl+C at the given call of a function of the export."""
    owner: Any = exporting
    *above, last = name.split(".")
    for one in above:
        owner = getattr(owner, one)
    original, calls = getattr(owner, last), [0]

    def replacement(*arguments: Any, **named: Any) -> Any:
        is_counted = last != "unlink" or arguments[0].name == "manifest.partial.json"
        calls[0] += is_counted
        if is_counted and calls[0] == call:
            raise KeyboardInterrupt
        return original(*arguments, **named)

    patched.setattr(owner, last, replacement)


def test_a_document_that_changes_while_an_export_is_away_is_there_once_afterwards(conn: Connection, sink: FolderSink, export: Exporter,
                                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    held = held_jobs(conn, 4)
    for job in held:
        make(conn, sink, job, [f"old {job.id}"])
    with monkeypatch.context() as patched:
        kill_at(patched, "_write_part", 3)
        with pytest.raises(KeyboardInterrupt):
            export(rows=1)
    make(conn, sink, again(conn, held[0]), ["new first"])  # its old version is in a part already
    make(conn, sink, again(conn, held[3]), ["new last"])
    export(rows=1)
    export(rows=1)
    assert export.replayed() == {str(document_of(held[0])): ["new first"], str(document_of(held[1])): [f"old {held[1].id}"],
                                 str(document_of(held[2])): [f"old {held[2].id}"], str(document_of(held[3])): ["new last"]}


@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_a_current_output_that_is_not_as_it_was_written_stops_the_export_until_it_is_mended(
        conn: Connection, sink: FolderSink, export: Exporter, harm: str) -> None:
    held = held_jobs(conn, 3)
    keys = [make(conn, sink, job, [str(number)]) for number, job in enumerate(held)]
    whole = sink.get(keys[1])
    if harm == "gone":
        sink.delete([keys[1]])
    else:
        sink.put(keys[1], whole.replace(b"1", b"7", 1))
    with pytest.raises(UnavailableError, match="sweep --mend") as caught:
        export(rows=1)
    assert keys[1] in str(caught.value)
    assert not (export.folder / "manifest.json").exists()
    sink.put(keys[1], whole)
    assert export.texts(export(rows=1)) == ["0", "1", "2"]


def test_an_output_that_was_replaced_and_swept_meanwhile_is_left_out(database: Database, conn: Connection, tmp_path: Path) -> None:
    held, other = held_jobs(conn, 2)

    class Replacing(FolderSink):
        def get(self, key: str) -> bytes:
            if key == key_of(held) and self.exists(key):
                with database.connect("a worker", autocommit=True) as worker:
                    discard_chunks(worker, [held.blob_id])
                self.delete([key])
            return super().get(key)

    sink = Replacing(tmp_path / "outputs")
    make(conn, sink, held, ["old"])
    make(conn, sink, other, ["other"])
    export = Exporter(database, sink, tmp_path / "chunks")
    assert export.texts(export()) == ["other"]
    export()
    assert export.replayed() == {str(document_of(other)): ["other"]}


def test_an_unfinished_export_of_something_else_leaves_nothing_behind(database: Database, conn: Connection, sink: FolderSink,
                                                                      export: Exporter, monkeypatch: pytest.MonkeyPatch) -> None:
    make_all(conn, sink, held_jobs(conn, 5), chunks=1)
    conn.execute("UPDATE extraction_outputs SET created_at = '2026-01-30'")
    make(conn, sink, *held_jobs(conn), ["new"])
    with monkeypatch.context() as patched:
        kill_at(patched, "_write_part", 5)
        with pytest.raises(KeyboardInterrupt):
            export(rows=1)
    since = parse_since("2026-01-31")
    made = Exporter(database, sink, export.folder, "csv")(since=since, rows=1)
    assert made is not None
    assert {name for name in os.listdir(export.folder) if not name.startswith(".")} == {
        "manifest.json", "part-000001.csv", "outputs-000001.jsonl", "removed-000001.jsonl"}


def test_files_of_somebody_else_are_left_alone(conn: Connection, export: Exporter) -> None:
    export.folder.mkdir()
    (export.folder / "part-000001.csv").write_text("theirs", encoding="utf-8")
    with pytest.raises(ConfigError, match="another folder"):
        export()
    assert (export.folder / "part-000001.csv").read_text(encoding="utf-8") == "theirs"


PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "read-chunks-from-dataiku.md"


def blocks(language: str) -> list[str]:
    """The page's pieces of code, as pasted."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def some_history(conn: Connection, sink: FolderSink, export: Exporter) -> dict[str, list[str]]:
    """Several exports with a document kept, one changed, one gone, one gone and come back."""
    kept, changed, gone, back = held_jobs(conn, 4)
    for job in (kept, changed, gone, back):
        make(conn, sink, job, ["a", AWKWARD])
    export(rows=3)
    make(conn, sink, again(conn, changed), ["b"])
    discard_chunks(conn, [gone.blob_id, back.blob_id])
    export()
    make(conn, sink, again(conn, back), ["c", "d"])
    export()
    return {str(document_of(kept)): ["a", AWKWARD], str(document_of(changed)): ["b"], str(document_of(back)): ["c", "d"]}


def test_the_query_of_the_howto_page_shows_the_current_chunks(conn: Connection, sink: FolderSink, export: Exporter) -> None:
    duckdb = pytest.importorskip("duckdb")
    expected = some_history(conn, sink, export)
    with duckdb.connect() as db:
        db.execute(blocks("sql")[0].replace("'chunks/", f"'{export.folder}/"))
        rows = db.execute('SELECT "documentId"::text, list(content."chunkText" ORDER BY "chunkId") FROM chunks GROUP BY 1').fetchall()
    assert dict(rows) == expected


def test_the_script_of_the_howto_page_shows_the_current_chunks(conn: Connection, sink: FolderSink, export: Exporter,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    expected = some_history(conn, sink, export)
    monkeypatch.chdir(export.folder.parent)
    names: dict[str, Any] = {}
    exec(blocks("python")[0], names)
    found: dict[str, list[str]] = {}
    for document, text in zip(names["table"]["documentId"], names["table"]["content.chunkText"], strict=True):
        found.setdefault(document, []).append(text)
    assert found == expected


def test_the_polling_query_of_the_howto_page_finds_the_current_outputs(conn: Connection, sink: FolderSink) -> None:
    held, other = held_jobs(conn, 2)
    make(conn, sink, held)
    keys = [make(conn, sink, again(conn, held)), make(conn, sink, other)]
    query = blocks("sql")[1]
    rows = conn.execute(query).fetchall()  # type: ignore[call-overload]
    assert [row[0] for row in rows] == keys
    added = make(conn, sink, *held_jobs(conn))
    rows = conn.execute(query.replace("'0'::xid8", f"'{rows[0][-1]}'::xid8")).fetchall()  # type: ignore[call-overload]
    assert [row[0] for row in rows] == [added]


def test_since_takes_a_cursor_into_another_folder(database: Database, conn: Connection, sink: FolderSink, export: Exporter,
                                                  tmp_path: Path) -> None:
    first, second = held_jobs(conn, 2)
    make(conn, sink, first, ["first"])
    export()
    make(conn, sink, second, ["second"])
    discard_chunks(conn, [first.blob_id])
    other = Exporter(database, sink, tmp_path / "other")
    made = other(since=Cursor.parse(export.manifest()["cursor"]))
    assert other.texts(made) == ["second"]
    assert other.removed(made) == [str(document_of(first))]


def test_since_takes_a_date(conn: Connection, sink: FolderSink, export: Exporter) -> None:
    old, new = held_jobs(conn, 2)
    make(conn, sink, old, ["old"])
    conn.execute("UPDATE extraction_outputs SET created_at = '2026-01-30T23:59:59Z'")
    make(conn, sink, new, ["new"])
    since = parse_since("2026-01-31")
    assert since == datetime(2026, 1, 31, tzinfo=UTC)
    assert export.texts(export(since=since)) == ["new"]


@pytest.mark.parametrize("text", ["yesterday", "12@", "@2026-01-31", "12@yesterday", "99999999999999999999@2026-01-31", ""])
def test_a_since_that_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="2026-01-31"):
        parse_since(text)


def test_a_cursor_comes_back_from_its_text() -> None:
    cursor = Cursor(2**62, datetime(2026, 1, 31, 8, 0, 0, 123456, tzinfo=UTC))
    assert str(cursor) == f"{2**62}@2026-01-31T08:00:00.123456Z"
    assert parse_since(str(cursor)) == cursor


def test_a_cursor_that_cannot_tell_all_that_went_is_refused(conn: Connection, sink: FolderSink, export: Exporter) -> None:
    make_all(conn, sink, held_jobs(conn))
    export()
    with pytest.raises(ConfigError, match="KEEP_SUPERSEDED_DAYS"):
        export(keep=timedelta(0))
    now = datetime.now(UTC)
    fresh = Exporter(export.database, sink, export.folder.with_name("other"))
    with pytest.raises(ConfigError, match="ahead of the database"):
        fresh(since=Cursor(2**40, now))


def test_with_nothing_new_for_days_the_cursor_does_not_grow_old(conn: Connection, sink: FolderSink, export: Exporter) -> None:
    make_all(conn, sink, held_jobs(conn))
    export()
    manifest = export.manifest()
    cursor = Cursor.parse(manifest["cursor"])
    assert cursor is not None
    old = Cursor(cursor.xid, cursor.moment - timedelta(days=29))
    (export.folder / "manifest.json").write_text(json.dumps(manifest | {"cursor": str(old)}), encoding="utf-8")
    assert export() is None
    renewed = Cursor.parse(export.manifest()["cursor"])
    assert renewed is not None
    assert renewed.moment > cursor.moment
    assert export.manifest()["exports"] == manifest["exports"]


def test_a_database_from_another_server_must_be_swept_first(conn: Connection, sink: FolderSink, export: Exporter) -> None:
    make_all(conn, sink, held_jobs(conn))
    conn.execute("UPDATE extraction_outputs SET committed_in = '9999999999'")
    with pytest.raises(ConfigError, match="sweep"):
        export()


def test_a_folder_keeps_its_kind(conn: Connection, sink: FolderSink, export: Exporter) -> None:
    make_all(conn, sink, held_jobs(conn))
    export()
    with pytest.raises(ConfigError, match="as jsonl"):
        Exporter(export.database, sink, export.folder, "csv")()
    with pytest.raises(ConfigError, match="goes on by itself"):
        export(since=datetime.now(UTC))
    (export.folder / "manifest.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ConfigError, match="not of this release"):
        export()


HOLD_THE_FOLDER = """
import pathlib, sys
from pipeline.outputs import export
with export._alone(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_that_cannot_be_is_refused_by_name(database: Database, sink: FolderSink, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("here")
    with pytest.raises(ConfigError, match=r"notes\.txt cannot be made .*--out"):
        export_chunks(database, sink, Request(TENANT, tmp_path / "notes.txt"), keep_superseded=MONTH)


def test_two_exports_into_one_folder_do_not_meet(export: Exporter) -> None:
    export()
    with subprocess.Popen([sys.executable, "-c", HOLD_THE_FOLDER, str(export.folder)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(ConfigError, match="running"):
            export()
        other.kill()  # a killed export holds nothing back
    export()


def test_another_tenants_chunks_stay_where_they_are(database: Database, conn: Connection, sink: FolderSink, tmp_path: Path) -> None:
    make_all(conn, sink, held_jobs(conn))
    other = UUID(int=77)
    conn.execute("INSERT INTO tenants (tenant_id, name) VALUES (%s, 'other')", (other,))
    made = export_chunks(database, sink, Request(other, tmp_path / "chunks"), keep_superseded=MONTH)[1]
    assert made is None


def test_csv_reads_back_as_it_was(conn: Connection, sink: FolderSink, database: Database, tmp_path: Path) -> None:
    held, = held_jobs(conn)
    make(conn, sink, held, [AWKWARD, "", "'; DROP\n\n\"\"\""])
    made = Exporter(database, sink, tmp_path / "chunks", "csv")()
    assert made is not None
    with open(tmp_path / "chunks" / "part-000001.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["chunkText"] for row in rows] == [AWKWARD, "", "'; DROP\n\n\"\"\""]
    assert tuple(rows[0]) == COLUMNS
    assert json.loads(rows[0]["sectionPath"]) == ["Contract", "Payment > Terms"]
    assert (rows[0]["fileName"], rows[0]["etag"], rows[0]["confidence"], rows[0]["pageStart"]) == ('a, "b".pdf', "", "0.75", "1")


def test_parquet_has_typed_columns(conn: Connection, sink: FolderSink, database: Database, tmp_path: Path,
                                   monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(part_files, "GROUP_BYTES", 2000)
    held = held_jobs(conn, 4)
    for job in held:
        make(conn, sink, job, [AWKWARD, "two"])
    made = Exporter(database, sink, tmp_path / "chunks", "parquet")()
    assert made is not None
    path = tmp_path / "chunks" / "part-000001.parquet"
    assert parquet.ParquetFile(path).num_row_groups > 1
    rows = parquet.read_table(path).to_pylist()
    expected = record(held[0], 1, AWKWARD)
    assert len(rows) == made.rows == 8
    assert rows[0] == {name: value for group in expected.values() for name, value in (group.items() if isinstance(group, dict) else ())} | {
        name: value for name, value in expected.items() if not isinstance(value, dict)}


def test_every_value_of_the_record_has_its_column(conn: Connection) -> None:
    held, = held_jobs(conn)
    whole = record(held, 1, "x")
    leaves = [name for key, value in whole.items() for name in (value if isinstance(value, dict) else [key])]
    assert sorted(COLUMNS) == sorted(leaves)


def test_parquet_without_its_package_says_what_to_install(export: Exporter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match=re.escape("requirements-export.txt")):
        Exporter(export.database, export.sink, export.folder, "parquet")()
    assert not export.folder.exists()


def test_a_stream_has_the_lines_alone(database: Database, conn: Connection, sink: FolderSink) -> None:
    held = held_jobs(conn, 2)
    for job in held:
        make(conn, sink, job, [AWKWARD])
    stream = io.BytesIO()
    cursor = stream_chunks(database, sink, TENANT, None, stream, keep_superseded=MONTH)
    assert stream.getvalue() == b"".join(lines_of(job, [AWKWARD]) for job in held)
    again_stream = io.BytesIO()
    stream_chunks(database, sink, TENANT, cursor, again_stream, keep_superseded=MONTH)
    assert again_stream.getvalue() == b""
