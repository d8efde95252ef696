"""Read the captures of a shard: the same ``clean`` and ``extract``, page by page, into Arrow tables."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from upath import UPath
from warcio.archiveiterator import ArchiveIterator

from marsad.bulk.record import CaptureFate, DroppedRow, Fate, Reading, capture_id, shard_schemas
from marsad.bulk.shard import Shard, captures_of, digest_of, facts_digest
from marsad.clean.stage import Read, days_of, is_readable, place, read_capture
from marsad.context import Context
from marsad.dataset import row_of
from marsad.errors import LakeUnusable, LaterError, NeverError
from marsad.extract.recogniser import Recogniser, recogniser
from marsad.extract.stage import find
from marsad.scrape.headers import media_type
from marsad.scrape.record import Capture
from marsad.scrape.urls import absolute
from marsad.scrape.warc import read_body
from marsad.sources import Source

Reader = Callable[[Source, Capture, Callable[[Capture], bytes]], Read]
READER = "marsad.bulk.reading:read_page_of"
MIN_ARABIC_LETTERS = 200
"""Of a page of unknown language: menus and headlines of an Arabic page alone have more."""
_PAGES = ("text/html", "application/xhtml+xml")
_ESCAPED = re.compile(rb"\\u06[0-9a-fA-F]{2}|&#1[56]\d\d;|&#[xX]06[0-9a-fA-F]{2};")


def read_page_of(source: Source, capture: Capture, body_of: Callable[[Capture], bytes]) -> Read:
    """The reader of real runs; tests that need a page that kills name another."""
    return read_capture(source, capture, body_of)


def warm(page: bytes) -> None:
    """Read a page for nothing, so that all that is loaded once a process is loaded."""
    now = datetime(2026, 3, 3, 8, tzinfo=UTC)
    source = corpus_source("warm")
    capture = Capture(
        source="warm", date=now.date(), url="https://warm.invalid/1", content_type="text/html", fetched_at=now
    )
    placed = place(source, capture.date, read_capture(source, capture, lambda _: page))
    # the one that nearly every run uses; another is loaded by the child, for its threads would not outlive a fork
    find(source.name, capture.date, [row_of(a) for a in placed.articles], recogniser("crf", None))


@dataclass(slots=True)
class Item:
    """One capture of a shard on its way: where it stands, and its bytes or what became of it already."""

    position: int
    capture: Capture
    is_older: bool = False
    body: bytes | None = None
    fate: Fate | None = None
    reason: str | None = None


@dataclass(slots=True)
class Tables:
    """The rows of a batch, by file of the shard."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in shard_schemas()})

    def add(self, name: str, record: Any, capture: str | None = None) -> None:
        """Add one record; a dataset's row is marked with its capture."""
        row = row_of(record)
        if capture is not None:
            row["capture_id"] = capture
        self.rows[name].append(row)

    def to_arrow(self) -> dict[str, pa.Table]:
        """As Arrow tables, those without rows left out."""
        return {n: pa.Table.from_pylist(rows, schema=shard_schemas()[n]) for n, rows in self.rows.items() if rows}


