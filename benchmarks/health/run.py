"""Run simulated days through the real stages: over a local server, into a lake of their own."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from benchmarks.health.failures import FAILURES, Failure
from benchmarks.health.site import FIRST, Served, Site, serve_day, sitemap
from hostile_site import HostileSite
from marsad.context import Context
from marsad.errors import MarsadError
from marsad.lake import Lake
from marsad.overlay import Overlay
from marsad.partition import Partition
from marsad.pipeline import run, run_gate
from marsad.sources import Source
from marsad.stages import STAGES, gate_reports
from marsad.validate.record import VERDICTS

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Caught:
    """What was said of a broken day."""

    site: str
    failure: str
    said: tuple[str, ...]
    """Rules and checks that did not hold, the blocking ones first."""
    is_right: bool
    first: str
    """The right one that came first; else the first of all."""


@dataclass(frozen=True)
class FalseAlarm:
    """A rule that did not hold on a sound day."""

    site: str
    day: date
    rule: str
    observed: str


def facts_of(site: Site) -> Source:
    """A site as a source."""
    return Source.model_validate(
        {
            "name": site.name,
            "title": site.name,
            "homepage": f"http://{site.host}",
            "is_enabled": True,
            "discover": [{"sitemap": f"http://{site.host}/sitemap-{{year}}-{{month:02}}-{{day:02}}.xml"}],
            "politeness": {"delay_s": 0, "daily_budget": 10_000},
        }
    )


def put(server: HostileSite, site: Site, day: date, served: Served) -> None:
    """Serve a day of a site."""
    server.acts.clear()
    server.put(f"/sitemap-{day.isoformat()}.xml", sitemap(site, served), kind="application/xml")
    for path, answer in served.pages.items():
        server.put(path, answer.body, answer.status)


def accept(stage: str, partition: Partition, ctx: Context) -> None:
    """Let a sound day pass without its gate: what a gate says of such days is told elsewhere, and takes seconds."""
    (found,) = [s for s in STAGES if s.name == stage]
    for dataset in found.writes():
        ctx.lake.write_table("core", dataset, partition, ctx.lake.read_table("staged", dataset, partition))


def sound_day(server: HostileSite, site: Site, day: date, ctx: Context) -> list[FalseAlarm]:
    """Run a sound day; the rules that did not hold."""
    partition = Partition(site.name, day)
    put(server, site, day, serve_day(site, day))
    for stage in ("scrape", "clean", "extract", "validate"):
        run(stage, partition, ctx)
        accept(stage, partition, ctx)
    rows = ctx.lake.read_table("core", VERDICTS, partition).to_pylist()
    return [FalseAlarm(site.name, day, r["rule"], r["observed"]) for r in rows if not r["is_success"]]


def broken_day(server: HostileSite, site: Site, day: date, failure: Failure, ctx: Context) -> Caught:
    """Run a broken day through stages and gates, in a lake laid over the sound days; what was said."""
    partition = Partition(site.name, day)
    scratch = tempfile.TemporaryDirectory()
    over = Context(settings=ctx.settings, lake=Overlay(ctx.lake, scratch.name), sources=ctx.sources, now=ctx.now)
    put(server, site, day, failure.breaks(site, day))
    try:
        for stage in ("scrape", "clean", "extract", "validate"):
            run(stage, partition, over)
            run_gate(stage, partition, over)
    except MarsadError:
        pass
    reports = gate_reports(partition, over.lake)
    checks = [(e.is_blocking, e.reason) for r in reports for e in r.expectations if not e.is_success]
    rules: list[tuple[bool, str]] = []
    if over.lake.has_table("staged", VERDICTS, partition):
        rows = over.lake.read_table("staged", VERDICTS, partition).to_pylist()
        rules = [(r["level"] == "critical", r["rule"]) for r in rows if not r["is_success"]]
    said = dict.fromkeys(name for _, name in sorted([*rules, *checks], key=lambda pair: not pair[0]))
    right = [name for name in said if name in failure.expected]
    scratch.cleanup()
    return Caught(site.name, failure.name, tuple(said), bool(right), next(iter([*right, *said]), "nothing"))


def simulate(
    sites: Sequence[Site],
    days: int,
    folder: Path,
    *,
    failures: Sequence[Failure] = FAILURES,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[list[Caught], list[FalseAlarm]]:
    """Sound days of each site, then each failure on the day after them."""
    caught: list[Caught] = []
    alarms: list[FalseAlarm] = []
    with HostileSite() as server:
        settings = server.settings(
            *(s.host for s in sites), lake=str(folder / "lake"), data_docs=False, fetch_attempts=1, total_timeout_s=20.0
        )
        ctx = Context(
            settings=settings,
            lake=Lake(folder / "lake"),
            sources={s.name: facts_of(s) for s in sites},
            now=lambda: NOW,
        )
        for site in sites:
            for n in range(days):
                alarms += sound_day(server, site, FIRST + timedelta(days=n), ctx)
            say(f"{site.name}: {days} sound days")
            after = FIRST + timedelta(days=days)
            caught += [broken_day(server, site, after, failure, ctx) for failure in failures]
            say(f"{site.name}: {len(failures)} broken days")
    return caught, alarms
