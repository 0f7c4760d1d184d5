"""Outputs on their way out: what a store that is away means for the jobs, and for the worker."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from pipeline.errors import UnavailableError
from pipeline.jobs import Claim
from pipeline.storage.folder_sink import FolderSink
from pipeline.store.item import NewOutput, Published
from pipeline.worker.child import Answer
from pipeline.worker.outcomes import Returned
from pipeline.worker.publishing import Publishing

CLAIM = Claim(7, 2, UUID(int=1), UUID(int=5), "text", 0, 0, 3, False, "v")
OUTPUTS = (NewOutput("chunk_jsonl", "jsonl", b"{}\n", 1),)


class AwaySink(FolderSink):
    """A real folder that is away whenever `is_away` says so."""

    is_away = False

    def put(self, key: str, data: bytes) -> None:
        if self.is_away:
            raise UnavailableError("the folder is not mounted")
        super().put(key, data)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def published(publishing: Publishing, threads: ThreadPoolExecutor) -> object:
    publishing.start(CLAIM, Answer(CLAIM.id, 1), OUTPUTS)
    threads.submit(lambda: None).result()  # the one thread has done what came before
    [(_, _, what)] = publishing.take()
    return what


def test_an_output_bears_the_attempt_in_its_name(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    sink = FolderSink(tmp_path)
    publishing = Publishing(sink, threads, wait=timedelta(0), pause=lambda _: None, done=lambda: None)
    assert isinstance(written := published(publishing, threads), tuple)
    assert written[0] == Published("chunk_jsonl", f"{CLAIM.blob_id}/7.2.jsonl", 3,
                                   "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356", 1)
    assert sink.get(written[0].key) == b"{}\n"


def test_a_store_that_is_away_gives_jobs_back_unharmed_until_it_has_been_away_too_long(
        tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    sink, told = AwaySink(tmp_path), list[str]()
    sink.is_away = True
    patient = Publishing(sink, threads, wait=timedelta(hours=1), pause=told.append, done=lambda: None)
    assert isinstance(published(patient, threads), Returned)
    assert told == ["the outputs' store is out of reach"]

    impatient = Publishing(sink, threads, wait=timedelta(seconds=-1), pause=told.append, done=lambda: None)
    with pytest.raises(UnavailableError, match="stayed out of reach"):
        published(impatient, threads)

    sink.is_away = False
    assert isinstance(published(patient, threads), tuple)