class ShardReader:
    """Reads the captures of one shard, in order, from any of them on."""

    def __init__(self, shard: Shard, ctx: Context, run: str, reader: Reader) -> None:
        self.shard, self.ctx, self.run, self._read = shard, ctx, run, reader
        self._recognisers: dict[str, Recogniser] = {}
        self.counted = 0
        """Captures of a WARC that were met, whatever became of them."""

    # captures

    def items(self, start: int) -> Iterator[Item]:
        """The captures from a position on.

        Raises:
            LaterError: the captures, or what is known of the source, are not those that were planned.
            NeverError: a WARC is broken; says where.
        """
        return self._of_lake(start) if self.shard.kind == "captures" else self._of_warc(start)

    def _of_lake(self, start: int) -> Iterator[Item]:
        shard = self.shard
        rows = captures_of(shard.partition, self.ctx.lake)[shard.first : shard.past]
        source = self.ctx.facts(shard.partition.source)
        self._check(facts_digest({source.name: source}))
        if digest_of(rows) != shard.digest:
            raise LaterError(f"{shard.partition}: its captures changed since the run was planned; run it again")
        for number, (capture, is_older) in enumerate(rows):
            if number >= start:
                item = Item(number, capture, is_older)
                if not is_readable(capture):
                    item.fate, item.reason = "not_captured", capture.outcome
                yield item

    def _of_warc(self, start: int) -> Iterator[Item]:
        self._check(facts_digest(self.ctx.sources))
        for position, record in self._records(start):
            self.counted += 1
            yield self._of_record(position, record)

    def count(self) -> int:
        """The captures of a WARC, counted by going through it once more.

        Raises:
            NeverError: it is broken; says where.
        """
        return sum(1 for _ in self._records(0))

    def _records(self, start: int) -> Iterator[tuple[int, Any]]:
        """The records that are captures, each with its place in the file."""
        position, last, unpacker = start, None, None
        with UPath(self.shard.address).open("rb") as file:
            file.seek(start)
            try:
                records = ArchiveIterator(file)
                for record in records:
                    _check_whole(last)
                    if record.format != "warc":
                        raise ValueError("it is no WARC")
                    position, last = records.offset, record  # from the start of the file, wherever reading began
                    unpacker = records.reader.decompressor
                    if record.rec_type in ("response", "resource", "revisit"):
                        yield position, record
                _check_whole(last)
                if unpacker is None and last is not None:
                    file.seek(-4, os.SEEK_END)
                is_ended = unpacker.eof if unpacker is not None else last is None or file.read() == b"\r\n\r\n"
                if records.offset != self.shard.past or not is_ended:
                    raise ValueError("the last record is cut off")
            except Exception as error:  # warcio and zlib raise several kinds on a broken file
                why = (str(error).strip() or type(error).__name__).splitlines()[0]
                raise NeverError(
                    f"{self.shard.address}: broken after byte {position}: {why}; fetch the file again"
                ) from None

    def _of_record(self, position: int, record: Any) -> Item:
        given = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
        url = absolute(given, given) or given
        source, is_known = self._source_of(url)
        try:
            moment = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        except ValueError:
            moment = None
        headers = record.http_headers
        is_http = record.rec_type == "response" and headers is not None
        status = headers.get_statuscode() if is_http else ""
        declared = (headers if is_http else record.rec_headers).get_header("Content-Type")
        kind, charset = media_type(declared)
        known = moment or datetime(1970, 1, 1, tzinfo=UTC)
        capture = Capture(
            source=source.name,
            date=source.day_of(known),
            url=url,
            discovered_by=f"warc {self.shard.address}",
            http_status=int(status) if status.isdigit() else None,
            content_type=kind or None,
            charset=charset,
            warc_file=self.shard.address,
            warc_offset=position,
            fetched_at=moment,
        )
        item = Item(position, capture)
        if record.rec_type == "revisit":
            item.fate, item.reason = "not_a_page", "revisit"
        elif moment is None:
            item.fate, item.reason = "not_a_page", "no_date"
        elif is_http and status != "200":
            item.fate, item.reason = "not_a_page", f"http_{status or 'none'}"
        elif (kind or "text/html") not in _PAGES:
            item.fate, item.reason = "not_a_page", "media_type"
        elif absolute(given, given) is None:
            item.fate, item.reason = "not_a_page", "address"
        elif not is_known and self.shard.known_only:
            item.fate, item.reason = "other_host", urlsplit(url).hostname or ""
        else:
            limit = self.ctx.settings.max_page_bytes
            body = bytes(record.content_stream().read(limit + 1))
            if len(body) > limit:
                item.fate, item.reason = "too_large", f"over_{limit}"
            elif not is_known and not may_be_arabic(body, charset):
                item.fate, item.reason = "not_arabic", "letters"
            else:
                item.body = body
                digest = hashlib.sha256(body).hexdigest()
                item.capture = _with_body(capture, digest, len(body))
        return item

    @cached_property
    def _hosts(self) -> dict[str, Source]:
        hosts = {}
        for source in self.ctx.sources.values():
            host = (urlsplit(source.homepage).hostname or "").removeprefix("www.")
            if host and host not in ("localhost", CORPUS_HOST):
                hosts[host] = source
        return hosts

    def _source_of(self, url: str) -> tuple[Source, bool]:
        try:
            host = (urlsplit(url).hostname or "").lower().removeprefix("www.")
        except ValueError:
            host = ""
        while host:
            if host in self._hosts:
                return self._hosts[host], True
            host = host.partition(".")[2]
        return corpus_source(self.run), False

    def _check(self, facts: str) -> None:
        if facts != self.shard.facts:
            raise LaterError(
                f"{self.shard.id}: this machine knows other facts of the sources than the one that planned the run; "
                "give both the same MARSAD_SOURCES"
            )

    # pages

    def read(self, item: Item, into: Tables) -> None:
        """Read one capture and add all its rows.

        Raises:
            MissingPartition, LakeUnusable: the store does not answer.
        """
        own = capture_id(item.capture)
        if item.fate is not None:
            into.add("bulk_outcomes", self._fate(item, item.fate, item.reason))
            return
        source = self.ctx.sources.get(item.capture.source) or corpus_source(self.run)
        try:
            read = self._read(source, item.capture, self._body_of(item))
        except MemoryError:
            raise
        except _BrokenRecord as error:
            self._drop(item, into, "unreadable", "broken_record", str(error))
            return
        except (LakeUnusable, NeverError):
            raise
        except Exception as error:
            self.fail(item, into, error)
            return
        if read.page is not None and source.name == self.run and read.page.stories[0].language not in (None, "ar"):
            read = Read(read.capture, None, "other_language", f"language {read.page.stories[0].language}")
        staged = Tables()
        try:
            count = self._place(source, item, read, own, staged)
        except MemoryError:
            raise
        except Exception as error:
            self.fail(item, into, error)
            return
        for name, rows in staged.rows.items():
            into.rows[name] += rows
        into.add("bulk_outcomes", self._judge(item, read, source, count))

    def fail(self, item: Item, into: Tables, error: Exception) -> None:
        """Note a page that the reader raised on."""
        self._drop(item, into, "failed", type(error).__name__, str(error))

    def _place(self, source: Source, item: Item, read: Read, own: str, into: Tables) -> int:
        capture, count = item.capture, 0
        for day in sorted({capture.date, *days_of(source, read)}):
            placed = place(source, day, read)
            count += len(placed.articles)
            late = tuple(row.date for row in placed.late)
            into.add("bulk_readings", Reading(
                own, source.name, capture.date, capture.url, capture.fetched_at, day, placed.article_key,
                placed.address, late,
            ))  # fmt: skip
            for name, rows in (("articles", placed.articles), ("links", placed.links), ("cuts", placed.cuts)):
                for row in rows:
                    into.add(name, row, own)
            for r in placed.rejects:
                into.add("bulk_dropped", DroppedRow(own, source.name, day, r.row_key, r.stage, r.reason, r.evidence))
            if not item.is_older and placed.articles:
                found = find(source.name, day, [row_of(a) for a in placed.articles], self._recogniser(source))
                for name in ("mentions", "quotations", "timexes", "quantities", "keyphrases"):
                    for row in getattr(found, name):
                        into.add(name, row, own)
        return count

    def _judge(self, item: Item, read: Read, source: Source, count: int) -> CaptureFate:
        if read.page is None:
            fate: Fate = "unreadable" if read.reason.startswith("unreadable_") else "rejected"
            return self._fate(item, fate, read.reason, read.evidence)
        if not count:
            return self._fate(item, "rejected", "no_accepted_story", "every story on it was dropped")
        fate = "cleaned" if item.capture.date in days_of(source, read) else "late"
        return self._fate(item, fate, None, None, count)

    def _drop(self, item: Item, into: Tables, fate: Fate, reason: str, evidence: str) -> None:
        drop(item.capture, item.position, fate, reason, evidence, into)

    def _fate(
        self, item: Item, fate: Fate, reason: str | None, evidence: str | None = None, count: int = 0
    ) -> CaptureFate:
        return fate_of(item.capture, item.position, fate, reason, evidence, count)

    def _recogniser(self, source: Source) -> Recogniser:
        name = source.recogniser or self.ctx.settings.recogniser
        if name not in self._recognisers:
            self._recognisers[name] = recogniser(name, self.ctx.settings.recogniser_model)
        return self._recognisers[name]

    def _body_of(self, item: Item) -> Callable[[Capture], bytes]:
        def body_of(capture: Capture) -> bytes:
            if item.body is not None:
                return item.body
            file, offset = capture.warc_file or "", capture.warc_offset or 0
            try:
                return read_body(self.ctx.lake, file, offset)
            except LakeUnusable:
                time.sleep(0.5)
                try:
                    return read_body(self.ctx.lake, file, offset)
                except LakeUnusable as error:
                    # the store answers, so it is the record; a store that does not would fail the shard here
                    self.ctx.lake.exists(file)
                    raise _BrokenRecord(str(error)) from None

        return body_of


