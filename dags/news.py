"""One DAG a source, one run a day: scrape, clean, extract, validate, publish, a gate after each.

A run is for one partition, a source and a date; its partition key is the date. The schedule runs when
the day has ended in the source's own time zone. Any past date can be backfilled:
captures in the lake are replayed, the web is asked only for what is missing, and a date that no route
of the source reaches is skipped. A gate that fails ends the run; what was published before stays.
"""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, CronPartitionTimetable, get_parsing_context
from marsad_tasks import DEFAULTS, make_gate, make_late, make_stage, scanned
from pendulum import FixedTimezone

from marsad.sources import Source

BEFORE_ALL_NEWS = datetime(2000, 1, 1, tzinfo=UTC)  # a backfill may go back as far as a source's archive
FIRST_CLOCK, WEEKS_OF_CLOCKS = datetime(2024, 1, 1, 12, tzinfo=UTC), 12 * 52  # long enough to see all clocks of a zone


def describe(source: Source) -> str:
    """What a person in the UI wants to know of a source."""
    routes = "\n".join(f"- {r.kind}: `{r.address}`{' (past days too)' if r.is_dated else ''}" for r in source.discover)
    return (
        f"### {source.title}\n{source.homepage} · {source.timezone} · "
        f"{'enabled' if source.is_enabled else 'off until its terms have been looked at'}\n\n"
        f"Discovered by\n{routes or '- nothing yet'}\n\n"
        f"At most {source.politeness.daily_budget} requests a day, {source.politeness.delay_s:g} s apart.\n\n"
        "To run past dates: *Trigger*, then *Backfill*, with one active run at a time (a late story of one day "
        "may rewrite another); or trigger with one date as partition key.\n\n"
        f"{__doc__}"
    )


@functools.cache
def clock_of(timezone: str) -> str | FixedTimezone:
    """The clock of a schedule in a time zone: the zone, or its westernmost offset where clocks change.

    Where summer time begins at midnight (Beirut, Cairo) that day has no 00:00, and a cron on the zone's own
    clock gives the day before it the wrong partition key. On a fixed offset every day has one midnight, and on
    the westernmost it comes when the day is over: at the zone's own midnight, or within the hour after.
    """
    zone = ZoneInfo(timezone)
    offsets = {(FIRST_CLOCK + timedelta(weeks=n)).astimezone(zone).utcoffset() for n in range(WEEKS_OF_CLOCKS)}
    seconds = min(int(offset.total_seconds()) for offset in offsets if offset is not None)
    return timezone if len(offsets) == 1 else FixedTimezone(seconds)


def end_of_runs(source: Source) -> datetime | None:
    """The latest that a run may be scheduled for a site that has closed: soon after its last day's end."""
    return source.day_bounds(source.closed_on)[1] + timedelta(hours=12) if source.closed_on else None


def make_dag(source: Source) -> DAG:
    """The DAG of one source. Each stage takes what the gate before it returned."""
    with DAG(
        dag_id=f"news_{source.name}",
        dag_display_name=f"news {source.name}",
        description=f"{source.title}: pages to a checked partition, every day",
        doc_md=describe(source),
        schedule=CronPartitionTimetable(
            "0 0 * * *", timezone=clock_of(source.timezone), run_offset=-1, key_format="%Y-%m-%d"
        ),
        start_date=BEFORE_ALL_NEWS,
        end_date=end_of_runs(source),
        catchup=False,
        is_paused_upon_creation=not source.is_enabled,
        max_active_runs=1,  # one host, one visitor; and a late story rewrites a day no other run is writing
        default_args=DEFAULTS,
        tags=["news", "marsad", *([source.country] if source.country else [])],
    ) as dag:
        accepted = None
        for stage in ("scrape", "clean", "extract", "validate"):
            accepted = make_gate(stage)(make_stage(stage)(accepted))
        make_late()(make_stage("publish")(accepted))
    return dag


# a task needs its own DAG alone: a hundred others would cost it most of a second
_wanted = get_parsing_context().dag_id
for _source in scanned()[0].values():
    if _wanted in (None, f"news_{_source.name}"):
        globals()[f"news_{_source.name}"] = make_dag(_source)
