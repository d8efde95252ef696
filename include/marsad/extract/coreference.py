"""Who a speaker is by the story's own words: «بوتين» and «الرئيس الروسي» are فلاديمير بوتين where it says so.

Surnames get the fullest name the mentions have for them. A title without a name gets the name that
stands behind the same title elsewhere in the story («قال الرئيس التركي» after «الرئيس التركي رجب طيب
أردوغان»), where exactly one person bears it; «نظيره التركي» takes its title from the one it is
measured against. Nothing from outside the story is used, so what it does not say stays as written.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Protocol

from marsad.extract.data import bare_words, names, nationalities, words
from marsad.extract.reports import cue_at
from marsad.extract.speakers import STOPS, is_audience, is_title, people
from marsad.extract.tokens import Tokens, bare, fold, is_word, stems

_REACH = 10
"""Words of the longest title read back from a name."""
_COUNTERPARTS = frozenset({"نظيره", "نظيرته", "نظيرها", "نظيرتها"})
_NAMING = frozenset({"اسمه", "اسمها", "يدعي", "تدعي"})
_CABINET = {"حكومه": "وزراء"}  # رئيس الحكومة and رئيس الوزراء are one office


class Named(Protocol):
    """What is read of a mention: its first token, its place, its type and its fullest name."""

    @property
    def first(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def name(self) -> str: ...


class People:
    """The people and organisations of one story, by name and by title."""

    def __init__(self, tokens: Tokens, mentions: Sequence[Named]) -> None:
        """Read the titles that stand before people's names. Linear in the number of mentions."""
        self.tokens = tokens
        self.mentions = sorted((m for m in mentions if m.type in ("PER", "ORG")), key=lambda m: m.start)
        self._starts = [m.start for m in self.mentions]
        self._titles: list[tuple[frozenset[str], str]] = []
        for m in self.mentions:
            if m.type == "PER":
                title = self._title_before(m.first)
                if title and (title, m.name) not in self._titles:
                    self._titles.append((title, m.name))

    def place_of(self, start: int, end: int) -> tuple[int, int]:
        """Where the speaker at ``[start, end)`` is named, by the people the recogniser sees there.

        The rules of phrases see where a title begins; a model sees better where a name does. «المنتج صالح حداد» is
        صالح حداد, «الوزير سامي» before حداد takes it in, «سامي حداد اعتراضه» loses what follows the name.
        """
        body = self.tokens.body
        at = bisect_left(self._starts, start)
        for m in self.mentions[max(0, at - 1) : at + 4]:
            if m.type != "PER" or m.end <= start or m.start > end + 1:
                continue
            if m.start <= start and end <= m.end:
                is_more = any(is_audience(fold(w)) for w in body[end : m.end].split())
                return (start, end) if is_more else (m.start, m.end)
            before = body[start : m.start].split()
            if m.start > end and not any(fold(w) in people() for w in body[m.start : m.end].split()):
                continue  # «المسؤول طالبا»: behind a title a rule may take a word for a name
            if m.start > start and m.end >= end and before and self._introduces(before, m.start):
                return m.start, m.end
            rest = body[m.end : end].split()
            is_full = m.start == start and m.end < end and " " in body[m.start : m.end]
            if is_full and rest and (rest[0].endswith(("ه", "ها", "هم")) or rest[0].startswith("بم")):
                return m.start, m.end
        return self._named_late(start, end)

    def _named_late(self, start: int, end: int) -> tuple[int, int]:
        """«منسقة الشؤون في المدينة سلمى حداد»: a title, where it is held, and only then the name."""
        body = self.tokens.body
        first = body[start:end].split(maxsplit=1)
        after = bisect_left(self._starts, end)
        if not first or not is_title(fold(first[0])) or after >= len(self.mentions):
            return start, end
        m = self.mentions[after]
        between = [fold(w) for w in body[end : m.start].split()] if m.type == "PER" and m.start - end < 40 else []
        if not 2 <= len(between) <= 4 or between[0] not in ("في", "لدي", "علي") or " " not in body[m.start : m.end]:
            return start, end
        last = between[-1]
        is_whole = last.isalpha() and (last.startswith("ال") or bool(names().starting(last)) or last in nationalities())
        return (m.start, m.end) if is_whole and all(w.isalpha() for w in between) else (start, end)

    def _introduces(self, before: Sequence[str], start: int) -> bool:
        """Whether the words before a name are a title that ends there: «مدير الشركة», but not «محامي» or «مكتب»."""
        last = fold(before[-1])
        if last in _NAMING or last in nationalities() or names().starting(last):
            return True
        if last.startswith("ال"):
            return is_title(last) or len(before) > 1 or last.endswith(("ي", "يه"))
        return last.endswith(("ها", "هم")) or (before[-1].endswith("ه") and len(last) > 3)

    def name_of(self, start: int, end: int) -> str:
        """The fullest name the story gives the speaker at ``[start, end)``; as written where it gives none."""
        written = self.tokens.body[start:end]
        at = bisect_left(self._starts, start)
        for m in self.mentions[max(0, at - 1) : at + 2]:
            if (m.start <= start and end <= m.end) or (m.start == start and m.end <= end and m.type == "PER"):
                return m.name if len(m.name) >= len(written) or m.type == "ORG" else written
        return self._by_title(start, end) or written

    def _by_title(self, start: int, end: int) -> str | None:
        t = self.tokens
        first = bisect_left(t.start, start)
        past = bisect_left(t.start, end)
        listed = [stem for stem in (t.word[k] for k in range(first, past)) if is_word(stem)]
        if not listed or past - first > _REACH or not _is_head(listed[0]):
            return None
        if len(listed) == 1 and not listed[0].startswith("ال"):
            return None  # «مسؤول»: anyone
        wanted = _key(listed)
        bearers = {name for title, name in self._titles if wanted <= title}
        return bearers.pop() if len(bearers) == 1 else None

    def _title_before(self, k: int) -> frozenset[str]:
        """The words of the title that ends before token ``k``; empty where none does."""
        t = self.tokens
        read: list[str] = []
        best = 0
        for i in range(k - 1, max(-1, k - 1 - _REACH), -1):
            word = t.word[i]
            if not is_word(word) or word in STOPS or (cue_at(word) is not None and not is_title(word)):
                break
            head = next((s for _, s in stems(word) if _is_head(s)), None)
            if head is not None:
                read.append(head)
                best = len(read)
                if head in _COUNTERPARTS:
                    read[-1] = self._office_before(i)
                    break
                if head != word:
                    break
            elif _goes_on(word):
                read.append(word)
            else:
                break
        return _key(read[:best]) - {""} if best else frozenset()

    def _office_before(self, i: int) -> str:
        """«الرئيس الروسي … ونظيره»: whose office the counterpart shares."""
        t = self.tokens
        for k in range(i - 1, max(-1, i - 16), -1):
            head = next((s for _, s in stems(t.word[k]) if is_title(s) and s not in _COUNTERPARTS), None)
            if head is not None:
                return head
            if t.word[k] in (".", "\n"):
                break
        return ""


def _is_head(word: str) -> bool:
    return is_title(word) or word in _COUNTERPARTS


def _goes_on(word: str) -> bool:
    """Whether a word can stand within a title: الخارجية، الروسي، شؤون، تركيا."""
    return (
        word.startswith(("ال", "وال", "لل"))
        or word in nationalities()
        or bare(word) in bare_words("gazetteer", "org_heads")
        or word in words("gazetteer", "title_links")
        or bool(names().starting(word))
    )


def _key(listed: Sequence[str]) -> frozenset[str]:
    found = frozenset(bare(w) for w in listed)
    if "رييس" in found or "رئيس" in found:
        found = frozenset(_CABINET.get(w, w) for w in found)
    return found
