"""The JSON-LD of a page: its article object, flattened to the fields we read.

Pages nest it in graphs and lists, repeat it, break its syntax, and carry the objects of the
stories they link to; what cannot be read, or is another story's, is as if it were not there.
"""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from marsad.clean.blocks import Document
from marsad.clean.state import StateStory
from marsad.clean.text import tidy, words

_ARTICLE = re.compile(r"article|blogposting|newsreport|reportage|analysisnews|opinionnews|newsreview", re.I)
_NOT_ARTICLE = re.compile(r"articlelist|collection", re.I)
_SITE = re.compile(r"organization|website", re.I)
_GALLERY = re.compile(r"(?:image|media|photo)gallery", re.I)
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_CDATA = re.compile(r"^(?://|/\*)?\s*<!\[CDATA\[(?:\*/)?|(?://|/\*)?\s*\]\]>(?:\*/)?$")
_LIST = re.compile(r"\s*[,،;|]\s*")
_MAX_SCRIPT = 2_000_000
_MAX_NODES = 5_000
_INNER = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item")


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
    breadcrumbs: list[str] = field(default_factory=list)
    """The names of the page's place in the site, outermost first."""
    is_article: bool = True
    """False for the object of a page (WebPage, ImageGallery), whose dates may be the page's own."""
    is_live: bool = False
    is_free: bool = True
    is_gallery: bool = False


def _load(script: str) -> Any:
    text = script.strip()
    text = text.removeprefix("<!--").removesuffix("-->").strip()
    if "CDATA" in text[:30]:
        text = _CDATA.sub("", text).strip()
    text = text.rstrip(";")
    if not text or len(text) > _MAX_SCRIPT:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(_TRAILING_COMMA.sub(r"\1", text), strict=False)
    except (ValueError, RecursionError):
        return _salvage(text)


_TYPE = re.compile(r'"@type"\s{0,9}:\s{0,9}\[?\s{0,9}"([A-Za-z]{0,40}(?:Article|BlogPosting))"')
_DATES = re.compile(r'"(datePublished|dateModified)"\s{0,9}:\s{0,9}"([^"\\]{4,40})"')
_AUTHOR = re.compile(r'"author"\s{0,9}:\s{0,9}\[?\s{0,9}\{[^{}]{0,300}?"name"\s{0,9}:\s{0,9}"([^"\\]{2,60})"')


def _salvage(text: str) -> dict[str, Any] | None:
    """The dates and author of an article object whose syntax is broken, most often by a quotation in its headline.

    Only where the script speaks of one story: its publication is given once.
    """
    kind = _TYPE.search(text)
    dates = {name: {v for n, v in _DATES.findall(text[:200_000]) if n == name} for name in _DATE_KEYS}
    if kind is None or len(dates["datePublished"]) != 1:
        return None
    found: dict[str, Any] = {"@type": kind[1], **{n: v.pop() for n, v in dates.items() if len(v) == 1}}
    author = _AUTHOR.search(text[:200_000])
    if author is not None:
        found["author"] = author[1]
    return found


_DATE_KEYS = ("datePublished", "dateModified")


def _objects(value: Any) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every object in a JSON value, outer ones first, and whether it is an item of a list of pages."""
    queue: deque[tuple[Any, bool]] = deque([(value, False)])
    seen = 0
    while queue and seen < _MAX_NODES:
        item, listed = queue.popleft()
        seen += 1
        if isinstance(item, dict):
            yield item, listed
            for key in _INNER:
                if key in item:
                    queue.append((item[key], listed or key == "itemListElement"))
        elif isinstance(item, list):
            queue.extend((v, listed) for v in item[:500])


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


def find_linked_data(document: Document, url: str | None = None) -> LinkedData | None:
    """The article object of a page's own story, told by its address and its titles (``read_linked_data``)."""
    head = document.head
    if not head.scripts:
        return None
    addresses = [a for a in (url, head.canonical, *head.metas.get("og:url", ())[:1]) if a]
    titles = [*head.metas.get("og:title", ())[:1], head.title]
    titles += [b.text for b in document.blocks if b.kind == "heading" and b.level == 1][:3]
    return read_linked_data(head.scripts, addresses, [html.unescape(t) for t in titles if t])


