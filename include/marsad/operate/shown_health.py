"""``marsad health`` and ``marsad metrics``: for people, cron, probes and collectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from marsad.errors import UsageError
from marsad.terminal import escape


def health(
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    airflow: Annotated[bool, typer.Option("--airflow", help="Ask Airflow too, at MARSAD_AIRFLOW_URL.")] = False,
) -> None:
    """Whether all is well: lake, warehouse, sources that lag, gates that block. Exit code 1 where not."""
    from marsad.context import open_context
    from marsad.operate.health import health as look

    found = look(open_context(), with_airflow=airflow)
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        out = Console()
        for check in found.checks:
            mark = "[green]ok[/]  " if check.is_ok else "[red]bad[/] " if check.is_critical else "[yellow]look[/]"
            out.print(f"{mark} {escape(check.name)}: {escape(check.said)}", soft_wrap=True, highlight=False)
    if not found.is_ok:
        raise typer.Exit(1)


def metrics(
    push: Annotated[bool, typer.Option("--push", help="Send them to the collector instead of printing them.")] = False,
    file: Annotated[
        Path | None, typer.Option("--file", help="Replace this file as a whole, for a textfile collector.")
    ] = None,
) -> None:
    """What goes on, as numbers: lag, late days, alarms, rows. Prometheus' text format, or OTLP with --push."""
    from marsad.context import open_context
    from marsad.metrics import collector_of, prometheus_text, send
    from marsad.operate.watch import points, watch

    ctx = open_context()
    if push and collector_of(ctx.settings) is None:
        raise UsageError("--push needs a collector: set MARSAD_OTLP_ENDPOINT, such as http://127.0.0.1:4318")
    made = points(watch(ctx))
    if push:
        if not send(made, ctx.settings):
            raise typer.Exit(1)
        return
    text = prometheus_text(made)
    if file is None:
        typer.echo(text, nl=False)
        return
    temporary = file.with_name(f".{file.name}.tmp")
    try:
        temporary.write_text(text, "utf-8")
        temporary.replace(file)
    except OSError as error:
        raise UsageError(f"--file {file}: {error.strerror}") from None
