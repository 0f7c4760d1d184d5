"""The HNSW index of each embedding model: built after bulk loads, gone with the model."""

from __future__ import annotations

import hashlib
from typing import LiteralString

from psycopg import sql

from pipeline.database import Connection
from pipeline.embed.model import MOST_DIMENSIONS

PREFIX = "chunk_index_embedding_"

INDEXES: LiteralString = """
    SELECT class.relname, index.indisvalid
    FROM pg_index AS index
    JOIN pg_class AS class ON class.oid = index.indexrelid
    WHERE index.indrelid = 'chunk_index'::regclass AND starts_with(class.relname, %s)
"""
# One probe a model that is there, instead of a scan over all chunks.
MODELS: LiteralString = """
    SELECT DISTINCT embedding_model, vector_dims(embedding) FROM chunk_index WHERE embedding_model IS NOT NULL
"""
CREATE: LiteralString = """
    CREATE INDEX CONCURRENTLY {name} ON chunk_index USING hnsw ((embedding::halfvec({dimension})) halfvec_cosine_ops)
    WHERE embedding_model = {model}
"""


def build_vector_index(conn: Connection, model: str, dimension: int) -> list[str]:
    """Build the index of `model` unless a valid one is there; drop invalid ones and those of models without a chunk.

    conn   autocommit: other sessions read and write on while it is built. Two machines may call it at once.
    model  as model_version() says it

    Returns what was done, as 'built NAME' and 'dropped NAME'. A vector longer than an index takes is compared one by one.
    """
    present = {index_name(name) for name, _ in conn.execute(MODELS).fetchall()}
    wanted = index_name(model)
    found: dict[str, bool] = dict(conn.execute(INDEXES, (PREFIX,)).fetchall())
    gone = [name for name, valid in found.items() if name not in present or not valid]
    done = [_drop(conn, name) for name in sorted(gone)]
    if found.get(wanted) or wanted not in present or dimension > MOST_DIMENSIONS:
        return done
    conn.execute(sql.SQL(CREATE).format(name=sql.Identifier(wanted), dimension=sql.Literal(dimension), model=sql.Literal(model)))
    return [*done, f"built {wanted}"]


def index_name(model: str) -> str:
    """Of a length that PostgreSQL takes, and another one for each model."""
    return PREFIX + hashlib.sha256(model.encode()).hexdigest()[:16]


def _drop(conn: Connection, name: str) -> str:
    conn.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name)))
    return f"dropped {name}"
