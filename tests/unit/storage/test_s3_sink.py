"""A bucket as an output store, over real HTTP: whole objects, failures that pass, failures that do not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from pipeline.config import Settings
from pipeline.errors import ConfigError, PermanentError, TransientError, UnavailableError
from pipeline.storage import Gone, s3_sink
from pipeline.storage.s3_client import S3Client
from pipeline.storage.s3_sink import S3Sink
from pipeline.storage.sink import open_sink
from tests.s3 import BUCKET, FailingServer, Failure, failing_server, s3_server

KEY = "0198c3a2-0000-7000-8000-000000000001/12.1.jsonl"
SECRET = "K003thisIsTheApplicationKey"
Opener = Callable[..., S3Sink]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with s3_server() as url:
        yield url


@pytest.fixture
def server(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FailingServer]:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    client.create_bucket(Bucket=BUCKET)
    with failing_server(endpoint) as state:
        yield state
    for found in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        client.delete_object(Bucket=BUCKET, Key=found["Key"])
    for found in client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ()):
        client.abort_multipart_upload(Bucket=BUCKET, Key=found["Key"], UploadId=found["UploadId"])
    client.close()


def configured(server: FailingServer, **overrides: str) -> Settings:
    given = {"b2_endpoint": server.url, "b2_key_id": "003keyid", "b2_application_key": SECRET}
    return Settings.load(None, {}, **(given | overrides))


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def sink(server: FailingServer, waits: list[float]) -> S3Sink:
    """A sink whose waits are noted instead of waited."""
    made = S3Client.from_settings(f"s3://{BUCKET}", configured(server))
    made._pause = waits.append
    return S3Sink(made, BUCKET, "some/prefix")


def test_what_was_put_is_there_with_its_hash(sink: S3Sink, endpoint: str) -> None:
    sink.put(KEY, b"one\n")
    sink.put(KEY, b"two\n")
    assert sink.get(KEY) == b"two\n"
    with sink.open(KEY) as stream:
        assert stream.read() == b"two\n"
    assert sink.exists(KEY)
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    found = client.head_object(Bucket=BUCKET, Key=f"some/prefix/{KEY}")
    client.close()
    assert found["Metadata"] == {"sha256": hashlib.sha256(b"two\n").hexdigest()}
    assert found["ContentType"] == "application/x-ndjson"


def test_output_url_opens_it(server: FailingServer) -> None:
    sink = open_sink(f"s3://{BUCKET}/other", configured(server))
    sink.put(KEY, b"1")
    assert sink.url == f"s3://{BUCKET}/other"
    assert [entry.key for entry in open_sink(f"s3://{BUCKET}/other/", configured(server)).list()] == [KEY]


def test_keys_may_come_from_the_aws_environment(server: FailingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAFROMENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    open_sink(f"s3://{BUCKET}", configured(server, b2_key_id="", b2_application_key="")).put(KEY, b"1")
    assert "Credential=AKIAFROMENV/" in server.seen[-1][2]["authorization"]


def test_a_listing_goes_over_pages_in_the_order_of_keys(sink: S3Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_sink, "PAGE", 3)
    given = ["a/1.jsonl", "a-b/1.jsonl", "a.jsonl", "a/2.jsonl", "b/c/3.jsonl", "ab/1.jsonl", "ä b.jsonl"]
    for key in given:
        sink.put(key, b"12")
    found = list(sink.list())
    assert [entry.key for entry in found] == sorted(given, key=str.encode)
    assert {entry.size for entry in found} == {2}
    assert all(entry.modified_at.utcoffset() == timedelta() for entry in found)
    assert [entry.key for entry in sink.list("a/")] == ["a/1.jsonl", "a/2.jsonl"]


def test_deleting_in_batches_is_harmless_twice(sink: S3Sink, server: FailingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_sink, "PAGE", 2)
    keys = [f"a/{number}.1.jsonl" for number in range(5)]
    for key in keys:
        sink.put(key, b"1")
    sink.delete(keys[:4])
    sink.delete(keys[:4])
    assert [entry.key for entry in sink.list()] == keys[4:]
    deletions = [headers for method, path, headers in server.seen if method == "POST"]
    assert len(deletions) == 4


def test_no_request_bears_a_checksum_that_b2_refuses(sink: S3Sink, server: FailingServer) -> None:
    sink.put(KEY, b"1")
    sink.delete([KEY])
    for _, _, headers in server.seen:
        assert not [name for name in headers if name.startswith(("x-amz-checksum-", "x-amz-sdk-checksum"))]
    assert server.seen[-1][0] == "POST"
    assert server.seen[-1][2]["content-md5"]


def test_a_large_file_travels_in_parts_and_appears_whole(sink: S3Sink, server: FailingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_sink, "PART_BYTES", 5 * s3_sink.MB)
    data = bytes(range(256)) * (12 * 4096)
    sink.put(KEY, data)
    assert sum(method == "PUT" for method, _, _ in server.seen) == 3
    assert sink.get(KEY) == data
    with sink.open(KEY) as stream:
        assert hashlib.sha256(stream.read()).digest() == hashlib.sha256(data).digest()


def test_an_unfinished_upload_is_a_leftover_that_can_be_discarded(sink: S3Sink, endpoint: str) -> None:
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    client.create_multipart_upload(Bucket=BUCKET, Key=f"some/prefix/{KEY}")
    client.close()
    assert list(sink.list()) == []
    left, = sink.list(leftovers=True)
    assert left.key == KEY
    assert left.leftover
    sink.discard([left])
    sink.discard([left])
    assert list(sink.list(leftovers=True)) == []


def test_a_server_that_is_busy_for_a_while_is_asked_again(sink: S3Sink, server: FailingServer, waits: list[float]) -> None:
    server.failures += [Failure()] * 5
    sink.put(KEY, b"1")
    assert sink.get(KEY) == b"1"
    assert len(waits) == 2  # boto3 tries twice by itself
    assert 0 <= waits[0] <= 1
    assert 0 <= waits[1] <= 2


def test_the_wait_that_the_server_asks_for_is_kept(sink: S3Sink, server: FailingServer, waits: list[float]) -> None:
    server.failures += [Failure(status=429, code="TooManyRequests", headers={"Retry-After": "17"})] * 2
    sink.put(KEY, b"1")
    assert waits == [17.0]


def test_a_connection_that_breaks_off_is_tried_again(sink: S3Sink, server: FailingServer) -> None:
    sink.put(KEY, b"1")
    server.failures += [Failure(code="")] * 3
    assert sink.get(KEY) == b"1"


@pytest.mark.parametrize(("failure", "kind"), [
    (Failure(), TransientError), (Failure(status=429, code="TooManyRequests"), TransientError),
    (Failure(status=500, code="InternalError"), UnavailableError), (Failure(status=502, code="BadGateway"), UnavailableError),
    (Failure(code=""), UnavailableError)], ids=["503", "429", "500", "502", "cut off"])
def test_patience_ends(server: FailingServer, failure: Failure, kind: type[Exception]) -> None:
    client = S3Client.from_settings(f"s3://{BUCKET}", configured(server), patience=timedelta(seconds=0))
    server.failures += [failure] * 10
    with pytest.raises(kind) as caught:
        S3Sink(client, BUCKET, "").put(KEY, b"1")
    assert_no_secret(caught.value)


@pytest.mark.parametrize(("status", "code"), [
    (403, "InvalidAccessKeyId"), (403, "SignatureDoesNotMatch"), (403, "AccessDenied"), (404, "NoSuchBucket"),
    (403, "RequestTimeTooSkewed")])
def test_wrong_keys_and_buckets_are_wrong_settings(sink: S3Sink, server: FailingServer, waits: list[float], status: int, code: str) -> None:
    server.failures += [Failure(status, code)] * 3
    with pytest.raises(ConfigError, match="B2_KEY_ID") as caught:
        sink.put(KEY, b"1")
    assert waits == []
    assert_no_secret(caught.value)


def test_a_bucket_that_does_not_exist_is_said_at_once(server: FailingServer) -> None:
    with pytest.raises(ConfigError, match="no such bucket"):
        open_sink("s3://nobody-made-this", configured(server))


def test_no_keys_at_all_is_a_wrong_setting(server: FailingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(ConfigError, match="no keys are known"):
        open_sink(f"s3://{BUCKET}", configured(server, b2_key_id="", b2_application_key=""))


def test_half_a_pair_of_keys_is_a_wrong_setting(server: FailingServer) -> None:
    with pytest.raises(ConfigError, match="B2_APPLICATION_KEY"):
        open_sink(f"s3://{BUCKET}", configured(server, b2_application_key=""))


def test_a_server_that_is_not_there_is_unavailable() -> None:
    settings = Settings.load(None, {}, b2_endpoint="http://127.0.0.1:9", b2_key_id="a", b2_application_key=SECRET)
    client = S3Client.from_settings(f"s3://{BUCKET}", settings, patience=timedelta(0))
    with pytest.raises(UnavailableError, match="out of reach") as caught:
        S3Sink(client, BUCKET, "").get(KEY)
    assert_no_secret(caught.value)


def test_what_is_not_there_is_gone(sink: S3Sink) -> None:
    assert not sink.exists(KEY)
    with pytest.raises(Gone):
        sink.get(KEY)
    with pytest.raises(Gone):
        sink.open(KEY)


@pytest.mark.parametrize("key", ["../up.jsonl", "/a", "a//b", "", "a/../b"])
def test_a_key_that_leads_elsewhere_is_refused(sink: S3Sink, key: str) -> None:
    with pytest.raises(PermanentError):
        sink.put(key, b"1")


def test_an_object_that_may_not_be_deleted_is_named_as_such(sink: S3Sink, server: FailingServer) -> None:
    sink.put(KEY, b"1")

    class Refusing(Failure):
        def body(self) -> bytes:
            return b"<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code></Error></DeleteResult>"

    server.failures.append(Refusing(200, "x"))
    with pytest.raises(PermanentError, match="AccessDenied"):
        sink.delete([KEY])


def assert_no_secret(exc: BaseException) -> None:
    shown: list[Any] = [exc, exc.__cause__, exc.__context__ if not exc.__suppress_context__ else None]
    assert not [one for one in shown if one is not None and (SECRET in str(one) or "003keyid" in str(one))]
