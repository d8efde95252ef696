"""Names by rule: a list holds them, a head word opens them, or a title stands before them.

A name is taken because the gazetteer has it («موسكو»), because of the word before it («الرئيس …»,
«هيئة …», «مقاطعة …»), or because it begins with a given name. ``method`` says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from marsad.extract import calendar as cal
from marsad.extract.data import bare_words, names, nationalities, words
from marsad.extract.quotes import MARKS
from marsad.extract.record import MentionType
from marsad.extract.reports import cue_forms
from marsad.extract.speakers import STOPS, is_title, people
from marsad.extract.tokens import Tokens, bare, fold, is_word, stems

LINKS = frozenset(fold(w) for w in ["بن", "ابن", "أبو", "أبي", "آل", "عبد", "دي", "فان", "فون", "ال"])
"""Words that stand within a person's name, never at its end."""
_MAX_ORG = 7
_HEADS = ("strong_org_heads", "naming_org_heads", "fac_heads", "event_heads", "terrain")
_KINDS: dict[str, MentionType] = {"LOC": "LOC", "ORG": "ORG", "EVENT": "EVENT"}


@dataclass(frozen=True, slots=True)
class Found:
    """A name before it becomes a row; ``first``/``past`` are tokens."""

    first: int
    past: int
    start: int
    end: int
    type: MentionType
    name: str
    country: str | None
    method: str
    confidence: float = 1.0


def names_by_rule(tokens: Tokens) -> list[Found]:
    """The names of a text, in order, none within another."""
    reader = _Reader(tokens)
    found: list[Found] = []
    i = 0
    while i < len(tokens):
        word = tokens.at(i)
        one = reader.at(i, word) if _may_open(word) else None
        if one is None:
            i += 1
            continue
        found.append(one)
        i = max(one.past, i + 1)
    return found


@lru_cache(maxsize=1 << 16)
def _may_open(word: str) -> bool:
    """Whether any rule looks at a word at all; most words open nothing."""
    if not word[0].isalpha():
        return False
    lists = [words("gazetteer", key) for key in _HEADS]
    return any(
        is_title(stem) or stem in ("نظيره", "نظيرته") or stem in people() or stem in nationalities()
        or bool(names().starting(stem)) or stem in _places_after() or any(stem in listed for listed in lists)
        for _, stem in stems(word)
    )  # fmt: skip


@cache
def _places_after() -> frozenset[str]:
    return frozenset(fold(w) for w in ["مدينة", "بلدة", "قرية", "محافظة", "ولاية", "مقاطعة", "جزيرة", "ضاحية", "قضاء"])


@cache
def _is_known() -> frozenset[str]:
    return people() - words("gazetteer", "ambiguous_names")


