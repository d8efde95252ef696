"""Small plots as SVG: a measure over days, its usual range behind it. No script, no font, no request."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, EDGE = 340, 110, 4
_LABELS = 16
KINDS = 5
"""Colours that a page has for bars: its style names them ``k0`` to ``k4``."""


@dataclass(frozen=True)
class Point:
    """One day of a measure, and what was usual of it then."""

    day: date
    value: float
    low: float | None = None
    high: float | None = None


def line(
    title: str, points: Sequence[Point], days: Sequence[date], *, as_share: bool = False, without: str = "no value"
) -> str:
    """A measure over days; a day without one is a gap, and one beyond its range a red dot.

    Args:
        title: above the plot.
        points: at most one a day.
        days: the days along the plot, without gaps, so that plots of one page stand under each other.
        as_share: the values are from 0 to 1, and shown so.
        without: what is said where the last day has no value.
    """
    known = {p.day: p for p in points}
    top = 1.0 if as_share else max([p.value for p in points] + [1.0]) * 1.15
    x, y = _scales(days, top)
    ranged = [p for p in points if p.low is not None and p.high is not None]
    parts = []
    if ranged:
        above = [f"{x[p.day]:.1f},{y(min(p.high or 0.0, top)):.1f}" for p in ranged]
        below = [f"{x[p.day]:.1f},{y(max(p.low or 0.0, 0.0)):.1f}" for p in reversed(ranged)]
        parts.append(f'<polygon class="usual" points="{" ".join(above + below)}"/>')
    run: list[str] = []
    for day in [*days, None]:
        point = known.get(day) if day else None
        if point is not None:
            run.append(f"{x[point.day]:.1f},{y(min(point.value, top)):.1f}")
        elif run:
            parts.append(f'<polyline class="line" points="{" ".join(run)}"/>')
            run = []
    for p in points:
        is_off = (p.low is not None and p.value < p.low) or (p.high is not None and p.value > p.high)
        if is_off or p.day == days[-1]:
            kind = "off" if is_off else "today"
            label = html.escape(f"{p.day}: {_number(p.value, as_share)}")
            place = f'cx="{x[p.day]:.1f}" cy="{y(min(p.value, top)):.1f}"'
            parts.append(f'<circle class="{kind}" {place} r="3"><title>{label}</title></circle>')
    last = known.get(days[-1])
    said = _number(last.value, as_share) if last else without
    return _figure(title, said, "".join(parts), days, _number(top, as_share))


def bars(title: str, rows: Mapping[date, Mapping[str, float]], days: Sequence[date]) -> str:
    """Stacked bars of counts by name, a bar a day; the names are told below."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    top = max([sum(row.values()) for row in rows.values()] + [1.0])
    x, y = _scales(days, top)
    width = max(1.0, WIDTH / max(len(days), 1) - 1)
    kinds = {name: f"k{n % KINDS}" for n, name in enumerate(names)}
    parts = []
    for day in days:
        base = 0.0
        for name in names:
            count = rows.get(day, {}).get(name, 0.0)
            if count:
                height = y(base) - y(base + count)
                label = html.escape(f"{day}: {name} {count:.0f}")
                parts.append(
                    f'<rect class="{kinds[name]}" x="{x[day] - width / 2:.1f}" y="{y(base + count):.1f}" '
                    f'width="{width:.1f}" height="{height:.1f}"><title>{label}</title></rect>'
                )
            base += count
    key = " ".join(f'<span class="{kind}">■</span> {html.escape(name)}' for name, kind in kinds.items())
    return _figure(title, "", "".join(parts), days, _number(top, False)) + f'<p class="key">{key}</p>'


def _scales(days: Sequence[date], top: float) -> tuple[dict[date, float], _Scale]:
    step = (WIDTH - 2 * EDGE) / max(len(days) - 1, 1)
    return {day: EDGE + n * step for n, day in enumerate(days)}, _Scale(top)


@dataclass(frozen=True)
class _Scale:
    top: float

    def __call__(self, value: float) -> float:
        return HEIGHT - _LABELS - (HEIGHT - _LABELS - EDGE) * (value / self.top if self.top else 0.0)


def _figure(title: str, said: str, body: str, days: Sequence[date], top: str) -> str:
    value = f" <b>{html.escape(said)}</b>" if said else ""
    return (
        f'<figure><figcaption dir="auto">{html.escape(title)}{value}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)}">'
        f'<line class="axis" x1="0" x2="{WIDTH}" y1="{HEIGHT - _LABELS}" y2="{HEIGHT - _LABELS}"/>{body}'
        f'<text x="0" y="{HEIGHT - 3}">{days[0]}</text><text x="{WIDTH}" y="{HEIGHT - 3}" text-anchor="end">{days[-1]}'
        f'</text><text x="0" y="9">{html.escape(top)}</text></svg></figure>'
    )


def _number(value: float, as_share: bool) -> str:
    if math.isinf(value) or math.isnan(value):
        return "?"
    return f"{value:.0%}" if as_share else f"{value:.0f}" if value >= 10 else f"{value:.1f}"