def _check_whole(record: Any) -> None:
    """Refuse a record with fewer bytes than it says: the end of a file is no error to warcio."""
    if record is None:
        return
    if record.rec_headers.get_header("Content-Length") is None:
        raise ValueError("a record does not say how long it is")
    if getattr(record.raw_stream, "limit", 0):
        raise ValueError(f"a record is cut off {record.raw_stream.limit} bytes before its end")


class _BrokenRecord(Exception):
    """A WARC record that cannot be read though its file can."""


CORPUS_HOST = "corpus.invalid"


def corpus_source(run: str) -> Source:
    """What is known of pages whose site is not: nothing; their days are counted in UTC."""
    return Source(name=run, title=run, homepage=f"https://{CORPUS_HOST}/", timezone="UTC")


def may_be_arabic(body: bytes, charset: str | None = None) -> bool:
    """Whether a page may hold Arabic text; False only where it surely holds next to none.

    A page in UTF-8 (most of the web) has two bytes a letter, the first of them D8 to DB; one that is written in
    escapes or in another encoding gets the benefit of the doubt.
    """
    if sum(body.count(bytes([lead])) for lead in range(0xD8, 0xDC)) >= MIN_ARABIC_LETTERS:
        return True
    # UTF-16 has a byte 06 in each Arabic letter, and next to no other text has any
    if body[:2] in (b"\xff\xfe", b"\xfe\xff") or body.count(b"\x06") >= MIN_ARABIC_LETTERS:
        return True
    if charset and charset.lower().replace("_", "-") not in ("utf-8", "utf8", "us-ascii", "ascii"):
        return "1256" in charset or "8859-6" in charset or "16" in charset or "arab" in charset.lower()
    if sum(1 for _ in _ESCAPED.finditer(body)) >= MIN_ARABIC_LETTERS:
        return True
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        # an old one-byte encoding: windows-1256 has its letters from C0 on
        return len(body.translate(None, bytes(range(0xC0)))) >= MIN_ARABIC_LETTERS
    return False


def fate_of(
    capture: Capture, position: int, fate: Fate, reason: str | None, evidence: str | None = None, count: int = 0
) -> CaptureFate:
    """The outcome row of a capture."""
    said = evidence[:500] if evidence else None
    return CaptureFate(
        capture_id(capture), position, capture.source, capture.date, capture.url, capture.warc_file,
        capture.warc_offset, fate, reason, said, count,
    )  # fmt: skip


def drop(capture: Capture, position: int, fate: Fate, reason: str, evidence: str, into: Tables) -> None:
    """Give a capture that could not be read its outcome, and its day the reject."""
    own = capture_id(capture)
    said = evidence[:500]
    name = fate if fate != "unreadable" else reason
    into.add("bulk_outcomes", fate_of(capture, position, fate, reason, said))
    into.add("bulk_readings", Reading(
        own, capture.source, capture.date, capture.url, capture.fetched_at, capture.date, None, capture.page_url, (),
    ))  # fmt: skip
    into.add("bulk_dropped", DroppedRow(own, capture.source, capture.date, capture.url, "clean", name, said))


def _with_body(capture: Capture, sha256: str, size: int) -> Capture:
    return replace(capture, sha256=sha256, byte_count=size)