class _Reader:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens

    def at(self, i: int, word: str) -> Found | None:
        return (
            self._person(i, word)
            or self._organisation(i, word)
            or self._facility(i, word)
            or self._event(i, word)
            or self._terrain(i, word)
            or self._listed(i, word)
            or self._place(i, word)
            or self._nationality(i, word)
        )

    def _slice(self, first: int, past: int, cut: int) -> tuple[int, int]:
        return self.tokens.inside(first, cut) if cut else self.tokens.start[first], self.tokens.end[past - 1]

    # people

    def _person(self, i: int, word: str) -> Found | None:
        t = self.tokens
        for cut, stem in stems(word):
            if is_title(stem) or stem in ("نظيره", "نظيرته"):
                k = self._behind_title(i + 1, direct=stem in words("gazetteer", "titles") or stem.startswith("نظير"))
                past = self._name_end(k) if k is not None else None
                if k is not None and past is not None:
                    start, end = self._slice(k, past, 0)
                    return Found(k, past, start, end, "PER", t.body[start:end], None, "title")
                return None
            if stem in people() and (stem in _is_known() or self._is_pair(i)):
                past = self._name_end(i, stem)
                if past is None or (past == i + 1 and stem not in words("gazetteer", "surnames")):
                    return None
                start, end = self._slice(i, past, cut)
                return Found(i, past, start, end, "PER", t.body[start:end], None, "given_name")
        return None

    def _is_pair(self, i: int) -> bool:
        follow = self.tokens.at(i + 1)
        return follow in _is_known() or (follow in people() and follow.startswith("ال")) or follow == "بن"

    def _behind_title(self, k: int, *, direct: bool) -> int | None:
        """The first word of the name behind a title, its complements skipped; within eight words."""
        t = self.tokens
        adjectives = words("gazetteer", "title_adjectives")
        first = k
        for k in range(first, first + 8):
            word = t.at(k)
            if not is_word(word) or (word in STOPS and word not in ("في",)):
                return None
            if is_title(word) or word in adjectives or word in nationalities():
                direct = word in words("gazetteer", "titles") if is_title(word) else direct
                continue
            if word in people():
                return k
            if word.startswith(("ال", "وال", "لل")) or bare(word) in bare_words("gazetteer", "org_heads"):
                direct = False
                continue
            if bare(word) in bare_words("gazetteer", "title_links") or names().starting(word):
                direct = False
                continue
            # an unlisted word counts as a name only right behind a title and before another such word
            if word[0] in "لبوف":
                return None  # «الأب الروحي لكليهما»
            follow = t.at(k + 1)
            return (
                k
                if direct and is_word(follow) and follow not in STOPS and not _verbal(follow) and not _verbal(word)
                else None
            )
        return None

    def _name_end(self, k: int, first: str | None = None) -> int | None:
        """The token behind a name that begins at ``k``: at most five words."""
        t = self.tokens
        word = first or t.at(k)
        past = k + 1
        if word in words("gazetteer", "surnames") and word not in words("gazetteer", "given_names"):
            return past
        while past - k < 5:
            follow = t.at(past)
            if follow == "علي" and t.body[t.end[past] - 1] == "ي" and t.at(past - 1) in people():
                past += 1  # علي, not على
                continue
            if not is_word(follow) or follow in STOPS or follow in cue_forms() or follow in cal.units():
                break
            before = t.at(past - 1)
            if before in LINKS or follow in LINKS or follow in ("الدين", "الله"):
                past += 1
                continue
            if follow in people():
                past += 1
                if follow in words("gazetteer", "surnames") and follow not in words("gazetteer", "given_names"):
                    break
                continue
            plain = past - k == 1 and not _verbal(follow) and follow[0] not in "وفب" and follow not in nationalities()
            if plain and not names().starting(follow) and not cue_like(follow):
                past += 1
                continue
            break
        return past

    # organisations, facilities, events

    def _organisation(self, i: int, word: str) -> Found | None:
        t = self.tokens
        for cut, stem in stems(word):
            if stem not in words("gazetteer", "strong_org_heads") and stem not in words(
                "gazetteer", "naming_org_heads"
            ):
                continue
            past = i + 1
            if t.at(past) in MARKS:
                quoted = self._quoted(past)
                if quoted is None:
                    return None
                return Found(i, quoted[1] + 1, *quoted[2:], "ORG", t.body[quoted[2] : quoted[3]], None, "head_word")
            if stem in words("gazetteer", "naming_org_heads") and is_word(t.at(past)):
                listed = self._listed(past, t.at(past))
                if listed is not None and listed.type == "ORG" and listed.start == t.start[past]:
                    start, _ = self._slice(i, past, cut)
                    return Found(i, listed.past, start, listed.end, "ORG", listed.name, None, "gazetteer")
            if stem not in words("gazetteer", "strong_org_heads"):
                return None
            place = next(
                (e for e in names().starting(t.at(past)) if all(t.at(past + n) == w for n, w in enumerate(e[0]))), None
            )
            if place is not None:
                past += len(place[0])
            while past - i < _MAX_ORG and self._continues(past):
                past += 1
            if past == i + 1 or (place is not None and past == i + 1 + len(place[0]) and stem in ("مجلس", "لجنه")):
                return None
            start, end = self._slice(i, past, cut)
            return Found(i, past, start, end, "ORG", t.body[start:end], None, "head_word")
        return None

    def _continues(self, k: int) -> bool:
        """Whether a word goes on with a name of defined nouns: الأمن، الفيدرالية، للتعاون، والتنمية."""
        word = self.tokens.at(k)
        if word in STOPS or is_title(word) or word in cal.weekdays() or word in people():
            return False
        if word.startswith("ال") and word[2:] in cal.units():
            return False
        return len(word) > 4 and word.startswith(("ال", "لل", "وال"))

    def _quoted(self, k: int) -> tuple[int, int, int, int] | None:
        """A short marked text at token ``k``: (first, past, start, end) of what the marks hold."""
        t = self.tokens
        for m in range(k + 2, min(k + 8, len(t))):
            if t.at(m) in MARKS:
                return k + 1, m, t.start[k + 1], t.end[m - 1]
        return None

    def _facility(self, i: int, word: str) -> Found | None:
        t = self.tokens
        for cut, stem in stems(word):
            if stem not in words("gazetteer", "fac_heads"):
                continue
            if t.at(i + 1) in MARKS:
                quoted = self._quoted(i + 1)
                if quoted is None:
                    return None
                return Found(i, quoted[1] + 1, *quoted[2:], "FAC", t.body[quoted[2] : quoted[3]], None, "head_word")
            if stem not in words("gazetteer", "strong_fac_heads"):
                return None
            past = i + 1
            proper = is_word(t.at(past)) and t.at(past) not in STOPS and not _verbal(t.at(past))
            if not proper or t.at(past) in nationalities() or t.at(past).startswith("لل"):
                return None
            past += 1
            while past - i < 5 and self._continues(past):
                past += 1
            if not t.at(i + 1).startswith("ال") and past == i + 2 and not names().starting(t.at(i + 1)):
                return None  # «محطة وقود»: a kind, not a name
            start, end = self._slice(i, past, cut)
            return Found(i, past, start, end, "FAC", t.body[start:end], None, "head_word")
        return None

    def _event(self, i: int, word: str) -> Found | None:
        for _, stem in stems(word):
            if stem in words("gazetteer", "event_heads") and self.tokens.at(i + 1) in MARKS:
                quoted = self._quoted(i + 1)
                if quoted is None:
                    return None
                text = self.tokens.body[quoted[2] : quoted[3]]
                return Found(i, quoted[1] + 1, *quoted[2:], "EVENT", text, None, "head_word")
        return None

    # places and nationalities

    def _listed(self, i: int, word: str) -> Found | None:
        t = self.tokens
        for cut, stem in stems(word):
            for parts, name, kind, country in names().starting(stem):
                if any(t.at(i + n) != part for n, part in enumerate(parts) if n):
                    continue
                if stem == "المغرب" and bare(t.at(i - 1)) in bare_words("gazetteer", "before_sunset"):
                    return None
                past = i + len(parts)
                start, end = self._slice(i, past, cut)
                if kind == "LOC" and country is None:
                    country = self._capital_of(i)
                return Found(i, past, start, end, _KINDS[kind], name, country, "gazetteer")
        return None

    def _capital_of(self, i: int) -> str | None:
        """The country of «العاصمة الأردنية عمان»."""
        adjective = self.tokens.at(i - 1)
        is_capital = any(stem == "العاصمه" for _, stem in stems(self.tokens.at(i - 2)))
        return nationalities().get(adjective) if is_capital else None

    def _terrain(self, i: int, word: str) -> Found | None:
        """نهر الأردن, خليج عمان: a part of nature called after something, with no code of its own."""
        t = self.tokens
        cut = next((c for c, stem in stems(word) if stem in words("gazetteer", "terrain")), None)
        if cut is None or not is_word(t.at(i + 1)):
            return None
        listed = next((e for e in names().starting(t.at(i + 1)) if e[2] == "LOC" and self._follows(i + 1, e[0])), None)
        if listed is None:
            return None
        past = i + 1 + len(listed[0])
        start, end = self._slice(i, past, cut)
        return Found(i, past, start, end, "LOC", t.body[start:end], None, "head_word")

    def _follows(self, i: int, parts: tuple[str, ...]) -> bool:
        return all(self.tokens.at(i + n) == part for n, part in enumerate(parts))

    def _place(self, i: int, word: str) -> Found | None:
        t = self.tokens
        if not any(stem in _places_after() for _, stem in stems(word)):
            return None
        follow = t.at(i + 1)
        if not is_word(follow) or follow in STOPS or len(follow) < 3 or _verbal(follow) or follow in nationalities():
            return None
        if self._listed(i + 1, follow) is not None or (follow.startswith("ال") and follow.endswith(("يه", "ي"))):
            return None
        if bare(follow) in bare_words("gazetteer", "org_heads") or follow in cue_forms() or follow[0] in "بل":
            return None
        start, end = self._slice(i + 1, i + 2, 0)
        return Found(i + 1, i + 2, start, end, "LOC", t.body[start:end], None, "head_word")

    def _nationality(self, i: int, word: str) -> Found | None:
        for cut, stem in stems(word):
            if stem in nationalities() and stem not in ("هندي", "مصر", "مجري", "تركي") and (cut == 0 or len(stem) > 4):
                start, end = self._slice(i, i + 1, cut)
                text = self.tokens.body[start:end]
                return Found(i, i + 1, start, end, "MISC", text, nationalities()[stem], "nationality")
        return None


def cue_like(word: str) -> bool:
    """Whether a folded word is a cue verb, with or without its conjunction."""
    return word in cue_forms() or word[1:] in cue_forms()


def _verbal(word: str) -> bool:
    """Whether an unlisted word looks like a verb of the present or future, or a feminine past."""
    return (len(word) > 3 and word[0] in "يت" and word not in people()) or (
        len(word) > 4 and (word[:2] in ("سي", "ست") or word.endswith("ت"))
    )
