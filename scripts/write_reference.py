"""Write docs/reference from the code: datasets, settings, command line, sources, DAGs.

python scripts/write_reference.py           write
python scripts/write_reference.py --check   exit 1 where a page is not what would be written
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- Written by `make docs`; edit the code instead. -->\n\n"


def datasets() -> str:
    """The data dictionary: every dataset, its key and its columns."""
    from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, CUTS, LATE_CAPTURES, LINKS
    from marsad.curate.record import DUPLICATES
    from marsad.dataset import QUARANTINE
    from marsad.extract.record import KEYPHRASES, MENTIONS, QUANTITIES, QUOTATIONS, TIMEXES
    from marsad.gate import GATE_REPORTS
    from marsad.scrape.poll import POLLS
    from marsad.scrape.record import CAPTURES, SIGHTINGS
    from marsad.scrape.revisits import VISITS
    from marsad.validate.record import PROFILES, VERDICTS

    groups = {
        "Published": (ARTICLES, ARTICLE_VERSIONS, LINKS, CUTS, MENTIONS, QUOTATIONS, TIMEXES, QUANTITIES, KEYPHRASES),
        "Curated, across sources (published without a `source=` folder)": (DUPLICATES,),
        "Within the lake": (
            CAPTURES,
            SIGHTINGS,
            POLLS,
            VISITS,
            LATE_CAPTURES,
            VERDICTS,
            PROFILES,
            QUARANTINE,
            GATE_REPORTS,
        ),
    }
    text = (
        "# Datasets\n\nInstants are UTC. Text offsets count Unicode code points in `articles.body`, and "
        "`body[start:end] == text` always holds. A published file is "
        "`published/<dataset>/date=YYYY-MM-DD/source=<name>/part-0.parquet`; it is complete where "
        "`published/_manifests/date=YYYY-MM-DD/source=<name>.json` is.\n"
    )
    for heading, members in groups.items():
        text += f"\n## {heading}\n"
        for d in members:
            doc = (d.record.__doc__ or "").strip().splitlines()[0]
            key = ", ".join(f"`{k}`" for k in d.key)
            text += f"\n### {d.name}\n\n{doc} Key: {key}. Schema version {d.version}.\n\n"
            text += "| column | type | null | what |\n|---|---|---|---|\n"
            for f in d.schema:
                what = (f.metadata or {}).get(b"doc", b"").decode()
                kind = str(f.type).replace(" not null", "").replace("item: ", "")
                kind = kind if len(kind) < 60 else "list<struct>" if kind.startswith("list") else "struct"
                text += f"| `{f.name}` | {kind} | {'yes' if f.nullable else ''} | {what} |\n"
    return text


AIRFLOW_VARIABLES = (
    ("MARSAD_AIRFLOW_RETRIES", "4", "DAGs: how often a task that failed for a passing reason is tried again."),
    ("MARSAD_AIRFLOW_RETRY_DELAY_S", "60", "DAGs: seconds before the first of them; the wait doubles."),
    ("MARSAD_AIRFLOW_URL", "http://127.0.0.1:8080", "`marsad backfill`: where Airflow answers."),
    ("MARSAD_AIRFLOW_USER", "", "`marsad backfill`: who logs in; none where Airflow lets local users in."),
    ("MARSAD_AIRFLOW_PASSWORD", "", "`marsad backfill`: their password."),
    ("MARSAD_AIRFLOW_PORT", "8080", "`make up`: the port of the UI."),
)


def settings() -> str:
    """Every environment variable Marsad reads."""
    from marsad.settings import Settings

    text = "# Settings\n\nEach is an environment variable; none is needed on a laptop.\n\n"
    text += "| variable | default | what |\n|---|---|---|\n"
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if name == "sources":
            default = "the package's own `sources/` folder"
        shown = "" if default in (None, {}, ()) else f"`{default}`" if name != "sources" else default
        text += f"| `MARSAD_{name.upper()}` | {shown} | {field.description} |\n"
    text += "| `MARSAD_DEBUG` |  | Set it to see the traceback behind an error line of the command line. |\n"
    for name, default, what in AIRFLOW_VARIABLES:
        text += f"| `{name}` | {default and f'`{default}`'} | {what} |\n"
    return text


def command_line() -> str:
    """Every command, argument and option."""
    import typer

    from marsad.__main__ import app

    def walk(command: Any, path: str) -> Iterator[str]:
        children = getattr(command, "commands", {})
        if not children:
            yield f"\n## `{path}`\n\n{(command.help or '').strip()}\n\n| | what | default |\n|---|---|---|\n"
            for p in command.params:
                names = ", ".join(f"`{o}`" for o in p.opts) if p.param_type_name == "option" else f"`{p.name.upper()}`"
                default = p.default if p.default not in (None, False, ()) and not callable(p.default) else ""
                default = "" if "Sentinel" in repr(default) else default
                need = "required" if p.required else (f"`{default}`" if default != "" else "")
                yield f"| {names} | {(getattr(p, 'help', None) or '').strip()} | {need} |\n"
        for name in children:
            yield from walk(children[name], f"{path} {name}")

    body = "".join(walk(typer.main.get_command(app), "marsad"))
    return "# Command line\n\nExit codes: 0 done, 1 the run failed, 2 the words on the line were off.\n" + body


def _support(source: Any) -> str:
    """How sure a source's routes are, in one cell."""
    known = source.support
    if known is None:
        return ""
    return "; ".join(str(part) for part in (known.level, known.as_of, known.note) if part)


