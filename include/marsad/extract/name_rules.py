"""Names by rule: a list holds them, a head word opens them, or a title stands before them.

A name is taken because the gazetteer has it («موسكو»), because of the word before it («الرئيس …»,
«هيئة …», «مقاطعة …»), or because it begins with a given name. ``method`` says which.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

from marsad.extract import calendar as cal
from marsad.extract.data import bare_words, names, nationalities, words
from marsad.extract.features import towns
from marsad.extract.head_rules import LINKS, Found, HeadRules, verbal
from marsad.extract.reports import cue_forms
from marsad.extract.speakers import STOPS, is_title, people
from marsad.extract.tokens import Tokens, bare, fold, is_word, stems

_COUNTERPARTS = ("نظيره", "نظيرته")


def names_by_rule(tokens: Tokens) -> list[Found]:
    """The names of a text, in order, none within another."""
    reader = _Reader(tokens)
    found: list[Found] = []
    behind = 0
    for i, word, rules in [(i, word, rules) for i, word in enumerate(tokens.word) if (rules := _rules_at(word))]:
        if i < behind:
            continue
        for rule in rules:
            one = rule(reader, i, word)
            if one is not None:
                found.append(one)
                behind = one.past
                break
    return found


@lru_cache(maxsize=1 << 16)
def _rules_at(word: str) -> tuple[Callable[[_Reader, int, str], Found | None], ...]:
    """The rules that look at a word at all, in their order; most words open nothing."""
    if not word[0].isalpha():
        return ()
    forms = [stem for _, stem in stems(word)]

    def opens(*keys: str) -> bool:
        return not _heads(*keys).isdisjoint(forms)

    applies = (
        (any(is_title(s) or s in _COUNTERPARTS or s in people() for s in forms), _Reader.person),
        (opens("strong_org_heads", "naming_org_heads", "state_heads"), _Reader.organisation),
        (opens("fac_heads", "strong_fac_heads"), _Reader.facility),
        (opens("event_heads"), _Reader.event),
        (opens("terrain"), _Reader.terrain),
        (any(names().starting(s) for s in forms), _Reader.listed),
        (any(s in _places_after() for s in forms), _Reader.place),
        (any(s in nationalities() for s in forms), _Reader.nationality),
    )
    return tuple(rule for is_asked, rule in applies if is_asked)


@cache
def _heads(*keys: str) -> frozenset[str]:
    return frozenset().union(*(words("gazetteer", key) for key in keys))


@cache
def _places_after() -> frozenset[str]:
    return frozenset(fold(w) for w in ["مدينة", "بلدة", "قرية", "محافظة", "ولاية", "مقاطعة", "جزيرة", "ضاحية", "قضاء"])


@cache
def _is_known() -> frozenset[str]:
    return people() - words("gazetteer", "ambiguous_names")


class _Reader(HeadRules):
    # people

    def person(self, i: int, word: str) -> Found | None:
        t = self.tokens
        for cut, stem in stems(word):
            if is_title(stem) or stem in _COUNTERPARTS:
                k = self._behind_title(i + 1, direct=stem in words("gazetteer", "titles") or stem.startswith("نظير"))
                past = self._name_end(k) if k is not None else None
                if k is not None and past is not None:
                    start, end = self._slice(k, past, 0)
                    return Found(k, past, start, end, "PER", t.body[start:end], None, "title")
                return None
            if stem == "علي" and t.body[t.end[i] - 1] == "ى":
                continue  # the preposition على
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
                if direct and is_word(follow) and follow not in STOPS and not verbal(follow) and not verbal(word)
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
            plain = (
                past - k == 1
                and not is_title(follow)
                and not verbal(follow)
                and follow[0] not in "وفب"
                and follow not in nationalities()
            )
            if plain and not names().starting(follow) and not cue_like(follow):
                past += 1
                continue
            break
        return past

    # places and nationalities

    def terrain(self, i: int, word: str) -> Found | None:
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

    def place(self, i: int, word: str) -> Found | None:
        t = self.tokens
        if not any(stem in _places_after() for _, stem in stems(word)):
            return None
        follow = t.at(i + 1)
        if not is_word(follow) or follow in STOPS or len(follow) < 3 or verbal(follow) or follow in nationalities():
            return None
        if self.listed(i + 1, follow) is not None or (follow.startswith("ال") and follow.endswith(("يه", "ي"))):
            return None
        if bare(follow) in bare_words("gazetteer", "org_heads") or follow in cue_forms() or follow[0] in "بل":
            return None
        start, end = self._slice(i + 1, i + 2, 0)
        country = towns().get(follow)
        return Found(i + 1, i + 2, start, end, "LOC", t.body[start:end], country, "head_word")

    def nationality(self, i: int, word: str) -> Found | None:
        for cut, stem in stems(word):
            if stem in nationalities() and stem not in ("هندي", "مصر", "مجري", "تركي") and (cut == 0 or len(stem) > 4):
                start, end = self._slice(i, i + 1, cut)
                text = self.tokens.body[start:end]
                return Found(i, i + 1, start, end, "MISC", text, nationalities()[stem], "nationality")
        return None


def cue_like(word: str) -> bool:
    """Whether a folded word is a cue verb, with or without its conjunction."""
    return word in cue_forms() or word[1:] in cue_forms()
