"""What object stores differ in, and which of their errors pass by themselves: a restart, an overload, a cut way.

Stores speak through several libraries, each with errors of its own, and none of them is imported here: an error is
known by Python's own kinds, by the status or code of the store's answer, or by the name of its class.
"""

from __future__ import annotations

import errno
import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from upath import UPath

_ERRNOS = frozenset(
    {
        errno.EBUSY, errno.EAGAIN, errno.EPIPE, errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN,
        getattr(errno, "EREMOTEIO", errno.EBUSY),  # what s3fs makes of an internal error
    }
)  # fmt: skip
_CODES = frozenset(
    {
        "InternalError", "OperationAborted", "RequestTimeout", "RequestThrottled", "ServiceUnavailable", "SlowDown",
        "Throttling", "ThrottlingException", "TooManyRequests", "ServerBusy",
    }
)  # fmt: skip
_KINDS = frozenset(
    {
        # botocore
        "HTTPClientError", "EndpointConnectionError", "ConnectionClosedError", "ResponseParserError",
        # aiohttp, urllib3, http.client, requests
        "ClientConnectionError", "ClientPayloadError", "IncompleteRead", "RemoteDisconnected", "ProtocolError",
        "ConnectionError", "Timeout", "ChunkedEncodingError",
        # Azure, Google
        "ServiceRequestError", "ServiceResponseError", "TransportError",
    }
)  # fmt: skip
_NEVER = frozenset({"SSLError", "SSLCertVerificationError", "ClientConnectorCertificateError"})
"""A certificate that does not fit is a wrong address, or somebody in between: waiting mends neither."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DEPTH = 8


def may_pass(error: BaseException) -> bool:
    """Whether a store that gave this error may do what was asked when it is asked again."""
    chain = list(_chain(error))
    if any({kind.__name__ for kind in type(one).__mro__} & _NEVER for one in chain):
        return False
    return any(_passes(one) for one in chain)


def _chain(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    for _ in range(_DEPTH):
        if one is None:
            return
        yield one
        one = one.__cause__


def _passes(error: BaseException) -> bool:
    if isinstance(error, (ConnectionError, TimeoutError)):
        return True
    status, code = _answer(error)
    if status is not None and ((status >= 500 and status != 501) or status in (408, 429)):
        return True
    if code in _CODES or (isinstance(error, OSError) and error.errno in _ERRNOS):
        return True
    return any(kind.__name__ in _KINDS for kind in type(error).__mro__)


def _answer(error: BaseException) -> tuple[int | None, str]:
    """The HTTP status and the code of the answer that an error tells of, as far as it does."""
    said = getattr(error, "response", None)
    if isinstance(said, dict):  # botocore
        status = said.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return status if isinstance(status, int) else None, str(said.get("Error", {}).get("Code", ""))
    for name in ("status", "status_code", "code"):  # aiohttp, Azure, gcsfs
        status = getattr(error, name, None)
        if isinstance(status, int):
            return status, ""
    return None, ""


def disk_trouble(error: BaseException, path: Path) -> str | None:
    """What to do where a disk took no more bytes; None where that is not what went wrong.

    Args:
        path: what was to be written, or a folder above it.
    """
    if not isinstance(error, OSError) or error.errno not in _FULL:
        return None
    disk = path
    while not disk.exists() or not os.path.ismount(disk):
        if disk == disk.parent:
            break
        disk = disk.parent
    what = "your quota on it is" if error.errno == errno.EDQUOT else "it is"
    return (
        f"the disk at {disk}: {what} full; what is published stays as it was. Give it space "
        "(`marsad lake retain` clears by MARSAD_RETENTION), then run the same again"
    )


def files_of_store(base: UPath, pattern: str) -> Iterator[str]:
    """The paths of the files below a folder of a store that fit a pattern.

    By one listing, which raises where it fails: a store's ``glob`` looks at folders and files one by one, and leaves
    out those for which it gets no answer.
    """
    from fsspec.utils import glob_translate

    fits, folder = re.compile(glob_translate(pattern)), base.path.rstrip("/")
    entries = base.fs.find(folder, detail=True).values() if "/" in pattern else base.fs.ls(folder, detail=True)
    for entry in entries:
        path = entry["name"].rstrip("/")
        if entry["type"] == "file" and path != folder and fits.match(path[len(folder) + 1 :]):
            yield path


def creates(fs: Any) -> bool:
    """Whether a file system has a conditional put of its own: fsspec's looks first and writes then."""
    from fsspec import AbstractFileSystem
    from fsspec.asyn import AsyncFileSystem

    for base, name in ((AsyncFileSystem, "_pipe_file"), (AbstractFileSystem, "pipe_file")):
        if isinstance(fs, base):
            own = getattr(type(fs), name)
            return own is not getattr(base, name) and "mode" in inspect.signature(own).parameters
    return False


def is_conflict(error: Exception) -> bool:
    """Whether a store refused because the file is there, or because another writer is just making it."""
    answer = getattr(error.__cause__, "response", None) or getattr(error, "response", None) or {}
    code = str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""
    return code in ("PreconditionFailed", "ConditionalRequestConflict", "412", "409") or "PreconditionFailed" in str(
        error
    )


def reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
