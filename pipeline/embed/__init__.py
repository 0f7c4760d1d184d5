"""Texts into vectors: the built-in default, model folders and endpoints behind one small interface.

    embedder = open_embedder(settings.embedding_model, endpoint_key=settings.embedding_api_key)
    vectors = embedder.embed(["a text", "another"])    # (2, embedder.dimension) float32, L2-normalised
"""

from pipeline.embed.model import Embedder, FloatArray, as_literal, model_version
from pipeline.embed.open import open_embedder, version_of

__all__ = ["Embedder", "FloatArray", "as_literal", "model_version", "open_embedder", "version_of"]
