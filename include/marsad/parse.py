"""What Marsad makes of one page, as one JSON object: the way to look before one runs anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marsad.errors import UsageError
from marsad.partition import parse_date
from marsad.sources import Source

if TYPE_CHECKING:
    from marsad.clean.page import Story

_OFFSETS = ("start", "end")
_BOOKKEEPING = frozenset({"article_id", "source", "date"})
PAGE_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".txt"})


@dataclass(frozen=True, slots=True)
class PageFile:
    """A page on disk, with what an index says of it."""

    path: Path
    url: str | None = None
    date: date | None = None


def parse_page(
    content: bytes,
    *,
    url: str | None = None,
    day: date | None = None,
    source: Source | None = None,
    with_extract: bool = True,
) -> dict[str, Any]:
    """Clean one page and extract from its stories.

    Args:
        content: the page's bytes, HTML or text, in any encoding.
        url: its address, for relative links and the date in it.
        day: the publication day to resolve relative dates against where the page gives none.
        source: the site it is from, for its name, time zone and layouts.
        with_extract: False stops after clean.

    Raises:
        UnreadablePage: no text can be had from the bytes.
    """
    from marsad.clean.page import read_page

    page = read_page(content, url=url, source=source)
    links = [{"kind": x.kind, "title": x.title, "url": x.url} for story in page.stories for x in story.links]
    cuts = [{"rule": x.rule, "text": x.text} for story in page.stories for x in story.cuts]
    articles = [_story(story, day, source, with_extract) for story in page.stories]
    return {"url": page.url, "language": page.language, "articles": articles, "links": links, "cuts": cuts}


def explain_page(content: bytes, *, url: str | None = None, source: Source | None = None) -> Iterator[str]:
    """Lines that tell how a page was read: a head, then two a block, what it is and the text itself.

    Args:
        content: the page's bytes.
        url: its address.
        source: the site it is from, for its layouts.

    Raises:
        UnreadablePage: no text can be had from the bytes.
    """
    from marsad.clean.explain import explain
    from marsad.clean.page import read_closely

    reading = read_closely(content, url=url, source=source)
    page, main = reading.page, reading.page.stories[0]
    yield f"read as {page.encoding}; body by {main.extraction_method}; {len(page.stories)} stories; title: {main.title}"
    if page.layout_missed:
        fields = ", ".join(page.layout_missed)
        yield f"the layout's selectors picked nothing for: {fields}; the generic reader took over"
    if main.extraction_method in ("json_ld", "state"):
        yield f"the body is from a script ({main.extraction_method}): the blocks below hold much less of it"
    for reason in explain(reading):
        whose = f" [{reason.story}]" if reason.story else ""
        yield f"{reason.index:4}  {reason.label:<11} {reason.fate}{whose}  <{reason.box}>  {reason.why}"
        yield f"      {reason.text[:160]}{'…' if len(reason.text) > 160 else ''}"


def _story(story: Story, day: date | None, source: Source | None, with_extract: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "role": story.role,
        "title": story.title,
        "lead": story.lead,
        "paragraphs": list(story.paragraphs),
        "authors": list(story.authors),
        "published_at": _instant(story.published_at),
        "published_basis": story.published_basis,
        "modified_at": _instant(story.modified_at),
        "section": story.section,
        "keywords": list(story.keywords),
        "attributions": list(story.attributions),
        "dateline": story.dateline,
        "images": [{"url": i.url, "caption": i.caption} for i in story.images],
        "is_live_blog": story.is_live_blog,
        "is_paywalled": story.is_paywalled,
        "is_gallery": story.is_gallery,
        "is_breaking": story.is_breaking,
        "extraction_method": story.extraction_method,
    }
    if not with_extract:
        return found
    from marsad.extract.article import read_article

    anchor = day
    if story.published_at is not None:
        anchor = source.day_of(story.published_at) if source else story.published_at.date()
    findings = read_article("\n\n".join(story.paragraphs), title=story.title, anchor=anchor)
    for name in ("quotations", "mentions", "timexes", "quantities", "keyphrases"):
        found[name] = [_plain(row) for row in getattr(findings, name)]
    return found


def _instant(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None


def _plain(record: Any) -> dict[str, Any]:
    return {k: getattr(record, k) for k in record.__dataclass_fields__ if k not in _BOOKKEEPING}


def find_pages(paths: list[Path], index: Path | None) -> Iterator[PageFile]:
    """The page files that some paths name; folders are walked, in sorted order.

    Raises:
        UsageError: a path is not there, or an index names a file that is not.
    """
    from marsad.scrape.discover.files import read_index

    known = {}
    for name, row in (read_index(index) if index else {}).items():
        day = str(row.get("date") or "")[:10]
        known[name] = PageFile(Path(name), row.get("url") or None, parse_date(day) if day else None)
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in PAGE_SUFFIXES and p.is_file())
            if not inside:
                raise UsageError(f"{path}: no pages there; files must end in {', '.join(sorted(PAGE_SUFFIXES))}")
            for file in inside:
                yield _with_index(file, known.get(file.relative_to(path).as_posix()) or known.get(file.name))
        elif path.is_file():
            yield _with_index(path, known.get(path.as_posix()) or known.get(path.name))
        else:
            raise UsageError(f"{path}: no such file or folder")


def _with_index(path: Path, entry: PageFile | None) -> PageFile:
    return PageFile(path, entry.url, entry.date) if entry else PageFile(path)
