"""robots.txt, as RFC 9309 has it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from protego import Protego

from marsad.scrape.record import Outcome
from marsad.scrape.reservations import of_robots

MAX_ROBOTS_BYTES = 500_000  # RFC 9309, 2.5: at least 500 kibibytes are to be read
_AGENT_LINE = re.compile(r"^[ \t]*user[- ]?agent[ \t]*[: \t]([^#\r\n]*)", re.I | re.M)


@dataclass(frozen=True)
class Robots:
    """One host's rules; ``unavailable`` says why nothing may be fetched now."""

    rules: Protego | None = None
    unavailable: str | None = None
    outcome: Outcome = "http_error"
    opt_outs: tuple[str, ...] = ()
    """What it reserves against mining and training."""

    def allows(self, url: str, user_agent: str) -> bool:
        """Whether a URL may be fetched. No rules: all may."""
        return self.rules is None or bool(self.rules.can_fetch(url, product_token(user_agent)))

    def delay(self, user_agent: str) -> float:
        """The crawl-delay in seconds, 0 where none is asked for; capped at 30, a longer one being a mistake."""
        asked = self.rules.crawl_delay(product_token(user_agent)) if self.rules else None
        return min(float(asked), 30.0) if asked else 0.0


def product_token(user_agent: str) -> str:
    """The name by which robots.txt knows us: ``Marsad`` of ``Marsad/0.1 (+https://…)`` (RFC 9309, 2.2.1)."""
    return re.split(r"[/\s(]", user_agent.strip(), maxsplit=1)[0]


def read_robots(
    status: int | None, body: bytes, error: str | None, outcome: Outcome, *, user_agent: str = "marsad"
) -> Robots:
    """Rules from an answer: 4xx, or redirects without end, means none; 5xx or no answer means
    not now (RFC 9309, 2.3.1)."""
    if status is not None and 200 <= status < 300 and outcome == "captured":
        text = body[:MAX_ROBOTS_BYTES].decode("utf-8-sig", "replace")
        return Robots(Protego.parse(_without_strangers(text, user_agent)), opt_outs=of_robots(text))
    if status is not None and 300 <= status < 500 and status != 429:
        return Robots()
    return Robots(unavailable=f"robots.txt: {error or f'HTTP {status}'}", outcome=outcome)


def _without_strangers(text: str, user_agent: str) -> str:
    """Give all robots that are not us one name: Protego keeps every rule once for each name of its
    group, so that half a megabyte of names and rules would fill the memory."""
    us = product_token(user_agent).lower()

    def rename(line: re.Match[str]) -> str:
        name = line[1].strip().lower()
        is_ours = name == "*" or (name.replace("*", "") and name.replace("*", "") in us)
        return line[0] if is_ours or not name else "User-agent: another-robot"

    return _AGENT_LINE.sub(rename, text)
