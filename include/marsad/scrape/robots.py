"""robots.txt, as RFC 9309 has it."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

MAX_ROBOTS_BYTES = 500_000  # RFC 9309, 2.5: at least 500 kibibytes are to be read


@dataclass(frozen=True)
class Robots:
    """One host's rules; ``unavailable`` says why nothing may be fetched now."""

    rules: Protego | None = None
    unavailable: str | None = None
    outcome: str = "http_error"

    def allows(self, url: str, user_agent: str) -> bool:
        """Whether a URL may be fetched. No rules: all may."""
        return self.rules is None or bool(self.rules.can_fetch(url, user_agent))

    def delay(self, user_agent: str) -> float:
        """The crawl-delay in seconds, 0 where none is asked for; capped at 30, a longer one being a mistake."""
        asked = self.rules.crawl_delay(user_agent) if self.rules else None
        return min(float(asked), 30.0) if asked else 0.0


def read_robots(status: int | None, body: bytes, error: str | None, outcome: str) -> Robots:
    """Rules from an answer: 4xx means none, 5xx or no answer means not now (RFC 9309, 2.3.1)."""
    if status is not None and 200 <= status < 300:
        return Robots(Protego.parse(body[:MAX_ROBOTS_BYTES].decode("utf-8-sig", "replace")))
    if status is not None and 400 <= status < 500 and status != 429:
        return Robots()
    return Robots(unavailable=f"robots.txt: {error or f'HTTP {status}'}", outcome=outcome)
