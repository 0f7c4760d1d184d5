"""Any endpoint that speaks OpenAI's /embeddings: OpenAI itself, Azure, Ollama, vLLM, llama.cpp, text-embeddings-inference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from pipeline.embed.model import FloatArray, in_batches, normalised
from pipeline.errors import ConfigError, PermanentError, TransientError

BATCH = 64
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 120.0  # of Retry-After that is waited here; the queue waits for more
SPEC = re.compile(r"(?P<url>https?://[^\s#]+)#(?P<model>\S+?)(?:@(?P<dimension>\d+))?")
EXAMPLE = "EMBEDDING_MODEL=openai:https://api.openai.com/v1#text-embedding-3-small"


class EndpointBusy(TransientError):
    """The endpoint asks for patience. retry_after: in s, None where it does not say how much."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EndpointEmbedder:
    """URL#MODEL, or URL#MODEL@512 for an endpoint that shortens its vectors on demand."""

    def __init__(self, spec: str, *, key: str = "", attempts: int = 4) -> None:
        found = SPEC.fullmatch(spec)
        if found is None:
            raise ConfigError(f"EMBEDDING_MODEL: openai: is not followed by URL#MODEL; write it as {EXAMPLE}")
        self.name = found["model"]
        self.version = urlsplit(found["url"]).netloc.rpartition("@")[2]
        self._url = found["url"].rstrip("/") + "/embeddings"
        self._asked = int(found["dimension"]) if found["dimension"] else None
        self._attempts = attempts
        self._client = _client(key)
        self._dimension = self._asked

    @property
    def dimension(self) -> int:
        """Asked of the endpoint with one short text, once."""
        if self._dimension is None:
            self._dimension = self._ask(["dimension"]).shape[1]
        return self._dimension

    def embed(self, texts: Sequence[str]) -> FloatArray:
        return in_batches([text or " " for text in texts], BATCH, self._ask, self.dimension)

    def embed_query(self, text: str) -> FloatArray:
        row: FloatArray = self.embed([text])[0]
        return row

    def _ask(self, texts: list[str]) -> FloatArray:
        import tenacity

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError), stop=tenacity.stop_after_attempt(self._attempts),
            wait=_wait, reraise=True)
        return retrying(self._ask_once, texts)

    def _ask_once(self, texts: list[str]) -> FloatArray:
        import httpx

        question: dict[str, Any] = {"model": self.name, "input": texts, "encoding_format": "float"}
        if self._asked:
            question["dimensions"] = self._asked
        try:
            answer = self._client.post(self._url, json=question)
        except httpx.InvalidURL as exc:
            raise ConfigError(f"EMBEDDING_MODEL: {self._where} is no URL; write it as {EXAMPLE}") from exc
        except httpx.HTTPError as exc:
            raise TransientError(f"{self._where} did not answer ({type(exc).__name__}); is it running, and EMBEDDING_MODEL right?") from exc
        _refuse(answer.status_code, answer.headers.get("retry-after"), self._where)
        return self._vectors(answer, len(texts))

    def _vectors(self, answer: Any, expected: int) -> FloatArray:
        try:
            rows = sorted(answer.json()["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
        except (ValueError, KeyError, TypeError) as exc:
            raise PermanentError(f"{self._where} answers in another form than OpenAI's /embeddings; mend the URL in EMBEDDING_MODEL",
                                 reason="endpoint_answer") from exc
        if vectors.ndim != 2 or len(vectors) != expected or not np.isfinite(vectors).all():
            raise PermanentError(f"{self._where} gave {len(vectors)} vectors for {expected} texts, or some that are none",
                                 reason="endpoint_answer")
        if self._dimension is not None and vectors.shape[1] != self._dimension:
            raise ConfigError(f"EMBEDDING_MODEL: {self._where} gives {vectors.shape[1]} dimensions, not {self._dimension}; "
                              "mend or leave out the number after @")
        return normalised(vectors)

    @property
    def _where(self) -> str:
        return f"the embedding endpoint {self.version}"


def _client(key: str) -> Any:
    try:
        import httpx
    except ImportError as exc:
        raise ConfigError("EMBEDDING_MODEL: an endpoint needs the package httpx; pip install -r requirements-embed.txt") from exc
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(headers=headers, timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS))


def _refuse(status: int, retry_after: str | None, where: str) -> None:
    """Raise what the status means; nothing where it is a success. The answer's text may quote what was sent, so it stays out."""
    if status < 300:
        return
    if status in (401, 403):
        raise ConfigError(f"{where} refuses the key (status {status}); set EMBEDDING_API_KEY")
    if status == 404:
        raise ConfigError(f"{where} knows no such path or model (status 404); mend EMBEDDING_MODEL, such as {EXAMPLE}")
    if status in (408, 409, 425, 429) or status >= 500:
        raise EndpointBusy(f"{where} is busy (status {status})", _seconds(retry_after))
    raise PermanentError(f"{where} refuses these texts (status {status}); a model with a longer context may take them",
                         reason="endpoint_refused")


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After as a number of seconds; its other form, a date, is left to the backoff."""
    try:
        return float(retry_after) if retry_after else None
    except ValueError:
        return None


def _wait(state: Any) -> float:
    """As long as the endpoint asks for, else exponentially longer with jitter. In s."""
    import tenacity

    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None)
    if asked is not None:
        return float(min(max(asked, 0.0), LONGEST_WAIT_SECONDS))
    return float(tenacity.wait_random_exponential(multiplier=0.5, max=20)(state))
