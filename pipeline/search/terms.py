"""The terms of a query: which lexemes it asks for, how rare each is, and which of them say where to look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import LiteralString
from uuid import UUID

from pipeline.database import Connection
from pipeline.search.query import Query, is_code, pieces_of

# A word of the query is stemmed in these languages until the table has statistics that say which it holds.
LANGUAGES = ["en", "de", "fr", "nl"]
SMALL_TABLE = 20_000  # chunks, up to which every lexeme is counted
COUNTED = 1_000  # chunks up to which a lexeme that is in no statistics is counted in a larger table
MOST_CANDIDATES = 10_000  # chunks that are ranked for one query

EXACT = 0.5  # of a word's weight that its exact form has; its stem has the rest
CODE_PART = 0.3  # of the weight that a part of a code has by its rarity
NEIGHBOURS = 0.4  # of a word's weight that is added where its neighbour in the query is also its neighbour in the text
SHORTEST_PART = 2  # letters of a part of a code that is looked for by itself

# A word goes through the function that made the chunks' vectors, so both are read alike. Position 1 is the word itself.
ANALYSE: LiteralString = """
    SELECT asked.number::integer, tongue.code, found.lexeme, found.positions[1] = 1
    FROM unnest(%(words)s::text[]) WITH ORDINALITY AS asked (word, number)
    CROSS JOIN unnest(array_prepend('', %(languages)s::text[])) AS tongue (code)
    CROSS JOIN LATERAL unnest(chunk_search_vector(NULL, NULL, asked.word, NULL, tongue.code)) AS found
    ORDER BY asked.number, tongue.code, found.positions[1]
"""

# How many chunks there are, and the languages of more than a few of them; -1 and NULL before the first ANALYZE.
TABLE: LiteralString = """
    SELECT class.reltuples::bigint,
           (SELECT stats.most_common_vals::text::text[]
            FROM pg_stats AS stats
            WHERE (stats.schemaname, stats.tablename, stats.attname) = (space.nspname, 'chunk_index', 'language'))
    FROM pg_class AS class
    JOIN pg_namespace AS space ON space.oid = class.relnamespace
    WHERE class.oid = 'chunk_index'::regclass
"""
COUNT_ALL: LiteralString = "SELECT count(*) FROM (SELECT FROM chunk_index WHERE tenant_id = %s LIMIT %s) AS first"

# The share of chunks that hold each of these lexemes, as ANALYZE estimated it, for those that are common.
COMMON: LiteralString = """
    SELECT common.lexeme, common.frequency
    FROM pg_stats AS stats
    JOIN pg_class AS class ON class.oid = 'chunk_index'::regclass AND class.relname = stats.tablename
    JOIN pg_namespace AS space ON space.oid = class.relnamespace AND space.nspname = stats.schemaname
    CROSS JOIN LATERAL unnest(stats.most_common_elems::text::text[], stats.most_common_elem_freqs) AS common (lexeme, frequency)
    WHERE stats.attname = 'search_vector' AND common.lexeme = ANY (%s)
"""

# How many chunks match each of these, up to a limit.
COUNT: LiteralString = """
    SELECT asked.query, counted.chunks
    FROM unnest(%(queries)s::text[]) AS asked (query)
    CROSS JOIN LATERAL (
        SELECT count(*) AS chunks
        FROM (SELECT
              FROM chunk_index
              WHERE tenant_id = %(tenant)s AND search_vector @@ asked.query::tsquery
              LIMIT %(limit)s) AS first) AS counted
"""


@dataclass(frozen=True, slots=True)
class Term:
    """One lexeme, beginning or pair of neighbours that a chunk may hold. query: as a tsquery; weight: what holding it is worth."""

    query: str
    weight: float


@dataclass(frozen=True, slots=True)
class Terms:
    """What a query asks full-text search for.

    ranked      every term counts towards the rank of a chunk that holds it
    neighbours  pairs of words: worth more where they follow one another
    candidates  tsquery of the chunks that are ranked at all: those with the rarer terms
    required    tsquery that each of them must match as well ('' where there is none)
    """

    ranked: tuple[Term, ...]
    neighbours: tuple[Term, ...]
    candidates: str
    required: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A tsquery, the share of its rarity that it is worth, and those whose count stands for its own (a stem's for its word)."""

    query: str
    share: float
    rarity_of: tuple[str, ...]


def terms_of(conn: Connection, query: Query, tenant_id: UUID | str) -> Terms | None:
    """The terms of a query; None where it holds no word at all."""
    chunks, languages = _table(conn, tenant_id)
    readings = _readings(conn, query, languages)
    wanted = _wanted(query, readings)
    counts = _counts(conn, {name for one in wanted for name in one.rarity_of}, tenant_id, chunks)
    rarity = {one.query: _rarity(max(counts[name] for name in one.rarity_of), chunks) for one in wanted}
    ranked = tuple(Term(one.query, _share(one, counts) * rarity[one.query]) for one in wanted if counts[one.query])
    required = " & ".join(phrase for phrase in (_phrase(readings, words) for words in query.phrases) if phrase)
    if not ranked:
        return None
    return Terms(ranked, _neighbours(query, readings, rarity), _candidates(ranked, counts), required)


def _share(wanted: _Wanted, counts: dict[str, int]) -> float:
    """All of it where no chunk holds the other forms of the word."""
    alone = len(wanted.rarity_of) > 1 and sum(counts[name] > 0 for name in wanted.rarity_of) == 1
    return 1.0 if alone else wanted.share


class _Readings(dict[str, tuple[str, list[str], list[str]]]):
    """What each word was read as: itself, its stems, all lexemes of its plain reading."""

    def exact(self, word: str) -> str:
        return self[word][0] if word in self else ""


