"""The media store on S3, against a server that speaks its language."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import s3fs

from callmon.errors import NotFound, StoreUnavailable, TooLarge
from callmon.store.media import Media

MANY = 10**9
LARGE = 60 * 2**20
"""Bytes; above s3fs's part of 50 MiB, so that it is sent in several parts."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = pytest.importorskip("moto.server")
    # It logs every request to standard error.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # Else the client asks a cloud's own address for its credentials.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def bucket(
    server: str, environment: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """The client of an empty bucket `calls`."""
    import botocore.session

    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    client = botocore.session.get_session().create_client("s3")
    client.create_bucket(Bucket="calls")
    yield client
    for held in client.list_objects_v2(Bucket="calls").get("Contents", ()):
        client.delete_object(Bucket="calls", Key=held["Key"])
    client.delete_bucket(Bucket="calls")
    client.close()


@pytest.fixture
def media(bucket: Any) -> Media:
    return Media.open("s3://calls/callmon")


def test_what_is_received_comes_back(media: Media) -> None:
    received = media.receive(io.BytesIO(b"tail"), max_bytes=MANY, first=b"head ")
    assert media.size(received.key) == received.size == 9
    with media.local(received.key) as path:
        assert path.read_bytes() == b"head tail"
    assert not path.exists()
    with media.open_stream(received.key) as stream:
        stream.seek(5)
        assert stream.read() == b"tail"
    assert datetime.now(UTC) - media.modified(received.key) < timedelta(minutes=5)


def test_only_whole_recordings_are_listed(media: Media) -> None:
    received = media.receive(io.BytesIO(b"x"), max_bytes=MANY)
    assert [key for key, _ in list(media.keys())] == [received.key]
    media.delete(received.key)
    media.delete(received.key)
    assert list(media.keys()) == []


def test_an_empty_stream_is_kept_as_such(media: Media) -> None:
    assert media.size(media.receive(io.BytesIO(), max_bytes=MANY).key) == 0


def test_a_recording_of_several_parts_comes_back(media: Media) -> None:
    received = media.receive(io.BytesIO(bytes(LARGE)), max_bytes=MANY)
    assert media.size(received.key) == LARGE


def test_what_is_too_large_leaves_neither_a_key_nor_parts(
    media: Media, bucket: Any
) -> None:
    with pytest.raises(TooLarge):
        media.receive(io.BytesIO(bytes(LARGE)), max_bytes=LARGE - 1)
    assert list(media.keys()) == []
    assert not bucket.list_multipart_uploads(Bucket="calls").get("Uploads")


def test_what_is_not_there_is_told(media: Media) -> None:
    key = "ab/" + 64 * "a"
    for ask in (media.size, media.modified, media.open_stream):
        with pytest.raises(NotFound, match="has no"):
            ask(key)
    with pytest.raises(NotFound), media.local(key):
        pass


def test_a_store_that_does_not_answer_is_told_without_its_address(
    environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    media = Media.open("s3://calls/callmon")
    with pytest.raises(StoreUnavailable, match="does not work") as raised:
        media.receive(io.BytesIO(b"x"), max_bytes=MANY)
    assert "127.0.0.1" not in str(raised.value)


def test_a_bucket_that_is_not_there_is_told(media: Media) -> None:
    nowhere = Media.open("s3://nowhere/callmon")
    with pytest.raises(StoreUnavailable, match="does not work"):
        nowhere.receive(io.BytesIO(b"x"), max_bytes=MANY)


def test_a_store_without_credentials_says_what_would_work(
    server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    # Else it would be the client of the tests before, which knows who it is.
    s3fs.S3FileSystem.clear_instance_cache()
    media = Media.open("s3://calls/callmon")
    with pytest.raises(StoreUnavailable, match=r"no credentials.*AWS_ACCESS_KEY_ID"):
        media.receive(io.BytesIO(b"sound"), max_bytes=MANY)
