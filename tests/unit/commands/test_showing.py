"""Lines for people: events, figures, errors, durations."""

from __future__ import annotations

import logging

import psycopg
import pytest

from commands import exits, show
from commands.status_view import duration
from pipeline.errors import ConfigError, PermanentError, TransientError, UnavailableError
from pipeline.observe.files import like, printable
from pipeline.observe.logs import LineFormatter, shown
from pipeline.observe.reports import table


def record(event: str, **fields: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": event, "levelname": "WARNING", "created": 0.0})
    vars(made).update(fields)
    return made


def test_an_event_shows_its_name_and_its_fields_in_order() -> None:
    line = LineFormatter().format(record("job.failed", job_id=7, reason="encrypted"))
    assert line.endswith("WARNING  job.failed  job_id=7 reason=encrypted")


@pytest.mark.parametrize(("value", "expected"), [
    pytest.param(7, "7", id="number"),
    pytest.param("", '""', id="empty"),
    pytest.param("two words", '"two words"', id="blank"),
    pytest.param('say "x"', '"say \\"x\\""', id="quotes"),
    pytest.param("a\nb", '"a\\nb"', id="a line break stays on the line"),
    pytest.param("\x1b[2J", '"\\x1b[2J"', id="nothing commands the terminal"),
])
def test_values_are_quoted_where_they_must_be(value: object, expected: str) -> None:
    assert shown(value) == expected


@pytest.mark.parametrize(("seconds", "expected"), [
    (None, "-"), (0.4, "0 s"), (89, "89 s"), (90, "1 min"), (5399, "89 min"), (5400, "1 h 30 min"), (266_400, "3 d 2 h")])
def test_durations_are_short(seconds: float | None, expected: str) -> None:
    assert duration(seconds) == expected


def test_figures_with_parts_stand_on_their_own_line_and_lists_are_left_out() -> None:
    figures = {"files": 3, "seconds": 1.0, "complete": False, "by_status": {"extracted": 2, "failed": 1}, "rows": [[1]]}
    lines = show.figure_lines(figures)
    assert lines == ["files 3 · complete no", "by status: extracted 2, failed 1"]


def test_zeros_are_left_out_among_many_figures_but_never_an_answer() -> None:
    many = {f"n{number}": 0 for number in range(12)} | {"kept": 1, "drained": False}
    assert show.figure_lines(many) == ["kept 1 · drained no"]


@pytest.mark.parametrize(("error", "status"), [
    pytest.param(ConfigError("x"), 2, id="configuration"),
    pytest.param(UnavailableError("x"), 3, id="out of reach"),
    pytest.param(TransientError("x"), 3, id="may pass later"),
    pytest.param(psycopg.OperationalError("x"), 3, id="connection lost"),
    pytest.param(PermanentError("x"), 4, id="on purpose, but not expected here"),
    pytest.param(KeyError("x"), 4, id="a fault of ours"),
])
def test_an_error_has_its_exit_status(error: Exception, status: int) -> None:
    assert exits.judge(error)[0] == status


def test_a_fault_of_ours_names_its_place_and_not_its_text() -> None:
    try:
        like(None)  # type: ignore[arg-type]
    except TypeError as exc:
        line = exits.judge(exc)[1]
    assert "TypeError at pipeline/observe/files.py line" in line
    assert "DRAFTMILL_LOG_LEVEL=DEBUG" in line
    assert "NoneType" not in line


@pytest.mark.parametrize(("pattern", "expected"), [
    ("*.pdf", "%.pdf"), ("a?c", "a_c"), ("100%_x", r"100\%\_x"), ("a\\b", r"a\\b")])
def test_a_pattern_takes_stars_and_question_marks_and_nothing_else(pattern: str, expected: str) -> None:
    assert like(pattern) == expected


def test_a_file_name_stays_on_its_line_and_commands_no_terminal() -> None:
    assert printable("Zeichnung Ü 1\x1b[2J\n.pdf") == "Zeichnung Ü 1\\x1b[2J\\x0a.pdf"


def test_a_cell_cannot_break_its_table() -> None:
    assert table(("a", "b"), [("x|y\nz", 1234)]) == ["| a | b |", "|---|---:|", r"| x\|y z | 1,234 |"]
    assert table(("a",), []) == ["None."]


def test_a_cell_of_a_report_stays_in_its_row_and_commands_no_terminal() -> None:
    assert table(["file"], [["a|b\nc\x1b[31m.pdf"]])[-1] == r"| a\|b c\x1b[31m.pdf |"
