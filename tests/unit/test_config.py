"""config.txt and the environment: right values taken, wrong ones named with line, value and mend."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.config import Settings, redact_url
from pipeline.errors import ConfigError

SHIPPED = Path(__file__).resolve().parents[2] / "config.txt"


def load(tmp_path: Path, text: str, **environment: str) -> Settings:
    path = tmp_path / "config.txt"
    path.write_text(text, encoding="utf-8")
    return Settings.load(path, environment)


def fault(tmp_path: Path, text: str, **environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, **environment)
    return str(caught.value)


def test_the_shipped_file_holds_the_defaults() -> None:
    assert Settings.load(SHIPPED, {}) == Settings.load(None, {})


def test_the_shipped_file_documents_every_key() -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    keys = {line.partition("=")[0]: number for number, line in enumerate(lines) if line and not line.startswith("#")}
    assert set(keys) == {spec.name.upper() for spec in dataclasses.fields(Settings)}
    undocumented = [key for key, number in keys.items()
                    if not lines[number - 1].startswith("#") and lines[number - 1].partition("=")[0] not in keys]
    assert undocumented == []


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    assert load(tmp_path, "WORKERS=3\n", DRAFTMILL_WORKERS="5").workers == 5


def test_a_command_line_value_wins_over_both(tmp_path: Path) -> None:
    path = tmp_path / "config.txt"
    path.write_text("WORKERS=3\n", encoding="utf-8")
    assert Settings.load(path, {"DRAFTMILL_WORKERS": "5"}, workers="7").workers == 7


def test_a_byte_order_mark_quotes_and_spaces_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.txt"
    path.write_bytes('\ufeff# a comment\n\n  SOURCE_URL = "/mnt/my drawings"  \n'.encode())
    assert Settings.load(path, {}).source_url == "/mnt/my drawings"


def test_times_are_timedeltas(tmp_path: Path) -> None:
    assert load(tmp_path, "HEARTBEAT_SECONDS=2.5\n").heartbeat_seconds == timedelta(seconds=2.5)


@pytest.mark.parametrize(("text", "parts"), [
    pytest.param("WORKERS=ten\n", ["line 1", "WORKERS", '"ten"', "whole number", "WORKERS=4"], id="no number"),
    pytest.param("\n\nWORKERS=0\n", ["line 3", "smaller than 1"], id="out of range"),
    pytest.param("WORKRES=4\n", ["line 1", "WORKRES", "did you mean WORKERS"], id="misspelt key"),
    pytest.param("NONSENSE_AT_ALL=4\n", ["NONSENSE_AT_ALL", "no known key"], id="unknown key"),
    pytest.param("WORKERS 4\n", ["line 1", 'no "="', "KEY=VALUE"], id="no equals sign"),
    pytest.param("WORKERS=4\nWORKERS=5\n", ["line 2", "already on line 1"], id="twice"),
    pytest.param("DB_URL=mysql://x\n", ["DB_URL", "postgresql://"], id="wrong scheme"),
    pytest.param("CAD_MODE=sometimes\n", ["auto, grpc, json, local"], id="not a choice"),
    pytest.param("PROJECT_CODE_PATTERNS=(P-\n", ["regular expression"], id="broken pattern"),
    pytest.param("HEARTBEAT_SECONDS=200\n", ["STALL_TIMEOUT_SECONDS", "three"], id="lease shorter than three beats"),
])
def test_a_fault_names_place_value_and_mend(tmp_path: Path, text: str, parts: list[str]) -> None:
    message = fault(tmp_path, text)
    for part in parts:
        assert part in message


def test_a_fault_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    assert "DRAFTMILL_WORKERS" in fault(tmp_path, "", DRAFTMILL_WORKERS="many")


def test_an_unknown_variable_is_a_fault(tmp_path: Path) -> None:
    assert "did you mean WORKERS" in fault(tmp_path, "", DRAFTMILL_WORKER="4")


def test_secrets_are_neither_shown_in_faults_nor_in_the_settings(tmp_path: Path) -> None:
    assert "hunter2" not in fault(tmp_path, "DB_URL=hunter2\n")
    assert "hunter2" not in repr(load(tmp_path, "DB_URL=postgresql://u:hunter2@h/d\nB2_APPLICATION_KEY=hunter2\n"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.txt does not exist"):
        Settings.load(tmp_path / "nowhere.txt", {})


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.txt"
    path.write_bytes(b"\xff\xfe\x00W")
    with pytest.raises(ConfigError, match="UTF-8"):
        Settings.load(path, {})


def test_urls_are_shown_without_their_password() -> None:
    assert redact_url("postgresql://u:hunter2@db.example.com:5432/d") == "postgresql://u:***@db.example.com:5432/d"
    assert redact_url("postgresql://db/d?user=u&password=hunter2&sslmode=require") == "postgresql://db/d?user=u&password=***&sslmode=require"
