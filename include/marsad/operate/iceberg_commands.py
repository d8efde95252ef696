"""``marsad iceberg``: the published files as Iceberg tables."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from marsad.errors import UsageError
from marsad.partition import parse_days

iceberg_app = typer.Typer(help="The published files as Apache Iceberg tables.", no_args_is_help=True)
out = Console()


@iceberg_app.command("sync")
def sync(
    date_: Annotated[str, typer.Option("--date", "-d", help="The day, or the first of several, YYYY-MM-DD.")],
    to: Annotated[str | None, typer.Option("--to", help="The last day, for several.")] = None,
) -> None:
    """Register what is published of days: one snapshot a table and day; twice changes nothing."""
    from marsad.pipeline import open_context, register

    days = parse_days(date_, to)
    ctx = open_context()
    for day in days:
        for synced in register(day, ctx):
            if synced.added or synced.removed:
                out.print(str(synced), soft_wrap=True, highlight=False)
        out.print(f"{day} is registered", soft_wrap=True, highlight=False)


@iceberg_app.command("expire")
def expire(
    days: Annotated[int, typer.Option("--days", min=1, help="Snapshots older than so many days go.")],
) -> None:
    """Forget old snapshots, and delete the files that no snapshot names any more; what is published stays."""
    from marsad.pipeline import expire_snapshots, open_context

    for done in expire_snapshots(days, open_context()):
        out.print(str(done), soft_wrap=True, highlight=False)


@iceberg_app.command("snapshots")
def snapshots(
    dataset: Annotated[str, typer.Option("--dataset", help="The table, such as articles.")] = "articles",
) -> None:
    """The snapshots of a table: what to name for a look at the past."""
    from pyiceberg.exceptions import NoSuchTableError

    from marsad.iceberg import NAMESPACE, snapshots_of
    from marsad.iceberg.catalog import open_catalog
    from marsad.pipeline import iceberg_catalog, open_context

    ctx = open_context()
    with open_catalog(iceberg_catalog(ctx), ctx.lake) as catalog:
        try:
            table = catalog.load_table(f"{NAMESPACE}.{dataset}")
        except NoSuchTableError:
            raise UsageError(f"there is no table {NAMESPACE}.{dataset}; `marsad iceberg sync` makes them") from None
        for number, moment, notes in snapshots_of(table):
            told = notes.get("marsad.date", "")
            out.print(f"{number} {moment:%Y-%m-%d %H:%M:%S} UTC {told}", soft_wrap=True, highlight=False)
