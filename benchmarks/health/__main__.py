"""Sixty sound days of simulated sites through the real stages, then one broken day each; what is said, and what not.

python -m benchmarks.health [--days 60] [--sites saghir,wasat] [--readme README.md]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.health.failures import FAILURES
from benchmarks.health.run import Caught, FalseAlarm, simulate
from benchmarks.health.site import SITES


def table(caught: list[Caught], alarms: list[FalseAlarm], days: int, sites: list[str]) -> str:
    """The figures as Markdown."""
    lines = ["| failure | " + " | ".join(sites) + " |", "|---" * (len(sites) + 1) + "|"]
    for failure in FAILURES:
        cells = []
        for name in sites:
            (found,) = [c for c in caught if c.site == name and c.failure == failure.name]
            cells.append(f"{'✓' if found.is_right else '✗'} `{found.first}`")
        lines.append(f"| {failure.name} | " + " | ".join(cells) + " |")
    counts = [str(sum(a.site == name for a in alarms)) for name in sites]
    lines.append(f"| false alarms in {days} sound days | " + " | ".join(counts) + " |")
    return "\n".join(lines)


def main() -> int:
    """Measure and print; 1 where a failure is missed, or a source has more than one false alarm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--sites", default=",".join(s.name for s in SITES))
    given = parser.parse_args()
    names = given.sites.split(",")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        caught, alarms = simulate([s for s in SITES if s.name in names], given.days, Path(folder), say=_say)
    print(table(caught, alarms, given.days, names))
    for alarm in alarms:
        print(f"false alarm: {alarm.site} {alarm.day}: {alarm.rule}: {alarm.observed}", file=sys.stderr)
    for each in caught:
        if not each.is_right:
            print(f"missed: {each.site}: {each.failure}: said {', '.join(each.said) or 'nothing'}", file=sys.stderr)
    print(f"{sum(c.is_right for c in caught)} of {len(caught)} caught the same day; {time.monotonic() - began:.0f} s")
    return int(not all(c.is_right for c in caught) or any(sum(a.site == n for a in alarms) > 1 for n in names))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
