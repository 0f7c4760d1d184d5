"""Questions with the passages that answer them, and which chunk holds which passage. tests/data/README.md has the format.

An *answer* is a passage of one content: (file that bears the rows, quote). Copies of a file have one bearer, so a passage that
is named for each of them is one answer. A chunk holds it where it is the bearer's and contains the quote, both in NFKC, case
folded, without white space and the bars between cells. An answer that no chunk holds is *unreachable*, and says why.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

from pipeline.database import Connection
from pipeline.errors import ConfigError

NOT_LISTED = "the file is not in the inventory"
NOT_EXTRACTED = "the file has no chunks"
NOT_READ = "the passage was not read"
REMOVED = "the passage was read, but left out of the text (header, footer, redacted)"
CUT = "the passage is cut by the border of two chunks"

# A name may stand in several stores; the one with chunks counts.
FILES: LiteralString = """
    SELECT DISTINCT ON (blob.blob_key) blob.blob_key, coalesce(blob.duplicate_of, blob.blob_id), bearer.status, bearer.status_reason
    FROM blob_inventory AS blob
    JOIN blob_inventory AS bearer ON (bearer.tenant_id, bearer.blob_id) = (blob.tenant_id, coalesce(blob.duplicate_of, blob.blob_id))
    WHERE blob.tenant_id = %(tenant)s AND blob.blob_key = ANY (%(keys)s) AND blob.status <> 'deleted'
    ORDER BY blob.blob_key, bearer.status = 'extracted' DESC, blob.blob_id
"""
CHUNK_TEXTS: LiteralString = """
    SELECT blob_id, right(search_text, char_count)
    FROM chunk_index
    WHERE tenant_id = %(tenant)s AND blob_id = ANY (%(blobs)s)
"""
DOCUMENT_TEXTS: LiteralString = "SELECT blob_id, text FROM document_texts WHERE tenant_id = %(tenant)s AND blob_id = ANY (%(blobs)s)"
PAGE_TEXTS: LiteralString = """
    SELECT blob_id, text FROM document_pages WHERE tenant_id = %(tenant)s AND blob_id = ANY (%(blobs)s) ORDER BY blob_id, page_number
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the file. relevant: (blob_key, quote, grade)."""

    id: str
    query: str
    kind: str
    failure_mode: str
    relevant: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A passage that answers a question. blob_id: the file that bears its rows, None where it is unknown; reason: why it is unreachable."""

    blob_key: str
    blob_id: UUID | None
    quote: str  # folded
    grade: int
    reason: str = ""


def read_questions(path: Path) -> list[Question]:
    """Raises ConfigError, which names the line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read ({type(exc).__name__}); name a JSONL file of questions") from exc
    questions = [_question(line, f"{path.name} line {number}") for number, line in enumerate(lines, start=1) if line.strip()]
    if not questions:
        raise ConfigError(f"{path} holds no question; tests/data/README.md has the format")
    return questions


def _question(line: str, where: str) -> Question:
    try:
        found: dict[str, Any] = json.loads(line)
        relevant = tuple((str(one["blob_key"]), str(one["quote"]), int(one.get("grade", 2))) for one in found["relevant"])
        question = Question(str(found["id"]), str(found["query"]), str(found.get("kind", "")), str(found.get("failure_mode", "")), relevant)
    except (ValueError, KeyError, TypeError) as exc:
        fault = f"it has no {exc}" if isinstance(exc, KeyError) else f"{type(exc).__name__}: {str(exc)[:60]}"
        raise ConfigError(f"{where} is no question ({fault}); tests/data/README.md has the format") from exc
    if not relevant or not all(fold(quote) for _, quote, _ in relevant):
        raise ConfigError(f"{where} names no passage, or an empty quote; tests/data/README.md has the format")
    return question


def fold(text: str) -> str:
    """Text as quotes and chunks are compared: NFKC, case folded, without white space and the bars that part a table's cells."""
    return "".join(unicodedata.normalize("NFKC", text).replace("|", " ").casefold().split())


def resolve(conn: Connection, questions: Iterable[Question], tenant_id: UUID | str) -> dict[str, tuple[Answer, ...]]:
    """The answers of each question by its id; copies are one answer, unreachable ones say why."""
    questions = list(questions)
    keys = sorted({key for question in questions for key, _, _ in question.relevant})
    files = {key: tuple(rest) for key, *rest in conn.execute(FILES, {"tenant": tenant_id, "keys": keys}).fetchall()}
    texts = Texts(conn, tenant_id, sorted({found[0] for found in files.values()}))
    return {question.id: _answers(question, files, texts) for question in questions}


class Texts:
    """Folded texts of files: their chunks, their documents, their pages."""

    def __init__(self, conn: Connection, tenant_id: UUID | str, blobs: Sequence[UUID]) -> None:
        wanted = {"tenant": tenant_id, "blobs": list(blobs)}
        self.chunks, self.documents, self.pages = (_folded(conn.execute(statement, wanted).fetchall())
                                                   for statement in (CHUNK_TEXTS, DOCUMENT_TEXTS, PAGE_TEXTS))

    def why_unreachable(self, blob_id: UUID, quote: str) -> str:
        """'' where a chunk holds the quote."""
        if any(quote in text for text in self.chunks.get(blob_id, [])):
            return ""
        if any(quote in text for text in self.documents.get(blob_id, [])):
            return CUT
        if quote in "".join(self.pages.get(blob_id, [])):
            return REMOVED
        return NOT_READ if blob_id in self.chunks else NOT_EXTRACTED


def _folded(rows: Iterable[tuple[UUID, str]]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for blob_id, text in rows:
        found.setdefault(blob_id, []).append(fold(text))
    return found


def _answers(question: Question, files: Mapping[str, tuple[Any, ...]], texts: Texts) -> tuple[Answer, ...]:
    answers: dict[tuple[Any, str], Answer] = {}
    for key, quote, grade in question.relevant:
        folded = fold(quote)
        blob_id, status, status_reason = files.get(key, (None, "", ""))
        reason = texts.why_unreachable(blob_id, folded) if blob_id else NOT_LISTED
        if reason == NOT_EXTRACTED:
            reason += f" ({status}{': ' + status_reason if status_reason else ''})"
        answer = Answer(key, blob_id, folded, grade, reason)
        same = (blob_id or key, folded)
        if same not in answers or answers[same].grade < grade:
            answers[same] = answer
    return tuple(answers.values())


def grades_of(hits: Sequence[tuple[UUID, str]], answers: Sequence[Answer]) -> list[int]:
    """The ranking as grades. hits: (blob_id, text) of chunks, best first.

    Each answer counts where it is found first. A chunk that holds only answers already found (chunks overlap) takes no
    place; one that holds several new ones takes a place for each.
    """
    found: set[int] = set()
    ranking: list[int] = []
    for blob_id, text in hits:
        folded = fold(text)
        held = [number for number, answer in enumerate(answers) if answer.blob_id == blob_id and answer.quote in folded]
        new = [number for number in held if number not in found]
        if not held:
            ranking.append(0)
        ranking += sorted((answers[number].grade for number in new), reverse=True)
        found.update(new)
    return ranking
