"""A site looked at for the first time: its name, its feeds and its sitemaps, and a source file to edit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

from marsad.errors import MarsadError, SourceUnreachable, UsageError
from marsad.scrape.discover import discover
from marsad.scrape.fetch import Fetcher
from marsad.scrape.urls import absolute
from marsad.settings import Settings
from marsad.sources import Politeness, Route, Source

_FEED_TYPES = ("rss", "atom", "rdf")
_FEED_HREF = re.compile(r"(?:^|[/.?=_-])(?:rss|feed|feeds|atom)(?:$|[/.?&=_-])", re.I)
_USUAL = ("/feed", "/rss.xml", "/rss", "/sitemap.xml", "/news-sitemap.xml", "/sitemap_index.xml")
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.I | re.M)
_MOST_TRIED = 14
"""Routes tried on one site: each is a request, and the site is not ours."""


@dataclass(frozen=True, slots=True)
class FoundRoute:
    """A route that answered with stories."""

    kind: str
    address: str
    count: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class Site:
    """What a home page says, and what its routes answered."""

    name: str
    title: str
    homepage: str
    language: str
    routes: tuple[FoundRoute, ...]
    silent: tuple[str, ...]
    """Routes that were tried and gave nothing, with the reason."""


def find(url: str, settings: Settings) -> Site:
    """Look at a home page and at the routes it names, or that sites usually have.

    Args:
        url: the home page, http or https.
        settings: how to fetch.

    Raises:
        UsageError: not a web address.
        SourceUnreachable: the home page does not answer.
    """
    home = absolute(url if "//" in url else f"https://{url}", "")
    if home is None:
        raise UsageError(f"{url}: not a web address; write it as https://site.example")
    probe = Source(
        name="new", title="new", homepage=home, politeness=Politeness(delay_s=1.0, daily_budget=4 * _MOST_TRIED)
    )
    with Fetcher(settings, probe) as fetch:
        page = fetch.get(home)
        if page.outcome != "captured":
            raise SourceUnreachable(f"{home}: {page.outcome.replace('_', ' ')}: {page.error}")
        here = page.final_url or home
        soup = BeautifulSoup(page.body, "lxml")
        robots = fetch.get(urljoin(here, "/robots.txt"))
        listed = _SITEMAP_LINE.findall(robots.body.decode("utf-8", "replace")) if robots.outcome == "captured" else []
        routes, silent = _try(_candidates(soup, here, listed), probe, fetch)
    html = soup.find("html")
    said = str(html.get("lang") or "") if isinstance(html, Tag) else ""
    return Site(_name(here), _title(soup, here), home, said[:2].lower() or "ar", routes, silent)


def _candidates(soup: BeautifulSoup, here: str, listed: Iterable[str]) -> list[tuple[str, str]]:
    """Kinds and addresses worth asking, the surest first, each once."""
    found: list[tuple[str, str | None]] = []
    for link in soup.find_all("link", href=True):
        kind = str(link.get("type") or "")
        if "alternate" in (link.get("rel") or ()) and any(word in kind for word in _FEED_TYPES):
            found.append(("feed", absolute(str(link["href"]), here)))
    found += [("sitemap", absolute(address, here)) for address in listed]
    host = urlsplit(here).hostname
    for anchor in soup.find_all("a", href=True):
        address = absolute(str(anchor["href"]), here)
        if address and urlsplit(address).hostname == host and _FEED_HREF.search(urlsplit(address).path):
            found.append(("feed", address))
    for path in _USUAL:
        found.append(("sitemap" if "sitemap" in path else "feed", urljoin(here, path)))
    return list(dict.fromkeys((kind, address) for kind, address in found if address))[:_MOST_TRIED]


def _try(
    candidates: Iterable[tuple[str, str]], probe: Source, fetch: Fetcher
) -> tuple[tuple[FoundRoute, ...], tuple[str, ...]]:
    now = datetime.now(UTC)
    day = now.date() - timedelta(days=1)
    routes: list[FoundRoute] = []
    silent: list[str] = []
    known: list[frozenset[str]] = []
    for kind, address in candidates:
        if kind == "feed" and sum(r.kind == "feed" for r in routes) >= 5:
            continue
        try:
            # braces in an address would be read as a date's
            escaped = address.replace("{", "%7B").replace("}", "%7D")
            route = Route.model_validate({"kind": kind, "address": escaped})
            seen = list(discover(route, probe, day, fetch, lambda: now))
        except MarsadError as error:
            silent.append(str(error))
            continue
        urls = frozenset(s.url for s in seen)
        if not urls:
            silent.append(f"{address}: lists nothing")
        elif urls in known:
            silent.append(f"{address}: lists what another route lists")
        else:
            known.append(urls)
            newest = max((s.listed_at for s in seen if s.listed_at), default=None)
            routes.append(FoundRoute(kind, escaped, len(urls), newest))
    return tuple(routes), tuple(silent)


def _name(url: str) -> str:
    """A source's name made of its host: ``www.my-site.com.lb`` is my_site."""
    parts = [p for p in (urlsplit(url).hostname or "").split(".") if p not in ("www", "arabic", "ar", "m")]
    best = max(parts[:-1] or parts, key=len, default="")
    return re.sub(r"[^a-z0-9]+", "_", best.lower()).strip("_") or "new_source"


def _title(soup: BeautifulSoup, here: str) -> str:
    for name in ("og:site_name", "application-name"):
        for key in ("property", "name"):
            meta = soup.find("meta", attrs={key: name})
            if isinstance(meta, Tag) and str(meta.get("content") or "").strip():
                return " ".join(str(meta["content"]).split())[:80]
    title = soup.title.get_text() if soup.title else ""
    parts = [p.strip() for p in re.split(r"\s[|\-–—:]\s|\|", title) if p.strip()]
    return min(parts, key=len)[:80] if parts else urlsplit(here).hostname or here


def as_yaml(site: Site) -> str:
    """A source file to edit: what was found, and what only a person can say."""
    lines = [
        "# Written by `marsad sources new`: look at every line.",
        f"name: {site.name}",
        f"title: {_quoted(site.title)}",
        f"homepage: {_quoted(site.homepage)}",
        "# country: LB                     # ISO 3166-1",
        "timezone: UTC                     # its days are counted here: an IANA name such as Asia/Beirut",
        *([f"language: {site.language}"] if site.language != "ar" else []),
        "is_enabled: false                 # `marsad sources enable`, once you have read its terms",
        "discover:" if site.routes else "discover: []                      # no route was found: give an archive page",
    ]
    for route in site.routes:
        newest = f", newest {route.newest:%Y-%m-%d %H:%M}Z" if route.newest else ", no dates"
        lines.append(f"  - {route.kind}: {_quoted(route.address)}  # {route.count} addresses{newest}")
    if site.silent:
        lines += ["# tried, and of no use:", *(f"#   {' '.join(why.split())[:200]}" for why in site.silent)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return yaml.safe_dump(text, allow_unicode=True, default_style='"', width=10_000).strip()
