"""Text as readers give it, cleaned."""

from __future__ import annotations

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.normalise import clean_text


@given(st.text(alphabet="a \t\n", max_size=40))
def test_blanks_at_the_ends_of_lines_go_and_cells_at_their_beginning_stay(text: str) -> None:
    text = f"x{text}x"
    lines = [line.strip(" ") for line in re.sub(" +", " ", text).split("\n")]
    assert clean_text(text) == re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines))


def test_a_long_run_of_empty_cells_is_cleaned_in_good_time() -> None:
    began = time.monotonic()
    assert clean_text("a" + "\t" * 200_000 + "b\nc") == "a" + "\t" * 200_000 + "b\nc"
    assert time.monotonic() - began < 2
