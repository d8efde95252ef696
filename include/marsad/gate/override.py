"""Overrides: a gate that blocks is passed by a decision that is on record, has a reason, and ends.

overrides/<id>.json        one decision; withdrawing it is noted in it, nothing is ever erased
silences/<id>.json         likewise: of an alarm that is not to be told for a while

A gate that nobody can pass is deleted by the first tired operator; one that anyone can skip protects nothing. So a
decision names one check of one source for some days, says who and why, and after its end the gate blocks
again. What would break the dataset itself (keys, schema, counts, offsets) no decision can pass.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from marsad.dataset import column
from marsad.errors import UsageError
from marsad.lake import Lake
from marsad.partition import Partition, parse_date

Kind = Literal["override", "silence"]

LONGEST_DAYS = 30
"""For how long a decision holds, at most: what is right for good belongs in the source's file."""
SHORTEST_REASON = 10
PASSABLE_RULES = frozenset({
    "something_discovered", "something_captured", "something_found",
    "share_captured", "share_quarantined", "stories_differ",
})  # fmt: skip
"""Critical rules that judge a day, and may judge wrongly; the others find faults of ours."""


@dataclass(frozen=True)
class Override:
    """One decision."""

    override_id: str = column("Made of what was decided, by whom and when.")
    source: str = column("The source.")
    first: date = column("The first day it holds for.")
    last: date = column("The last day it holds for.")
    check: str = column("The check or rule that may fail.")
    by: str = column("Who decided.")
    why: str = column("Why.")
    decided_at: datetime = column("When.")
    expires_at: datetime = column("From when on the gate blocks again.")
    withdrawn_at: datetime | None = column("When it was taken back.", default=None)
    withdrawn_by: str | None = column("Who took it back.", default=None)
    kind: Kind = column("override: the check may fail; silence: it is not told.", default="override")

    def is_active(self, now: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.withdrawn_at is None and self.decided_at <= now < self.expires_at

    def covers(self, partition: Partition, check: str) -> bool:
        """Whether it is for a check of a partition."""
        return self.source == partition.source and self.first <= partition.date <= self.last and self.check == check

    def __str__(self) -> str:
        until = f"{self.expires_at:%Y-%m-%d %H:%M} UTC"
        return f"{self.check} passed by {self.by} until {until}: {self.why} ({self.override_id})"


def decide(
    lake: Lake,
    *,
    source: str,
    first: date,
    last: date,
    check: str,
    by: str,
    why: str,
    days: int,
    now: datetime,
    passable: Sequence[str] = (),
    kind: Kind = "override",
) -> Override:
    """Record a decision; the same one again is the same record.

    Args:
        days: for how long it holds, from now.
        passable: row checks that may be passed, besides the rules that judge a day; of a silence, all names there are.
        kind: what is decided.

    Raises:
        UsageError: nobody is named, no reason given, too long, or a check that no decision can pass.
    """
    if not by.strip():
        raise UsageError("say who decides: --by NAME")
    if len(why.strip()) < SHORTEST_REASON:
        raise UsageError(
            f"say why, in {SHORTEST_REASON} letters at least: whoever reads the manifest must understand it"
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise UsageError(
            f"{days} days: a decision holds 1 to {LONGEST_DAYS} days; what is right for good belongs in the YAML"
        )
    if last < first:
        raise UsageError(f"the last day {last} is before the first, {first}")
    allowed = sorted({*(PASSABLE_RULES if kind == "override" else ()), *passable})
    if check not in allowed:
        can = "no decision can pass" if kind == "override" else "there is no alarm"
        raise UsageError(f"{can} {check!r}; there are {', '.join(allowed)}")
    said = {"kind": kind, "source": source, "first": first.isoformat(), "last": last.isoformat(), "check": check}
    said |= {"by": by.strip(), "why": " ".join(why.split()), "until": (now + timedelta(days=days)).date().isoformat()}
    override_id = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]
    known = next((o for o in read_decisions(lake, kind) if o.override_id == override_id), None)
    if known is not None and known.is_active(now):
        return known
    made = Override(
        override_id=override_id,
        source=source,
        first=first,
        last=last,
        check=check,
        by=by.strip(),
        why=" ".join(why.split()),
        decided_at=now,
        expires_at=now + timedelta(days=days),
        kind=kind,
    )
    _write(made, lake)
    return made


def withdraw(lake: Lake, override_id: str, *, by: str, now: datetime) -> Override:
    """Take a decision back: from now on the gate blocks again.

    Raises:
        UsageError: there is none of that id.
    """
    for known in (*read_overrides(lake), *read_decisions(lake, "silence")):
        if known.override_id == override_id:
            if known.withdrawn_at is not None:
                return known
            taken = replace(known, withdrawn_at=now, withdrawn_by=by.strip() or None)
            _write(taken, lake)
            return taken
    raise UsageError(f"no decision {override_id!r}; `marsad gates overrides` lists them")


def read_overrides(lake: Lake) -> list[Override]:
    """All decisions that let a check fail, the latest last."""
    return read_decisions(lake, "override")


def read_decisions(lake: Lake, kind: Kind) -> list[Override]:
    """All decisions of a kind, the latest last."""
    found = [_parse(lake.read_json(path)) for path in lake.list(f"{kind}s", "*.json")]
    return sorted(found, key=lambda o: (o.decided_at, o.override_id))


def override_for(
    partition: Partition, checks: Sequence[str], overrides: Sequence[Override], now: datetime
) -> str | None:
    """What lets a dataset pass although some checks block it: decisions for each of them; None where one is missing."""
    found: list[str] = []
    for check in checks:
        fitting = [o for o in overrides if o.covers(partition, check) and o.is_active(now)]
        if not fitting:
            return None
        found.append(str(fitting[-1]))
    return "; ".join(dict.fromkeys(found)) or None


def _write(override: Override, lake: Lake) -> None:
    plain = {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(override).items()}
    lake.write_json(f"{override.kind}s/{override.override_id}.json", plain)


def _parse(row: dict[str, Any]) -> Override:
    moments = {k: datetime.fromisoformat(row[k]) for k in ("decided_at", "expires_at")}
    gone = row.get("withdrawn_at")
    days = {k: parse_date(row[k]) for k in ("first", "last")}
    return Override(**{**row, **moments, **days, "withdrawn_at": datetime.fromisoformat(gone) if gone else None})
