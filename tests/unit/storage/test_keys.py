"""Key and file name, there and back."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PermanentError
from pipeline.storage.keys import decode_name, encode_name, key_parts

RAW = st.binary(min_size=1, max_size=40).filter(lambda raw: b"/" not in raw and b"\0" not in raw)
PERCENT = st.text(alphabet="%25aFfé4\n", min_size=1, max_size=12)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
@given(RAW)
def test_any_bytes_come_back(raw: bytes) -> None:
    name = os.fsdecode(raw)
    key = encode_name(name)
    key.encode("utf-8")  # what the database stores is text
    assert decode_name(key) == name


@given(PERCENT)
def test_percent_signs_come_back(name: str) -> None:
    assert decode_name(encode_name(name)) == name


@pytest.mark.parametrize(("name", "key"), [
    ("a b.pdf", "a b.pdf"), ("Zähler", "Zähler"), ("Za\u0308hler", "Za\u0308hler"), ("line\nbreak", "line\nbreak"),
    ("100%", "100%"), ("100%zz", "100%zz"), ("100%41", "100%2541"), ("%25", "%2525"), ("bad\udcff", "bad%FF")])
def test_only_what_is_no_text_is_encoded(name: str, key: str) -> None:
    assert encode_name(name) == key


@given(RAW, RAW)
def test_two_names_never_share_a_key(one: bytes, other: bytes) -> None:
    first, second = os.fsdecode(one), os.fsdecode(other)
    assert (encode_name(first) == encode_name(second)) == (first == second)


@pytest.mark.parametrize("key", ["..", "../x", "a/../../x", "/etc/passwd", "a//b", "", ".", "a/.", "%2E%2E/x", "a%2Fb", "a%00b",
                                 "a\0b"])
def test_keys_that_lead_out_of_the_source_are_refused(key: str) -> None:
    with pytest.raises(PermanentError) as caught:
        key_parts(key)
    assert caught.value.reason == "bad_key"
