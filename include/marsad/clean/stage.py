"""The clean stage: the captures of a partition become articles, links and cuts.

Every captured URL ends in an article row, a reject with its reason, or a late row that
hands it to the day its story belongs to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from marsad.clean.page import Page, Reading, Story, read_closely
from marsad.clean.record import ARTICLES, CUTS, LATE_CAPTURES, LINKS, Article, Cut, LateCapture, Link
from marsad.clean.text import count_words, fold
from marsad.dataset import Batch, Reject, rows_of
from marsad.errors import UnreadablePage
from marsad.scrape.record import Capture
from marsad.sources import Source

STAGE = "clean"
SAME_ARTICLE = "same_article"
READ = frozenset({"captured", "unchanged"})
_ID_LENGTH = 20


@dataclass(frozen=True, eq=False)
class Cleaned:
    """What the clean stage hands on."""

    articles: Batch
    links: Batch
    cuts: Batch
    late: pa.Table
    """LATE_CAPTURES rows: captures that hold a story of another day."""


@dataclass(slots=True)
class _Rows:
    articles: list[Article] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    late: dict[tuple[str, date], LateCapture] = field(default_factory=dict)

    def reject(self, url: str, reason: str, evidence: str) -> None:
        self.rejects.append(Reject(url, STAGE, reason, evidence[:500]))


@dataclass(frozen=True, slots=True)
class Read:
    """One capture read: its page with a story, or the reason why there is none."""

    capture: Capture
    page: Page | None = None
    reason: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """What one capture gives to one day, before it is known whether another capture gave the same article."""

    article_key: str | None
    """The main story's id where the day gets a row of this capture, else null."""
    address: str
    """By which the main story is known."""
    articles: tuple[Article, ...] = ()
    links: tuple[Link, ...] = ()
    cuts: tuple[Cut, ...] = ()
    rejects: tuple[Reject, ...] = ()
    late: tuple[LateCapture, ...] = ()


def article_id(source: str, address: str) -> str:
    """The id of a page's main story: 20 hex digits of SHA-256 of source and canonical address."""
    return hashlib.sha256(f"{source}|{address}".encode()).hexdigest()[:_ID_LENGTH]


def embedded_id(parent_id: str, story: Story) -> str:
    """The id of an embedded story: by its parent and its headline, or its first paragraph where it has none."""
    mark = fold(story.title or "") or fold(story.paragraphs[0] if story.paragraphs else "")
    return hashlib.sha256(f"{parent_id}|{mark}".encode()).hexdigest()[:_ID_LENGTH]


def content_hash(title: str | None, body: str) -> str:
    """SHA-256 of title and body, in hex."""
    return hashlib.sha256(f"{title or ''}\n\n{body}".encode()).hexdigest()


def clean(source: Source, date: date, captures: pa.Table, body_of: Callable[[Capture], bytes]) -> Cleaned:
    """Read the captures of a partition.

    Args:
        source: the site.
        date: the partition's day.
        captures: CAPTURES rows, of this partition and, for late stories, of others.
        body_of: the bytes of a capture.

    A story's day is its publication day in the source's zone; where no one gives one, the
    day of its capture's partition (basis ``first_seen``, ``published_at`` null). Stories of
    another day become late rows. Reject reasons: ``unreadable_*``, ``no_story``,
    ``weekday_contradicts_date``, ``future_date``, ``same_article``.
    """
    in_order = sorted((c for c in rows_of(captures, Capture) if is_readable(c)), key=in_turn)
    return merge((c, place(source, date, read_capture(source, c, body_of))) for c in in_order)


def merge(placed: Iterable[tuple[Capture, Placed]]) -> Cleaned:
    """Put together what captures give to one day; of two that give the same article the first stands.

    Args:
        placed: in the order of :func:`in_turn`.
    """
    rows = _Rows()
    seen: dict[str, str] = {}
    for capture, found in placed:
        rows.late.update({(row.url, row.date): row for row in found.late})
        if found.article_key is not None and found.article_key in seen:
            first = seen[found.article_key]
            rows.reject(capture.url, SAME_ARTICLE, f"{first} is the same article ({found.address})")
            continue
        if found.article_key is not None:
            seen[found.article_key] = capture.url
        rows.articles += found.articles
        rows.links += found.links
        rows.cuts += found.cuts
        rows.rejects += found.rejects
    return Cleaned(
        Batch.of(ARTICLES, rows.articles, rows.rejects),
        Batch.of(LINKS, rows.links),
        Batch.of(CUTS, rows.cuts),
        LATE_CAPTURES.table(rows.late.values()),
    )


def is_readable(capture: Capture) -> bool:
    """Whether there are bytes of it to read."""
    return capture.outcome in READ and capture.warc_file is not None


def in_turn(capture: Capture) -> tuple[date, str]:
    """The order captures are read in, whatever order they came in: day and address."""
    return capture.date, capture.url