def _readings(conn: Connection, query: Query, languages: Sequence[str]) -> _Readings:
    runs = [*query.runs, *query.prefixes]
    words = list(dict.fromkeys([*(run for run in runs if is_code(run)), *(piece for run in runs for piece in pieces_of(run)),
                                *(piece for phrase in query.phrases for piece in phrase)]))
    rows = conn.execute(ANALYSE, {"words": words, "languages": list(languages)}).fetchall()
    readings = _Readings()
    for number, word in enumerate(words, start=1):
        own = [(code, lexeme, first) for place, code, lexeme, first in rows if place == number]
        plain = [lexeme for code, lexeme, _ in own if code == ""]
        itself = next((lexeme for code, lexeme, first in own if code == "" and first), "")
        stems = list(dict.fromkeys(lexeme for code, lexeme, _ in own if code and lexeme not in plain))
        readings[word] = (itself, stems, plain)
    return readings


def _wanted(query: Query, readings: _Readings) -> list[_Wanted]:
    wanted: dict[str, _Wanted] = {}
    for run in query.runs:
        for one in _of_code(run, readings) if is_code(run) else _of_words(run, readings):
            wanted.setdefault(one.query, one)
    for prefix in query.prefixes:
        if lexeme := readings.exact(prefix):
            wanted.setdefault(f"{_quoted(lexeme)}:*", _Wanted(f"{_quoted(lexeme)}:*", 1.0, (f"{_quoted(lexeme)}:*",)))
    return list(wanted.values())


def _of_code(run: str, readings: _Readings) -> Iterable[_Wanted]:
    """The code whole and its parts, each as rare as it is: a part alone finds the code written otherwise."""
    lexemes = readings[run][2]
    whole = max(lexemes, key=len, default="")
    for lexeme in lexemes:
        if lexeme == whole or len(lexeme) >= SHORTEST_PART:
            yield _Wanted(_quoted(lexeme), 1.0 if lexeme == whole else CODE_PART, (_quoted(lexeme),))


def _of_words(run: str, readings: _Readings) -> Iterable[_Wanted]:
    """Each word as it is and stemmed, both as rare as the more frequent of them: an ending makes no word rare."""
    for piece in pieces_of(run):
        itself, stems, _ = readings[piece]
        names = tuple(_quoted(lexeme) for lexeme in (itself, *stems) if lexeme)
        for name in names:
            share = 1.0 if len(names) == 1 else EXACT if name == names[0] else 1 - EXACT
            yield _Wanted(name, share, names)


def _neighbours(query: Query, readings: _Readings, rarity: dict[str, float]) -> tuple[Term, ...]:
    words = [readings.exact(piece) for run in query.runs for piece in pieces_of(run)]
    pairs = [(_quoted(left), _quoted(right)) for left, right in pairwise(words) if left and right]
    return tuple(Term(f"{left} <-> {right}", NEIGHBOURS * min(rarity.get(left, 0.0), rarity.get(right, 0.0)))
                 for left, right in dict.fromkeys(pairs))


def _candidates(ranked: Sequence[Term], counts: dict[str, int]) -> str:
    """The rarer terms, as many as stay within MOST_CANDIDATES chunks; the rarest in any case."""
    chosen: list[str] = []
    total = 0
    for query in sorted((term.query for term in ranked), key=lambda query: (counts[query], query)):
        total += counts[query]
        if chosen and total > MOST_CANDIDATES:
            break
        chosen.append(query)
    return " | ".join(chosen)


def _phrase(readings: _Readings, words: Sequence[str]) -> str:
    lexemes = [_quoted(readings.exact(word)) for word in words if readings.exact(word)]
    return f"({' <-> '.join(lexemes)})" if lexemes else ""


def _table(conn: Connection, tenant_id: UUID | str) -> tuple[int, Sequence[str]]:
    """The number of chunks, counted in a small table and estimated in a large one, and the languages to stem in."""
    ((estimate, languages),) = conn.execute(TABLE).fetchall()
    if estimate <= SMALL_TABLE:
        ((estimate,),) = conn.execute(COUNT_ALL, (tenant_id, SMALL_TABLE + 1)).fetchall()
    return estimate, [code for code in languages if code != "und"] if languages else LANGUAGES


def _counts(conn: Connection, queries: Iterable[str], tenant_id: UUID | str, chunks: int) -> dict[str, int]:
    """How many chunks match each of these; an estimate where there are many."""
    asked = sorted(queries)
    if chunks <= SMALL_TABLE:
        return dict(conn.execute(COUNT, {"queries": asked, "tenant": tenant_id, "limit": SMALL_TABLE}).fetchall())
    lexemes = {_unquoted(query): query for query in asked}
    common = {lexemes[lexeme]: round(frequency * chunks) for lexeme, frequency in conn.execute(COMMON, (list(lexemes),)).fetchall()}
    rest = [query for query in asked if query not in common]
    return common | dict(conn.execute(COUNT, {"queries": rest, "tenant": tenant_id, "limit": COUNTED}).fetchall())


def _rarity(count: int, chunks: int) -> float:
    """Inverse document frequency. Source: Robertson and Zaragoza, 2009 (BM25), with 1 added so that it is never negative."""
    return log(1 + (max(chunks, count) - count + 0.5) / (count + 0.5))


def _quoted(lexeme: str) -> str:
    """A lexeme as a tsquery."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _unquoted(query: str) -> str:
    return query[1:-1].replace("''", "'").replace("\\\\", "\\") if query.endswith("'") else query
