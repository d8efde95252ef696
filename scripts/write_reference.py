"""Write docs/reference from the code: datasets and their schemas, settings, command line, sources, DAGs.

python scripts/write_reference.py           write
python scripts/write_reference.py --check   exit 1 where a page is not what would be written
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
SCHEMAS = REFERENCE / "schemas"
NOTE = "<!-- Written by `make docs`; edit the code instead. -->\n\n"


def datasets() -> str:
    """The data dictionary: every dataset, its key and its columns."""
    from marsad.dictionary import columns, groups, summary

    text = (
        "# Datasets\n\nInstants are UTC. Text offsets count Unicode code points in `articles.body`, and "
        "`body[start:end] == text` always holds. A published file is "
        "`published/<dataset>/date=YYYY-MM-DD/source=<name>/part-0.parquet`; it is complete where "
        "`published/_manifests/date=YYYY-MM-DD/source=<name>.json` is. *Since* is the version of the dataset that "
        "brought the column. Each has a JSON Schema and an Arrow IPC schema in [schemas/](schemas); "
        "`marsad schema` prints them. A [day of the sample sites](../sample/README.md) is published as it stands.\n"
    )
    for heading, members in groups().items():
        text += f"\n## {heading}\n"
        for d in members:
            key = ", ".join(f"`{k}`" for k in d.key)
            text += f"\n### {d.name}\n\n{summary(d)} Key: {key}. Schema version {d.version}. "
            text += f"[JSON Schema](schemas/{d.name}.schema.json), [Arrow](schemas/{d.name}.arrow).\n\n"
            text += "| column | type | null | since | what | example |\n|---|---|---|---|---|---|\n"
            for c in columns(d):
                shown = "" if c.example is None else f"`{_cell(c.example)}`"
                text += (
                    f"| `{c.name}` | {c.type} | {'yes' if c.is_nullable else ''} | {c.since} | {c.doc} | {shown} |\n"
                )
    return text


def _cell(example: Any) -> str:
    """An example in one cell of a table."""
    text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
    return " ".join(text.split()).replace("|", "\\|").replace("`", "'")


def schema_files() -> dict[str, bytes]:
    """A JSON Schema and an Arrow IPC schema of each dataset, by file name."""
    from marsad.dictionary import datasets as all_datasets
    from marsad.dictionary.json_schema import json_schema

    found = {}
    for name, d in all_datasets().items():
        text = json.dumps(json_schema(d), ensure_ascii=False, indent=1)
        found[f"{name}.schema.json"] = (text + "\n").encode()
        found[f"{name}.arrow"] = d.schema.serialize().to_pybytes()
    return found


def _is_current(path: Path, content: bytes) -> bool:
    """Whether a schema file says what it should; of Arrow's the schema counts, not how a version writes it."""
    import pyarrow as pa

    if not path.exists() or path.suffix != ".arrow":
        return path.exists() and path.read_bytes() == content
    try:
        there = pa.ipc.read_schema(pa.BufferReader(path.read_bytes()))
    except (pa.ArrowException, OSError):
        return False
    return bool(there.equals(pa.ipc.read_schema(pa.BufferReader(content)), check_metadata=True))


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
    """The pages that are not what the code says, and schema files of no dataset."""
    found = []
    for name, write in PAGES.items():
        path = REFERENCE / name
        if not path.exists() or path.read_text("utf-8") != NOTE + write():
            found.append(name)
    files = schema_files()
    found += [f"schemas/{name}" for name, content in files.items() if not _is_current(SCHEMAS / name, content)]
    return found + [f"schemas/{path.name}" for path in _strays(files)]


def _strays(files: dict[str, bytes]) -> list[Path]:
    return sorted(path for path in SCHEMAS.glob("*") if path.name not in files)


def main() -> None:
    """Check, or write what is not as it should be."""
    if "--check" in sys.argv[1:]:
        names = stale()
        if names:
            sys.exit(f"docs/reference is stale: {', '.join(names)}; run `make docs`")
        return
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for page, write in PAGES.items():
        (REFERENCE / page).write_text(NOTE + write(), "utf-8")
        print(f"docs/reference/{page}")
    files = schema_files()
    for path in _strays(files):
        path.unlink()
    for name, content in files.items():
        if not _is_current(SCHEMAS / name, content):
            (SCHEMAS / name).write_bytes(content)
    print(f"docs/reference/schemas: {len(files)} files")


if __name__ == "__main__":
    main()
