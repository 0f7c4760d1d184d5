"""The built-in embedding: spellings near, meanings unknown, the same on every machine."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from pipeline.embed import as_literal, model_version, open_embedder
from pipeline.embed.hashed import HashedNgrams, plain, words_of

EMBEDDER = HashedNgrams()
HERE = str(Path(__file__).resolve().parents[3])


def cosine(left: str, right: str) -> float:
    return float(EMBEDDER.embed_query(left) @ EMBEDDER.embed([right])[0])


@pytest.mark.parametrize(("query", "near", "far"), [
    pytest.param("schwiessnaht", "Schweißnaht prüfen", "Schaltplan lesen", id="a typo"),
    pytest.param("weld seam", "welded seams of the frame", "wooden frames of the seat", id="endings"),
    pytest.param("Größe der Bohrung", "groesse der bohrungen", "Farbe der Lackierung", id="umlauts"),
    pytest.param("DM-1001", "see DM1001-B", "see DM-2002", id="a code written otherwise"),
    pytest.param("what is the torque of the screw", "screw torque 10 Nm", "what is the colour of the door", id="stop words say nothing"),
])
def test_what_is_spelt_alike_is_nearer(query: str, near: str, far: str) -> None:
    assert cosine(query, near) > cosine(query, far) + 0.1


def test_vectors_have_length_one_and_a_text_of_nothing_known_is_zero() -> None:
    vectors = EMBEDDER.embed(["a screw", "", "the of and", "!?"])
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, EMBEDDER.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 0, 0])


def test_no_texts_are_no_vectors() -> None:
    assert EMBEDDER.embed([]).shape == (0, EMBEDDER.dimension)


def test_vectors_are_the_same_in_a_process_with_another_hash_seed() -> None:
    program = ("from hashlib import sha256; from pipeline.embed import as_literal, open_embedder; "
               "print(sha256(as_literal(open_embedder('').embed_query('Bohrung Ø12 H7')).encode()).hexdigest())")
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=HERE,
                           env={**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": HERE}).stdout.strip()
    assert other == sha256(as_literal(EMBEDDER.embed_query("Bohrung Ø12 H7")).encode()).hexdigest()


def test_a_vector_of_a_released_version_never_changes() -> None:
    """Where this fails on purpose, raise HashedNgrams.version: stored vectors are no longer comparable."""
    vector = EMBEDDER.embed_query("screw M6x12")
    assert EMBEDDER.version == "1"
    assert sha256(np.round(vector * 1000).astype(np.int16).tobytes()).hexdigest()[:16] == "b88f446e6529c5ae"


def test_the_default_is_this_one_under_an_honest_name() -> None:
    assert model_version(open_embedder("")) == model_version(open_embedder("builtin")) == "builtin-hashed-ngrams@1/512"


def test_codes_are_read_whole_and_in_parts() -> None:
    assert words_of("DM-1001-B, well-known") == ["dm", "1001", "b", "dm1001b", "well", "known"]


def test_spelling_is_made_plain() -> None:
    assert plain("Größe PIÈCE Ø12 Straße ﬁt") == "groesse piece o12 strasse fit"


@pytest.mark.parametrize("text", ["x" * 1_000_000, "字" * 10_000, "\ud800 lone", "\x00"],
                         ids=["a long word", "no blanks", "a surrogate", "nul"])
def test_odd_texts_do_no_harm(text: str) -> None:
    assert np.isfinite(EMBEDDER.embed([text])).all()
