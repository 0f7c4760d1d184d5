"""Settings from config.txt and the environment.

    settings = Settings.load(Path("config.txt"))
    settings.workers

`config.txt` holds KEY=VALUE lines; an environment variable DRAFTMILL_<KEY> wins over it. A key that is
unknown or malformed is a ConfigError that names the line, the value and a right example.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pipeline.errors import ConfigError

ENVIRONMENT_PREFIX = "DRAFTMILL_"
# Variables of the tests, which are no settings.
NOT_SETTINGS = frozenset({"DRAFTMILL_CORPUS", "DRAFTMILL_TEST_DB", "DRAFTMILL_TEST_DB_URL", "DRAFTMILL_TEST_POOLER"})

Parser = Callable[[str], Any]

# Names of the formats that a text job reads → what their MIME types begin or end with.
TEXT_FORMATS: Mapping[str, tuple[str, ...]] = {
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml",),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml",),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml",),
    "office97": ("application/msword", "application/vnd.ms-"),
    "odf": ("application/vnd.oasis.opendocument",),
    "rtf": ("application/rtf",),
    "html": ("text/html", "application/xhtml"),
    "text": ("text/plain", "text/markdown"),
    "csv": ("text/csv", "text/tab-separated-values"),
    "data": ("application/json", "application/x-ndjson", "application/xml", "image/svg"),
    "mail": ("message/rfc822",),
    "image": ("image/png", "image/jpeg", "image/tiff", "image/bmp", "image/gif", "image/webp"),
}


def _text(value: str) -> str:
    return value


def _whole(minimum: int, maximum: int = 1_000_000_000) -> Parser:
    def parse(value: str) -> int:
        number = int(value)
        if number < minimum:
            raise ValueError(f"smaller than {minimum}")
        if number > maximum:
            raise ValueError(f"greater than {maximum}")
        return number

    return parse


def _seconds(minimum: float) -> Parser:
    def parse(value: str) -> timedelta:
        number = float(value)
        if not minimum <= number < 10**8:
            raise ValueError(f"smaller than {minimum}")
        return timedelta(seconds=number)

    return parse


def _choice(*allowed: str) -> Parser:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError("not one of " + ", ".join(allowed))
        return value

    return parse


def _database_url(value: str) -> str:
    if value and not re.match(r"postgres(ql)?://", value):
        raise ValueError("not a postgresql:// URL")
    return value


def _patterns(value: str) -> tuple[re.Pattern[str], ...]:
    """Regular expressions separated by blanks; the first group, or the whole match, is the code."""
    return tuple(re.compile(part) for part in value.split())


def _list(value: str) -> tuple[str, ...]:
    """Names separated by blanks or commas."""
    return tuple(name for name in re.split(r"[\s,]+", value) if name)


def _names(known: Collection[str]) -> Parser:
    def parse(value: str) -> tuple[str, ...]:
        names = _list(value.lower())
        if unknown := [name for name in names if name not in known]:
            raise ValueError(f"not only names of formats ({unknown[0]} is none); they are {', '.join(known)}")
        return names

    return parse


def _key(default: str, parse: Parser, example: str, *, secret: bool = False) -> Any:
    return field(metadata={"default": default, "parse": parse, "example": example, "secret": secret}, repr=not secret)


def default_workers() -> int:
    """One child a core, 30 at most: the requirements' limit for one machine."""
    return max(1, min(30, os.cpu_count() or 1))


