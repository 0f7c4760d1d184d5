"""Questions are read or refused by line; chunks are judged passage by passage."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from pipeline.errors import ConfigError
from pipeline.search.judgements import Answer, fold, grades_of, read_questions

A, B = UUID(int=1), UUID(int=2)
SHIPPED = Path(__file__).resolve().parents[2] / "data" / "retrieval_queries.jsonl"


def answer(blob: UUID, quote: str, grade: int = 2) -> Answer:
    return Answer("key", blob, fold(quote), grade)


def test_the_shipped_questions_are_many_and_of_all_kinds() -> None:
    questions = read_questions(SHIPPED)
    assert len(questions) >= 150
    assert len({question.id for question in questions}) == len(questions)
    assert {question.kind for question in questions} == {"lookup", "paraphrase", "question", "typo", "cross_language"}


@pytest.mark.parametrize("line", [
    "no json", "[]", '{"id": "q1"}', '{"id": "q1", "query": "x", "relevant": []}',
    '{"id": "q1", "query": "x", "relevant": [{"blob_key": "a", "quote": " "}]}',
    '{"id": "q1", "query": "x", "relevant": [{"blob_key": "a", "quote": "b", "grade": "high"}]}'])
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"id": "q0", "query": "x", "relevant": [{"blob_key": "a", "quote": "b"}]}\n\n' + line + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.jsonl line 3"):
        read_questions(path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": "q1", "query": "x"}', encoding="utf-8")
    with pytest.raises(ConfigError, match="it has no 'relevant'"):
        read_questions(tmp_path / "q.jsonl")


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_file_without_questions_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "q.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match="no question"):
        read_questions(tmp_path / "q.jsonl")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")


def test_quotes_are_compared_without_case_blanks_and_forms() -> None:
    assert fold("Maß\n M6 ×\t12 ﬁt") == fold("MASS m6×12 fit")


def test_a_chunk_counts_by_file_and_quote() -> None:
    answers = [answer(A, "torque 10 Nm"), answer(B, "red", grade=1)]
    hits = [(B, "Torque 10 Nm"), (A, "the Torque\n10Nm."), (B, "it is red"), (A, "blue")]
    assert grades_of(hits, answers) == [0, 2, 1, 0]


def test_overlapping_chunks_of_one_passage_count_once_and_take_no_place() -> None:
    answers = [answer(A, "one"), answer(A, "two")]
    assert grades_of([(A, "one"), (A, "xone"), (A, "one two"), (B, "")], answers) == [2, 2, 0]


def test_a_chunk_with_two_answers_takes_two_places() -> None:
    answers = [answer(A, "one", grade=1), answer(A, "two", grade=2), answer(B, "three")]
    assert grades_of([(A, "one two"), (B, "three")], answers) == [2, 1, 2]
