"""The trial run's sample: spread out, repeatable, and found without keeping the listing."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pipeline.inventory.sample import _hash, sample, stratum
from pipeline.storage.base import Entry


def entries(keys: list[str]) -> list[Entry]:
    return [Entry(key, 1, "1") for key in keys]


KEYS = [f"{folder}/{number}{suffix}" for folder in ("a", "b/c", "d") for number in range(900) for suffix in (".pdf", ".DXF")]


def naive(keys: list[str], limit: int) -> list[str]:
    strata: dict[tuple[str, str], list[str]] = {}
    for key in keys:
        strata.setdefault(stratum(key), []).append(key)
    order = [(rank, _hash("\0".join(name)), key)
             for name, members in strata.items() for rank, key in enumerate(sorted(members, key=_hash))]
    return sorted(key for _, _, key in sorted(order)[:limit])


def test_every_folder_and_format_is_in_the_sample_alike() -> None:
    chosen = Counter(stratum(entry.key) for entry in sample(entries(KEYS), 60))
    assert set(chosen.values()) == {10}
    assert len(chosen) == 6


def test_the_order_of_the_listing_does_not_matter() -> None:
    assert sample(entries(KEYS), 50) == sample(entries(KEYS[::-1]), 50)


def test_fewer_files_than_wanted_are_all_taken() -> None:
    assert [entry.key for entry in sample(entries(["b", "a"]), 10)] == ["a", "b"]


def test_more_folders_than_wanted_files_give_one_file_each() -> None:
    chosen = sample(entries([f"{number}/x.pdf" for number in range(5000)] + [f"0/{number}.pdf" for number in range(5000)]), 7)
    assert len({stratum(entry.key) for entry in chosen}) == 7


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 400)), max_size=60, unique=True), st.integers(1, 9))
def test_streaming_finds_what_a_whole_list_would(places: list[tuple[int, int]], limit: int) -> None:
    # Enough files for the sample to be thinned out several times on the way.
    keys = [f"{folder}/{number}-{extra}.pdf" for folder, number in places for extra in range(40)]
    assert [entry.key for entry in sample(entries(keys), limit)] == naive(keys, limit)