@dataclass(frozen=True)
class Settings:
    """Every key of config.txt, parsed. Keys are the field names in upper case."""

    db_url: str = _key("", _database_url, "postgresql://draftmill:secret@db.example.com:5432/draftmill", secret=True)
    db_direct_url: str = _key("", _database_url, "postgresql://draftmill:secret@db.example.com:5432/draftmill", secret=True)
    db_wait_seconds: timedelta = _key("300", _seconds(0), "300")
    data_dir: Path = _key("./data", Path, "./data")
    source_url: str = _key("", _text, "/mnt/drawings")
    source_name: str = _key("main", _text, "main")
    output_url: str = _key("", _text, "./data/outputs")
    b2_endpoint: str = _key("", _text, "https://s3.eu-central-003.backblazeb2.com")
    b2_key_id: str = _key("", _text, "003a1b2c3d4e5f60000000001", secret=True)
    b2_application_key: str = _key("", _text, "K003…", secret=True)
    keep_superseded_days: int = _key("30", _whole(0, 36_500), "30")
    workers: int = _key("", lambda v: _whole(1, 500)(v) if v else default_workers(), "4")
    claim_batch: int = _key("50", _whole(1, 10_000), "50")
    heartbeat_seconds: timedelta = _key("15", _seconds(0.05), "15")
    stall_timeout_seconds: timedelta = _key("300", _seconds(0.2), "300")
    max_attempts: int = _key("3", _whole(1, 1000), "3")
    job_timeout_seconds: timedelta = _key("600", _seconds(0.1), "600")
    job_memory_mb: int = _key("2048", _whole(128), "2048")
    max_file_mb: int = _key("1024", _whole(1), "1024")
    min_free_disk_mb: int = _key("1024", _whole(0), "1024")
    ocr: str = _key("auto", _choice("auto", "off", "rapidocr", "tesseract", "both"), "auto")
    ocr_dpi: int | None = _key("", lambda v: _whole(72, 1200)(v) if v else None, "300")
    ocr_max_pages: int = _key("50", _whole(0), "50")
    tesseract_cmd: str = _key("", _text, "/usr/bin/tesseract")
    tesseract_lang: str = _key("eng", _text, "deu+fra")
    material_aliases: str = _key("", _text, "/srv/drawings/materials.toml")
    title_block_labels: str = _key("", _text, "/srv/drawings/labels.toml")
    dwg_converter: str = _key("", _text, "/usr/bin/ODAFileConverter")
    libreoffice: str = _key("", _text, "/usr/bin/soffice")
    text_formats: tuple[str, ...] = _key("", _names(TEXT_FORMATS), "docx pptx xlsx html text")
    text_max_mb: int = _key("256", _whole(1), "256")
    text_max_chars: int = _key("5000000", _whole(1000), "5000000")
    chunk_chars: int = _key("1000", _whole(100, 100_000), "1000")
    chunk_overlap: int = _key("100", _whole(0, 50_000), "100")
    pii: str = _key("off", _choice("off", "tag", "redact"), "redact")
    pii_patterns: tuple[str, ...] = _key("email phone iban card", _list, "email phone iban card de_steuer_id")
    pii_module: str = _key("", _text, "our_rules:find_names")
    embeddings: str = _key("at_once", _choice("off", "deferred", "at_once"), "at_once")
    embedding_model: str = _key("", _text, "sentence-transformers:/srv/models/all-MiniLM-L6-v2")
    embedding_api_key: str = _key("", _text, "sk-…", secret=True)
    quality_sheets: int = _key("50", _whole(0, 1000), "50")
    project_code_patterns: tuple[re.Pattern[str], ...] = _key(
        r"(?<![A-Za-z0-9])(P-\d{3,6})(?!\d) (?<![A-Za-z0-9])([A-Z]{2,4}-\d{4,6})(?=[/_\s]) (?<!\d)(\d{4}-\d{3,4})(?=[/_\s])", _patterns,
        r"(?<![A-Za-z0-9])(P-\d{4})(?!\d)")
    creo_grpc_targets: str = _key("", _text, "vm4:50051,vm5:50051")
    cad_mode: str = _key("auto", _choice("auto", "grpc", "json", "local"), "auto")
    log_level: str = _key("INFO", _choice("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")

    @classmethod
    def load(cls, path: Path | None = None, environment: Mapping[str, str] | None = None, **overrides: str) -> Settings:
        """Settings of `path` (every key may be missing), then the environment, then `overrides` by field name.

        Raises ConfigError for a missing file, an unknown key or a malformed value.
        """
        values = {name: (text, "command line") for name, text in overrides.items()}
        environment = os.environ if environment is None else environment
        for name, given in _environment_values(environment).items():
            values.setdefault(name, given)
        for name, given in (_file_values(path) if path else {}).items():
            values.setdefault(name, given)
        parsed = {spec.name: _parse(spec, values.get(spec.name)) for spec in dataclasses.fields(cls)}
        settings = cls(**parsed)
        settings._check()
        return settings

    def _check(self) -> None:
        if self.heartbeat_seconds * 3 > self.stall_timeout_seconds:
            raise ConfigError(
                f"HEARTBEAT_SECONDS is {self.heartbeat_seconds.total_seconds():g} and STALL_TIMEOUT_SECONDS is "
                f"{self.stall_timeout_seconds.total_seconds():g}; a lease must outlast three heartbeats: "
                "set STALL_TIMEOUT_SECONDS to at least three times HEARTBEAT_SECONDS, such as 300 and 15")
        if self.chunk_overlap * 2 > self.chunk_chars:
            raise ConfigError(f"CHUNK_OVERLAP is {self.chunk_overlap} and CHUNK_CHARS is {self.chunk_chars}; chunks that repeat more than "
                              "half of each other are no use: set CHUNK_OVERLAP to a tenth, such as 100 and 1000")

    def reads_text(self, mime_type: str) -> bool:
        """Whether TEXT_FORMATS lets this format be read."""
        return not self.text_formats or mime_type.startswith(tuple(start for name in self.text_formats for start in TEXT_FORMATS[name]))

    @property
    def text_variant(self) -> str:
        """What settings add to the version of chunks; '' as shipped. The same version gives the same lines on every machine."""
        parts = []
        if (self.chunk_chars, self.chunk_overlap) != (1000, 100):
            parts.append(f"chunk={self.chunk_chars}/{self.chunk_overlap}")
        if self.pii != "off":
            parts.append(f"pii={self.pii}:{','.join(sorted(self.pii_patterns))}" + (f"+{self.pii_module}" if self.pii_module else ""))
        return "".join(f";{part}" for part in parts)

    @property
    def libreoffice_path(self) -> str:
        """LIBREOFFICE, or the one that is installed; '' where there is none."""
        return self.libreoffice or shutil.which("soffice") or ""

    @property
    def spool_dir(self) -> Path:
        """Where files are kept while they are worked on; emptied file by file."""
        return self.data_dir / "tmp"

    @property
    def report_dir(self) -> Path:
        return self.data_dir / "reports"


def redact_url(url: str) -> str:
    """The URL without its password, for logs and messages."""
    url = re.sub(r"([?&](?:ssl)?password=)[^&]*", r"\1***", url)
    try:
        parts = urlsplit(url)
        if parts.password is None:
            return url
        host = parts.hostname or ""
        netloc = f"{parts.username}:***@{host}" + (f":{parts.port}" if parts.port else "")
        return urlunsplit(parts._replace(netloc=netloc))
    except ValueError:
        return "(a URL that cannot be parsed)"


def _parse(spec: dataclasses.Field[Any], given: tuple[str, str] | None) -> Any:
    text, origin = given if given is not None else (spec.metadata["default"], "the built-in default")
    try:
        return spec.metadata["parse"](text)
    except (ValueError, re.error, OverflowError) as exc:
        shown = "(hidden)" if spec.metadata["secret"] else f'"{text}"'
        raise ConfigError(
            f"{origin}: {spec.name.upper()} is {shown}, which is {_fault(exc)}; "
            f"write {spec.name.upper()}={spec.metadata['example']}") from exc


def _fault(exc: Exception) -> str:
    if isinstance(exc, re.error):
        return f"not a regular expression ({exc})"
    text = str(exc)
    if text.startswith("invalid literal for int"):
        return "not a whole number"
    return "not a number" if text.startswith("could not convert") else text


def _file_values(path: Path) -> dict[str, tuple[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist; copy config.txt from the repository, or name another with --config") from None
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read ({exc}); it must be a UTF-8 text file") from exc
    values: dict[str, tuple[str, str]] = {}
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        origin = f"{path.name} line {number}"
        key, separator, value = stripped.partition("=")
        key = key.strip()
        if not separator:
            raise ConfigError(f'{origin}: "{key[:60]}" has no "="; write KEY=VALUE, such as WORKERS=4')
        name = _known(key, origin)
        if name in seen:
            raise ConfigError(f"{origin}: {key} stands already on line {seen[name]}; keep one of them")
        seen[name] = number
        values[name] = (_unquoted(value.strip()), origin)
    return values


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _environment_values(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    values = {}
    for variable, text in environment.items():
        if variable.startswith(ENVIRONMENT_PREFIX) and variable not in NOT_SETTINGS:
            origin = f"environment variable {variable}"
            values[_known(variable[len(ENVIRONMENT_PREFIX):], origin)] = (text, origin)
    return values


def _known(key: str, origin: str) -> str:
    names = {spec.name.upper(): spec.name for spec in dataclasses.fields(Settings)}
    if key.upper() in names:
        return names[key.upper()]
    near = difflib.get_close_matches(key.upper(), names, n=1)
    hint = f"did you mean {near[0]}?" if near else "config.txt of the repository lists all keys"
    raise ConfigError(f'{origin}: "{key[:60]}" is no known key; {hint}')
