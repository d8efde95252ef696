"""WARC: the bytes as fetched, in segments that are written whole, and read back by offset.

Each capture is three records that name one another (WARC-Concurrent-To): the ``response`` (for a file: the
``resource``), the ``request`` as sent, and ``metadata``: which route showed the address, when, after how many
attempts. A body that lies in the lake already is a ``revisit`` record instead, which names the first one.

A record's id is made from what it holds, so that the same answer gives the same record.
Bodies are stored decompressed, with the transfer headers that no longer hold renamed.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from marsad import __version__
from marsad.errors import LakeUnusable
from marsad.lake import Lake
from marsad.scrape.cdxj import IndexEntry

IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
"""The profile of a revisit record whose body is the one named (WARC 1.1, 6.7.2)."""
_NAMESPACE = uuid.UUID("6f6d1d3e-52c4-5d0c-9d34-0b3b6a6f6d61")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_TRANSFER_HEADERS = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A body that lies in the lake: whose, since when, and where."""

    url: str
    fetched_at: datetime
    warc_file: str
    warc_offset: int


@dataclass(frozen=True, slots=True)
class Payload:
    """One body to keep. ``status`` None means it did not come over HTTP (a file): a resource record."""

    url: str
    body: bytes
    fetched_at: datetime
    status: int | None = None
    headers: Sequence[tuple[str, str]] = ()
    content_type: str | None = None
    request_headers: Sequence[tuple[str, str]] = ()
    """As sent; none, and there is no request record."""
    notes: Sequence[tuple[str, str]] = ()
    """Fields of the metadata record; none, and there is none."""
    same_as: Reference | None = None
    """Where the same body lies already: a revisit record is written."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a payload: its own record, and where its body lies."""

    entry: IndexEntry
    warc_file: str
    warc_offset: int


def write_segment(lake: Lake, path: str, payloads: Sequence[Payload]) -> list[Stored]:
    """Write payloads as one WARC file at a path of the lake; a body that stands in it already is not written twice.

    Returns:
        For each payload its response, resource or revisit record, and the place of its body.
    """
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    first = payloads[0].fetched_at
    info = writer.create_warcinfo_record(path.rsplit("/", 1)[-1], {"software": f"marsad/{__version__}"})
    info.rec_headers.replace_header("WARC-Date", _warc_date(first))
    info.rec_headers.replace_header("WARC-Record-ID", _record_id(path, first, b""))
    writer.write_record(info)
    found: list[Stored] = []
    here: dict[bytes, Reference] = {}
    for given in payloads:
        offset = buffer.tell()
        sha256 = hashlib.sha256(given.body).digest()
        payload = given
        if given.same_as is None and given.body and sha256 in here:
            payload = replace(given, same_as=here[sha256])
        place = payload.same_as or Reference(payload.url, payload.fetched_at, path, offset)
        here.setdefault(sha256, place)
        record = _main_record(writer, payload)
        writer.write_record(record)
        length = buffer.tell() - offset
        entry = IndexEntry(
            url=payload.url,
            captured_at=payload.fetched_at,
            mime="warc/revisit" if payload.same_as else _mime(payload),
            status=str(payload.status) if payload.status is not None else "-",
            digest=_digest(payload.body),
            length=length,
            offset=offset,
            filename=path,
        )
        found.append(Stored(entry, place.warc_file, place.warc_offset))
        main_id = record.rec_headers.get_header("WARC-Record-ID")
        for other in _records_beside(writer, payload, main_id):
            writer.write_record(other)
    lake.write_bytes(path, buffer.getvalue())
    return found


def _main_record(writer: WARCWriter, payload: Payload) -> ArcWarcRecord:
    """The response, resource or revisit record of a payload."""
    headers = {
        "WARC-Date": _warc_date(payload.fetched_at),
        "WARC-Record-ID": _record_id(payload.url, payload.fetched_at, payload.body),
    }
    if payload.same_as is not None:
        record = writer.create_revisit_record(
            payload.url,
            digest=_digest(payload.body),
            refers_to_uri=payload.same_as.url,
            refers_to_date=_warc_date(payload.same_as.fetched_at),
            http_headers=_http_headers(payload) if payload.status is not None else None,
            warc_headers_dict=headers,
        )
        record.rec_headers.replace_header("WARC-Profile", IDENTICAL)
        return record
    is_http = payload.status is not None
    return writer.create_warc_record(
        payload.url,
        "response" if is_http else "resource",
        payload=io.BytesIO(payload.body),
        length=len(payload.body),
        warc_content_type="" if is_http else payload.content_type or "application/octet-stream",
        http_headers=_http_headers(payload) if is_http else None,
        warc_headers_dict=headers,
    )


def _records_beside(writer: WARCWriter, payload: Payload, main_id: str) -> list[ArcWarcRecord]:
    """The request and the metadata of a capture, as far as they are known."""
    found = []
    for kind, body, content_type in (
        ("request", _request(payload), "application/http; msgtype=request"),
        ("metadata", _fields(payload.notes), "application/warc-fields"),
    ):
        if not body:
            continue
        headers = {
            "WARC-Date": _warc_date(payload.fetched_at),
            "WARC-Record-ID": _record_id(f"{kind} {main_id}", payload.fetched_at, body),
            "WARC-Concurrent-To": main_id,
        }
        record = writer.create_warc_record(
            payload.url,
            kind,
            payload=io.BytesIO(body),
            length=len(body),
            warc_content_type=content_type,
            warc_headers_dict=headers,
        )
        found.append(record)
    return found


def _request(payload: Payload) -> bytes:
    """The request as sent, without cookies; the Host header, which the connection adds, from the address."""
    if not payload.request_headers:
        return b""
    parts = urlsplit(payload.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {_one_line(value)}" for name, value in payload.request_headers if _TOKEN.fullmatch(name)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _fields(notes: Sequence[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in notes).encode()


def read_body(lake: Lake, warc_file: str, warc_offset: int) -> bytes:
    """The body of the record at an offset.

    Raises:
        MissingPartition: the file is not in the lake.
        LakeUnusable: there is no record at that offset.
        LakeUnreachable: the store does not answer now.
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
            passing = lake.unreachable(f"read {warc_file}", error)
            if passing is not None:
                raise passing from None
            why = str(error) or type(error).__name__
            raise LakeUnusable(f"{warc_file}: no WARC record at {warc_offset}: {why}") from None


def _http_headers(payload: Payload) -> StatusAndHeaders:
    kept = []
    for name, value in payload.headers:
        if not _TOKEN.fullmatch(name):
            continue  # no header name (RFC 9110, 5.6.2), and no WARC writer takes it
        kept.append((f"X-Archive-Orig-{name}" if name.lower() in _TRANSFER_HEADERS else name, _one_line(value)))
    kept.append(("Content-Length", str(len(payload.body))))
    return StatusAndHeaders(f"{payload.status} OK", kept, protocol="HTTP/1.1")


def _one_line(value: str) -> str:
    return value.encode("latin-1", "replace").decode("latin-1").replace("\r", " ").replace("\n", " ")


def _mime(payload: Payload) -> str:
    declared = next((v for k, v in payload.headers if k.lower() == "content-type"), payload.content_type or "")
    kind = declared.partition(";")[0].strip().lower()
    return kind if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,60}", kind, re.ASCII) else "unk"


def _digest(body: bytes) -> str:
    """As WARC and CDX write it: SHA-1 in base 32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode("ascii")


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _record_id(url: str, moment: datetime, body: bytes) -> str:
    name = f"{url}\n{moment.isoformat()}\n{hashlib.sha256(body).hexdigest()}"
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, name)}>"
