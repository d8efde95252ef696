"""Who is speaking as a text goes on: the reports of each sentence, and what is carried to the next.

A report is a cue with its subject. Where the cue names nobody, the speaker is looked for in this
order: the one the reported clause is about («أفادت الرئاسة بأن الرئيس … أشار»), a subject before the
verb («بوتين قال»), the report before it in the sentence, the sentence's own subject, the last report
of the text. A verb of the other gender stops the search: no speaker rather than a wrong one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from marsad.extract.data import nationalities, words
from marsad.extract.reports import Cue, Report, according, cue_at, cue_forms, opens_at, that_words
from marsad.extract.speakers import Item, Phrase, is_agent, is_title, people, read_phrase
from marsad.extract.tokens import Tokens

CARRY_PARAGRAPHS = 3
"""A speaker named further back than this many paragraphs is not carried: the reader has lost him too."""

_CONNECTORS = frozenset(
    {"و", "وكان", "وكانت", "كان", "كانت", "لكن", "ولكن", "اما", "واما", "فيما", "بينما", "غير", "الا"}
)

_BEFORE_VERB = frozenset({"من", "ومن", "في", "وفي", "كما", "وكما", "ثم", "قد", "وقد", "و", "فقد", "حيث", "ايضا"})


@dataclass(slots=True)
class Memory:
    """What a reader keeps in mind from sentence to sentence."""

    last: Report | None = None
    paragraph: int = 0
    number: int = 0
    quoted: bool = False

    def recall(self) -> Report | None:
        """The last report, if it is near enough to be carried."""
        if self.last is None or self.number - self.paragraph > CARRY_PARAGRAPHS:
            return None
        return self.last

    def keep(self, report: Report | None) -> None:
        """Note the report just read; None where someone unnamed has taken the word."""
        self.last, self.paragraph = report, self.number


class Sentence:
    """One sentence: its items ``[first, past)`` of a paragraph, and the report in force."""

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
            if items[i].word in words("cues", "turns") or items[i].word in ("من", "ومن", "في", "وفي", "،"):
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

    def _ends_surely(self, phrase: Phrase, start: int) -> bool:
        """Whether no object can have been taken into a subject: «أخذ صاحب المطعم الكلمة»."""
        rest = (self.items[k].word for k in range(start + 1, phrase.past))
        described = nationalities().keys() | words("gazetteer", "title_adjectives")
        return phrase.start != self.items[start].start or all(w in described for w in rest)

    def _weak(self, phrase: Phrase) -> Report:
        cue = Cue("", "", "verb", None)
        return Report(cue, 0, 0, 0, phrase, "carried", gender=None, is_sure=False)

    # reports

    def report_at(self, i: int) -> Report | None:
        items = self.items
        if i == self.first or items[i - 1].word in ("،", ","):
            named = according(items, i, self.past)
            if named is not None and self._has_quote(named[1].past):
                particle, source = named
                return Report(particle, items[i].start, items[i].end, source.past, source, "explicit")
        if items[i].word in words("cues", "documents") and i + 1 < self.past and items[i + 1].word == "في":
            return self._document(i)
        found = cue_at(items[i].word)
        if found is None:
            return None
        cue, letters = found
        if cue.is_strict and i > self.first and items[i - 1].word in ("الذي", "التي", "الذين"):
            return None  # «الناشط الذي نشر المقطع»: a clause about him, no report
        if (
            cue.is_strict
            and cue.form == "verb"
            and not letters
            and not self._opens_clause(i)
            and self._before(i) is None
        ):
            return None  # «تقديم كشف حساب»، «يود أن يرى»: a noun, or a verb within a clause
        phrase = read_phrase(items, i + 1, self.past, cue_forms()) if cue.form == "verb" else None
        behind = phrase.past if phrase is not None else i + 1
        if phrase is not None and behind + 1 < self.past and items[behind].word == "،":
            phrase, behind = self._apposed(phrase, behind)
        opener: int | None = i + 1
        if cue.form != "noun":
            opener = opens_at(items, cue, behind, self.past)
        if opener is None:
            return None
        if phrase is not None:
            phrase, behind = self._named_late(phrase, behind, opener)
        start = self.tokens.inside(items[i].token, letters) if letters else items[i].start
        base = Report(cue, start, items[i].end, i + 1, None, None, gender=cue.gender)
        if cue.type == "relay" and cue.form == "verb":
            return self._relayed(base, i, opener)
        if phrase is not None:
            if cue_at(items[opener].word) is not None and phrase.past - phrase.first > 3:
                return base  # «أكد متحدث … حصول الغارات، موضحا»: where the name ends cannot be seen
            return replace(base, after=behind, speaker=phrase, method="explicit", inner=self._inner(behind))
        return self._unnamed(base, i, letters)

    def _apposed(self, phrase: Phrase, behind: int) -> tuple[Phrase, int]:
        """«قال مدير المستشفى، سامر حداد، إن»: title and name with a comma between."""
        items = self.items
        is_named = phrase.start != items[phrase.first].start
        if is_named or not is_title(items[phrase.first].word) or is_title(items[behind + 1].word):
            return phrase, behind
        name = read_phrase(items, behind + 1, self.past, cue_forms())
        if name is None or name.past - behind > 6 or items[behind + 1].word.startswith("ال"):
            return phrase, behind
        if name.past < self.past and (items[name.past].word in (":", "،") or items[name.past].word in that_words()):
            return name, name.past
        return phrase, behind

    def _named_late(self, phrase: Phrase, behind: int, opener: int) -> tuple[Phrase, int]:
        """«تقول الباحثة في علم المناخ نوال حداد: "…"»: a title, its field, and only then the name."""
        items = self.items
        is_bare = phrase.start == items[phrase.first].start and phrase.past - phrase.first <= 2
        if not is_bare or not is_title(items[phrase.first].word) or not 2 <= opener - behind <= 8:
            return phrase, behind
        for k in range(behind + 1, opener):
            if items[k].word in ("،", "("):
                break
            if items[k].word in people() and items[k].word not in ("علي", "نور"):
                name = read_phrase(items, k, self.past, cue_forms())
                return (name, name.past) if name is not None and name.past == opener else (phrase, behind)
        return phrase, behind

    def _document(self, i: int) -> Report | None:
        """«وجاء في البيان أن …»: a document has the word."""
        items = self.items
        if i + 2 >= self.past or items[i + 1].word != "في":
            return None
        phrase = read_phrase(items, i + 2, self.past, cue_forms())
        if phrase is None:
            return None
        for k in range(phrase.past, min(self.past, phrase.past + 4)):
            if items[k].word == ":" or items[k].marked is not None or items[k].word in that_words():
                letters = 1 if items[i].word[0] == "و" and items[i].word != "ورد" else 0
                start = self.tokens.inside(items[i].token, letters) if letters else items[i].start
                cue = Cue("ورد" if items[i].word.endswith("ورد") else "جاء", "say", "verb", None)
                return Report(cue, start, items[i].end, phrase.past, phrase, "explicit")
        return None

    def _relayed(self, base: Report, i: int, opener: int) -> Report | None:
        """«نقلت الوكالة عن الوزير قوله»: the one after عن speaks, the other relays."""
        items = self.items
        reporter = read_phrase(items, i + 1, self.past, cue_forms())
        if items[opener].word == "عن":
            speaker = read_phrase(items, opener + 1, self.past, cue_forms())
            if speaker is not None:
                return replace(
                    base, after=speaker.past, speaker=speaker, method="explicit", reporter=reporter, gender=None
                )
        known = self.memory.recall()
        if items[opener].word in ("عنه", "عنها") and known is not None and known.speaker is not None:
            return replace(base, speaker=known.speaker, method="carried", reporter=reporter, gender=known.gender)
        if items[opener].word in ("عنه", "عنها", "عنهم") or reporter is None:
            return base
        return replace(base, after=reporter.past, speaker=reporter, method="explicit", inner=self._inner(reporter.past))

    def _inner(self, i: int) -> Phrase | None:
        """The subject of the reported clause: «… بأن الرئيس الأسد»."""
        items = self.items
        for k in range(i, min(self.past, i + 6)):
            if items[k].marked is not None or items[k].word == ":":
                return None
            if items[k].word in that_words():
                if items[k].word in ("ان", "بان", "وان"):
                    phrase = read_phrase(items, k + 1, self.past, cue_forms())
                    if phrase is not None and is_agent(items[k + 1].word):
                        return phrase
                return None
        return None

    def _unnamed(self, base: Report, i: int, letters: int) -> Report:
        """A cue without a subject behind it: who said it must be known from before."""
        here = self.report
        if base.cue.form == "verb":
            if not letters and here is not None and here.inner is not None:
                return replace(base, speaker=here.inner, method="explicit", reporter=here.speaker)
            before = self._before(i)
            if before is not None:
                return replace(base, speaker=before, method="explicit")
        if here is not None:
            if _agree(base.gender, here.gender):
                return replace(
                    base, speaker=here.speaker, method="carried" if here.speaker else None,
                    reporter=here.reporter, is_sure=here.is_sure,
                )  # fmt: skip
            if here.inner is not None:
                return replace(base, speaker=here.inner, method="carried", reporter=here.speaker, is_sure=False)
            return base
        if self.subject is not None and base.cue.form != "verb":
            if _agree(base.gender, self.subject_gender):
                return replace(base, speaker=self.subject, method="carried", is_sure=False)
            return base
        if base.cue.form == "verb" and not letters and not self._opens_clause(i):
            return base  # its subject stands before it, and could not be read
        known = self.memory.recall()
        if known is None or known.speaker is None:
            return base
        relays = base.cue.form == "participle" and self.memory.paragraph == self.memory.number
        if _agree(base.gender, known.gender):
            return replace(
                base, speaker=known.speaker, method="carried", reporter=known.reporter if relays else None,
                is_sure=known.is_sure,
            )  # fmt: skip
        if known.inner is not None:
            return replace(
                base, speaker=known.inner, method="carried", reporter=known.speaker if relays else None, is_sure=False
            )
        return base

    def _opens_clause(self, i: int) -> bool:
        """Whether nothing that could be a subject stands before a verb in its clause."""
        for k in range(i - 1, self.first - 1, -1):
            word = self.items[k].word
            if word in ("،", ",", ":"):
                return True
            if word not in words("cues", "turns") and word not in _BEFORE_VERB:
                return False
        return True

    def _before(self, i: int) -> Phrase | None:
        """A subject that stands before its verb: «بوتين قال», «وكانت الهيئة قد أفادت»."""
        items = self.items
        start = self.first
        for k in range(i - 1, self.first - 1, -1):
            if i - k > 14:
                return None
            if (items[k].word in _CONNECTORS) or items[k].word in (
                "،",
                ",",
                ":",
            ):
                start = k + 1
                break
        phrase = read_phrase(items, start, i, cue_forms())
        if phrase is None or any(items[k].word not in ("قد", "كان", "كانت") for k in range(phrase.past, i)):
            return None
        after_was = start > self.first and items[start - 1].word in ("كان", "كانت", "وكان", "وكانت")
        return phrase if after_was or is_agent(items[start].word) else None

    def _has_quote(self, i: int) -> bool:
        return any(x.marked is not None for x in self.items[i : min(self.past, i + 40)])


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other