def _listing(capture: Capture) -> str | None:
    """The kind of listing that showed a capture."""
    kind = capture.discovered_by.split(":", 1)[0].split(" ", 1)[0].strip().lower()
    return kind if kind in ("feed", "sitemap") else None


def read_capture(source: Source, capture: Capture, body_of: Callable[[Capture], bytes]) -> Read:
    """Read the page of one capture.

    Raises:
        LakeUnusable, MissingPartition: what ``body_of`` raises.
    """
    try:
        page = read_capture_closely(source, capture, body_of(capture)).page
    except UnreadablePage as error:
        return Read(capture, None, f"unreadable_{error.reason}", str(error))
    main = page.stories[0]
    if not page.has_story:
        text = main.body or main.title or ""
        return Read(capture, None, "no_story", f"{len(main.body)} characters of text: {text[:200]}")
    if main.problem is not None:
        return Read(capture, None, main.problem.reason, main.problem.evidence)
    return Read(capture, page)


def read_capture_closely(source: Source, capture: Capture, content: bytes) -> Reading:
    """Read the page of one capture with all that is known of it, and keep how.

    Raises:
        UnreadablePage: no text can be had from the bytes.
    """
    return read_closely(
        content,
        url=capture.page_url,
        content_type=capture.content_type,
        charset=capture.charset,
        listed_at=capture.listed_at,
        listed_by=_listing(capture),
        source=source,
        captured_on=source.day_of(capture.fetched_at) if capture.fetched_at is not None else capture.date,
    )


def days_of(source: Source, read: Read) -> list[date]:
    """The day of each story of a page, in the order of its stories; none where it was not read."""
    if read.page is None:
        return []
    main, *others = read.page.stories
    main_day = source.day_of(main.published_at) if main.published_at is not None else read.capture.date
    days = [main_day]
    days += (source.day_of(s.published_at) if s.published_at is not None else main_day for s in others)
    return days


def place(source: Source, day: date, read: Read) -> Placed:
    """What a capture that was read gives to a day, and the other days it has stories for."""
    capture, page = read.capture, read.page
    rows = _Rows()
    address = capture.page_url
    if page is None:
        rows.reject(capture.url, read.reason, read.evidence)
        return Placed(None, address, rejects=tuple(rows.rejects))
    days = days_of(source, read)
    address = page.stories[0].canonical_url or address
    key = article_id(source.name, address)
    for other in sorted(set(days) - {day, capture.date}):
        rows.late[(capture.url, other)] = LateCapture(source.name, other, capture.url, capture.date)
    if day in days:
        _write(source, day, capture, page, key, days, rows)
    elif capture.date in days and capture.date != day:
        rows.late[(capture.url, capture.date)] = LateCapture(source.name, capture.date, capture.url, capture.date)
    return Placed(
        key if day in days else None,
        address,
        tuple(rows.articles),
        tuple(rows.links),
        tuple(rows.cuts),
        tuple(rows.rejects),
        tuple(rows.late.values()),
    )


def _write(source: Source, day: date, capture: Capture, page: Page, key: str, days: list[date], rows: _Rows) -> None:
    used: set[str] = set()
    for story, story_day in zip(page.stories, days, strict=True):
        own_id = key if story.role == "main" else embedded_id(key, story)
        if own_id in used:
            continue  # the page prints the same second story twice
        used.add(own_id)
        if story.problem is not None:
            rows.reject(f"{capture.url}#{own_id}", story.problem.reason, story.problem.evidence)
            continue
        if story_day != day:
            continue
        parent, missed = (None, page.layout_missed) if story.role == "main" else (key, ())
        rows.articles.append(_article(source, day, capture, story, own_id, parent, missed))
        rows.links += (Link(own_id, x.kind, x.title, x.url, i, source.name, day) for i, x in enumerate(story.links))
        rows.cuts += (Cut(own_id, x.rule, x.text, i, source.name, day) for i, x in enumerate(story.cuts))


def _article(
    source: Source,
    day: date,
    capture: Capture,
    story: Story,
    own_id: str,
    parent_id: str | None,
    missed: tuple[str, ...],
) -> Article:
    return Article(
        article_id=own_id,
        version=1,
        parent_id=parent_id,
        role=story.role,
        source=source.name,
        date=day,
        url=capture.url,
        canonical_url=story.canonical_url,
        title=story.title,
        lead=story.lead,
        body=story.body,
        paragraphs=story.paragraphs,
        authors=story.authors,
        published_at=story.published_at,
        published_basis=story.published_basis or "first_seen",
        modified_at=story.modified_at,
        section=story.section,
        keywords=story.keywords,
        attributions=story.attributions,
        dateline=story.dateline,
        language=story.language,
        images=story.images,
        word_count=count_words(story.body),
        content_sha256=content_hash(story.title, story.body),
        extraction_method=story.extraction_method,
        is_live_blog=story.is_live_blog,
        is_paywalled=story.is_paywalled,
        is_gallery=story.is_gallery,
        is_breaking=story.is_breaking,
        layout_missed=missed,
        capture_sha256=capture.sha256 or "",
    )
