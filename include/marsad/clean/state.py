"""A story whose text is only in a script: found in the data a framework left for the browser.

Any object with a title and a body may be one. Pages carry many: the story itself, the ones it
links to, menus. The page's own is the one with the page's address or title; failing these the
one with the longest body, but never one from a list of others. Asked only of pages that have
too little text of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from marsad.clean.flight import resolve_cache
from marsad.clean.payloads import Script, read_states, state_scripts
from marsad.clean.richtext import RichText, has_letters
from marsad.clean.storyfields import (
    AUTHORS,
    BODIES,
    DATES,
    IMAGES,
    KEYWORDS,
    LEADS,
    MARKUP,
    MODIFIED,
    PUBLISHED,
    SECTIONS,
    TITLES,
    URLS,
    Fields,
    images_of,
    text_of,
    texts_of,
)  # fmt: skip
from marsad.clean.text import words

__all__ = ["Script", "StateStory", "find_state_story", "state_scripts"]


@dataclass(frozen=True, slots=True)
class StateStory:
    """What an object in a script says. Its body is HTML, as little to be trusted as the page's."""

    title: str | None
    body: str
    lead: str | None
    published: str
    """As written, for ``read_instant``; empty if it says nothing."""
    modified: str
    authors: tuple[str, ...]
    section: str | None
    keywords: tuple[str, ...]
    images: tuple[tuple[str, str | None], ...]
    """Address and caption."""
    url: str | None
    path: str
    """Where it was found: ``__NEXT_DATA__.props.pageProps.article``."""


