"""The daily page of a source: what is out of the ordinary, and the last sixty days in plots. One file, no requests.

reports/daily/date=…/source=….html
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from marsad.errors import MissingPartition
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.quarantine import all_quarantined
from marsad.report.alarms import Alarm, alarms_of
from marsad.report.plot import Point, bars, line
from marsad.scrape.record import CAPTURES
from marsad.sources.health import MEASURES, SHARES
from marsad.validate.record import PROFILES, Profile

DAYS = 60
SHOWN_PAGES = 5
PLOTS = (
    "stories", "words", "newest_story", "yield", "quarantined", "repeated_text", "seen_before", "walled", "mentions",
    "titled", "led", "authored", "dated", "keyworded", "illustrated", "sectioned",
)  # fmt: skip

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:74rem;padding:1rem 1.5rem;color:#1a202c;background:#fff}
h1{font-size:1.35rem;margin:.2rem 0}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}p{margin:.3rem 0}
.bad{color:#b00020}.good{color:#0a7a2f}.warn{color:#975a16}
table{border-collapse:collapse;width:100%}
td,th{border:1px solid #cbd5e0;padding:.3rem .55rem;vertical-align:top;text-align:start}
td{unicode-bidi:plaintext;overflow-wrap:anywhere}td ul{margin:0;padding-inline-start:1.1rem}li{unicode-bidi:plaintext}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr));gap:.6rem 1.4rem}
figure{margin:0}figcaption{font-size:.85rem}svg{width:100%;height:auto;display:block}.key{font-size:.8rem}
.usual{fill:#bee3f8;opacity:.6}.line{fill:none;stroke:#2b6cb0;stroke-width:1.5}.today{fill:#2b6cb0}.off{fill:#b00020}
.k0{fill:#2b6cb0;color:#2b6cb0}.k1{fill:#c05621;color:#c05621}.k2{fill:#b00020;color:#b00020}
.k3{fill:#6b46c1;color:#6b46c1}.k4{fill:#718096;color:#718096}
.axis{stroke:#a0aec0}td code{white-space:nowrap}text{font-size:9px;fill:#4a5568}
"""


def page_path(partition: Partition) -> str:
    """Where the page of a day is, relative to the lake."""
    return f"reports/daily/date={partition.date.isoformat()}/source={partition.source}.html"


def write_page(partition: Partition, title: str, lake: Lake) -> str:
    """Write the page of a day; returns its path. The same lake gives the same bytes.

    Args:
        title: the source's own name.
    """
    path = page_path(partition)
    lake.write_bytes(path, render(partition, title, lake).encode())
    return path


def render(partition: Partition, title: str, lake: Lake) -> str:
    """The page as HTML. All that comes from the web is escaped, and no browser fetches anything for it."""
    alarms = alarms_of(partition.date, lake, partition.source)
    history = read_profiles(partition, lake)
    days = [partition.date - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    is_blocked = any(a.is_blocking for a in alarms)
    said = ("bad", "stopped: nothing was published anew") if is_blocked else ("good", "passed every gate")
    if alarms and not is_blocked:
        said = ("warn", "passed its gates, with warnings")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(str(partition))}</title>"
        '<meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{_STYLE}</style></head><body>"
        f"<h1><bdi>{html.escape(title)}</bdi> ({partition.source}), {partition.date.isoformat()}</h1>"
        f'<p class="{said[0]}"><b>{said[1]}</b></p>'
        f"{_alarms(alarms, partition.date)}{_outcomes(partition, lake)}{_quarantine(partition, lake)}"
        f"<h2>The last {DAYS} days</h2>"
        "<p>Shaded: what was usual for the day, by the days before it. Red: beyond that.</p>"
        f'<div class="plots">{addresses(history, days)}{"".join(plots(history, days))}</div>'
        "</body></html>\n"
    )


def read_profiles(partition: Partition, lake: Lake) -> dict[date, dict[str, Profile]]:
    """The profiles of a day and of those before it; of the day itself also where its gate stopped it."""
    found: dict[date, dict[str, Profile]] = {}
    for back in range(DAYS):
        day = Partition(partition.source, partition.date - timedelta(days=back))
        if profiles := profiles_of(day, lake):
            found[day.date] = profiles
    return found