def sources() -> str:
    """The sources that ship."""
    from marsad.settings import Settings
    from marsad.sources import load_sources

    text = (
        "# Sources\n\nWhat ships. All are off until an operator has looked at their terms: `marsad sources enable`.\n\n"
    )
    text += (
        "*Support* says how sure the routes are: measured (somebody counted what they list), verified (an author says\n"
    )
    text += "they work), claimed (they stand in public code), conflict (worked for one, failed for another).\n\n"
    text += "| name | title | country | time zone | routes | past days | support |\n|---|---|---|---|---|---|---|\n"
    for s in load_sources(Settings.model_fields["sources"].default).values():
        routes = "<br>".join(f"{r.kind}: {r.address}" for r in s.discover)
        past = "yes" if any(r.is_dated for r in s.discover) else ""
        text += f"| `{s.name}` | {s.title} | {s.country or ''} | {s.timezone} | {routes} | {past} | {_support(s)} |\n"
    return text


def dags() -> str:
    """The DAG files, by their docstrings."""
    text = "# DAGs\n"
    for path in sorted((ROOT / "dags").glob("*.py")):
        doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        text += f"\n## `dags/{path.name}`\n\n{doc.strip()}\n"
    return text


def warehouse() -> str:
    """Tables, views and functions of the warehouse."""
    from marsad.warehouse.dialect import doc_of, title_of
    from marsad.warehouse.duckdb import DuckDialect
    from marsad.warehouse.postgresql import PostgresDialect
    from marsad.warehouse.registry import DERIVED, LOADS, TABLES
    from marsad.warehouse.views import VIEWS

    duck, postgres = DuckDialect(), PostgresDialect()
    text = (
        "# Warehouse\n\nOne table for each [published dataset](datasets.md), with the same columns, and what follows. "
        "Every table, column and view carries its comment in the database.\n\n## Tables\n\n"
        "| table | what | key in PostgreSQL |\n|---|---|---|\n"
    )
    for dataset in (*TABLES, LOADS):
        (create, *_) = postgres.create(dataset)
        key = create.rpartition("PRIMARY KEY (")[2].rstrip(")").replace('"', "`")
        text += f"| `{dataset.name}` | {title_of(dataset)} | {key} |\n"
    for dataset in (*DERIVED, LOADS):
        text += f"\n### {dataset.name}\n\n| column | DuckDB | PostgreSQL | what |\n|---|---|---|---|\n"
        for f in dataset.schema:
            text += f"| `{f.name}` | {duck.type_of(f.type)} | {postgres.type_of(f.type)} | {doc_of(f)} |\n"
    text += (
        "\nIn PostgreSQL `article_search` also has `tokens`, the `tsvector` that search asks.\n\n## Functions\n\n"
        "In DuckDB and PostgreSQL.\n\n| function | what |\n|---|---|\n"
        "| `marsad_fold(text)` | The text as `article_search` has it: folded words, without the article. |\n"
        "| `search_articles(query)` | `article_id, source, date, rank` of stories that have all words of the query. |\n"
        "\n## Views\n\nIn DuckDB and PostgreSQL, from one text.\n"
    )
    for view in VIEWS:
        text += f"\n### {view.name}\n\n{view.doc}\n\n| column | what |\n|---|---|\n"
        text += "".join(f"| `{name}` | {what} |\n" for name, what in view.columns.items())
        text += f"\n```sql\n{view.sql(str)}\n```\n"
    return text


PAGES = {
    "warehouse.md": warehouse,
    "datasets.md": datasets,
    "settings.md": settings,
    "cli.md": command_line,
    "sources.md": sources,
    "dags.md": dags,
}


def stale() -> list[str]:
    """The pages that are not what the code says."""
    found = []
    for name, write in PAGES.items():
        path = REFERENCE / name
        if not path.exists() or path.read_text("utf-8") != NOTE + write():
            found.append(name)
    return found


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        names = stale()
        if names:
            sys.exit(f"docs/reference is stale: {', '.join(names)}; run `make docs`")
    else:
        REFERENCE.mkdir(parents=True, exist_ok=True)
        for page, write in PAGES.items():
            (REFERENCE / page).write_text(NOTE + write(), "utf-8")
            print(f"docs/reference/{page}")
