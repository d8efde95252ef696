"""Sources: one YAML file of facts each, and the model that reads them strictly.

Light on purpose: DAG files import this at parse time, so nothing here may import
pyarrow, pandas or a parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from marsad.errors import InvalidSource, UnknownSource
from marsad.partition import ALL_SOURCES
from marsad.sources.health import Health

RouteKind = Literal["feed", "sitemap", "archive", "section", "json", "cdx", "ccnews", "files"]
"""feed: RSS/Atom. sitemap: XML sitemap or index. archive, section: an HTML page of links, of a day or of a
subject. json: a JSON listing. cdx: a web archive's index. ccnews: Common
Crawl's lists of news files. All but feed may hold {year}, {month}, {day}
(zero-padded: {month:02}) in their address and are then dated: they reach past days, as cdx and ccnews always do.
files: a folder or archive on disk."""


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"unknown time zone {value!r}; use an IANA name such as Asia/Beirut") from None
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class JsonFields(_Strict):
    """Where a JSON listing keeps what a route needs: dotted paths. The defaults are JSON Feed's."""

    items: str = Field("items", description="The list; empty where the document itself is the list.")
    url: str = Field("url", description="A story's address, within an item.")
    title: str | None = Field("title", description="Its headline.")
    date: str | None = Field("date_published", description="Its instant: a text, or a number since 1970.")
    timezone: str | None = Field(None, description="The zone of times without one; the source's where not said.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return None if value is None else _zone_name(value)


MAX_PAGES = 200
_OPTIONS: dict[str, tuple[str, ...]] = {
    "link_pattern": ("archive", "section", "json", "cdx", "ccnews", "files"),
    "index": ("files",),
    "next": ("archive", "section", "json"),
    "max_pages": ("archive", "section", "json", "cdx"),
    "fields": ("json",),
}
"""Which kinds of route an option is for: elsewhere it would do nothing, and somebody would wait for it."""


class Route(_Strict):
    """One way to discover a source's URLs. In YAML: ``- feed: ADDRESS`` (and options beside it)."""

    kind: RouteKind
    address: str
    link_pattern: str | None = Field(None, description="A regular expression that a story's URL must match.")
    index: str | None = Field(None, description="files: a CSV or JSON of file, url, date.")
    next: str | None = Field(
        None,
        description="The next page: an address with {page}, or a CSS selector of the link to it; in json, "
        "the path of its address.",
    )
    max_pages: int = Field(10, ge=1, le=MAX_PAGES, description="Pages read at most.")
    fields: JsonFields = JsonFields()

    @model_validator(mode="after")
    def _fits_together(self) -> Route:
        for option, kinds in _OPTIONS.items():
            if option in self.model_fields_set and self.kind not in kinds:
                raise ValueError(f"{option} is for {', '.join(kinds)}; a {self.kind} has none")
        if self.link_pattern is not None:
            try:
                re.compile(self.link_pattern)
            except re.error as error:
                raise ValueError(f"link_pattern {self.link_pattern!r} is no regular expression: {error}") from None
        if self.kind == "ccnews" and not ("{year" in self.address and "{month" in self.address):
            raise ValueError("ccnews is the list of a month's files, such as …/CC-NEWS/{year}/{month:02}/warc.paths.gz")
        return self

    @property
    def is_dated(self) -> bool:
        """Whether the route can name a past day."""
        return "{" in self.address or self.kind in ("files", "cdx", "ccnews")

    def address_on(self, day: date) -> str:
        """The address for a day, its {year}, {month} and {day} filled in."""
        return self.address.format(year=day.year, month=day.month, day=day.day)

    def next_on(self, day: date, page: int) -> str:
        """The address of a later page for a day, by the pattern in ``next``."""
        return (self.next or "").format(year=day.year, month=day.month, day=day.day, page=page)


class Politeness(_Strict):
    """How a source's host is treated."""

    delay_s: float = Field(2.0, ge=0, description="Seconds between two requests to the host.")
    daily_budget: int = Field(600, gt=0, description="Requests a day at most; the rest is budget_exhausted.")


class Polling(_Strict):
    """How often a source's feeds and front pages are looked at; within the bounds their own pace decides."""

    fastest_min: float = Field(5.0, gt=0, description="Minutes between two looks at a route, at least.")
    slowest_min: float = Field(360.0, gt=0, description="Minutes between two looks at a route, at most.")

    @model_validator(mode="after")
    def _in_order(self) -> Polling:
        if self.fastest_min > self.slowest_min:
            raise ValueError(f"fastest_min {self.fastest_min:g} is more than slowest_min {self.slowest_min:g}")
        return self

    @property
    def first_min(self) -> float:
        """Minutes after the very first look: half an hour, where the bounds allow it."""
        return min(max(30.0, self.fastest_min), self.slowest_min)


class Layout(_Strict):
    """Optional CSS selectors, dated: the capture's date picks the layout."""

    valid_until: date | None = None
    title: str | None = None
    body: str | None = None
    published: str | None = None
    authors: str | None = None


SupportLevel = Literal["measured", "verified", "claimed", "conflict", "blocked"]
"""How sure the routes are. measured: somebody counted what they list; verified: an author says they work;
claimed: they stand in public code; conflict: they worked for one and failed for another; blocked: refused."""


class Support(_Strict):
    """What is known of a source's routes, and since when."""

    level: SupportLevel
    as_of: date | None = Field(None, description="The day of the measurement, where it is known.")
    note: str | None = None


class Terms(_Strict):
    """Who looked at what the site allows, before it was switched on."""

    read_on: date
    by: str
    note: str | None = None


class Source(_Strict):
    """The facts about one news site; what is not said is the default."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    title: str
    homepage: str
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    timezone: str = "UTC"
    language: str = "ar"
    credited_as: tuple[str, ...] = Field(
        (), description="Other names than its title by which papers credit it: «الجزيرة» for «الجزيرة نت»."
    )
    is_enabled: bool = False
    support: Support | None = Field(None, description="How sure its routes are: measured, verified, claimed, …")
    terms: Terms | None = Field(
        None, description="Who read the site's terms, and when; `marsad sources enable` writes it."
    )
    closed_on: date | None = Field(
        None, description="The last day of a site that has closed: past days can be run, no new ones are scheduled."
    )
    discover: tuple[Route, ...] = ()
    politeness: Politeness = Politeness()
    poll: Polling = Polling()
    health: Health = Health()
    layouts: tuple[Layout, ...] = ()
    recogniser: Literal["crf", "transformers", "rules"] | None = Field(
        None, description="What finds names in its stories; the setting MARSAD_RECOGNISER where not said."
    )

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value == ALL_SOURCES:
            raise ValueError(f"the name {ALL_SOURCES!r} is reserved for datasets made across sources")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return _zone_name(value)

    @field_validator("discover", mode="before")
    @classmethod
    def _routes(cls, value: Any) -> Any:
        routes = []
        for item in value or ():
            if isinstance(item, Mapping) and "kind" not in item:
                kinds = [k for k in item if k in get_args(RouteKind)]
                if len(kinds) != 1:
                    raise ValueError(
                        f"each route needs exactly one of {', '.join(get_args(RouteKind))}; got {dict(item)}"
                    )
                item = {"kind": kinds[0], "address": item[kinds[0]], **{k: v for k, v in item.items() if k != kinds[0]}}
            routes.append(item)
        return routes

    @model_validator(mode="after")
    def _addresses_fill_in(self) -> Source:
        for route in self.discover:
            try:
                route.address_on(date(2026, 1, 2))
                if route.next and "{page" in route.next:
                    route.next_on(date(2026, 1, 2), 2)
            except (KeyError, IndexError, ValueError) as error:
                raise ValueError(
                    f"route {route.address!r}: {error} cannot be filled in; use {{year}} {{month:02}} {{day:02}}"
                ) from None
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone its days are counted in."""
        return ZoneInfo(self.timezone)

    def day_of(self, instant: datetime) -> date:
        """The day an instant falls on at the source."""
        return instant.astimezone(self.zone).date()

    def day_bounds(self, day: date) -> tuple[datetime, datetime]:
        """The first instant of a day at the source, and of the next day."""
        start = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        after = day + timedelta(days=1)
        return start, datetime(after.year, after.month, after.day, tzinfo=self.zone)

    def layout_on(self, day: date) -> Layout | None:
        """The layout in force on a day: the earliest that had not yet ended."""
        for layout in sorted(self.layouts, key=lambda lay: lay.valid_until or date.max):
            if layout.valid_until is None or day <= layout.valid_until:
                return layout
        return None


def _line_of(node: yaml.Node | None, path: Iterable[Any]) -> int:
    """The 1-based line of the deepest node on a pydantic error path."""
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    line, node = key.start_mark.line + 1, value
                    break
            else:
                continue
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def read_source(path: Path) -> Source:
    """Read one source file.

    Raises:
        InvalidSource: not YAML, an unknown or missing key, a value that does not fit, or a
            ``name`` that is not the file's; says file, line and key.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidSource(f"{path}:{line}: not valid YAML: {error.problem}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidSource(f"{path}: cannot be read: {error}") from None
    if not isinstance(data, dict):
        raise InvalidSource(f"{path}:1: a source is a mapping of keys to values (name, title, homepage, …)")
    try:
        source = Source.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(p) for p in first["loc"]) or "(file)"
        hint = "unknown key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise InvalidSource(f"{path}:{_line_of(node, first['loc'])}: key {key}: {hint}") from None
    if source.name != path.stem:
        line = _line_of(node, ["name"])
        raise InvalidSource(f"{path}:{line}: key name: is {source.name!r}, but the file is {path.name}")
    return source


def load_sources(folders: Iterable[Path]) -> dict[str, Source]:
    """All sources of some folders, by name, sorted.

    Raises:
        InvalidSource: a file does not fit, or two define the same name.
    """
    found: dict[str, Source] = {}
    for folder in folders:
        if not folder.is_dir():
            raise InvalidSource(f"{folder}: no such folder of sources; see MARSAD_SOURCES")
        for path in sorted(folder.glob("*.yaml")):
            source = read_source(path)
            if source.name in found:
                raise InvalidSource(f"{path}: source {source.name!r} is defined twice")
            found[source.name] = source
    return dict(sorted(found.items()))


def scan_sources(folders: Iterable[Path]) -> tuple[dict[str, Source], list[InvalidSource]]:
    """The sources that can be read, and the errors of those that cannot: one bad file must not
    take the others' DAGs away."""
    found: dict[str, Source] = {}
    errors: list[InvalidSource] = []
    for path in (p for folder in folders for p in sorted(folder.glob("*.yaml"))):
        try:
            source = read_source(path)
            if source.name in found:
                raise InvalidSource(f"{path}: source {source.name!r} is defined twice")
            found[source.name] = source
        except InvalidSource as error:
            errors.append(error)
    return dict(sorted(found.items())), errors


def get_source(sources: Mapping[str, Source], name: str) -> Source:
    """One source by name.

    Raises:
        UnknownSource: there is none; the message lists near names.
    """
    if name in sources:
        return sources[name]
    import difflib

    near = difflib.get_close_matches(name, sources, n=3)
    hint = f"did you mean {', '.join(near)}?" if near else "`marsad sources list` shows all"
    raise UnknownSource(f"unknown source {name!r}; {hint}")