def profiles_of(partition: Partition, lake: Lake) -> dict[str, Profile]:
    """The profiles of one day, by measure; none where it was not measured."""
    try:
        rows = lake.read_table("staged", PROFILES, partition).to_pylist()
    except MissingPartition:
        return {}
    return {row["measure"]: Profile(**row) for row in rows}


def _alarms(alarms: Sequence[Alarm], day: date) -> str:
    if not alarms:
        return "<p>Every check and rule is met.</p>"
    rows = []
    for a in alarms:
        kind = '<b class="bad">blocks</b>' if a.is_blocking else '<span class="warn">warns</span>'
        since = f"<br>since {a.since}" if a.since and a.since != day else ""
        passed = f"<br>passed: {html.escape(a.override)}" if a.override else ""
        pages = "".join(f"<li>{html.escape(page)}</li>" for page in a.evidence.split("\n")[:SHOWN_PAGES] if page)
        rows.append(
            f"<tr><td>{kind}{since}</td><td><code>{html.escape(a.check)}</code></td>"
            f'<td dir="auto">{html.escape(a.observed)}{passed}{f"<ul>{pages}</ul>" if pages else ""}</td>'
            f"<td>{html.escape(a.todo or '')}</td></tr>"
        )
    head = "<tr><th></th><th>check</th><th>seen</th><th>do</th></tr>"
    return f"<h2>Out of the ordinary</h2><table>{head}{''.join(rows)}</table>"


def _outcomes(partition: Partition, lake: Lake) -> str:
    if not lake.has_table("raw", CAPTURES, partition):
        return ""
    counts = Counter(lake.read_table("raw", CAPTURES, partition)["outcome"].to_pylist())
    said = ", ".join(f"{count} {html.escape(name)}" for name, count in counts.most_common())
    return f"<h2>What became of {counts.total()} addresses</h2><p>{said}</p>"


def _quarantine(partition: Partition, lake: Lake) -> str:
    rows = all_quarantined(partition.date, lake, partition.source)
    if not rows:
        return ""
    reasons = Counter((r.dataset, r.reason) for r in rows)
    examples = {(r.dataset, r.reason): r.evidence for r in reversed(rows)}
    found = "".join(
        f"<tr><td>{html.escape(dataset)}</td><td><code>{html.escape(reason)}</code></td><td>{count}</td>"
        f'<td dir="auto">{html.escape(examples[dataset, reason])}</td></tr>'
        for (dataset, reason), count in reasons.most_common(15)
    )
    head = "<tr><th>dataset</th><th>reason</th><th>rows</th><th>for example</th></tr>"
    return f"<h2>In quarantine</h2><table>{head}{found}</table>"


def addresses(
    history: Mapping[date, Mapping[str, Profile]], days: Sequence[date], say: Callable[[str], str] = str
) -> str:
    """Addresses by what became of them, as the profiles tell it; ``say`` puts the names into another language."""
    rows: dict[date, dict[str, float]] = {}
    for day, measures in history.items():
        urls = measures["urls"].value if "urls" in measures else 0.0

        def part(name: str, of: Mapping[str, Profile] = measures) -> float:
            return of[name].value * of[name].count if name in of else 0.0

        kinds = {
            "captured": measures["captured"].value if "captured" in measures else 0.0,
            "missing": part("missing_share"),
            "failing": part("failing_share"),
            "refused": part("refused_share"),
        }
        kinds["other"] = max(0.0, urls - sum(kinds.values()))
        rows[day] = {say(name): count for name, count in kinds.items()}
    return f"<div>{bars(say('addresses, by what became of them'), rows, days)}</div>" if rows else ""


def plots(
    history: Mapping[date, Mapping[str, Profile]],
    days: Sequence[date],
    say: Callable[[str], str] = MEASURES.__getitem__,
    without: str = "no value",
) -> Iterable[str]:
    """A plot for each measure that the days have.

    Args:
        say: what is written above the plot of a measure.
        without: what is said where the last day has no value.
    """
    for name in PLOTS:
        found = [
            Point(day, measures[name].value, measures[name].low, measures[name].high)
            for day, measures in sorted(history.items())
            if name in measures
        ]
        if found:
            yield line(say(name), found, days, as_share=name in SHARES, without=without)
