"""Upgrade: bring what an older Marsad left (settings, lake, warehouse) to what this one makes.

Each step looks first and changes only what it found, so a second run does nothing, and one that was cut off is gone on
with by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import marsad
from marsad import pipeline
from marsad.context import Context
from marsad.errors import MarsadError, UsageError
from marsad.layout import LAYOUT, is_unused, layout_of, mark, read_marker
from marsad.operate.migrations import MIGRATIONS, Migration
from marsad.settings import moved_variables
from marsad.warehouse import parse_address
from marsad.warehouse.address import Address
from marsad.warehouse.lag import evolve, lag

Area = Literal["settings", "lake", "warehouse", "airflow"]
State = Literal["nothing", "would_do", "done", "failed", "yours"]
Progress = Callable[[str, int], None]
"""Told what is done, and how many are."""
SHOWN = 3
"""Examples that a line names."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and what became of it."""

    area: Area
    what: str
    state: State
    """``yours``: only a person can do it."""
    count: int = 0
    """How many of what was found; of ``failed``, how many failed."""
    said: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something is left to be done."""
        return self.state in ("would_do", "failed") or (self.state == "yours" and self.count > 0)


def upgrade(ctx: Context, *, dry_run: bool = False, progress: Progress | None = None) -> Iterator[Step]:
    """Do the steps in order; one that fails keeps the others from nothing.

    Args:
        ctx: whose lake, and whose settings' warehouse.
        dry_run: say what would be done, and change nothing. What one step makes of another is not seen then: days
            that are curated again have to be loaded again too, if they are loaded.

    Raises:
        UsageError: the warehouse's address is none; nothing was done.
        LakeUnusable: only a newer Marsad understands the lake; nothing was done.
    """
    address = parse_address(ctx.settings.warehouse)
    layout = layout_of(ctx.lake)
    tell = progress or (lambda what, done: None)
    yield _settings()
    yield from _lake(layout, ctx, tell, dry_run=dry_run)
    yield from _warehouse(address, ctx, tell, dry_run=dry_run)
    yield Step(
        "airflow", "tables of Airflow's database", "yours", said="run `airflow db migrate`; Compose's `init` does"
    )


def _settings() -> Step:
    old = moved_variables()
    return Step("settings", "variables by old names", "yours" if old else "nothing", len(old), "; ".join(old))


def _lake(layout: int, ctx: Context, tell: Progress, *, dry_run: bool) -> Iterator[Step]:
    what = f"layout {LAYOUT}"
    if layout == LAYOUT:
        marker = read_marker(ctx.lake)
        if not dry_run and marker is not None and marker.code_version != marsad.__version__:
            mark(ctx.lake)
        yield Step("lake", what, "nothing", said="the lake has it")
        return
    if is_unused(ctx.lake):
        yield Step("lake", what, "nothing", said="nothing is published; the first scrape begins a lake of today's")
        return
    for migration in MIGRATIONS:
        if migration.layout <= layout:
            continue
        try:
            step = _migrate(migration, ctx, tell, dry_run=dry_run)
        except MarsadError as error:
            step = Step("lake", migration.what, "failed", 1, str(error))
        yield step
        if step.state == "failed":
            yield Step(
                "lake", what, "failed", 1, f"the lake stays of layout {layout} until that is mended; run it again"
            )
            return
        if not dry_run:
            mark(ctx.lake, migration.layout)
    done: State = "would_do" if dry_run else "done"
    yield Step("lake", what, done, 1, f"was {layout}")


def _migrate(migration: Migration, ctx: Context, tell: Progress, *, dry_run: bool) -> Step:
    names: list[str] = []
    failures: list[str] = []
    for partition in migration.plan(ctx):
        tell(f"lake {partition}", len(names))
        if not dry_run:
            try:
                migration.apply(partition, ctx)
            except UsageError:
                raise
            except MarsadError as error:  # one that cannot be done keeps none of the others back
                failures.append(f"{partition}: {error}")
                continue
        names.append(str(partition))
    if failures:
        return Step("lake", migration.what, "failed", len(failures), _some(failures))
    said = "; ".join(filter(None, (_some(names), migration.cost if dry_run and names else "")))
    return Step("lake", migration.what, _state(len(names), dry_run=dry_run), len(names), said)


def _warehouse(address: Address, ctx: Context, tell: Progress, *, dry_run: bool) -> Iterator[Step]:
    what = "schema of the warehouse"
    try:
        tell("warehouse", 0)
        found = lag(ctx.lake, address)
        if found.schema and not dry_run:
            evolve(address)
    except MarsadError as error:
        yield Step("warehouse", what, "failed", 1, str(error))
        return
    if found.is_empty:
        connection = ctx.settings.warehouse_connection
        said = f"nothing is loaded into {address}"
        if connection:
            said += f"; for the one that DAGs load into by the connection {connection}, give its address: --warehouse"
        yield Step("warehouse", what, "nothing", said=said)
        return
    yield Step(
        "warehouse", what, _state(len(found.schema), dry_run=dry_run), len(found.schema), _some(found.schema, "; ")
    )
    what, failures = "partitions loaded in an older form, loaded again", []
    if not dry_run:
        for number, partition in enumerate(found.partitions):
            tell(f"warehouse {partition}", number)
            try:
                pipeline.load(partition, ctx, is_forced=True)
            except MarsadError as error:
                failures.append(f"{partition}: {error}")
    if failures:
        yield Step("warehouse", what, "failed", len(failures), _some(failures))
        return
    named = [f"{partition}: {', '.join(said)}" for partition, said in found.partitions.items()]
    yield Step("warehouse", what, _state(len(named), dry_run=dry_run), len(named), _some(named))


def _state(count: int, *, dry_run: bool) -> State:
    if not count:
        return "nothing"
    return "would_do" if dry_run else "done"


def _some(texts: list[str] | tuple[str, ...], between: str = "; ") -> str:
    """A few of many texts."""
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return between.join(texts[:SHOWN]) + more
