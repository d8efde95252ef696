"""What a careful reader finds on each page of the sample sites. Made from the stories, not by a parser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from marsad.samples.sites import mudawwana, mujammi, qadim, wakala
from marsad.samples.stories import DAYS, TITLES, load_stories


@dataclass(frozen=True)
class GoldenStory:
    """One story on a page. None where the sample does not say."""

    role: str
    title: str
    paragraphs: tuple[str, ...] | None
    keywords: tuple[str, ...] = ()
    attributions: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    day: date | None = None


@dataclass(frozen=True)
class GoldenPage:
    """One address that a site lists for a day."""

    url: str
    listed_on: date
    outcome: str = "captured"
    stories: tuple[GoldenStory, ...] = ()
    read_more: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    reject: str | None = None
    """The reason why its story must be in quarantine."""
    is_live_blog: bool = False
    is_paywalled: bool = False


def golden(site: str) -> list[GoldenPage]:
    """The pages of a site, in the order of their addresses."""
    return sorted(_MAKERS[site](), key=lambda p: p.url)


def _wakala() -> list[GoldenPage]:
    pages = [
        GoldenPage(wakala.DENIED, DAYS[1], "robots_denied"),
        GoldenPage(wakala.ABSENT, DAYS[1], "not_found"),
        GoldenPage(wakala.GONE, DAYS[1], "gone"),
    ]
    for s in load_stories("wakala"):
        story = GoldenStory(
            "main", s.title, s.paragraphs, s.keywords, (TITLES["wakala"],), (s.author,) if s.author else (), s.day
        )
        related = tuple(r.title for r in wakala.related_to(s))
        pages.append(
            GoldenPage(
                wakala.url_of(s), s.day, stories=(story,), read_more=(wakala.read_more_of(s).title,), related=related
            )
        )
    return pages


def _mujammi() -> list[GoldenPage]:
    pages = []
    for s in load_stories("mujammi"):
        credits = mujammi.SOURCE_LINES if s.of else ()
        stories = [GoldenStory("main", s.title, s.paragraphs, s.keywords, credits, (), s.day)]
        if s.embedded:
            stories.append(GoldenStory("embedded", s.embedded.title, s.embedded.paragraphs))
        related = tuple(r.title for r in mujammi.related_to(s))
        more = (mujammi.read_more_of(s).title,)
        pages.append(GoldenPage(mujammi.url_of(s), s.day, stories=tuple(stories), read_more=more, related=related))
    return pages


def _qadim() -> list[GoldenPage]:
    return [
        GoldenPage(
            qadim.url_of(s),
            s.listed_on or s.day,
            stories=(GoldenStory("main", s.title, s.paragraphs, day=s.day),),
        )
        for s in load_stories("qadim")
    ]


def _mudawwana() -> list[GoldenPage]:
    pages = [GoldenPage(mudawwana.twin_url(), DAYS[2], "duplicate")]
    for s in load_stories("mudawwana"):
        authors = (s.author,) if s.author else ()
        story = GoldenStory("main", s.title, s.paragraphs, s.keywords, (), authors, s.day)
        pages.append(
            GoldenPage(
                mudawwana.url_of(s),
                s.day,
                stories=() if s.kind == "wrong_weekday" else (story,),
                reject="weekday_contradicts_date" if s.kind == "wrong_weekday" else None,
                is_live_blog=s.kind == "live",
                is_paywalled=s.kind == "paywalled",
            )
        )
    return pages


_MAKERS: Mapping[str, Callable[[], list[GoldenPage]]] = {
    "wakala": _wakala,
    "mujammi": _mujammi,
    "qadim": _qadim,
    "mudawwana": _mudawwana,
}
