"""Our own labelled stories: what the files hold, and how they are read.

An article is a line ``== event | source | hour | flags``, its headline, its text. The event is ``-`` for an article
that no other tells of. Flags: ``live``, ``breaking``, ``day`` (a day without an hour), ``copy=N`` (the text of the
Nth article of the file, or of the one so many before, and then what follows).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

TITLES = {
    "sahil": "وكالة الساحل", "nahda": "النهضة", "barq": "برق نيوز", "afaq": "آفاق", "sabah": "الصباح الجديد",
    "mada": "مدى", "rasid": "الراصد",
}  # fmt: skip
"""The invented sources; the first is an agency that others copy."""


@dataclass(frozen=True)
class Labelled:
    """One article and the event it tells of."""

    article_id: str
    event: str
    source: str
    date: date
    published_at: datetime | None
    title: str
    body: str
    credits: tuple[str, ...]
    is_live: bool


def read(part: str) -> list[Labelled]:
    """The articles of a part, ``dev`` or ``heldout``.

    Raises:
        ValueError: an article of it cannot be read.
    """
    text = (Path(__file__).parent / f"{part}.txt").read_text("utf-8")
    found: list[Labelled] = []
    for n, block in enumerate(re.split(r"^== ", text, flags=re.M)[1:]):
        head, title, *rest = block.strip().split("\n")
        event, source, hour, *flags = (field.strip() for field in head.split("|"))
        if source not in TITLES or not title:
            raise ValueError(f"{part}.txt: article {n + 1} has no known source or no headline")
        options = flags[0].split() if flags else []
        body = "\n\n".join(rest)
        credits: tuple[str, ...] = ()
        for option in options:
            if option.startswith("copy="):
                at = int(option.removeprefix("copy="))
                original = found[at - 1 if at > 0 else n + at]
                body = "\n\n".join(part for part in (original.body, body) if part)
                credits = (TITLES[original.source],)
        at_hour = None if "day" in options else datetime.fromisoformat(hour).replace(tzinfo=UTC)
        found.append(
            Labelled(
                article_id=f"{part}{n + 1:03}",
                event=f"single-{n + 1}" if event == "-" else event,
                source=source,
                date=date.fromisoformat(hour[:10]),
                published_at=at_hour,
                title=title,
                body=body,
                credits=credits,
                is_live="live" in options,
            )
        )
    return found
