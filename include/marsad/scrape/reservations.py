"""Reservations: what a site says of text and data mining and of training on its pages. Recorded, for who uses them.

Marsad obeys what robots.txt says to Marsad. What a site reserves against other uses is no rule of access, but it
goes with the page: whoever hands the dataset to a model must know. Read are

- robots.txt: groups for the crawlers of model makers that are shut out of everything, and Content-Signal lines
  (https://contentsignals.org);
- the answer's headers and the page's meta: ``tdm-reservation`` (TDM Reservation Protocol, W3C community report of
  2024), and ``noai``/``noimageai`` among robots directives.

That a site says nothing is not a permission.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

AI_AGENTS = (
    "GPTBot", "ChatGPT-User", "OAI-SearchBot", "ClaudeBot", "anthropic-ai", "Claude-Web", "CCBot", "Google-Extended",
    "Applebot-Extended", "PerplexityBot", "Bytespider", "Meta-ExternalAgent", "FacebookBot", "Amazonbot", "cohere-ai",
    "Diffbot", "Omgilibot", "omgili", "ImagesiftBot", "Timpibot",
)  # fmt: skip
"""Crawlers that say they gather for models, by the names they give for robots.txt."""

_BY_NAME = {name.lower(): name for name in AI_AGENTS}
_HEAD = 100_000
"""Characters of a page in which its meta elements are looked for."""
_META = re.compile(r"<meta\s[^<>]{0,500}>", re.I)
_ATTRIBUTE = re.compile(r"([\w-]{1,40})\s{0,5}=\s{0,5}(?:\"([^\"]{0,300})\"|'([^']{0,300})'|([^\s\"'>]{1,300}))")
_DIRECTIVES = frozenset({"noai", "noimageai"})
_MAX_SIGNALS = 5


def of_robots(text: str) -> tuple[str, ...]:
    """What a robots.txt reserves: ``robots: GPTBot``, ``content-signal: ai-train=no``. Linear in its length."""
    shut: set[str] = set()
    signals: list[str] = []
    agents: list[str] = []
    is_listing = False
    for line in text.splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        field, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if field == "user-agent":
            agents = agents if is_listing else []
            is_listing = True
            if value.lower() in _BY_NAME and len(agents) < len(AI_AGENTS):
                agents.append(_BY_NAME[value.lower()])
            continue
        is_listing = False
        if field == "disallow" and value in ("/", "/*"):
            shut.update(agents)
        elif field == "allow" and value in ("/", "/*"):
            shut.difference_update(agents)
        elif field == "content-signal" and len(signals) < _MAX_SIGNALS:
            signals += [
                f"content-signal: {part}" for part in _denials(value) if f"content-signal: {part}" not in signals
            ]
    return (*(f"robots: {name}" for name in AI_AGENTS if name in shut), *signals)


def of_answer(headers: Mapping[str, str], body: bytes) -> tuple[str, ...]:
    """What an answer's headers and its page's meta elements reserve: ``header: tdm-reservation=1``, ``meta: noai``."""
    found: list[str] = []
    given = {name.lower(): value for name, value in headers.items()}
    if given.get("tdm-reservation", "").strip() == "1":
        found.append("header: tdm-reservation=1")
    found += [f"header: {word}" for word in _words(given.get("x-robots-tag", ""))]
    for element in _META.findall(body[:_HEAD].decode("latin-1")):
        values = {m[0].lower(): m[1] or m[2] or m[3] for m in _ATTRIBUTE.findall(element)}
        name, content = values.get("name", "").lower(), values.get("content", "")
        if name == "tdm-reservation" and content.strip() == "1":
            found.append("meta: tdm-reservation=1")
        elif name == "robots":
            found += [f"meta: {word}" for word in _words(content)]
    return tuple(dict.fromkeys(found))


def _denials(value: str) -> list[str]:
    """``ai-train=no`` of «search=yes, ai-train=no»."""
    pairs = ("".join(part.split()).lower() for part in value[:300].split(","))
    return [pair for pair in pairs if re.fullmatch(r"[a-z-]{1,30}=no", pair)]


def _words(value: str) -> list[str]:
    return [word for word in (w.strip().lower() for w in value[:300].split(",")) if word in _DIRECTIVES]
