"""An S3 server on this machine for tests: moto's, and one before it that fails when told to."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from moto.server import ThreadedMotoServer

BUCKET = "draftmill-tests"


@dataclass(frozen=True)
class Failure:
    """An answer instead of the server's own. code '' breaks the connection off."""

    status: int = 503
    code: str = "SlowDown"
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        return f"<?xml version='1.0'?><Error><Code>{self.code}</Code><Message>{self.code}</Message></Error>".encode()


@dataclass
class FailingServer:
    """Where it listens, what it has seen, and the failures that the next requests meet."""

    url: str
    failures: list[Failure] = field(default_factory=list)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)  # method, path, headers in lower case


@contextmanager
def s3_server() -> Iterator[str]:
    """URL of an S3 server with nothing in it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()
        if server._server is not None:
            server._server.server_close()


@contextmanager
def failing_server(behind: str) -> Iterator[FailingServer]:
    """A server that hands requests on to the one behind it, save those that meet a failure."""
    state = FailingServer("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type(
        "Handler", (_Handler,), {"state": state, "behind": behind.removeprefix("http://")}))
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: ClassVar[FailingServer]
    behind: ClassVar[str]

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.state.seen.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
        if not self.state.failures:
            self._hand_on(body)
            return
        failure = self.state.failures.pop(0)
        self.close_connection = True
        if failure.code:
            self._answer(failure.status, list(failure.headers.items()), failure.body())

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815 (the names that http.server looks for)

    def _hand_on(self, body: bytes) -> None:
        connection = http.client.HTTPConnection(self.behind, timeout=30)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        self._answer(answer.status, answer.getheaders(), answer.read())
        connection.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        """HEAD has no body, but the length that its body would have."""
        own = {"transfer-encoding", "connection"} | (set() if self.command == "HEAD" else {"content-length"})
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in own:
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else content)

    def log_message(self, *arguments: Any) -> None:
        pass
