"""How well search finds what answers a set of questions, by full text, by vector and by both.

A model other than that of the stored vectors is tried in memory: its vectors are computed for all chunks, compared one by
one and forgotten; no table is touched (and no temporary one, which a pooler in transaction mode would lose).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import numpy as np

from pipeline.database import Connection
from pipeline.embed import Embedder, FloatArray, as_literal, model_version
from pipeline.search import metrics
from pipeline.search.chunks import FUSION_DEPTH, Filters, Key, Ranked, by_fulltext, by_vector, fuse
from pipeline.search.judgements import Answer, Question, grades_of, resolve

log = logging.getLogger(__name__)

MODES = ("fulltext", "vector", "hybrid")
GAIN_DEPTH = 10  # of nDCG and MRR, whatever k is asked for recall

STORED: LiteralString = """
    SELECT count(*), count(*) FILTER (WHERE embedding_model = %(model)s) FROM chunk_index WHERE tenant_id = %(tenant)s
"""
ALL_CHUNKS: LiteralString = """
    SELECT chunk_id, output_id, chunk_sequence, search_text FROM chunk_index WHERE tenant_id = %s ORDER BY chunk_id COLLATE "C"
"""
TEXTS: LiteralString = """
    SELECT chunk.chunk_id, chunk.output_id, chunk.chunk_sequence, chunk.blob_id, right(chunk.search_text, chunk.char_count)
    FROM unnest(%(outputs)s::uuid[], %(sequences)s::integer[]) AS wanted (output_id, chunk_sequence)
    JOIN chunk_index AS chunk USING (output_id, chunk_sequence)
    WHERE chunk.tenant_id = %(tenant)s
"""

Nearest = Callable[[str, int], Ranked]


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one question in one mode. place: of the first answer among the first hits, None where it is not there."""

    recall: float
    found: float
    reciprocal_rank: float
    ndcg: float
    place: int | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """scores: by mode and question id; answers: by question id; model: of the vectors; chunks: how many were searched."""

    questions: tuple[Question, ...]
    answers: dict[str, tuple[Answer, ...]]
    scores: dict[str, dict[str, Score]]
    k: int
    model: str | None
    chunks: int


def evaluate(conn: Connection, questions: Sequence[Question], *, tenant_id: UUID | str, modes: Sequence[str] = MODES, k: int = 10,
             embedder: Embedder | None = None) -> Evaluation:
    """Ask every question in every mode. conn: autocommit. embedder: needed for all modes but 'fulltext'."""
    answers = resolve(conn, questions, tenant_id)
    model = model_version(embedder) if embedder else ""
    ((chunks, stored),) = conn.execute(STORED, {"model": model, "tenant": tenant_id}).fetchall()
    nearest = _nearest(conn, embedder, tenant_id, stored=stored == chunks > 0) if embedder and set(modes) - {"fulltext"} else None
    scores: dict[str, dict[str, Score]] = {mode: {} for mode in modes}
    for question in questions:
        rankings = rank(conn, question.query, tenant_id, modes, nearest, depth=max(FUSION_DEPTH, 3 * k))
        texts = _texts(conn, rankings, tenant_id)
        for mode, ranking in rankings.items():
            grades = grades_of([texts[key] for key, _ in ranking], answers[question.id])
            scores[mode][question.id] = score(grades, [answer.grade for answer in answers[question.id]], k)
    return Evaluation(tuple(questions), answers, scores, k, model or None, chunks)


def score(ranking: Sequence[int], ideal: Sequence[int], k: int) -> Score:
    rank = metrics.reciprocal_rank(ranking, len(ranking))
    return Score(metrics.recall_at(ranking, ideal, k), metrics.found_at(ranking, k), metrics.reciprocal_rank(ranking, GAIN_DEPTH),
                 metrics.ndcg_at(ranking, ideal, GAIN_DEPTH), round(1 / rank) if rank else None)


def rank(conn: Connection, query: str, tenant_id: UUID | str, modes: Sequence[str], nearest: Nearest | None, *,
         depth: int) -> dict[str, Ranked]:
    """The hits of one question in each mode, as search_chunks ranks them."""
    lists: dict[str, Ranked] = {}
    if {"fulltext", "hybrid"} & set(modes):
        lists["fulltext"] = by_fulltext(conn, query, tenant_id=tenant_id, limit=depth, filters=Filters())
    if nearest and {"vector", "hybrid"} & set(modes):
        lists["vector"] = nearest(query, depth)
    return {mode: (fuse(lists) if mode == "hybrid" else lists[mode])[:depth] for mode in modes}


def _nearest(conn: Connection, embedder: Embedder, tenant_id: UUID | str, *, stored: bool) -> Nearest:
    """What finds the chunks nearest to a query: the stored vectors where all are of this model, else ones computed now."""
    if not stored:
        return _in_memory(conn, embedder, tenant_id)

    def search(query: str, limit: int) -> Ranked:
        vector = as_literal(embedder.embed_query(query))
        with conn.transaction():
            return by_vector(conn, vector, embedder.dimension, model_version(embedder), tenant_id=tenant_id, limit=limit,
                             filters=Filters())

    return search


def _in_memory(conn: Connection, embedder: Embedder, tenant_id: UUID | str) -> Nearest:
    rows = conn.execute(ALL_CHUNKS, (tenant_id,)).fetchall()
    log.info("evaluation.embedding", extra={"model": model_version(embedder), "chunks": len(rows)})
    keys = [Key(*key) for *key, _ in rows]
    vectors: FloatArray = embedder.embed([text for *_, text in rows]).astype(np.float16).astype(np.float32)  # as halfvec holds them

    def search(query: str, limit: int) -> Ranked:
        cosines = vectors @ embedder.embed_query(query)
        return [(keys[place], float(cosines[place])) for place in np.argsort(-cosines, kind="stable")[:limit].tolist()]

    return search


def _texts(conn: Connection, rankings: dict[str, Ranked], tenant_id: UUID | str) -> dict[Key, tuple[UUID, str]]:
    keys = list(dict.fromkeys(key for ranking in rankings.values() for key, _ in ranking))
    rows = conn.execute(TEXTS, {"outputs": [key.output_id for key in keys], "sequences": [key.chunk_sequence for key in keys],
                                "tenant": tenant_id}).fetchall()
    return {Key(*key): (blob_id, text) for *key, blob_id, text in rows}
