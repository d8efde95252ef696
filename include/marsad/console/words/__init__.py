"""The console's texts, in Arabic and English: one YAML file each, the same keys in both."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml
from starlette.requests import Request

LANGUAGES = ("ar", "en")
DEFAULT = "en"
COOKIE = "marsad_lang"


@dataclass(frozen=True)
class Words:
    """The texts of one language, by dotted key."""

    language: str
    texts: Mapping[str, str]

    @property
    def direction(self) -> str:
        """rtl or ltr."""
        return "rtl" if self.language == "ar" else "ltr"

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, filled in.

        Raises:
            KeyError: there is no such text, which a test holds never to be.
        """
        text = self.texts[key]
        return text.format(**values) if values else text

    def name(self, group: str, name: str) -> str:
        """What is said of a name of the data's (an outcome, a level); the name itself where nothing is."""
        return self.texts.get(f"{group}.{name}", name)


@functools.cache
def words(language: str) -> Words:
    """The texts of a language."""
    file = resources.files("marsad.console.words").joinpath(f"{language}.yaml")
    return Words(language, dict(_flat(yaml.safe_load(file.read_text("utf-8")))))


def _flat(tree: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in tree.items():
        key = f"{above}{name}"
        found += _flat(value, f"{key}.") if isinstance(value, dict) else [(key, str(value))]
    return found


def language_of(request: Request) -> str:
    """The language that was asked for: in the address, by the cookie, by the browser."""
    for said in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if said in LANGUAGES:
            return said
    weighed = []
    for part in request.headers.get("accept-language", "").split(","):
        name, _, quality = part.strip().partition(";q=")
        try:
            weighed.append((float(quality or 1), name.split("-")[0].lower()))
        except ValueError:
            continue
    known = [(weight, name) for weight, name in weighed if name in LANGUAGES and weight > 0]
    return max(known, key=lambda pair: pair[0])[1] if known else DEFAULT
