"""The part files of an export, in three formats. Each is written under a temporary name and appears whole."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import importlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from pipeline.errors import ConfigError
from pipeline.outputs.records import COLUMNS, LISTS, NUMBERS, WHOLE_NUMBERS, flat_row

TEMPORARY = ".tmp"
BLOCK = 1024 * 1024
# Of a parquet file, rows that are held and compressed together.
GROUP_BYTES = 32 * BLOCK


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file of an export: its name in the folder, how many records it holds, bytes and SHA-256."""

    name: str
    rows: int
    bytes: int
    sha256: str


class PartWriter(Protocol):
    """Takes the lines of outputs; whole only once it is closed without an error."""

    def add(self, lines: Sequence[bytes]) -> None: ...

    def close(self) -> None: ...


class JsonlWriter:
    """The lines as they are."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = open(path, "wb")  # noqa: SIM115 (close() does)

    def add(self, lines: Sequence[bytes]) -> None:
        self._file.writelines(lines)

    def close(self) -> None:
        self._file.close()


class CsvWriter:
    """A header and a row a chunk: UTF-8, quoted where needed, lists as JSON, empty where there is no value."""

    def __init__(self, path: Path) -> None:
        self._file: IO[str] = open(path, "w", encoding="utf-8", newline="")  # noqa: SIM115 (close() does)
        self._rows = csv.writer(self._file)
        self._rows.writerow(COLUMNS)

    def add(self, lines: Sequence[bytes]) -> None:
        self._rows.writerows([json.dumps(value, ensure_ascii=False) if name in LISTS and value is not None else value
                              for name, value in zip(COLUMNS, flat_row(line), strict=True)] for line in lines)

    def close(self) -> None:
        self._file.close()


class ParquetWriter:
    """Typed columns, lists as lists, compressed; memory stays at one group of rows."""

    def __init__(self, path: Path) -> None:
        self._arrow, parquet = load_arrow()
        self._schema = _schema(self._arrow)
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._held: list[list[Any]] = []
        self._held_bytes = 0

    def add(self, lines: Sequence[bytes]) -> None:
        for line in lines:
            self._held.append(flat_row(line))
            self._held_bytes += len(line)
            if self._held_bytes >= GROUP_BYTES:
                self._write_group()

    def close(self) -> None:
        self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        if self._held:
            columns = [self._arrow.array(list(values), field.type) for values, field in zip(zip(*self._held, strict=True), self._schema,
                                                                                            strict=True)]
            self._writer.write_table(self._arrow.Table.from_arrays(columns, schema=self._schema))
        self._held, self._held_bytes = [], 0


WRITERS: dict[str, type[JsonlWriter] | type[CsvWriter] | type[ParquetWriter]] = {
    "jsonl": JsonlWriter, "csv": CsvWriter, "parquet": ParquetWriter}


def load_arrow() -> tuple[Any, Any]:
    """pyarrow and pyarrow.parquet. Raises ConfigError, saying what to install, where they are missing."""
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise ConfigError("--format parquet needs pyarrow: pip install -r requirements-export.txt, or choose jsonl or csv") from None


def facts(path: Path, rows: int) -> FileFacts:
    """What the manifest says of a file."""
    digest, size = hashlib.sha256(), 0
    with open(path, "rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
            size += len(block)
    return FileFacts(path.name, rows, size, digest.hexdigest())


@contextlib.contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A temporary path that takes the place of `path` when the block ends without an error."""
    temporary = path.with_name(f".{path.name}{TEMPORARY}")
    try:
        yield temporary
        with open(temporary, "r+b") as stream:  # Windows brings only writable files to the disk
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """A small file, whole or not at all."""
    with appearing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _schema(arrow: Any) -> Any:
    def kind(name: str) -> Any:
        if name in WHOLE_NUMBERS:
            return arrow.int64()
        if name in NUMBERS:
            return arrow.float64()
        return arrow.list_(arrow.string()) if name in LISTS else arrow.string()

    return arrow.schema([(name, kind(name)) for name in COLUMNS])
