"""Talking to Backblaze B2 and any other S3: the client, what its errors mean, and trying again.

boto3 tries a request again by itself for a second or two. What then still fails may pass is tried with waits drawn from
0 to a doubling ceiling of 1 s → 60 s, or as long as the server asks.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import boto3
import tenacity
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, HTTPClientError, NoCredentialsError
from botocore.exceptions import ConnectionError as BotoConnectionError

from pipeline.config import Settings
from pipeline.errors import ConfigError, DraftmillError, PermanentError, TransientError, UnavailableError
from pipeline.storage.base import Gone

T = TypeVar("T")

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 10, 60
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
PATIENCE = timedelta(minutes=3)
# B2's S3 API throttles with 503, its native one with 429; 500 and 503 mean "ask again" there, and happen every day.
_THROTTLED = frozenset({"SlowDown", "ServiceUnavailable", "TooManyRequests", "Throttling", "ThrottlingException",
                        "RequestLimitExceeded", "503", "429"})
_PASSING = frozenset({"InternalError", "RequestTimeout", "OperationAborted", "500", "502", "504", "408"})
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_REFUSED = {
    "NoSuchBucket": "there is no such bucket",
    "InvalidAccessKeyId": "the key id is unknown there",
    "SignatureDoesNotMatch": "the application key does not fit the key id",
    "AccessDenied": "the key may not do this there",
    "Forbidden": "the key is unknown or may not do this there",
    "403": "the key is unknown or may not do this there",
    "InvalidBucketName": "that is no name of a bucket",
    "PermanentRedirect": "the bucket is at another endpoint",
    "AuthorizationHeaderMalformed": "the bucket is in another region",
    "RequestTimeTooSkewed": "this machine's clock is wrong",
    "ExpiredToken": "the session token has expired",
    "UnauthorizedAccess": "the key may not do this there",
}
_HINT = "check OUTPUT_URL, B2_ENDPOINT, B2_KEY_ID and B2_APPLICATION_KEY in config.txt (or the AWS_ variables)"


class _Passing(Exception):
    """A failure that another try may mend, with what it means once there is no time for one, and the wait asked for in s."""

    def __init__(self, meaning: DraftmillError, retry_after: float | None) -> None:
        super().__init__(str(meaning))
        self.meaning = meaning
        self.retry_after = retry_after


class S3Client:
    """A bucket behind boto3. `call` makes one request and raises errors of ours; no message holds a key."""

    def __init__(self, client: Any, url: str, *, patience: timedelta = PATIENCE, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._url = url
        self._pause = pause
        self._patience = patience

    @classmethod
    def from_settings(cls, url: str, settings: Settings, *, patience: timedelta = PATIENCE) -> S3Client:
        """With B2_ENDPOINT, B2_KEY_ID and B2_APPLICATION_KEY; where these are empty, with what AWS tools use."""
        if bool(settings.b2_key_id) != bool(settings.b2_application_key):
            raise ConfigError(f"{url}: of B2_KEY_ID and B2_APPLICATION_KEY one is set and one is empty; set both, or neither")
        try:
            session = boto3.session.Session()
            client = session.client(
                "s3", endpoint_url=settings.b2_endpoint or None,
                region_name=_region(settings.b2_endpoint) or session.region_name or "us-east-1",
                aws_access_key_id=settings.b2_key_id or None, aws_secret_access_key=settings.b2_application_key or None,
                config=_config())
        except (BotoCoreError, ValueError):  # its words may quote a setting
            raise ConfigError(f"{url}: the S3 client cannot be made; {_HINT}") from None
        client.meta.events.register("before-call.s3.DeleteObjects", _digest_by_md5)
        return cls(client, url, patience=patience)

    def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """The answer to one request, such as call("put_object", Bucket=…)."""
        return self.run(lambda client: getattr(client, operation)(**arguments))

    def run(self, work: Callable[[Any], T]) -> T:
        """The result of work(client), tried again while its errors may pass. `work` must be harmless when repeated."""
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Passing), wait=_wait, reraise=True,
            stop=tenacity.stop_before_delay(self._patience), sleep=self._pause)
        try:
            return cast(T, attempts(self._once, work))
        except _Passing as exc:
            raise exc.meaning from None

    def _once(self, work: Callable[[Any], T]) -> T:
        try:
            return work(self._client)
        except ClientError as exc:
            raise self._judged(exc) from None  # its text may quote the request
        except NoCredentialsError:
            raise ConfigError(f"{self._url}: no keys are known; {_HINT}") from None
        except (BotoConnectionError, HTTPClientError, EndpointConnectionError) as exc:
            raise _Passing(UnavailableError(f"{self._url} is out of reach ({type(exc).__name__}); check the network and B2_ENDPOINT, "
                                            "and start the same command"), None) from None
        except BotoCoreError as exc:
            raise ConfigError(f"{self._url}: the request cannot be made ({type(exc).__name__}); {_HINT}") from None

    def _judged(self, exc: ClientError) -> Exception:
        code = str(exc.response.get("Error", {}).get("Code", ""))
        answer = exc.response.get("ResponseMetadata", {})
        status = int(answer.get("HTTPStatusCode", 0))
        if code in _REFUSED:
            return ConfigError(f"{self._url}: {_REFUSED[code]}; {_HINT}")
        if code in _MISSING:
            return Gone("the output is not there")
        if code in _THROTTLED or status in {429, 503}:
            return _Passing(TransientError(f"{self._url} is throttled ({code})"), _retry_after(answer))
        if code in _PASSING or status >= 500:
            return _Passing(UnavailableError(f"{self._url} fails ({code}); start the same command later"), _retry_after(answer))
        return PermanentError(f"{self._url} refuses the request ({code or status})", reason="store_refused")


def _config() -> Config:
    return Config(
        connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, max_pool_connections=16, tcp_keepalive=True,
        retries={"mode": "standard", "total_max_attempts": 2},
        # B2 knows none of the newer checksums; TLS and our own SHA-256 guard the bytes.
        request_checksum_calculation="when_required", response_checksum_validation="when_required")


def _region(endpoint: str) -> str | None:
    """B2 signs with the region in the endpoint's name: s3.eu-central-003.backblazeb2.com."""
    match = re.fullmatch(r"s3[.-]([a-z0-9-]+)\.(?:backblazeb2|amazonaws)\.com", urlsplit(endpoint).hostname or "")
    return match[1] if match else None


def _digest_by_md5(params: dict[str, Any], **_: Any) -> None:
    """B2 asks for Content-MD5 where newer SDKs send CRC32, whose headers it refuses."""
    params["context"].pop("checksum", None)
    body = params["body"]
    raw = body if isinstance(body, bytes) else str(body).encode()
    params["headers"]["Content-MD5"] = base64.b64encode(hashlib.md5(raw, usedforsecurity=False).digest()).decode()


def _retry_after(answer: dict[str, Any]) -> float | None:
    text = str(answer.get("HTTPHeaders", {}).get("retry-after", ""))
    return min(float(text), LONGEST_WAIT_S) if text.isdigit() else None


def _wait(state: tenacity.RetryCallState) -> float:
    failure = state.outcome.exception() if state.outcome else None
    if isinstance(failure, _Passing) and failure.retry_after is not None:
        return failure.retry_after
    return random.uniform(0, min(FIRST_WAIT_S * 2.0 ** (state.attempt_number - 1), LONGEST_WAIT_S))
