"""The JSON-LD of a page: its article object, flattened to the fields we read.

Pages nest it in graphs and lists, repeat it, and break its syntax; what cannot be read is
as if it were not there.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from marsad.clean.text import tidy

_ARTICLE = re.compile(r"(article|blogposting|newsreport|reportage|analysisnews|opinionnews)", re.I)
_MAX_SCRIPT = 2_000_000
_MAX_NODES = 5_000


@dataclass(slots=True)
class LinkedData:
    """What the article object says."""

    headline: str = ""
    body: str = ""
    published: str = ""
    modified: str = ""
    authors: list[str] = field(default_factory=list)
    section: str = ""
    keywords: list[str] = field(default_factory=list)
    images: list[tuple[str, str | None]] = field(default_factory=list)
    description: str = ""
    url: str = ""
    publishers: list[str] = field(default_factory=list)
    is_live: bool = False
    is_free: bool = True


def _load(script: str) -> Any:
    text = script.strip()
    text = text.removeprefix("<!--").removesuffix("-->").strip()
    text = re.sub(r"^//<!\[CDATA\[|//\]\]>$|^<!\[CDATA\[|\]\]>$", "", text).strip().rstrip(";")
    if not text or len(text) > _MAX_SCRIPT:
        return None
    for candidate in (text, re.sub(r",\s*([}\]])", r"\1", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, outer ones first."""
    queue, seen = [value], 0
    while queue and seen < _MAX_NODES:
        item = queue.pop(0)
        seen += 1
        if isinstance(item, dict):
            yield item
            queue.extend(
                v for k, v in item.items() if k in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement")
            )
        elif isinstance(item, list):
            queue.extend(item[:500])


def _types(item: dict[str, Any]) -> str:
    value = item.get("@type")
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _text(value: Any) -> str:
    """A text, wherever a page hides it: entities twice over, an object with a name, a list of one."""
    for _ in range(3):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("name") or value.get("@value") or value.get("headline") or ""
    return tidy(html.unescape(value)) if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [t for v in items[:100] if (t := _text(v))]


def _images(value: Any) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str) and item:
            found.append((item, None))
        elif isinstance(item, dict):
            address = item.get("url") or item.get("contentUrl")
            if isinstance(address, str) and address:
                found.append((address, _text(item.get("caption")) or None))
    return found[:20]


def read_linked_data(scripts: list[str]) -> LinkedData | None:
    """The page's article object, or None. Of several, the one that says most."""
    best: tuple[int, LinkedData] | None = None
    publishers: list[str] = []
    for script in scripts[:30]:
        for item in _objects(_load(script)):
            kind = _types(item)
            if re.search(r"organization|website", kind, re.I):
                publishers += _texts(item.get("name"))
            live = "liveblog" in kind.lower()
            if not live and not _ARTICLE.search(kind):
                continue
            data = _read(item, live)
            size = sum(bool(v) for v in (data.headline, data.body, data.published, data.authors)) * 2 + live
            if best is None or size > best[0]:
                best = (size, data)
    if best is None:
        return LinkedData(publishers=publishers) if publishers else None
    best[1].publishers += publishers
    return best[1]


def _read(item: dict[str, Any], live: bool) -> LinkedData:
    body = item.get("articleBody")
    free = item.get("isAccessibleForFree")
    keywords = [k for text in _texts(item.get("keywords")) for k in re.split(r"\s*[,،;|]\s*", text) if k]
    page = item.get("mainEntityOfPage")
    url = item.get("url") or (page.get("@id") if isinstance(page, dict) else page)
    return LinkedData(
        headline=_text(item.get("headline") or item.get("name")),
        body=html.unescape(body) if isinstance(body, str) else "",
        published=_text(item.get("datePublished") or item.get("dateCreated")),
        modified=_text(item.get("dateModified")),
        authors=_texts(item.get("author")),
        section=_text(item.get("articleSection")),
        keywords=keywords,
        images=_images(item.get("image")),
        description=_text(item.get("description")),
        url=url if isinstance(url, str) else "",
        publishers=_texts(item.get("publisher")),
        is_live=live,
        is_free=str(free).lower() not in ("false", "no", "0") if free is not None else True,
    )
