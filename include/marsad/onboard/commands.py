"""`marsad sources …`: what is known, what works now, and taking new ones in."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from marsad.errors import UsageError
from marsad.partition import parse_date
from marsad.terminal import escape

sources_app = typer.Typer(help="The sources Marsad knows.", no_args_is_help=True)
out = Console()
err = Console(stderr=True)

NameArgument = Annotated[str, typer.Argument(help="A source's name; `marsad sources list` shows them.")]


def isolated(text: str) -> str:
    """Right-to-left text that keeps to its own place in a left-to-right line."""
    return f"\u2067{text}\u2069" if text else text


@sources_app.command("list")
def sources_list() -> None:
    """All sources, one a line."""
    from rich.table import Table

    from marsad.settings import load_settings
    from marsad.sources import load_sources

    table = Table(box=None, header_style="bold")
    for heading in ("name", "title", "country", "time zone", "routes", "past days", "support", "enabled"):
        table.add_column(heading, no_wrap=heading in ("name", "routes"))
    for s in load_sources(load_settings().sources).values():
        routes = ", ".join(sorted({r.kind for r in s.discover})) or "none"
        past = "yes" if any(r.is_dated for r in s.discover) else "no"
        level = s.support.level if s.support else ""
        enabled = "yes" if s.is_enabled else "no"
        table.add_row(s.name, isolated(s.title), s.country or "", s.timezone, routes, past, level, enabled)
    out.print(table)


@sources_app.command("show")
def sources_show(name: NameArgument) -> None:
    """One source, with its defaults filled in, as YAML."""
    import yaml

    from marsad.settings import load_settings
    from marsad.sources import get_source, load_sources

    source = get_source(load_sources(load_settings().sources), name)
    sys.stdout.write(yaml.safe_dump(source.model_dump(mode="json"), allow_unicode=True, sort_keys=False))


@sources_app.command("check")
def sources_check(
    name: Annotated[str | None, typer.Argument(help="A source's name; without it, all enabled ones.")] = None,
    samples: Annotated[int, typer.Option("--samples", min=0, help="Stories to fetch and read; 0: routes only.")] = 3,
) -> None:
    """Try a source now: do its routes answer, with how much, with dates; and how does the reader do on its stories?"""
    from marsad.onboard.trial import try_source
    from marsad.settings import load_settings
    from marsad.sources import get_source, load_sources

    settings = load_settings()
    sources = load_sources(settings.sources)
    chosen = [get_source(sources, name)] if name else [s for s in sources.values() if s.is_enabled]
    if not chosen:
        raise UsageError("no source is enabled; name one, or enable some: `marsad sources enable`")
    bad = 0
    for source in chosen:
        trial = try_source(source, settings, samples=samples)
        bad += not trial.is_ok
        for route in trial.routes:
            found = f"{route.count} URLs, {route.dated} with a date"
            found += f", newest {route.newest:%Y-%m-%d %H:%M}Z" if route.newest else ""
            _line(route.is_ok, source.name, f"{route.route}: {found if route.is_ok else route.error}")
        for story in trial.stories:
            date = (
                f"{story.published_at:%Y-%m-%d %H:%M}Z by {story.published_basis}" if story.published_at else "no date"
            )
            said = (
                f"{isolated(story.title or '')}: {story.characters} characters in {story.paragraphs} paragraphs, {date}"
            )
            said += f", body by {story.extraction_method}" if story.extraction_method else ""
            said += f", {story.stories} stories on the page" if story.stories > 1 else ""
            _line(story.is_ok, source.name, f"{story.url}: {said if story.is_ok else story.problem}")
        if trial.opt_outs:
            out.print(
                f"note {source.name} reserves uses against mining or training: {escape('; '.join(trial.opt_outs))}",
                soft_wrap=True,
                highlight=False,
            )
    if bad:
        raise typer.Exit(1)


def _line(is_ok: bool, name: str, detail: str) -> None:
    mark = "[green]ok  [/]" if is_ok else "[red]FAIL[/]"
    out.print(f"{mark} {name} {escape(detail)}", soft_wrap=True, highlight=False)


@sources_app.command("new")
def sources_new(
    url: Annotated[str, typer.Argument(help="The site's home page.")],
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", help="The folder to write NAME.yaml into, made where there is none; without it, it is printed."
        ),
    ] = None,
) -> None:
    """Look at a home page for feeds and sitemaps, try them, and write a source file to edit."""
    from marsad.onboard.find import as_yaml, find
    from marsad.settings import load_settings

    site = find(url, load_settings())
    text = as_yaml(site)
    if to is None:
        sys.stdout.write(text)
        return
    path = to / f"{site.name}.yaml"
    try:
        to.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path}: is there already; remove it, or print the new one without --to") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    routes = "1 route" if len(site.routes) == 1 else f"{len(site.routes)} routes"
    said = f"{path}: {routes}; look at every line, then `marsad sources check {site.name}`"
    out.print(escape(said), soft_wrap=True, highlight=False)


@sources_app.command("enable")
def sources_enable(
    name: NameArgument,
    by: Annotated[str, typer.Option("--by", help="Who read the site's terms.")],
    on: Annotated[str | None, typer.Option("--on", help="The day they did, YYYY-MM-DD; default: today.")] = None,
    note: Annotated[str | None, typer.Option("--note", help="What the terms say, or the agreement there is.")] = None,
) -> None:
    """Switch a source on, once somebody has read its terms: who and when is written into its file."""
    from marsad.onboard.switch import enable, file_of
    from marsad.settings import load_settings

    path = file_of(name, load_settings().sources)
    source = enable(path, by=by, on=parse_date(on) if on else datetime.now(UTC).date(), note=note)
    out.print(f"{source.name} is enabled ({path})", soft_wrap=True, highlight=False)


@sources_app.command("disable")
def sources_disable(name: NameArgument) -> None:
    """Switch a source off: its DAG goes, what was published stays."""
    from marsad.onboard.switch import disable, file_of
    from marsad.settings import load_settings

    path = file_of(name, load_settings().sources)
    out.print(f"{disable(path).name} is disabled ({path})", soft_wrap=True, highlight=False)
