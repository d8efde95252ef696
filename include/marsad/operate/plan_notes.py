"""What a plan says besides its rows, and the whole of it as lines for a log."""

from __future__ import annotations

from datetime import date

from marsad.operate.plan_record import Plan


def notes(made: Plan) -> list[str]:
    """What a plan says besides its rows, a line each."""
    lines = []
    for cost in made.costs:
        if not cost.request_count_min:
            continue
        usual = ""
        if cost.request_count_usual > cost.request_count_min:
            usual = f", about {cost.request_count_usual} with {cost.usual_page_count} pages a day as of late"
        over = ""
        if cost.budget_days > 1:
            over = (
                f": more than one day's budget; what is left over ends as budget_exhausted, so repeat the backfill on "
                f"{cost.budget_days} days, or do it in parts"
            )
        lines.append(
            f"{cost.source}: at least {cost.request_count_min} requests in {cost.seconds_min:.0f} s{usual}, of "
            f"{cost.daily_budget} a day{over}"
        )
    changed: dict[tuple[str, ...], list[date]] = {}
    for day in made.days:
        if day.changes:
            changed.setdefault((day.source, *day.changes), []).append(day.date)
    for (name, *changes), dates in changed.items():
        lines.append(
            f"* {name}: published with other code ({'; '.join(changes)}); what would change: marsad diff --source "
            f"{name} --date {min(dates)} --to {max(dates)}"
        )
    if made.runs_unknown:
        lines.append(f"whether runs are under way is not known: {made.runs_unknown}")
    return lines


def plan_lines(made: Plan) -> list[str]:
    """A plan as lines of text: a day each, how many have each action, and the notes."""
    lines = []
    for day in made.days:
        captures = ", ".join(f"{n} {outcome}" for outcome, n in day.outcomes.items()) or "no captures"
        published = f"published by {day.code_version}" if day.is_published else "not published"
        least = f", at least {day.request_count_min} requests" if day.request_count_min else ", no request"
        lines.append(f"{day.source} {day.date} {day.action}: {day.why} ({captures}; {published}{least})")
    return [*lines, "; ".join(f"{action}: {n}" for action, n in made.counts().items()), *notes(made)]