_OTHERS = re.compile(
    r"related|recommend|latest|most|trend|popular|more|next|prev|teaser|sidebar|menu|similar|recent|also|list|feed|"
    r"breaking|ticker|footer|header|nav|comments|widget|promo",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_MOST_NODES = 200_000
_MOST_STORIES = 200
_FEWEST_LETTERS, _FEWEST_WORDS = 150, 15
_LOOSE_LETTERS = 600
_FULL_TITLE = 6
"""Words of a title that is more than a site's name."""
_TEASER_LETTERS = 400
"""A description this long is a body."""

_Path = tuple[Any, Any]


class _Walk:
    """A walk over all states of a page that meets every object once, however they refer to each other."""

    def __init__(self) -> None:
        self.seen: dict[int, Any] = {}  # holds the objects, so that no id is given twice

    def objects(self, name: str, value: Any) -> Iterator[tuple[dict[str, Any], _Path]]:
        """Every object of a state, outer ones first, and the way to it."""
        queue: list[tuple[Any, _Path]] = [(value, (None, name))]
        seen = self.seen
        for item, path in queue:  # grows while it is read
            if id(item) in seen:
                continue
            seen[id(item)] = item
            is_object = isinstance(item, dict)
            if is_object:
                if "ROOT_QUERY" in item:
                    resolve_cache(item)
                yield item, path
            for key, inner in item.items() if is_object else enumerate(item):
                # numbers and texts, the most of any state, go no further
                if inner and isinstance(inner, (dict, list)) and len(seen) + len(queue) < _MOST_NODES:
                    queue.append((inner, (path, key)))


def _path_names(path: _Path | None) -> list[str]:
    names: list[str] = []
    while path is not None:
        path, name = path
        names.append(str(name))
    return names[::-1]


def _size(body: str) -> int:
    """The letters of a body, tags apart."""
    return len(MARKUP.sub("", body))


def _body(item: Fields, reader: RichText) -> str:
    """The longest of an object's bodies, as HTML."""
    best, most = "", 0
    for name, value in item.all(BODIES):
        if isinstance(value, (int, float)) or (isinstance(value, str) and len(value) < _FEWEST_LETTERS):
            continue
        if name.endswith("description") and (best or len(value) < _TEASER_LETTERS):
            continue
        found = reader.to_html(value)
        size = _size(found)
        if size > 1.2 * most:
            best, most = found, size
    is_prose = most >= _FEWEST_LETTERS and len(_WORD.findall(best[:20_000])) >= _FEWEST_WORDS
    return best if is_prose else ""


def _likeness(title: str, own: set[str]) -> float:
    other = set(words(title))
    return len(other & own) / max(3, min(len(other), len(own))) if other and own else 0.0


def _tail(address: str) -> str:
    try:
        return unquote(urlsplit(address.strip()).path).strip("/").lower()
    except ValueError:
        return ""


def find_state_story(scripts: Sequence[Script], title: str | None = None, url: str | None = None) -> StateStory | None:
    """The page's own story in the data of its scripts, if there is one with a body.

    Args:
        scripts: what ``state_scripts`` found.
        title: the page's title; a story whose title shares too few words with it is another's.
        url: the page's address; a story that has it is the page's own.
    """
    page = _Page(set(words(title or "")), _tail(url or ""), RichText())
    best: _Found | None = None
    loose: tuple[int, str, _Path] = (0, "", (None, ""))
    left, walk = _MOST_STORIES, _Walk()
    for name, value in read_states(scripts):
        for raw, path in walk.objects(name, value):
            if left == 0:
                break
            markup = raw.get("__html")
            if isinstance(markup, str) and len(markup) > max(_LOOSE_LETTERS, loose[0]) and "<p" in markup:
                loose = (len(markup), markup, path)
            found = _story(raw, path, page) if len(raw) > 1 else None
            if found is not None:
                left -= 1
                if found.rank is not None and (best is None or best.rank is None or found.rank > best.rank):
                    best = found
    if best is None:  # React: markup alone, with the title elsewhere
        return _made(Fields({}), None, loose[1], loose[2]) if loose[1] and not left < _MOST_STORIES else None
    return _made(best.fields, best.title, best.body, best.path)


@dataclass(frozen=True, slots=True)
class _Page:
    title: set[str]
    address: str
    reader: RichText


@dataclass(frozen=True, slots=True)
class _Found:
    rank: tuple[int, int, int] | None
    """How surely it is the page's own, whether it stands apart from lists, how long it is; None: another's."""
    fields: Fields
    title: str
    body: str
    path: _Path


def _story(raw: dict[str, Any], path: _Path, page: _Page) -> _Found | None:
    """The story an object holds, and whether it is the page's own; None if it holds none."""
    if not any(has_letters(value, _FEWEST_LETTERS) for value in raw.values()):
        return None  # most objects are known by this, before their keys are read
    fields = Fields(raw)
    if not any(has_letters(value, _FEWEST_LETTERS) for _, value in fields.all(BODIES)):
        return None
    title = text_of(fields.first(TITLES))
    if len(title) < 4:
        return None
    body = _body(fields, page.reader)
    if not body:
        return None
    address = _tail(text_of(fields.first(URLS)))
    is_here = bool(page.address and address) and (
        page.address == address or page.address.endswith("/" + address) or address.endswith("/" + page.address)
    )
    alike = _likeness(title, page.title)
    names = _path_names(path)[1:]
    is_listed = any(map(_OTHERS.search, names)) or any(n.isdigit() for n in names[2:])
    # a title in full that is another: the state is of another page; «قناة الخبر» alone says nothing
    is_other = alike < 0.5 and (is_listed or (len(page.title) >= _FULL_TITLE and alike < 0.2))
    rank = (2 * is_here + (alike >= 0.5), int(not is_listed), _size(body))
    return _Found(None if is_other and not is_here else rank, fields, title, body, path)


def _made(fields: Fields, title: str | None, body: str, path: _Path) -> StateStory:
    leads = (text_of(value) for _, value in fields.all(LEADS))
    return StateStory(
        title=title,
        body=body,
        lead=next((lead for lead in leads if 0 < len(lead) < _TEASER_LETTERS), None),
        published=text_of(fields.first(PUBLISHED), DATES),
        modified=text_of(fields.first(MODIFIED), DATES),
        authors=texts_of(fields.first(AUTHORS)),
        section=next((t for _, value in fields.all(SECTIONS) if (t := text_of(value)) and not t.isdigit()), None),
        keywords=texts_of(fields.first(KEYWORDS)),
        images=images_of(fields.first(IMAGES)),
        url=text_of(fields.first(URLS)) or None,
        path=".".join(_path_names(path)),
    )
