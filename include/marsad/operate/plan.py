"""Plan: what running some days again would do, said before it is done. From the lake and the sources alone.

No request is made: a plan knows what scrape would decide by itself (:func:`marsad.scrape.stage.is_settled`), and
what it cannot know before a route has answered it calls *at least* or *unless*.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import urlsplit

import marsad
from marsad.context import Context
from marsad.dataset import rows_of
from marsad.errors import UsageError
from marsad.lake import Lake
from marsad.operate.plan_record import Action, Cost, DayPlan, Plan, Reach, RoutePlan
from marsad.partition import Partition
from marsad.publish.manifest import read_manifest
from marsad.scrape.discover import route_name
from marsad.scrape.frontier import Asked, read_asked, read_filed, to_fetch
from marsad.scrape.journal import read_journal
from marsad.scrape.record import CAPTURES, LATER_OUTCOMES, Capture, Sighting
from marsad.scrape.stage import is_settled, twins_of
from marsad.sources import Route, Source
from marsad.stages import published_datasets

USUAL_DAYS = 14
"""Published days of a source, the latest, whose number of pages says what a day usually takes."""


def plan(
    names: Iterable[str],
    days: Sequence[date],
    ctx: Context,
    *,
    runs: Mapping[Partition, str] | None = None,
    runs_unknown: str | None = None,
) -> Plan:
    """Plan some days of some sources; nothing is written and nobody is asked.

    Args:
        runs: the states of runs that are under way.
        runs_unknown: why that is not known.

    Raises:
        UnknownSource: a name that is none.
        LakeUnusable: a file in the lake is not what it should be.
    """
    found: list[DayPlan] = []
    costs: list[Cost] = []
    for name in names:
        facts = ctx.facts(name)
        own = [plan_day(Partition(name, day), ctx, run=(runs or {}).get(Partition(name, day))) for day in days]
        found += own
        costs.append(_cost(facts, own, ctx))
    return Plan(found, costs, runs_unknown)


def plan_day(partition: Partition, ctx: Context, *, run: str | None = None) -> DayPlan:
    """Plan one day of one source; see :func:`plan`."""
    facts, day, lake = ctx.facts(partition.source), partition.date, ctx.lake
    known, is_complete = _known(partition, lake)
    is_published, code_version, changes = _published(partition, lake)
    outcomes: dict[str, int] = dict(sorted(Counter(c.outcome for c in known.values()).items()))
    failures = [url for url, c in known.items() if c.outcome in LATER_OUTCOMES]

    def made(action: Action, why: str, routes: Sequence[RoutePlan] = (), hosts: Counter[str] | None = None) -> DayPlan:
        hosts = hosts or Counter()
        delay = facts.politeness.delay_s * ctx.settings.delay_scale
        return DayPlan(
            source=partition.source,
            date=day,
            action=action,
            why=why,
            outcomes=outcomes,
            passing_failure_count=len(failures),
            sighting_count=sum(s.url not in known for s in wanted),
            routes=routes,
            request_count_min=sum(hosts.values()),
            # hosts are asked side by side, each one request at a time
            seconds_min=max(((count - 1) * delay for count in hosts.values()), default=0.0),
            is_published=is_published,
            code_version=code_version,
            changes=changes,
            run=run,
        )

    wanted: list[Sighting] = []
    if (refused := refusal(facts, day, ctx, has_captures=is_complete)) is not None:
        return made("refuse", refused)
    try:
        source = ctx.source(partition.source)
    except UsageError as error:
        return made("refuse", str(error))
    asked = read_asked(partition, lake)
    wanted = to_fetch([], read_filed(partition, lake), source, partition, lake)
    if is_complete and is_settled(source, day, known, asked, wanted):
        return made("replay", "captures complete", _routes(source, day, asked, is_asking=False))
    routes = _routes(source, day, asked, is_asking=True)
    hosts = _hosts(source, day, routes, known, wanted)
    new_count = sum(s.url not in known for s in wanted)
    if known:
        said = [] if is_complete else ["captures are not complete"]
        said += [f"{len(failures)} that failed for a passing reason"] if failures else []
        said += [f"{new_count} seen and not captured"] if new_count else []
        said += [f"asks {_listed(r for r in routes if r.is_asked)}"] if any(r.is_asked for r in routes) else []
        return made("replay+fetch", "; ".join(said), routes, hosts)
    reached = [r for r in routes if r.reach in ("dated", "disk")]
    kept = f"{new_count} seen before and kept" if new_count else ""
    today = source.day_of(ctx.now())
    if reached:
        unfinished = "; the day is not over at the source" if day == today else ""
        return made("fetch", "; ".join(filter(None, [_listed(reached), kept])) + unfinished, routes, hosts)
    if new_count:
        return made("fetch", f"{kept}, by polls and other days' runs; no route names the day", routes, hosts)
    if routes and today - day <= timedelta(days=1):
        return made("fetch", f"{_listed(routes)}: what it lists now is of this day", routes, hosts)
    if further := [r for r in routes if r.reach == "further"]:
        return made("fetch", f"{_listed(further)} may still list the day; skipped if not", routes, hosts)
    if not routes:
        return made("skip", "no archive route: the source has no route at all")
    why = f"no archive route: {_listed(routes)} lists the newest only; skipped unless it still lists the day"
    return made("skip", why, routes, hosts)


def refusal(source: Source, day: date, ctx: Context, *, has_captures: bool = False) -> str | None:
    """Why a day can have no partition; none where it can."""
    if day > source.day_of(ctx.now()):
        return f"the day has not begun in {source.timezone}"
    if source.closed_on is not None and day > source.closed_on and not has_captures:
        return f"the site closed on {source.closed_on}"
    return None


def plan_refusals(name: str, days: Sequence[date], ctx: Context) -> dict[date, str]:
    """The days of a source that can have no partition, and why.

    Raises:
        UnknownSource: there is no source of that name.
    """
    facts = ctx.facts(name)
    found = {}
    for day in days:
        has_captures = ctx.lake.has_table("raw", CAPTURES, Partition(name, day))
        if (why := refusal(facts, day, ctx, has_captures=has_captures)) is not None:
            found[day] = why
    return found


def _known(partition: Partition, lake: Lake) -> tuple[dict[str, Capture], bool]:
    """The captures of a day by URL, and whether its scrape came to its end: as the scrape stage reads them."""
    known = read_journal(partition, lake)
    if not lake.has_table("raw", CAPTURES, partition):
        return known, False
    rows = rows_of(lake.read_table("raw", CAPTURES, partition), Capture)
    return {**{c.url: c for c in rows}, **known}, True


def _published(partition: Partition, lake: Lake) -> tuple[bool, str | None, tuple[str, ...]]:
    manifest = read_manifest(lake, partition)
    if manifest is None:
        return False, None, ()
    changes = []
    if manifest.code_version != marsad.__version__:
        changes.append(f"code {manifest.code_version}, now {marsad.__version__}")
    for dataset in published_datasets():
        before = manifest.schema_versions.get(dataset.name)
        if before is None:
            changes.append(f"dataset {dataset.name} is new")
        elif before != dataset.version:
            changes.append(f"schema of {dataset.name} {before}, now {dataset.version}")
    return True, manifest.code_version, tuple(changes)


def _routes(source: Source, day: date, asked: Mapping[str, Asked], *, is_asking: bool) -> list[RoutePlan]:
    found = []
    for route in source.discover:
        before = asked.get(route_name(route, day))
        state = before.state if before else "new"
        error = before.error if before else None
        found.append(RoutePlan(route_name(route, day), _reach(route), state, is_asking and state != "done", error))
    return found


def _reach(route: Route) -> Reach:
    if route.kind == "files":
        return "disk"
    if route.is_dated:
        return "dated"
    return "further" if route.kind == "sitemap" or route.next is not None else "newest"


def _listed(routes: Iterable[RoutePlan]) -> str:
    """Routes by kind, and how those did that did not answer well."""
    said = (
        f"{r.route.partition(':')[0]}{'' if r.state in ('new', 'done', 'open') else f' ({r.state} before)'}"
        for r in routes
    )
    return ", ".join(f"{name} ×{n}" if n > 1 else name for name, n in Counter(said).items())


def _hosts(
    source: Source, day: date, routes: Sequence[RoutePlan], known: Mapping[str, Capture], wanted: Sequence[Sighting]
) -> Counter[str]:
    """Requests that are certain, by host: listings, pages known by address, and robots.txt once a host."""
    pairs = zip(source.discover, routes, strict=True)
    addresses = [r.address_on(day) for r, planned in pairs if planned.is_asked and r.kind != "files"]
    final = {url for url, c in known.items() if c.outcome not in LATER_OUTCOMES}
    twins = twins_of(list(wanted), known.values())
    # pages of a folder, and those that CC-NEWS was sifted for, are read without a request
    on_hand = ("files:", "ccnews:")
    addresses += [
        s.url for s in wanted if not s.discovered_by.startswith(on_hand) and s.url not in final and s.url not in twins
    ]
    hosts = Counter(urlsplit(address).netloc.lower() for address in addresses if "://" in address)
    for host in list(hosts):
        hosts[host] += 1
    return hosts


def _cost(source: Source, days: Sequence[DayPlan], ctx: Context) -> Cost:
    usual = usual_page_count(source.name, ctx.lake)
    least = sum(d.request_count_min for d in days)
    # a day nobody has listed brings its pages; of the others the pages are known, or none is left
    unlisted = sum(d.action == "fetch" for d in days)
    return Cost(
        source=source.name,
        request_count_min=least,
        seconds_min=sum(d.seconds_min for d in days),
        daily_budget=source.politeness.daily_budget,
        usual_page_count=usual,
        request_count_usual=least + unlisted * (usual or 0),
    )


def usual_page_count(name: str, lake: Lake) -> int | None:
    """How many pages a published day of a source asked for: the median of the latest days."""
    paths = lake.list("published/_manifests", f"date=*/source={name}.json")[-USUAL_DAYS:]
    counts = []
    for path in paths:
        manifest = read_manifest(lake, Partition(name, date.fromisoformat(path.split("date=")[1][:10])))
        if manifest is not None:
            counts.append(sum(n for outcome, n in manifest.outcomes.items() if outcome != "duplicate"))
    return round(statistics.median(counts)) if counts else None
