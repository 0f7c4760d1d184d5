"""Chunks that answer a query: by full text, by vector, or by both.

    hits = search_chunks(conn, "torque of M6 screws", tenant_id=tenant, mode="hybrid", embedder=embedder)

Full text: any word may match, and rare words count for more (BM25's inverse document frequency times a term frequency that
soon stops rising, by the weight of where it stands). "Quoted words" must follow one another; weld* finds beginnings.
Vector: cosine among vectors of the embedder's model. Hybrid: the sum of both, each score as a share of the best of its list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, LiteralString, NamedTuple
from uuid import UUID

from psycopg import sql

from pipeline.database import Connection
from pipeline.embed import Embedder, as_literal, model_version
from pipeline.search.query import parse
from pipeline.search.terms import MOST_CANDIDATES, terms_of

Mode = Literal["fulltext", "vector", "hybrid"]


class Key(NamedTuple):
    """Which chunk. chunk_id comes first: chunks of equal score stand in its order."""

    chunk_id: str
    output_id: UUID
    chunk_sequence: int


Ranked = list[tuple[Key, float]]  # best first

WEIGHTS = [0.5, 0.8, 0.7, 1.0]  # of text, file name, section path, title
LENGTH_COUNTS = 1  # ts_rank's normalisation: divided by 1 + the logarithm of the length
FUSION_DEPTH = 100  # hits of each list that are fused, at least
SHARES = {"fulltext": 2 / 3, "vector": 1 / 3}
EQUALS = 20  # vectors fetched beyond the last, so that chunks as near as it come in their order (copies of one paragraph)
SEARCHED_NEIGHBOURS = 200  # hnsw.ef_search, at least; its limit is 1000

_FILTERS: LiteralString = """
      AND (%(languages)s::text[] IS NULL OR chunk.language = ANY (%(languages)s))
      AND (%(documents)s::uuid[] IS NULL OR chunk.document_id = ANY (%(documents)s))
      AND (%(blobs)s::uuid[] IS NULL OR chunk.blob_id = ANY (%(blobs)s))
      AND (%(file_name)s::text IS NULL OR chunk.file_name ILIKE %(file_name)s)
"""

# `|| ''` unpacks a vector once for all its terms.
FULLTEXT: LiteralString = """
    SELECT chunk.chunk_id, chunk.output_id, chunk.chunk_sequence, ranked.score
    FROM (SELECT chunk_id, output_id, chunk_sequence, search_vector || ''::tsvector AS words
          FROM chunk_index AS chunk
          WHERE chunk.tenant_id = %(tenant)s AND chunk.search_vector @@ %(candidates)s::tsquery
            AND (%(required)s = '' OR chunk.search_vector @@ %(required)s::tsquery)
""" + _FILTERS + """
          LIMIT %(most)s) AS chunk
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(term.weight * ts_rank(%(weights)s::float4[], chunk.words, term.query::tsquery, %(length)s)), 0)
             + coalesce((SELECT sum(pair.weight * %(pair_rank)s)
                         FROM unnest(%(pairs)s::text[], %(pair_weights)s::float8[]) AS pair (query, weight)
                         WHERE chunk.words @@ pair.query::tsquery), 0) AS score
        FROM unnest(%(terms)s::text[], %(term_weights)s::float8[]) AS term (query, weight)) AS ranked
    ORDER BY ranked.score DESC, chunk.chunk_id COLLATE "C"
    LIMIT %(limit)s
"""
PAIR_RANK = 0.06  # what a pair adds for its weight: about what ts_rank gives one word in the text

# The index that fits is the one of this model and dimension; without one, all vectors of the model are compared.
VECTOR: LiteralString = """
    SELECT chunk_id, output_id, chunk_sequence, 1 - distance
    FROM (SELECT chunk_id, output_id, chunk_sequence, embedding::halfvec({dimension}) <=> %(vector)s::halfvec({dimension}) AS distance
          FROM chunk_index AS chunk
          WHERE chunk.tenant_id = %(tenant)s AND chunk.embedding_model = {model}
""" + _FILTERS + """
          ORDER BY embedding::halfvec({dimension}) <=> %(vector)s::halfvec({dimension})
          LIMIT %(limit)s + %(equals)s) AS nearest
    ORDER BY distance, chunk_id COLLATE "C"
    LIMIT %(limit)s
"""

# A tenant or a filter may leave few of the nearest: pgvector 0.8 goes on searching, an older one gives fewer hits. In relaxed
# order, for the strict one throws away what comes late (measured: half of the hits); the outer query sorts.
SEARCH_WIDELY: LiteralString = """
    SELECT set_config('hnsw.ef_search', %s::text, true),
           CASE WHEN string_to_array(extversion, '.')::integer[] >= ARRAY[0, 8]
                THEN set_config('hnsw.iterative_scan', 'relaxed_order', true) END
    FROM pg_extension
    WHERE extname = 'vector'
