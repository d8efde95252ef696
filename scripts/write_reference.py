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


def settings() -> str:
    """Every environment variable Marsad reads."""
    from marsad.settings import Settings, is_secret, variable_of

    text = "# Settings\n\nEach is an environment variable; none is needed on a laptop.\n"
    text += "`marsad settings` prints them all with where each value came from, secrets masked; `marsad settings\n"
    text += "--check` ends with 2 where one is wrong or unknown.\n\n"
    text += "| variable | default | what |\n|---|---|---|\n"
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if name == "sources":
            default = "the package's own `sources/` folder"
        shown = "" if default in (None, {}, ()) else f"`{default}`" if name != "sources" else default
        secret = " Secret." if is_secret(field) else ""
        text += f"| `{variable_of(name)}` | {shown} | {field.description}{secret} |\n"
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


PAGES = {
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