def read_linked_data(
    scripts: Sequence[str], addresses: Sequence[str] = (), titles: Sequence[str] = ()
) -> LinkedData | None:
    """The page's article object, or None. Of several, the page's own; of these, the one that says most.

    Args:
        scripts: the contents of the JSON-LD scripts.
        addresses: the page's addresses. An object with one of them is the page's own.
        titles: the page's titles. An object that has none of the addresses, and whose headline
            shares no word with any title, is another story's.
    """
    items = [pair for script in scripts[:30] for pair in _objects(_load(script))]
    named = {i["@id"]: i for i, _ in items if isinstance(i.get("@id"), str) and ("name" in i or "url" in i)}
    own = {k for a in addresses if (k := _key(a))}
    said = [s for t in titles if (s := set(words(t)))]
    best: tuple[int, LinkedData] | None = None
    site = LinkedData()
    for item, listed in items:
        kind = _types(item)
        if not kind:
            continue
        if _SITE.search(kind):
            site.publishers += _texts(item.get("name"))
        elif "BreadcrumbList" in kind:
            site.breadcrumbs = site.breadcrumbs or _crumbs(item)
        live, gallery = "liveblog" in kind.lower(), _GALLERY.search(kind) is not None
        is_article = live or (_ARTICLE.search(kind) is not None and not _NOT_ARTICLE.search(kind))
        is_page = gallery or kind == "WebPage"
        if not is_article and not (is_page and item.get("datePublished")):
            continue
        data = _read(item, live, named)
        standing = _standing(data, own, said)
        if standing < 0 or (listed and standing == 0):
            continue
        data.is_gallery, data.is_article = gallery, is_article
        size = sum(bool(v) for v in (data.headline, data.body, data.published, data.authors)) * 2 + live
        size += 20 * standing - 50 * (not is_article)
        if best is None or size > best[0]:
            best = (size, data)
    if best is None:
        return site if site.publishers or site.breadcrumbs else None
    best[1].publishers += site.publishers
    best[1].breadcrumbs = site.breadcrumbs
    return best[1]


def _key(address: str) -> tuple[str, str] | None:
    """What two spellings of an address have in common: path and query; None for a site's root."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    path = unquote(parts.path).strip("/").lower()
    return (path, parts.query) if path else None


def _standing(data: LinkedData, own: set[tuple[str, str]], titles: Sequence[set[str]]) -> int:
    """2: an object has the page's address; 1: its headline is the page's; 0: nobody knows; -1: another story's."""
    key = _key(data.url)
    if key is not None and (key in own or (not key[1] and any(key[0] == path for path, _ in own))):
        return 2
    headline = set(words(data.headline))
    if not headline or not titles:
        return 0
    shared = max(len(headline & title) / min(len(headline), len(title)) for title in titles)
    if shared >= 0.6:
        return 1
    if shared == 0:
        # a word or two may be the site's name; another script may be the same headline
        return -1 if len(headline) >= 4 and _is_arabic(headline) in map(_is_arabic, titles) else 0
    return -1 if shared < 0.34 and key is not None and own else 0


def _is_arabic(words: set[str]) -> bool:
    return any("\u0620" <= c <= "\u064a" for w in words for c in w[:1])


def _crumbs(item: dict[str, Any]) -> list[str]:
    elements = item.get("itemListElement")
    items = [e for e in elements[:10] if isinstance(e, dict)] if isinstance(elements, list) else []
    found = [_text(e.get("name")) or _text(e.get("item")) for e in items]
    return [f for f in found if f and not f.startswith("http")]


def _people(value: Any, named: dict[str, dict[str, Any]]) -> list[str]:
    """The names of authors; one that is only an @id is looked up in the graph."""
    found: list[str] = []
    for person in (value if isinstance(value, list) else [value])[:30]:
        if isinstance(person, dict) and not person.get("name"):
            person = named.get(str(person.get("@id")))
        if name := _text(person):
            found.append(name)
    return found


def _read(item: dict[str, Any], live: bool, named: dict[str, dict[str, Any]]) -> LinkedData:
    body = item.get("articleBody")
    free = item.get("isAccessibleForFree")
    keywords = [k for text in _texts(item.get("keywords")) for k in _LIST.split(text) if k]
    page = item.get("mainEntityOfPage")
    url = item.get("url") or (page.get("@id") or page.get("url") if isinstance(page, dict) else page)
    return LinkedData(
        headline=_text(item.get("headline") or item.get("name")),
        body=html.unescape(body) if isinstance(body, str) else "",
        published=_text(item.get("datePublished") or item.get("dateCreated")),
        modified=_text(item.get("dateModified")),
        authors=_people(item.get("author"), named) or _people(item.get("creator"), named),
        section=_text(item.get("articleSection")),
        keywords=keywords,
        images=_images(item.get("image")),
        description=_text(item.get("description")),
        url=url if isinstance(url, str) else "",
        publishers=_people(item.get("publisher"), named),
        is_live=live,
        is_free=str(free).lower() not in ("false", "no", "0") if free is not None else True,
    )


def with_state(data: LinkedData | None, story: StateStory) -> LinkedData:
    """What a page's JSON-LD says, and where it is silent what the story in its framework's state says."""
    found = data or LinkedData()
    found.headline = found.headline or story.title or ""
    found.body = found.body or story.body
    found.published = found.published or story.published
    found.modified = found.modified or story.modified
    found.authors = found.authors or list(story.authors)
    found.section = found.section or story.section or ""
    found.keywords = found.keywords or list(story.keywords)
    found.images = found.images or list(story.images)
    found.description = found.description or story.lead or ""
    found.url = found.url or story.url or ""
    return found
