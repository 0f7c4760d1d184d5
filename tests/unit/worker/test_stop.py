"""One request finishes what is in hand, a second stops now."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from pipeline.worker.stop import StopSignal


@pytest.fixture
def stop() -> Iterator[StopSignal]:
    """Installed, and taken back at the end."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    made = StopSignal()
    made.install()
    yield made
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_first_signal_asks_and_the_second_insists(stop: StopSignal) -> None:
    signal.raise_signal(signal.SIGINT)
    assert (stop.requested, stop.immediate, stop.interrupted) == (True, False, True)
    signal.raise_signal(signal.SIGTERM)
    assert stop.immediate


def test_a_third_signal_ends_whatever_waits(stop: StopSignal) -> None:
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_work_that_never_asks_is_interrupted_by_the_second_signal(stop: StopSignal) -> None:
    stop.abrupt = True
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_an_operators_wish_is_no_interruption_and_never_becomes_immediate() -> None:
    stop = StopSignal()
    stop.drain()
    stop.drain()
    assert (stop.requested, stop.immediate, stop.interrupted) == (True, False, False)
    assert stop.wait(0)
