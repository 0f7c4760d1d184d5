"""A bucket as an output store: Backblaze B2 or any S3. An object appears whole or not at all.

On a bucket that keeps versions, deleting hides an object; its lifecycle rule says when the bytes go.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import re
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig

from pipeline.config import Settings
from pipeline.errors import ConfigError, PermanentError
from pipeline.storage.base import Gone
from pipeline.storage.s3_client import S3Client
from pipeline.storage.sink_entry import SinkEntry

MB = 1024 * 1024
# Larger files travel in parts, each tried again by itself; the object appears when all are there.
PART_BYTES = 64 * MB
IN_MEMORY_BYTES = 16 * MB
PAGE = 1000  # what one listing or one deletion holds at most
_URL = re.compile(r"[sS]3://([^/]+)/?(.*)", re.DOTALL)
_CONTENT_TYPES = {".jsonl": "application/x-ndjson", ".json": "application/json"}


class S3Sink:
    """The objects of a bucket below a prefix."""

    def __init__(self, client: S3Client, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self.url = f"s3://{bucket}/{prefix}".rstrip("/")

    @classmethod
    def from_settings(cls, url: str, settings: Settings) -> S3Sink:
        """The store behind s3://bucket/prefix. Raises ConfigError where the URL, the keys or the bucket are wrong."""
        bucket, prefix = _parts(url)
        sink = cls(S3Client.from_settings(f"s3://{bucket}", settings), bucket, prefix)
        next(sink.list(), None)  # a wrong key or bucket is said before any work is claimed
        return sink

    def put(self, key: str, data: bytes) -> None:
        name, metadata = self._name(key), {"sha256": hashlib.sha256(data).hexdigest()}
        kind = _CONTENT_TYPES.get(key[key.rfind("."):], "application/octet-stream")
        if len(data) <= PART_BYTES:
            self._client.call("put_object", Bucket=self._bucket, Key=name, Body=data, Metadata=metadata, ContentType=kind)
            return
        self._client.run(lambda client: _upload(client, self._bucket, name, data, {"Metadata": metadata, "ContentType": kind}))

    def get(self, key: str) -> bytes:
        return self._client.run(lambda client: cast(bytes, self._ask(client, key).read()))

    def open(self, key: str) -> BinaryIO:
        """A stream of a local copy, so that a connection lost half way is tried again and not seen."""
        spool = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))  # noqa: SIM115 (the caller closes it)
        try:
            self._client.run(lambda client: _copy(self._ask(client, key), spool))
        except BaseException:
            spool.close()
            raise
        spool.seek(0)
        return spool

    def exists(self, key: str) -> bool:
        try:
            self._client.call("head_object", Bucket=self._bucket, Key=self._name(key))
        except Gone:
            return False
        return True

    def list(self, prefix: str = "", *, leftovers: bool = False) -> Iterator[SinkEntry]:
        more: dict[str, Any] = {}
        while True:  # each page is tried again by itself
            page = self._client.call("list_objects_v2", Bucket=self._bucket, Prefix=self._prefix + prefix, MaxKeys=PAGE, **more)
            for found in page.get("Contents", ()):
                yield SinkEntry(found["Key"][len(self._prefix):], found["Size"], _utc(found["LastModified"]))
            if not page.get("IsTruncated"):
                break
            more = {"ContinuationToken": page["NextContinuationToken"]}
        if leftovers:
            yield from self._unfinished(prefix)

    def delete(self, keys: Iterable[str]) -> None:
        names = (self._name(key) for key in keys)
        for batch in _batched(names, PAGE):
            answer = self._client.call("delete_objects", Bucket=self._bucket,
                                       Delete={"Objects": [{"Key": name} for name in batch], "Quiet": True})
            for fault in answer.get("Errors", ()):
                if fault.get("Code") != "NoSuchKey":
                    raise PermanentError(f"{self.url} does not delete an output ({fault.get('Code')}); the key needs "
                                         "the right to delete files", reason="store_refused")

    def discard(self, leftovers: Iterable[SinkEntry]) -> None:
        for entry in leftovers:
            try:
                self._client.call("abort_multipart_upload", Bucket=self._bucket, Key=self._name(entry.key), UploadId=entry.leftover)
            except (Gone, PermanentError) as exc:
                if isinstance(exc, PermanentError) and "NoSuchUpload" not in str(exc):
                    raise

    def _unfinished(self, prefix: str) -> Iterator[SinkEntry]:
        marker: dict[str, Any] = {}
        while True:
            page = self._client.call("list_multipart_uploads", Bucket=self._bucket, Prefix=self._prefix + prefix, **marker)
            for found in page.get("Uploads", ()):
                yield SinkEntry(found["Key"][len(self._prefix):], 0, _utc(found["Initiated"]), found["UploadId"])
            if not page.get("IsTruncated"):
                return
            marker = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}

    def _ask(self, client: Any, key: str) -> Any:
        return client.get_object(Bucket=self._bucket, Key=self._name(key))["Body"]

    def _name(self, key: str) -> str:
        if not key or key.startswith("/") or "\x00" in key or any(part in {"", ".", ".."} for part in key.split("/")):
            raise PermanentError("the key leads out of its store, or names no file", reason="bad_key")
        return self._prefix + key


def _parts(url: str) -> tuple[str, str]:
    match = _URL.fullmatch(url)
    if match is None or "@" in match[1]:
        raise ConfigError("OUTPUT_URL names no bucket; write s3://bucket/prefix, and its keys as B2_KEY_ID and B2_APPLICATION_KEY")
    return match[1], match[2].strip("/")


def _upload(client: Any, bucket: str, name: str, data: bytes, extra: dict[str, Any]) -> None:
    config = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, use_threads=False)
    try:
        client.upload_fileobj(io.BytesIO(data), bucket, name, ExtraArgs=extra, Config=config)
    except S3UploadFailedError as exc:  # hides the error that says why
        raise (exc.__cause__ or exc.__context__ or exc) from None


def _copy(body: Any, spool: BinaryIO) -> None:
    spool.seek(0)
    spool.truncate()
    while block := body.read(MB):  # raises where fewer bytes come than were announced
        spool.write(block)


def _batched(names: Iterator[str], size: int) -> Iterator[tuple[str, ...]]:
    while batch := tuple(itertools.islice(names, size)):
        yield batch


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
