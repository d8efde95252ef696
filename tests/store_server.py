"""An S3-like store for tests: moto's server on 127.0.0.1."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@contextmanager
def serve_store() -> Iterator[str]:
    """A store without buckets of ours; its address as ``host:port``.

    The servers of one process share what they hold: give a bucket a name of its own.
    """
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        yield ":".join(map(str, server.get_host_and_port()))
    finally:
        server.stop()


@dataclass(frozen=True)
class Bucket:
    """A bucket that is there: its address, and the options of a lake in it."""

    url: str
    options: dict[str, Any]


@contextmanager
def serve_bucket() -> Iterator[Bucket]:
    """A bucket that nobody else has."""
    import s3fs

    with serve_store() as address:
        options = {"endpoint_url": f"http://{address}", "key": "test", "secret": "test"}
        name = f"b{uuid.uuid4().hex}"
        s3fs.S3FileSystem(**options).mkdir(name)
        yield Bucket(f"s3://{name}", options)
