"""What is measured of every day of a source, by name, and what a source may say of it in its YAML.

Light on purpose: DAG files import this at parse time.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

COUNTS = {
    "urls": "addresses discovered",
    "captured": "pages captured",
    "stories": "stories",
}
LEVELS = {
    "words": "words of the median story",
    "page_bytes": "bytes of the median page",
    "mentions": "names found a story",
    "quotations": "quotations found a story",
}
SHARES = {
    "captured_share": "addresses captured, of those that may be",
    "refused_share": "addresses refused (401, 403, 429, 451, robots.txt)",
    "failing_share": "addresses without an answer, or with a server's error",
    "missing_share": "addresses that lead nowhere (404, 410)",
    "yield": "pages that gave a story",
    "quarantined": "stories in quarantine",
    "titled": "stories with a headline",
    "led": "stories with a standfirst",
    "authored": "stories with an author",
    "dated": "stories that say when they were published",
    "keyworded": "stories with keywords",
    "illustrated": "stories with a picture",
    "sectioned": "stories with a section",
    "in_language": "stories in the source's language",
    "walled": "stories behind a paywall",
    "repeated_text": "stories whose text stands on another page of the day",
    "seen_before": "stories whose text stood on a page of the week before",
}
HOURS = {"newest_story": "hour of the day of the newest story"}
MEASURES: dict[str, str] = {**COUNTS, **LEVELS, **SHARES, **HOURS}
"""Measures and what they say; ``method:<name>`` besides, the share of stories read in a way."""


class Health(BaseModel):
    """What is known of a source's days better than history can say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tolerance: float = Field(
        1.0, gt=0, le=10, description="How much wider than learned the usual range is: 2 for a restless source."
    )
    bounds: dict[str, tuple[float | None, float | None]] = Field(
        default_factory=dict,
        description="The usual range of a measure, low and high, in place of the learned one; null for no limit.",
    )

    @field_validator("bounds")
    @classmethod
    def _known(
        cls, value: dict[str, tuple[float | None, float | None]]
    ) -> dict[str, tuple[float | None, float | None]]:
        for name, (low, high) in value.items():
            if name not in MEASURES:
                raise ValueError(f"no measure {name!r}; there are {', '.join(MEASURES)}")
            if low is not None and high is not None and low > high:
                raise ValueError(f"{name}: {low:g} is more than {high:g}")
        return value
