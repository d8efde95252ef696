"""What the clean room writes: articles, the links found among them, and every cut with its rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from marsad.dataset import Dataset, column

Day = date
"""For fields that stand after one named ``date`` in their class."""

Role = Literal["main", "embedded"]
PublishedBasis = Literal["json_ld", "meta", "page_text", "url", "feed", "sitemap", "first_seen"]
LinkKind = Literal["read_more", "related"]


@dataclass(frozen=True)
class Image:
    """An image of a story."""

    url: str = column("Absolute address.")
    caption: str | None = column("Its caption, if the page gives one.", default=None)


@dataclass(frozen=True)
class Article:
    """One story: the page's main one, or another that the page holds whole."""

    article_id: str = column("Stable id: a hash of the source, the canonical address and the story's place on it.")
    version: int = column("1 for the first text published under this id; counts up with corrections.")
    parent_id: str | None = column("For an embedded story, the main story of its page.")
    role: Role = column("main or embedded.")
    source: str = column("The source's name.")
    date: date = column("Publication day in the source's time zone; the day first seen where the page gives none.")
    url: str = column("The address it was captured from.")
    canonical_url: str | None = column("The address the page itself calls canonical.")
    title: str | None = column("Headline, without the site's name.")
    lead: str | None = column(
        "Standfirst, where the page sets one apart from the body.",
        example="تعمل المحطة الجديدة بالطاقة الشمسية وحدها",
    )
    body: str = column("The paragraphs joined by a blank line; all offsets count code points in it.")
    paragraphs: tuple[str, ...] = column("Paragraphs, sub-headings, list items and quotations, in order.")
    authors: tuple[str, ...] = column("People and desks named as authors.")
    published_at: datetime | None = column("Instant of publication, if the page or its listing gives one.")
    published_basis: PublishedBasis | None = column(
        "Where the day came from: json_ld, meta, page_text, url, feed, sitemap; first_seen where none gives it."
    )
    modified_at: datetime | None = column("Instant of the last change the page gives.")
    section: str | None = column("The site's section.")
    keywords: tuple[str, ...] = column("The page's keywords for this story.")
    attributions: tuple[str, ...] = column("Source lines and agency credits, as printed, without the label.")
    dateline: str | None = column("Place that opens the text, for example بيروت.", example="بيروت")
    language: str | None = column("ISO 639-1 of the body.")
    images: tuple[Image, ...] = column(
        "Images of the story.",
        example=[{"url": "http://wakala.example/img/port.jpg", "caption": "المرفأ القديم عند الفجر"}],
    )
    word_count: int = column("Words of the body.")
    content_sha256: str = column("SHA-256 of title and body, in hex.")
    extraction_method: str = column("How the body was found: layout, container, json_ld, state, text.")
    is_live_blog: bool = column("A running live page rather than a story.")
    is_paywalled: bool = column("The page holds only the open part.")
    capture_sha256: str = column("SHA-256 of the bytes it was read from.")
    is_gallery: bool = column("The story is its pictures: many of them, little text.", default=False)
    is_breaking: bool = column("A breaking line: a headline marked so, with a line of text at most.", default=False)
    layout_missed: tuple[str, ...] = column(
        "Fields whose selector in the source's layout matched nothing on the page.",
        example=["authors"],
        default=(),
    )


@dataclass(frozen=True)
class Link:
    """A headline of another story that stood among or after the text."""

    article_id: str = column("The story it belongs to.")
    kind: LinkKind = column("read_more (within the text) or related (after it).")
    title: str = column("The headline.")
    url: str | None = column("Its address, if it was a link.")
    position: int = column("0-based order among the story's links.")
    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")


@dataclass(frozen=True)
class Cut:
    """A piece taken out of the text, and the rule that took it."""

    article_id: str = column("The story it was taken from.")
    rule: str = column("The rule's name, for example read_more or source_line.")
    text: str = column("What was taken out, as it stood.")
    position: int = column("0-based order among the story's cuts.")
    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")


@dataclass(frozen=True)
class LateCapture:
    """A capture of one day that holds a story of another: that day reads it too."""

    source: str = column("The source's name.")
    date: date = column("The day the story belongs to.")
    url: str = column("The capture's URL.")
    captured_on: Day = column("The partition the capture is in.")


@dataclass(frozen=True)
class ArticleVersion:
    """What a story said before it was changed; the newest text is in articles."""

    article_id: str = column("The story.")
    version: int = column("1 for the first text; articles.version is one more than the last here.")
    title: str | None = column("Headline.")
    lead: str | None = column("Standfirst.", example="تعمل المحطة الجديدة بالطاقة الشمسية وحدها")
    body: str = column("The text as it stood.")
    published_at: datetime | None = column("Instant of publication the page gave.")
    modified_at: datetime | None = column("Instant of the last change the page gave.", example="2026-03-03T10:05:00Z")
    captured_at: datetime | None = column("When it was captured so.", example="2026-03-03T09:12:44Z")
    content_sha256: str = column("SHA-256 of title and body, in hex.")
    capture_sha256: str = column("SHA-256 of the bytes it was read from.")
    source: str = column("The source of the partition.")
    date: date = column("The day of the partition.")


ARTICLES = Dataset("articles", Article, ("article_id",), suite="marsad.clean.suite:articles")
LINKS = Dataset("links", Link, ("article_id", "kind", "position"), suite="marsad.clean.suite:links")
CUTS = Dataset("cuts", Cut, ("article_id", "position"), suite="marsad.clean.suite:cuts")
ARTICLE_VERSIONS = Dataset(
    "article_versions", ArticleVersion, ("article_id", "version"), suite="marsad.clean.suite:article_versions"
)
LATE_CAPTURES = Dataset("late_captures", LateCapture, ("url", "captured_on"), suite=None)
