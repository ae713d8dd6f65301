"""A store that speaks S3, for programs that keep their recordings in one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.acceptance.shop import Shop

S3 = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def s3_server(port: int) -> Iterator[str]:
    """The URL of a store that holds, when it is started again, what it held before."""
    moto = pytest.importorskip("moto.server")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def bucket_with(shop: Shop, url: str) -> None:
    """A bucket `calls` that holds what the shop's folder of recordings does."""
    import botocore.session

    client: Any = botocore.session.get_session().create_client(
        "s3",
        endpoint_url=url,
        region_name=S3["AWS_DEFAULT_REGION"],
        aws_access_key_id=S3["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=S3["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_bucket(Bucket="calls")
    folder = shop.folder / "media"
    for path in (path for path in folder.rglob("*") if path.is_file()):
        key = path.relative_to(folder).as_posix()
        client.put_object(Bucket="calls", Key=key, Body=path.read_bytes())
    client.close()
