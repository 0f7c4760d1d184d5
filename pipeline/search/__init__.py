"""Queries over what was stored: chunks by full text, by vector, and by both."""

from pipeline.search.chunks import Filters, Hit, search_chunks
from pipeline.search.vector_index import build_vector_index

__all__ = ["Filters", "Hit", "build_vector_index", "search_chunks"]
