"""Whose sentence it is: the subject behind or before a verb, and the name that stands with a title."""

from __future__ import annotations

from marsad.extract.data import names, nationalities, words
from marsad.extract.items import Item
from marsad.extract.memory import Memory
from marsad.extract.phrases import Phrase, read_phrase
from marsad.extract.reports import (
    Cue,
    Gender,
    Report,
    cue_at,
    cue_forms,
    doer_gender,
    goes_on,
    that_words,
)
from marsad.extract.speakers import STOPS, is_agent, is_title, people
from marsad.extract.tokens import Tokens, is_word

_CONNECTORS = frozenset(
    {"و", "وكان", "وكانت", "كان", "كانت", "لكن", "ولكن", "اما", "واما", "فيما", "بينما", "غير", "الا"}
)

_BEFORE_VERB = frozenset({"من", "ومن", "في", "وفي", "كما", "وكما", "ثم", "قد", "وقد", "و", "فقد", "حيث", "ايضا"})


class Subjects:
    """One sentence: its items ``[first, past)`` of a paragraph, and who acts in it."""

    def __init__(self, tokens: Tokens, items: list[Item], first: int, past: int, memory: Memory) -> None:
        self.tokens, self.items, self.first, self.past, self.memory = tokens, items, first, past, memory
        self.report: Report | None = None
        self.subject: Phrase | None = None
        self.subject_gender: str | None = None

    def open(self) -> None:
        """Note whose sentence it is where its verb is no cue: «استقبل الرئيس … مشيرا إلى أن»."""
        items, i = self.items, self.first
        turned = False
        while i < min(self.past, self.first + 4):
            opens = items[i].word in _BEFORE_VERB or items[i].word in _CONNECTORS or items[i].word == "،"
            if items[i].word in words("cues", "turns") or opens:
                turned = turned or items[i].word in words("cues", "turns")
                i += 1
            else:
                break
        if i + 1 >= self.past or items[i].marked is not None:
            return
        if turned:
            self.memory.keep(None)
        start = i if is_title(items[i].word) or items[i].word in people() else i + 1
        word = items[start].word
        if word and (is_title(word) or word in people()) and cue_at(items[i].word) is None:
            phrase = read_phrase(items, start, self.past, cue_forms())
            self.subject = phrase if phrase is not None and self._ends_surely(phrase, start) else None
            verb = items[i].word if start > i else ""
            self.subject_gender = "f" if verb.endswith("ت") else None
            if turned and self.subject is not None:
                self.memory.keep(self._weak(self.subject))
        if self.subject is None:
            self._doer()

    def _doer(self) -> None:
        """The subject of the first verb that shows who acts: «وخلال اللقاء رحب السفير سامي حداد بالحضور»."""
        items = self.items
        for k in range(self.first, min(self.past - 1, self.first + 24)):
            word = items[k].word
            if not word or word in that_words() or word == ":":
                return
            gender = doer_gender(word)
            if gender is None:
                found = cue_at(word)
                if found is None or found[0].form != "verb" or found[0].gender == "p":
                    continue
                gender = found[0].gender
            if k > self.first and items[k - 1].word in ("التي", "الذي", "الذين", "علي", "الي", "في", "من"):
                continue
            first = items[k + 1].word
            holds = word.endswith(("ه", "ها")) and k > self.first  # «مؤتمر صحفي عقده سلمان»
            if not (is_agent(first) or (holds and is_word(first))):
                continue
            phrase = read_phrase(items, k + 1, self.past, cue_forms())
            if phrase is None or (not holds and not self._ends_surely(phrase, phrase.first)):
                continue
            self.subject, self.subject_gender = phrase, gender
            return

    def _ends_surely(self, phrase: Phrase, start: int) -> bool:
        """Whether no object can have been taken into a subject: «أخذ صاحب المطعم الكلمة»."""
        following = self.items[phrase.past].word if phrase.past < self.past else "."
        is_given = self.items[start].word in words("gazetteer", "given_names")
        is_organisation = is_agent(self.items[start].word) and not is_title(self.items[start].word) and not is_given
        stands_alone = following in STOPS or following == "،" or (following.endswith("ا") and len(following) > 4)
        if is_organisation and stands_alone:
            return True  # its object would be indefinite, or stand behind a preposition
        is_for = phrase.past - start == 3 and self.items[start + 1].word in ("باسم", "بلسان")
        is_short = is_title(self.items[start].word) and (phrase.past - start == 2 or is_for)
        if (is_short and (following in STOPS or following == "،")) or _hangs_on(self.items, start, phrase.past):
            return True  # «خاطب رئيس الحكومة الصحافيين»، «اكتفى مسؤول بالوزارة»
        if is_given and phrase.past - start == 2 and (following == "،" or following in STOPS):
            return True
        rest = (self.items[k].word for k in range(start + 1, phrase.past))
        adjectives = words("gazetteer", "title_adjectives")
        return phrase.start != self.items[start].start or all(w in adjectives or w in nationalities() for w in rest)

    def _weak(self, phrase: Phrase) -> Report:
        cue = Cue("", "", "verb", None)
        return Report(cue, 0, 0, 0, phrase, "carried", gender=as_gender(self.subject_gender), is_sure=False)

    def close(self) -> None:
        """Note who acted in a sentence that reports nothing: the words of the next may be his."""
        if self.report is None and self.subject is not None and is_agent(self.items[self.subject.first].word):
            self.memory.actor = self._weak(self.subject)

    def _opens_clause(self, i: int) -> bool:
        """Whether nothing that could be a subject stands before a verb in its clause."""
        for k in range(i - 1, self.first - 1, -1):
            word = self.items[k].word
            if word in ("،", ",", ":"):
                return True
            found = cue_at(word)
            if found is not None and goes_on(found[0]):
                continue  # «ومضى يقول»
            if word not in words("cues", "turns") and word not in _BEFORE_VERB and word not in _CONNECTORS:
                return False
        return True

    def _before(self, i: int) -> Phrase | None:
        """A subject that stands before its verb: «بوتين قال», «وكانت الهيئة قد أفادت»."""
        items = self.items
        start = self.first
        for k in range(i - 1, self.first - 1, -1):
            if i - k > 14:
                return None
            if items[k].word in _CONNECTORS or items[k].word in ("،", ",", ":", "ان", "بان", "لان"):
                start = k + 1
                break
        phrase = read_phrase(items, start, i, cue_forms())
        if phrase is None and items[i - 1].word in ("،", ","):
            return self._before_asides(i)
        if phrase is None or any(items[k].word not in ("قد", "كان", "كانت") for k in range(phrase.past, i)):
            return None
        after_was = start > self.first and items[start - 1].word in ("كان", "كانت", "وكان", "وكانت")
        return (
            phrase
            if after_was or (start > self.first and items[start].word.startswith("ال")) or is_agent(items[start].word)
            else None
        )

    def _before_asides(self, i: int) -> Phrase | None:
        """«وكان المتحدث باسم الوزارة، سامر حداد، أعرب»: the name between commas is the subject's."""
        items = self.items
        start = self.first
        while start < i and (items[start].word in _CONNECTORS or items[start].word == "قد"):
            start += 1
        if start >= i - 1 or not is_agent(items[start].word):
            return None
        phrase = read_phrase(items, start, i, cue_forms())
        if phrase is None or phrase.past >= i or items[phrase.past].word != "،":
            return None
        name, past = phrase, phrase.past
        if phrase.start == items[phrase.first].start and past + 1 < i and not items[past + 1].word.startswith("ال"):
            inner = read_phrase(items, past + 1, i, cue_forms())
            if inner is not None and inner.past < i and items[inner.past].word == "،" and inner.past - past <= 6:
                name, past = inner, inner.past
        return name if i - past <= 8 else None

    def _antecedent(self, i: int) -> Phrase | None:
        """«حزب "المستقبل" الذي قال»: the phrase that ends right before the relative pronoun."""
        if i - 1 > self.first and self.items[i - 1].word == "،":
            i -= 1  # «رئيسة الوزراء، سلمى عثمان، التي قالت»
        for k in range(i - 1, max(self.first, i - 7) - 1, -1):
            word = self.items[k].word
            if word in ("،", ".", ":"):
                return None
            if word and is_agent(word):
                phrase = read_phrase(self.items, k, i, cue_forms())
                if phrase is not None and phrase.past == i:
                    before = self.items[k - 1].word if k > self.first else ""
                    if not before or not (is_title(before) or is_agent(before)):
                        return phrase
        return None

    def _apposed(self, phrase: Phrase, behind: int) -> tuple[Phrase, int]:
        """«قال مدير المستشفى، سامر حداد، إن»: title and name with a comma between."""
        items = self.items
        is_named = phrase.start != items[phrase.first].start
        if is_named or not is_title(items[phrase.first].word):
            return phrase, behind
        name = read_phrase(items, behind + 1, self.past, cue_forms())
        if name is None or name.past - behind > 6:
            return phrase, behind
        has_rank = is_title(items[behind + 1].word)  # «مدير الأمن، اللواء سامي حداد، إن»
        if (has_rank and name.start == items[behind + 1].start) or (
            not has_rank and items[behind + 1].word.startswith("ال") and items[behind + 1].word not in people()
        ):
            return phrase, behind
        following = items[name.past].word if name.past < self.past else ""
        found = cue_at(following)
        if following in (":", "،") or following in that_words() or (found is not None and found[0].form == "noun"):
            return name, name.past
        return phrase, behind

    def _named_late(self, phrase: Phrase, behind: int, opener: int) -> tuple[Phrase, int]:
        """«تقول الباحثة في علم المناخ نوال حداد: "…"»: a title, its field, and only then the name."""
        items = self.items
        is_bare = phrase.start == items[phrase.first].start and phrase.past - phrase.first <= 2
        if not is_bare or not is_title(items[phrase.first].word) or not 2 <= opener - behind <= 8:
            return phrase, behind
        if items[behind].word in ("في", "لدي") and 4 <= opener - behind <= 9:
            # «المتحدث باسم الرئاسة في كوريا الجنوبية يون يونغ»: a place the list knows, and only then the name
            listed = [items[k].word for k in range(behind + 1, opener)]
            place = next((e for e in names().starting(listed[0]) if tuple(listed[: len(e[0])]) == e[0]), None)
            if place is not None and 2 <= len(listed) - len(place[0]) <= 4:
                name = read_phrase(items, behind + 1 + len(place[0]), self.past, cue_forms())
                if name is not None and name.past == opener and not listed[len(place[0])].startswith(("ال", "و")):
                    return name, name.past
        for k in range(behind + 1, opener):
            if items[k].word in ("،", "("):
                break
            if items[k].word in people() and items[k].word not in ("علي", "نور"):
                name = read_phrase(items, k, self.past, cue_forms())
                return (name, name.past) if name is not None and name.past == opener else (phrase, behind)
        return phrase, behind


def as_gender(text: str | None) -> Gender | None:
    """A gender read from a list."""
    return "f" if text == "f" else "m" if text == "m" else "p" if text == "p" else None


def _hangs_on(items: list[Item], first: int, past: int) -> bool:
    """Whether a title's one complement hangs on ب: «مسؤول بالوزارة»."""
    return past - first == 2 and is_title(items[first].word) and items[first + 1].word.startswith("بال")
