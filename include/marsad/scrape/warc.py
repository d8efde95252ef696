"""WARC: the bytes as fetched, in segments that are written whole, and read back by offset.

A record's id is made from what it holds, so that the same answer gives the same record.
Bodies are stored decompressed, with the transfer headers that no longer hold renamed.
"""

from __future__ import annotations

import hashlib
import io
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from marsad import __version__
from marsad.errors import LakeUnusable
from marsad.lake import Lake

_NAMESPACE = uuid.UUID("6f6d1d3e-52c4-5d0c-9d34-0b3b6a6f6d61")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_TRANSFER_HEADERS = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Payload:
    """One body to keep. ``status`` None means it did not come over HTTP (a file): a resource record."""

    url: str
    body: bytes
    fetched_at: datetime
    status: int | None = None
    headers: Sequence[tuple[str, str]] = ()
    content_type: str | None = None


def write_segment(lake: Lake, path: str, payloads: Sequence[Payload]) -> list[int]:
    """Write payloads as one WARC file at a path of the lake; returns each record's byte offset."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    first = payloads[0].fetched_at
    info = writer.create_warcinfo_record(path.rsplit("/", 1)[-1], {"software": f"marsad/{__version__}"})
    info.rec_headers.replace_header("WARC-Date", _warc_date(first))
    info.rec_headers.replace_header("WARC-Record-ID", _record_id(path, first, b""))
    writer.write_record(info)
    offsets = []
    for payload in payloads:
        offsets.append(buffer.tell())
        headers = {
            "WARC-Date": _warc_date(payload.fetched_at),
            "WARC-Record-ID": _record_id(payload.url, payload.fetched_at, payload.body),
        }
        if payload.status is None:
            record = writer.create_warc_record(
                payload.url,
                "resource",
                payload=io.BytesIO(payload.body),
                length=len(payload.body),
                warc_content_type=payload.content_type or "application/octet-stream",
                warc_headers_dict=headers,
            )
        else:
            record = writer.create_warc_record(
                payload.url,
                "response",
                payload=io.BytesIO(payload.body),
                length=len(payload.body),
                http_headers=_http_headers(payload),
                warc_headers_dict=headers,
            )
        writer.write_record(record)
    lake.write_bytes(path, buffer.getvalue())
    return offsets


def read_body(lake: Lake, warc_file: str, warc_offset: int) -> bytes:
    """The body of the record at an offset.

    Raises:
        MissingPartition: the file is not in the lake.
        LakeUnusable: there is no record at that offset.
    """
    with lake.open(warc_file) as file:
        file.seek(warc_offset)
        try:
            record = next(iter(ArchiveIterator(file, check_digests="raise")))
            # warcio takes what is no record at all for one of an older format
            if record.format != "warc" or record.rec_type not in ("response", "resource"):
                raise ValueError(f"a {record.rec_type or 'nameless'} record")
            return bytes(record.content_stream().read())
        except Exception as error:  # warcio raises several kinds on a broken file
            why = str(error) or type(error).__name__
            raise LakeUnusable(f"{warc_file}: no WARC record at {warc_offset}: {why}") from None


def _http_headers(payload: Payload) -> StatusAndHeaders:
    kept = []
    for name, value in payload.headers:
        if not _TOKEN.fullmatch(name):
            continue  # no header name (RFC 9110, 5.6.2), and no WARC writer takes it
        clean = value.encode("latin-1", "replace").decode("latin-1").replace("\r", " ").replace("\n", " ")
        kept.append((f"X-Archive-Orig-{name}" if name.lower() in _TRANSFER_HEADERS else name, clean))
    kept.append(("Content-Length", str(len(payload.body))))
    return StatusAndHeaders(f"{payload.status} OK", kept, protocol="HTTP/1.1")


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _record_id(url: str, moment: datetime, body: bytes) -> str:
    name = f"{url}\n{moment.isoformat()}\n{hashlib.sha256(body).hexdigest()}"
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, name)}>"
