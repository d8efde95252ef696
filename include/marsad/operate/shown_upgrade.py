"""``marsad upgrade``: the steps, as a table or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn
from rich.table import Table

from marsad.settings import load_settings
from marsad.terminal import escape

_SHOWN = {
    "nothing": "[dim]nothing to do[/]",
    "would_do": "[yellow]would do[/]",
    "done": "[green]done[/]",
    "failed": "[red]failed[/]",
    "yours": "[yellow]for you to do[/]",
}


def upgrade(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The steps as a JSON list.")] = False,
    warehouse: Annotated[
        str | None, typer.Option("--warehouse", help="The warehouse's address; else MARSAD_WAREHOUSE.")
    ] = None,
) -> None:
    """Bring settings, lake and warehouse of an older Marsad to this one's; twice changes nothing.

    Exit code: 0 done, or nothing to do; 1 something failed, or with --dry-run something is to be done.
    """
    from marsad.operate.upgrade import upgrade as work
    from marsad.pipeline import open_context

    settings = load_settings()
    ctx = open_context(settings.model_copy(update={"warehouse": warehouse}) if warehouse else settings)
    err = Console(stderr=True)
    with Progress(TextColumn("{task.description}"), console=err, transient=True, disable=not err.is_terminal) as bars:
        bar = bars.add_task("upgrade", total=None)

        def progress(what: str, done: int) -> None:
            bars.update(bar, description=f"upgrade {escape(what)} ({done} done)")

        steps = list(work(ctx, dry_run=dry_run, progress=progress))
    if as_json:
        typer.echo(json.dumps([asdict(step) for step in steps], ensure_ascii=False, indent=1))
    else:
        table = Table(box=None, header_style="bold", show_edge=False)
        for heading in ("of", "what", "how many", "state", "said"):
            table.add_column(heading, overflow="fold", justify="right" if heading == "how many" else "left")
        for step in steps:
            count = str(step.count) if step.count else ""
            table.add_row(step.area, escape(step.what), count, _SHOWN[step.state], escape(step.said))
        Console().print(table)
    if any(step.state == "failed" or (dry_run and step.is_open) for step in steps):
        raise typer.Exit(1)
