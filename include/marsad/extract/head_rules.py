"""Names by their head word: organisations, facilities and events, and what the gazetteer lists.

«وزارة …», «مطار …», «معرض …»: the name is the head and the defined words behind it that still belong to it,
an adjective, «لل…», a place or a person it is called after.
"""

from __future__ import annotations

from dataclasses import dataclass

from marsad.extract import calendar as cal
from marsad.extract.data import bare_words, names, nationalities, words
from marsad.extract.quotes import MARKS
from marsad.extract.record import MentionType
from marsad.extract.speakers import STOPS, is_title, people
from marsad.extract.tokens import Tokens, bare, fold, is_word, stems

LINKS = frozenset(fold(w) for w in ["بن", "ابن", "أبو", "أبي", "آل", "عبد", "دي", "فان", "فون", "ال"])
"""Words that stand within a person's name, never at its end."""
_MAX_ORG = 7
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


def _vowelled(text: str) -> str | None:
    """عمّان is Amman, عُمان is Oman; without a sign it may be either."""
    if fold(text) != "عمان":
        return None
    return "JO" if "\u0651" in text else "OM" if text.startswith("ع\u064f") else None


class HeadRules:
    """Reads one text; every method takes a token and its folded word."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens

    def _slice(self, first: int, past: int, cut: int) -> tuple[int, int]:
        return self.tokens.inside(first, cut) if cut else self.tokens.start[first], self.tokens.end[past - 1]

    def listed(self, i: int, word: str) -> Found | None:
        t = self.tokens
        for cut, stem in stems(word):
            for parts, name, kind, country in names().starting(stem):
                if len(parts) > 1 and tuple(t.word[i + 1 : i + len(parts)]) != parts[1:]:
                    continue
                if stem == "المغرب" and bare(t.at(i - 1)) in bare_words("gazetteer", "before_sunset"):
                    return None
                past = i + len(parts)
                start, end = self._slice(i, past, cut)
                if kind == "LOC" and country is None:
                    country = self._capital_of(i) or _vowelled(t.body[start:end])
                # the story's own spelling, but for «للكرملين», where the article is not written out
                own = name if t.word[i][:cut].endswith("لل") else t.body[start:end]
                return Found(i, past, start, end, _KINDS[kind], own, country, "gazetteer")
        return None

    def _capital_of(self, i: int) -> str | None:
        """The country of «العاصمة الأردنية عمان»."""
        adjective = self.tokens.at(i - 1)
        is_capital = any(stem == "العاصمه" for _, stem in stems(self.tokens.at(i - 2)))
        return nationalities().get(adjective) if is_capital else None

    def _follows(self, i: int, parts: tuple[str, ...]) -> bool:
        return all(self.tokens.at(i + n) == part for n, part in enumerate(parts))

    def organisation(self, i: int, word: str) -> Found | None:
        t = self.tokens
        for cut, stem in stems(word):
            if stem in words("gazetteer", "state_heads") and t.at(i + 1) in nationalities():
                adjective = t.at(i + 1)
                # «وزير الداخلية الأسترالي»: the adjective is the minister's
                agrees = adjective.endswith("ه" if stem.endswith(("ه", "ات")) else "ي")
                if not agrees or not adjective.startswith("ال") or is_title(t.at(i - 1)):
                    continue
                start, end = self._slice(i, i + 2, cut)
                return Found(i, i + 2, start, end, "ORG", t.body[start:end], None, "head_word")
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
            known = self.listed(i, word)
            if known is not None and known.type == "ORG":
                return known
            if stem in words("gazetteer", "naming_org_heads") and is_word(t.at(past)):
                listed = self.listed(past, t.at(past))
                if listed is None:
                    listed = self._ambiguous(past)
                if listed is not None and listed.type == "ORG" and listed.start == t.start[past]:
                    return listed  # «شركة مايكروسوفت»: the name is مايكروسوفت
            if stem not in words("gazetteer", "strong_org_heads"):
                return None
            if t.at(past) == "الاداره":
                return None  # «مجلس الإدارة»: any company's
            place = self._place_at(past)
            past += place
            while past - i < _MAX_ORG and self._continues(past, is_first=past == i + 1):
                past += 1
            if past == i + 1 or (place and past == i + 1 + place and stem in ("مجلس", "لجنه")):
                return None
            start, end = self._slice(i, past, cut)
            return Found(i, past, start, end, "ORG", t.body[start:end], None, "head_word")
        return None

    def _ambiguous(self, i: int) -> Found | None:
        """An organisation whose name is also a word: only behind its head, «شركة أبل»."""
        t = self.tokens
        for key in ("ambiguous", "with_head"):
            if t.at(i) in words("organisations", key):
                start, end = self._slice(i, i + 1, 0)
                return Found(i, i + 1, start, end, "ORG", t.body[start:end], None, "gazetteer")
        return None

    def _place_at(self, i: int) -> int:
        """How many words a listed place at a token has, 0 if there is none."""
        return next((len(e[0]) for e in names().starting(self.tokens.at(i)) if self._follows(i, e[0])), 0)

    def _continues(self, k: int, *, is_first: bool) -> bool:
        """Whether a word goes on with a name of defined nouns: الأمن, الفيدرالية, للتعاون, والتنمية.

        Behind the first, only an adjective, «لل…» or «وال…» does: «لجنة الخبراء» ends before «الخسائر».
        """
        t = self.tokens
        word = t.at(k)
        if word.startswith("وال") and (is_title(word[1:]) or is_title(word[3:]) or word[1:] in nationalities()):
            return False  # «وكالة الاستخبارات المركزية والعضو …»
        if word in STOPS or is_title(word) or word in cal.weekdays() or word in people():
            return False
        if word.startswith("ال") and word[2:] in cal.units():
            return False
        if len(word) < 5 or not word.startswith(("ال", "لل", "وال")):
            return False
        if is_first or word.startswith(("لل", "وال")):
            return t.at(k - 1) not in nationalities() or not word.startswith("وال")
        ends = ("ي", "يه") if t.at(k - 1) in nationalities() else ("ي", "ه", "ين")
        return word.endswith(ends) or t.at(k - 1).startswith(("لل", "وال"))

    def _quoted(self, k: int) -> tuple[int, int, int, int] | None:
        """A short marked text at token ``k``: (first, past, start, end) of what the marks hold."""
        t = self.tokens
        for m in range(k + 2, min(k + 8, len(t))):
            if t.at(m) in MARKS:
                return k + 1, m, t.start[k + 1], t.end[m - 1]
        return None

    def facility(self, i: int, word: str) -> Found | None:
        t = self.tokens
        for cut, stem in stems(word):
            if stem not in words("gazetteer", "fac_heads") and stem not in words("gazetteer", "strong_fac_heads"):
                continue
            if t.at(i + 1) in MARKS:
                quoted = self._quoted(i + 1)
                if quoted is None:
                    return None
                known = self.listed(quoted[0], t.at(quoted[0]))
                kind: MentionType = "ORG" if known is not None and known.type == "ORG" else "FAC"  # محطة «فوكس نيوز»
                return Found(i, quoted[1] + 1, *quoted[2:], kind, t.body[quoted[2] : quoted[3]], None, "head_word")
            person = self._called_after(i + 1)
            if stem not in words("gazetteer", "strong_fac_heads") and not person:
                return None
            first = t.at(i + 1)
            proper = is_word(first) and first not in STOPS and (person or not verbal(first))
            if not proper or first in nationalities() or first.startswith("لل"):
                return None
            place = 0 if person else self._place_at(i + 1)
            past = i + 1 + (person or place or 1)
            while past - i < 7 and self._continues(past, is_first=False):
                past += 1
            if not first.startswith("ال") and past == i + 2 and not place and not person:
                return None  # «محطة وقود»: a kind, not a name
            start, end = self._slice(i, past, cut)
            return Found(i, past, start, end, "FAC", t.body[start:end], None, "head_word")
        return None

    def _called_after(self, i: int) -> int:
        """How many words a person has whom a place is called after: «مطار الملك عبد العزيز», «شارع خالد بن الوليد»."""
        t = self.tokens
        k = i + 1 if is_title(t.at(i)) else i
        begin = k
        while k - begin < 4 and (
            t.at(k) in people() or t.at(k) in LINKS or (k > begin and t.at(k - 1) in LINKS and is_word(t.at(k)))
        ):
            k += 1
        is_enough = k - begin > 1 or k - begin == begin - i == 1  # «مستشفى الملك فهد»
        return k - i if is_enough and t.at(k - 1) not in LINKS else 0

    def event(self, i: int, word: str) -> Found | None:
        t = self.tokens
        for cut, stem in stems(word):
            if stem not in words("gazetteer", "event_heads"):
                continue
            if t.at(i + 1) in MARKS:
                quoted = self._quoted(i + 1)
                if quoted is None:
                    return None
                text = t.body[quoted[2] : quoted[3]]
                return Found(i, quoted[1] + 1, *quoted[2:], "EVENT", text, None, "head_word")
            place = self._place_at(i + 1)
            if stem not in words("gazetteer", "strong_event_heads") or not place:
                return None
            past = i + 1 + place
            while past - i < 7 and self._continues(past, is_first=False):
                past += 1
            if past == i + 1 + place:
                return None  # «معرض القاهرة» may be any
            start, end = self._slice(i, past, cut)
            return Found(i, past, start, end, "EVENT", t.body[start:end], None, "head_word")
        return None


def verbal(word: str) -> bool:
    """Whether an unlisted word looks like a verb of the present or future, or a feminine past."""
    return (len(word) > 3 and word[0] in "يت" and word not in people()) or (
        len(word) > 4 and (word[:2] in ("سي", "ست") or word.endswith("ت"))
    )