"""

FETCH: LiteralString = """
    SELECT chunk.output_id, chunk.chunk_sequence, chunk.chunk_id, chunk.blob_id, chunk.document_id, blob.blob_key, chunk.title,
           chunk.page_start, chunk.page_end, chunk.section_path, chunk.language, chunk.confidence::float8,
           right(chunk.search_text, chunk.char_count)
    FROM unnest(%(outputs)s::uuid[], %(sequences)s::integer[]) AS wanted (output_id, chunk_sequence)
    JOIN chunk_index AS chunk USING (output_id, chunk_sequence)
    JOIN blob_inventory AS blob ON (blob.tenant_id, blob.blob_id) = (chunk.tenant_id, chunk.blob_id)
    WHERE chunk.tenant_id = %(tenant)s
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which chunks count; None: all. file_name: a pattern of LIKE, in which case does not count."""

    languages: Sequence[str] | None = None
    document_ids: Sequence[UUID | str] | None = None
    blob_ids: Sequence[UUID | str] | None = None
    file_name: str | None = None

    def parameters(self) -> dict[str, Any]:
        return {"languages": _list(self.languages), "documents": _list(self.document_ids), "blobs": _list(self.blob_ids),
                "file_name": self.file_name}


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found. score: comparable within one answer only; parts: (place from 1, score) in 'fulltext' and 'vector'."""

    output_id: UUID
    chunk_sequence: int
    chunk_id: str
    blob_id: UUID
    document_id: UUID
    blob_key: str
    title: str | None
    page_start: int | None
    page_end: int | None
    section_path: list[str]
    language: str
    confidence: float | None
    text: str
    score: float
    parts: dict[str, tuple[int, float]]


def search_chunks(conn: Connection, query: str, *, tenant_id: UUID | str, mode: Mode = "hybrid", limit: int = 10,
                  embedder: Embedder | None = None, filters: Filters | None = None) -> list[Hit]:
    """The best chunks of the tenant for the query, best first; equal ones by chunk_id.

    embedder  what the stored vectors were made with; needed for 'vector' and 'hybrid'
    """
    if mode != "fulltext" and embedder is None:
        raise ValueError(f"mode {mode} needs an embedder")
    narrowed = filters or Filters()
    depth = limit if mode != "hybrid" else max(limit, FUSION_DEPTH)
    vector = as_literal(embedder.embed_query(query)) if embedder is not None and mode != "fulltext" else ""  # may be slow: no lock is held
    lists: dict[str, Ranked] = {}
    with conn.transaction():
        if mode != "vector":
            lists["fulltext"] = by_fulltext(conn, query, tenant_id=tenant_id, limit=depth, filters=narrowed)
        if embedder is not None and mode != "fulltext":
            lists["vector"] = by_vector(conn, vector, embedder.dimension, model_version(embedder), tenant_id=tenant_id, limit=depth,
                                        filters=narrowed)
        best = fuse(lists)[:limit] if mode == "hybrid" else lists[mode]
        return _fetch(conn, best, lists, tenant_id)


def by_fulltext(conn: Connection, query: str, *, tenant_id: UUID | str, limit: int, filters: Filters) -> Ranked:
    """Keys and scores of the best chunks by their words."""
    terms = terms_of(conn, parse(query), tenant_id)
    if terms is None:
        return []
    return _keyed(conn.execute(FULLTEXT, {
        **filters.parameters(), "tenant": tenant_id, "candidates": terms.candidates, "required": terms.required,
        "most": MOST_CANDIDATES, "weights": WEIGHTS, "length": LENGTH_COUNTS, "pair_rank": PAIR_RANK, "limit": limit,
        "terms": [term.query for term in terms.ranked], "term_weights": [term.weight for term in terms.ranked],
        "pairs": [term.query for term in terms.neighbours], "pair_weights": [term.weight for term in terms.neighbours],
    }).fetchall())


def by_vector(conn: Connection, vector: str, dimension: int, model: str, *, tenant_id: UUID | str, limit: int,
              filters: Filters) -> Ranked:
    """Keys and cosines of the nearest chunks; inside a transaction, for its settings hold that long."""
    conn.execute(SEARCH_WIDELY, (min(1000, max(SEARCHED_NEIGHBOURS, 2 * limit)),))
    statement = sql.SQL(VECTOR).format(dimension=sql.Literal(dimension), model=sql.Literal(model))
    return _keyed(conn.execute(statement, {**filters.parameters(), "tenant": tenant_id, "vector": vector, "limit": limit,
                                           "equals": EQUALS}).fetchall())


def fuse(lists: dict[str, Ranked]) -> Ranked:
    """One list of several: each score as a share of the best of its list, times the list's own share; 0 where a list does not name it.

    Scores say more than places: over 232 questions with all-MiniLM-L6-v2 nDCG@10 is 0.79, by reciprocal rank fusion (k = 60) 0.73 and
    by full text alone 0.74; with the built-in vectors 0.74 against 0.69, for places let a weak list drag a strong one down.
    Source: Bruch, Gai and Ingber, 2023, who find the same of convex combinations.
    """
    scores: dict[Key, float] = {}
    for name, ranked in lists.items():
        best = ranked[0][1] if ranked else 0.0
        for key, score in ranked if best > 0 else ():
            scores[key] = scores.get(key, 0.0) + SHARES[name] * max(score, 0.0) / best
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _fetch(conn: Connection, best: Ranked, lists: dict[str, Ranked], tenant_id: UUID | str) -> list[Hit]:
    places = {name: {key: (place, score) for place, (key, score) in enumerate(ranked, start=1)} for name, ranked in lists.items()}
    rows = conn.execute(FETCH, {"outputs": [key.output_id for key, _ in best],
                                "sequences": [key.chunk_sequence for key, _ in best], "tenant": tenant_id}).fetchall()
    scores = dict(best)
    hits = [Hit(*(*row, scores[key], _parts(places, key))) for row in rows if (key := Key(row[2], row[0], row[1]))]
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))


def _parts(places: dict[str, dict[Key, tuple[int, float]]], key: Key) -> dict[str, tuple[int, float]]:
    return {name: found[key] for name, found in places.items() if key in found}


def _keyed(rows: Sequence[tuple[Any, ...]]) -> Ranked:
    return [(Key(*key), float(score)) for *key, score in rows]


def _list(values: Sequence[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)
