"""How near a reader's output is to the gold: text, title, date, authors.

The text's measure is that of scrapinghub's article-extraction-benchmark (MIT): precision,
recall and F1 over the multiset of 4-grams of the text's words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone

_EASTERNMOST = timezone(timedelta(hours=4))
_TOKEN = re.compile(r"\w+")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u0640\u064b-\u0652\u0670]")
_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "’": "'", "‘": "'", "“": '"', "”": '"'})


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """The n-grams of a text's words; the whole text where it has fewer words than ``size``."""
    tokens = _TOKEN.findall(text or "")
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[i : i + size]) for i in range(max(1, len(tokens) - size + 1)))


def overlap(gold: Counter[object], found: Counter[object]) -> tuple[float, float, float]:
    """Precision, recall and F1 of two multisets; two empty ones agree."""
    if not gold and not found:
        return 1.0, 1.0, 1.0
    both = sum((gold & found).values())
    precision = both / sum(found.values()) if found else 0.0
    recall = both / sum(gold.values()) if gold else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0


def text_score(gold: str, found: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of one page's text, by 4-gram shingles."""
    return overlap(Counter(shingles(gold)), Counter(shingles(found)))


def plain(text: str) -> str:
    """A text as it is compared: spaces, unseen marks, tashkeel, tatweel and spellings of one letter levelled."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text or ""))
    return " ".join(text.translate(_LETTERS).split()).casefold()


def is_title(found: str | None, gold: Iterable[str]) -> bool:
    """Whether a title is exactly one of those that the gold accepts."""
    return bool(found) and plain(found or "") in {plain(g) for g in gold}


def is_day(found: str | None, gold: str) -> bool:
    """Whether both say the same day: in the gold's zone, where both are instants with one.

    A gold that is only a day is the site's own: an instant has that day in UTC or in the easternmost
    zone of the Arabic sites (+04:00), since a page just after midnight there is of the day before in UTC.
    """
    if not found:
        return False
    try:
        have, want = datetime.fromisoformat(found), datetime.fromisoformat(gold)
    except ValueError:
        return found[:10] == gold[:10]
    if have.tzinfo and want.tzinfo:
        have = have.astimezone(want.tzinfo)
    elif have.tzinfo and have.time() != time():
        return want.date() in (have.date(), have.astimezone(_EASTERNMOST).date())
    return have.date() == want.date()


def is_authors(found: Iterable[str], gold: Iterable[str]) -> bool:
    """Whether the same authors are named, in any order."""
    return {plain(a) for a in found} == {plain(a) for a in gold}
