"""Golden pages: what a careful reader finds on each, field by field.

A page and its record lie side by side in ``golden``. The records are written by hand from the
page and never recorded from the reader; where the two differ, one of them is wrong. A record
leaves out what is empty, and so must the reader.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
import yaml

from marsad.clean.page import Page, Story, read_page
from marsad.sources import Source

GOLDEN = Path(__file__).parent / "golden"
RECORDS = sorted(GOLDEN.glob("*.yaml"))
PAGES = sorted(p for p in GOLDEN.iterdir() if p.suffix in (".html", ".txt"))

WRONG: dict[str, str] = {}
"""Pages that the reader still misreads, and how; the mark goes when it is mended."""

SITE = {
    "name": "manara",
    "title": "صحيفة المنارة",
    "homepage": "http://manara.example",
    "timezone": "Asia/Beirut",
}
BARE: dict[str, Any] = {
    "lead": None,
    "authors": [],
    "published_at": None,
    "published_basis": None,
    "modified_at": None,
    "section": None,
    "keywords": [],
    "attributions": [],
    "dateline": None,
    "images": [],
    "language": "ar",
    "canonical_url": None,
    "extraction_method": "container",
    "is_live_blog": False,
    "is_paywalled": False,
    "is_gallery": False,
    "is_breaking": False,
    "links": [],
    "cuts": [],
    "problem": None,
}
"""What a record need not say."""


def as_bytes(text: str, steps: list[str]) -> bytes:
    """The page in the encoding of its record. The file is UTF-8 so that it can be read and reviewed.

    ``misread`` reads bytes as windows-1252 the way browsers do: what has no letter there is a control.
    """
    content = text.encode(steps[0])
    for step in steps[1:]:
        if step == "misread":
            text = "".join(codecs.decode(bytes([b]), "cp1252", "ignore") or chr(b) for b in content)
        else:
            content = text.encode(step)
    return content


def read(record: dict[str, Any], page: Path) -> Page:
    options = dict(record["read"])
    if "captured_on" in options:
        options["captured_on"] = date.fromisoformat(str(options["captured_on"]))
    if "listed_at" in options:
        options["listed_at"] = datetime.fromisoformat(str(options["listed_at"]))
    # no newline translation: the bytes of the file are the bytes of the page
    text = page.read_bytes().decode("utf-8")
    source = Source.model_validate({**SITE, **record.get("source", {})})
    return read_page(as_bytes(text, record.get("bytes", ["utf-8"])), source=source, **options)


def told(story: Story) -> dict[str, Any]:
    """A story as its record would tell it."""

    def instant(value: datetime | None) -> str | None:
        return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%SZ")

    return {
        "role": story.role,
        "title": story.title,
        "lead": story.lead,
        "paragraphs": list(story.paragraphs),
        "authors": list(story.authors),
        "published_at": instant(story.published_at),
        "published_basis": story.published_basis,
        "modified_at": instant(story.modified_at),
        "section": story.section,
        "keywords": list(story.keywords),
        "attributions": list(story.attributions),
        "dateline": story.dateline,
        "images": [{"url": i.url, "caption": i.caption} for i in story.images],
        "language": story.language,
        "canonical_url": story.canonical_url,
        "extraction_method": story.extraction_method,
        "is_live_blog": story.is_live_blog,
        "is_paywalled": story.is_paywalled,
        "is_gallery": story.is_gallery,
        "is_breaking": story.is_breaking,
        "links": [{"kind": x.kind, "title": x.title, "url": x.url} for x in story.links],
        "cuts": [{"rule": c.rule, "text": c.text} for c in story.cuts],
        "problem": story.problem.reason if story.problem else None,
    }


def wanted(record: dict[str, Any]) -> dict[str, Any]:
    stories = [
        {"role": "embedded" if place else "main", **BARE, **story} for place, story in enumerate(record["stories"])
    ]
    return {
        "encoding": record.get("encoding", "utf-8"),
        "language": stories[0]["language"],
        "has_story": record.get("has_story", True),
        "layout_missed": record.get("layout_missed", []),
        "stories": stories,
    }


def found_on(page: Page) -> dict[str, Any]:
    return {
        "encoding": page.encoding,
        "language": page.language,
        "has_story": page.has_story,
        "layout_missed": list(page.layout_missed),
        "stories": [told(s) for s in page.stories],
    }


def lines_of(value: Any, path: str = "") -> Iterator[str]:
    """One line for every field and every member of a list, its place first: right-to-left text as it is."""
    if isinstance(value, dict) and not {"rule", "kind", "url"} & value.keys():
        for key in sorted(value):
            yield from lines_of(value[key], f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for member in value:
            yield from lines_of(member, path)
    elif isinstance(value, dict):
        yield f"{path}: " + " | ".join(f"{k}={v}" for k, v in sorted(value.items()))
    else:
        yield f"{path}: {value}"


def difference(want: dict[str, Any], have: dict[str, Any]) -> str:
    return "\n".join(unified_diff(list(lines_of(want)), list(lines_of(have)), "record", "reader", lineterm="", n=0))


def numbered(reading: dict[str, Any]) -> dict[str, Any]:
    """A reading whose stories are told apart in a difference, the cuts of each in one order.

    That cuts come in the order of the page is a test of its own.
    """
    named = {f"story {n}": s for n, s in enumerate(reading["stories"])}
    for story in named.values():
        story["cuts"] = sorted(story["cuts"], key=lambda c: (c["rule"], c["text"]))
    return {**reading, "stories": named}


def load(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return record


def page_of(record: Path) -> Path:
    return next(p for suffix in (".html", ".txt") if (p := record.with_suffix(suffix)).exists())


def marked(path: Path) -> Any:
    """A record as a parameter; the reader must go on being wrong where it is known to be, or lose the mark."""
    marks = [pytest.mark.xfail(strict=True, reason=WRONG[path.stem])] if path.stem in WRONG else []
    return pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.parametrize("path", [marked(p) for p in RECORDS])
def test_a_page_is_read_as_its_record_says(path: Path) -> None:
    record = load(path)
    have = numbered(found_on(read(record, page_of(path))))
    want = numbered(wanted(record))
    if want != have:
        pytest.fail(f"{record['about']}\n{difference(want, have)}", pytrace=False)


def test_every_page_has_a_record_and_every_record_a_page() -> None:
    assert {p.stem for p in PAGES} == {p.stem for p in RECORDS}
    assert WRONG.keys() <= {p.stem for p in RECORDS}


SEVERAL_CUTS = [
    p for p in RECORDS if p.stem not in WRONG and any(len(s.get("cuts", ())) > 1 for s in load(p)["stories"])
]


@pytest.mark.parametrize("path", SEVERAL_CUTS, ids=lambda p: p.stem)
def test_cuts_stand_in_the_order_of_the_page(path: Path) -> None:
    record = load(path)
    for story, want in zip(read(record, page_of(path)).stories, record["stories"], strict=True):
        assert [c.text for c in story.cuts] == [c["text"] for c in want.get("cuts", [])]


def test_a_record_says_nothing_that_is_not_on_its_page() -> None:
    """The records are written by hand: a slip of the pen in a paragraph must not pass for a finding."""
    for path in RECORDS:
        record = load(path)
        if "bytes" in record or path.stem.startswith("text_"):
            continue  # their pages hold other letters than a reader sees
        raw = page_of(path).read_text(encoding="utf-8").replace("\\u003C", "<").replace("\\n", "\n").replace('\\"', '"')
        page = " ".join([*raw.split(), *re.sub(r"<[^>]*>", " ", raw).split()])  # a table's row is several elements
        for story in record["stories"]:
            for text in [*story["paragraphs"], *(x["title"] for x in story.get("links", ()))]:
                assert text in page, f"{path.stem}: {text}"


def test_the_records_know_every_field_of_a_story() -> None:
    fields = set(Story.__slots__)
    assert fields == {"role", "title", "paragraphs", *BARE}
    unknown = {k for p in RECORDS for s in load(p)["stories"] for k in s} - fields
    assert not unknown, json.dumps(sorted(unknown))
