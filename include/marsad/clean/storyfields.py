"""What content systems call the fields of a story, and how to read a text, names or images out of them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from marsad.clean.text import tidy

# keys as they are compared: lower case, letters and digits only, without a field's arguments
TITLES = (
    "headline",
    "headlines",
    "title",
    "articletitle",
    "posttitle",
    "newstitle",
    "maintitle",
    "storytitle",
    "name",
)
BODIES = (
    "articlebody", "contentelements", "bodyhtml", "htmlbody", "contenthtml", "htmlcontent", "fulltext", "fullbody",
    "bodytext", "storybody", "articlecontent", "postcontent", "newscontent", "newsbody", "articletext", "maintext",
    "fullcontent", "richtext", "body", "content", "contents", "contentblocks", "bodyblocks", "blocks", "paragraphs",
    "html", "text", "story", "components", "sections", "details", "newsdetails", "description", "longdescription",
)  # fmt: skip
PUBLISHED = (
    "datepublished", "publishedat", "publishdate", "publisheddate", "publicationdate", "publishedtime",
    "firstpublished", "firstpublishdate", "firstpublishedat", "displaydate", "published", "publishtime", "publishat",
    "pubdate", "postdate", "newsdate", "releasedate", "dategmt", "date", "createdat", "creationdate", "createdate",
    "created", "datecreated",
)  # fmt: skip
MODIFIED = (
    "datemodified", "modifiedat", "updatedat", "lastupdateddate", "modifieddate", "updateddate", "lastmodified",
    "modifiedgmt", "modified", "updated", "lastupdated", "updatedate", "updatetime",
)  # fmt: skip
AUTHORS = (
    "authors",
    "author",
    "byline",
    "bylines",
    "writers",
    "writer",
    "authorname",
    "credits",
    "editors",
    "creator",
)
SECTIONS = (
    "articlesection",
    "section",
    "primarysection",
    "category",
    "categories",
    "maincategory",
    "sections",
    "channel",
)
KEYWORDS = ("keywords", "tags", "topics", "hashtags")
IMAGES = (
    "image",
    "images",
    "mainimage",
    "featuredimage",
    "leadimage",
    "cover",
    "coverimage",
    "photo",
    "thumbnail",
    "promoitems",
)
LEADS = (
    "lead",
    "lede",
    "excerpt",
    "summary",
    "subtitle",
    "subheadline",
    "standfirst",
    "abstract",
    "teaser",
    "description",
)
URLS = ("canonicalurl", "url", "link", "permalink", "websiteurl", "href", "slug", "path", "fullurl", "shareurl")
_NAMES = (
    "name",
    "displayname",
    "fullname",
    "title",
    "basic",
    "text",
    "label",
    "rendered",
    "value",
    "ar",
    "by",
    "byline",
)
_ADDRESSES = (
    "url",
    "src",
    "href",
    "contenturl",
    "original",
    "path",
    "basic",
    "sourceurl",
    "large",
    "full",
    "data",
    "attributes",
)
_CAPTIONS = ("caption", "alt", "alttext", "title", "subtitle", "description")
DATES = ("iso", "utc", "date", "$date", "value", "datetime", "timestamp")
_LIST = re.compile(r"\s*[,،;|]\s*")
MARKUP = re.compile(r"<[^<>]{0,3000}>")


@lru_cache(maxsize=20_000)
def _plain(key: str) -> str:
    return re.sub(r"[\W_]", "", key[:60].split("(")[0]).lower() or key[:10]


class Fields:
    """An object of a state with its keys as they are compared."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.fields: dict[str, Any] = {}
        for key, inner in value.items():
            if inner or inner == 0:
                self.fields.setdefault(_plain(str(key)), inner)

    def first(self, names: Sequence[str]) -> Any:
        return next((self.fields[n] for n in names if n in self.fields), None)

    def all(self, names: Sequence[str]) -> Iterator[tuple[str, Any]]:
        return ((n, self.fields[n]) for n in names if n in self.fields)


def text_of(value: Any, names: Sequence[str] = _NAMES) -> str:
    """A text, wherever an object hides it."""
    for _ in range(4):
        if isinstance(value, dict):
            value = Fields(value).first(names)
        elif isinstance(value, list):
            value = value[0] if value else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return tidy(html.unescape(MARKUP.sub(" ", value[:5000]))) if isinstance(value, str) else ""


def texts_of(value: Any) -> tuple[str, ...]:
    if isinstance(value, dict) and isinstance(
        inside := Fields(value).first(("nodes", "edges", "by", "data", "items")), list
    ):
        value = inside
    items = _LIST.split(value) if isinstance(value, str) else value if isinstance(value, list) else [value]
    items = [i.get("node") or i.get("attributes") or i if isinstance(i, dict) else i for i in items[:50]]
    return tuple(dict.fromkeys(t for i in items if (t := text_of(i)) and not t.isdigit()))


def images_of(value: Any) -> tuple[tuple[str, str | None], ...]:
    found: dict[str, str | None] = {}
    for item in (value if isinstance(value, list) else [value])[:20]:
        address: Any = item
        holder: Any = None
        for _ in range(4):
            if isinstance(address, dict):
                holder, address = address, Fields(address).first(_ADDRESSES)
        if isinstance(address, str) and (address.startswith(("http", "/")) or re.search(r"\.\w{3,4}$", address)):
            said = next((c for h in (item, holder) if isinstance(h, dict) and (c := Fields(h).first(_CAPTIONS))), "")
            caption = text_of(said)
            found.setdefault(address, caption or None)
    return tuple(found.items())
