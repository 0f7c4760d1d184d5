"""An OpenAI-compatible endpoint, played by a real server on the loopback address."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.embed import endpoint, model_version
from pipeline.embed.endpoint import EndpointBusy, EndpointEmbedder
from pipeline.errors import ConfigError, PermanentError, TransientError
from pipeline.extract.options import DEFAULT_OPTIONS
from pipeline.worker.child import Task, answer

pytest.importorskip("httpx")


class Endpoint:
    """What the server answers next, and what it was asked."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.failures: list[tuple[int, dict[str, str]]] = []
        self.answer: Any = None

    def vectors(self, question: dict[str, Any]) -> Any:
        if self.answer is not None:
            return self.answer
        size = question.get("dimensions", 4)
        data = [{"index": number, "embedding": [float(len(text)), 1.0] + [0.0] * (size - 2)}
                for number, text in enumerate(question["input"])]
        return {"data": data[::-1]}  # the order is told by index alone


@pytest.fixture
def server() -> Iterator[Endpoint]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            played.asked.append({"path": self.path, **question})
            played.keys.append(self.headers.get("Authorization"))
            status, headers = played.failures.pop(0) if played.failures else (200, {})
            body = json.dumps(played.vectors(question) if status == 200 else {"error": "no: " + question["input"][0]}).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    played = Endpoint(running.server_port)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield played
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "LONGEST_WAIT_SECONDS", 0.01)


def test_vectors_come_in_the_order_of_the_texts(server: Endpoint) -> None:
    embedder = EndpointEmbedder(f"{server.url}#some-model", key="secret")
    vectors = embedder.embed(["ccc", "a", "bb"])
    assert vectors[:, 0] / vectors[:, 1] == pytest.approx([3, 1, 2], rel=1e-5)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1])
    assert server.asked[-1]["path"] == "/v1/embeddings"
    assert server.asked[-1]["model"] == "some-model"
    assert set(server.keys) == {"Bearer secret"}


def test_the_dimension_is_asked_once_and_names_the_version(server: Endpoint) -> None:
    embedder = EndpointEmbedder(f"{server.url}#nomic-embed-text:latest")
    assert model_version(embedder) == f"nomic-embed-text:latest@{server.url.split('/')[2]}/4"
    embedder.embed(["x"])
    assert [len(question["input"]) for question in server.asked] == [1, 1]
    assert server.keys == [None, None]


def test_a_shorter_vector_is_asked_for_where_the_value_says_so(server: Endpoint) -> None:
    embedder = EndpointEmbedder(f"{server.url}#model@8")
    assert embedder.dimension == 8
    assert embedder.embed_query("x").shape == (8,)
    assert server.asked[0]["dimensions"] == 8


def test_many_texts_go_in_batches(server: Endpoint) -> None:
    texts = ["x" * (number % 50 + 1) for number in range(endpoint.BATCH * 2 + 3)]
    vectors = EndpointEmbedder(f"{server.url}#model@4").embed(texts)
    assert vectors[:, 0] / vectors[:, 1] == pytest.approx([len(text) for text in texts], rel=1e-4)
    assert sorted(len(question["input"]) for question in server.asked) == [3, endpoint.BATCH, endpoint.BATCH]


def test_a_busy_endpoint_is_asked_again(server: Endpoint) -> None:
    server.failures = [(429, {"Retry-After": "7"}), (503, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}), (200, {})]
    assert EndpointEmbedder(f"{server.url}#model@4").embed_query("x").shape == (4,)
    assert len(server.asked) == 3


def test_an_endpoint_that_stays_busy_is_left_to_the_queue_with_what_it_asked_for(server: Endpoint) -> None:
    server.failures = [(429, {"Retry-After": "7"})] * 2
    with pytest.raises(EndpointBusy) as caught:
        EndpointEmbedder(f"{server.url}#model@4", attempts=2).embed(["x"])
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(("status", "error", "mend"), [
    (401, ConfigError, "EMBEDDING_API_KEY"), (404, ConfigError, "EMBEDDING_MODEL"), (400, PermanentError, "refuses these texts")])
def test_what_waiting_cannot_mend_is_not_asked_again(server: Endpoint, status: int, error: type[Exception], mend: str) -> None:
    server.failures = [(status, {})]
    with pytest.raises(error, match=mend) as caught:
        EndpointEmbedder(f"{server.url}#model@4", key="secret").embed(["content of a document"])
    assert len(server.asked) == 1
    assert "content" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("answer", [{"data": []}, {"data": [{"index": 0, "embedding": [None, 1]}]}, {"vectors": []}, [1],
                                    {"data": [{"index": 0, "embedding": "AAAA"}]}])
def test_an_answer_in_another_form_is_no_vector(server: Endpoint, answer: Any) -> None:
    server.answer = answer
    with pytest.raises(PermanentError) as caught:
        EndpointEmbedder(f"{server.url}#model@4").embed(["x"])
    assert caught.value.reason == "endpoint_answer"


def test_another_dimension_than_the_one_named_is_a_wrong_setting(server: Endpoint) -> None:
    server.answer = {"data": [{"index": 0, "embedding": [1.0, 2.0]}]}
    with pytest.raises(ConfigError, match="gives 2 dimensions, not 4"):
        EndpointEmbedder(f"{server.url}#model@4").embed(["x"])


def test_an_endpoint_that_is_not_there_may_come_back() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TransientError, match="EMBEDDING_MODEL"):
        EndpointEmbedder(f"http://127.0.0.1:{port}/v1#model@4", attempts=1).embed(["x"])


@pytest.mark.parametrize(("status", "kind", "reason"), [(400, "permanent", "endpoint_refused"), (401, "transient", "io")])
def test_a_child_answers_what_the_endpoint_said(server: Endpoint, tmp_path: Path, status: int, kind: str, reason: str) -> None:
    server.failures = [(status, {})]
    spool = tmp_path / "chunks.json"
    spool.write_text(json.dumps([[1, "content of a document"]]), encoding="utf-8")
    task = Task(1, "pipeline.embed.reader:embed_chunks", "pipeline.store.vectors:vector_rows", str(spool), 100_000,
                arguments=(f"openai:{server.url}#model@4", "secret"))
    failed = answer(task, DEFAULT_OPTIONS)
    assert (failed.kind, failed.reason) == (kind, reason)
    assert "the embedding endpoint" in failed.error
    assert "content" not in failed.error
    assert answer(task, DEFAULT_OPTIONS).result.vectors[0][0] == 1
