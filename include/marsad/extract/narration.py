"""Who is speaking as a text goes on: the reports of each sentence, and what is carried to the next.

A report is a cue with its subject. Where the cue names nobody, the speaker is looked for in this
order: the one the reported clause is about («أفادت الرئاسة بأن الرئيس … أشار»), a subject before the
verb («بوتين قال»), the report before it in the sentence, the sentence's own subject, the last report
of the text. A verb of the other gender stops the search: no speaker rather than a wrong one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from marsad.extract.data import names, nationalities, words
from marsad.extract.items import Item
from marsad.extract.record import SpeakerMethod
from marsad.extract.reports import (
    Cue,
    Gender,
    Report,
    according,
    cue_at,
    cue_forms,
    doer_gender,
    goes_on,
    is_transitive,
    object_cue,
    opens_at,
    that_words,
)
from marsad.extract.speakers import STOPS, Phrase, is_agent, is_title, people, read_phrase
from marsad.extract.tokens import Tokens, fold, is_word

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
    earlier: Report | None = None
    """The report before the last in the paragraph, where the verbs' genders tell the two apart."""
    actor: Report | None = None
    """Who acted since, without a word of his reported: «استقبل الرئيس السفير. وقال: …»."""

    def recall(self, cue: Cue | None = None) -> Report | None:
        """The last report, if it is near enough to be carried.

        Args:
            cue: the verb that names nobody. أضاف goes on with the one who spoke; behind others the words may be
                those of whoever acted since.
        """
        if self.actor is not None and cue is not None and not goes_on(cue):
            return self.actor
        if self.last is None or self.number - self.paragraph > CARRY_PARAGRAPHS:
            return None
        return self.last

    def keep(self, report: Report | None) -> None:
        """Note the report just read; None where someone unnamed has taken the word."""
        if report is None or self.paragraph != self.number:
            self.earlier = None
        elif self.last is not None and not _agree(report.gender, self.last.gender):
            self.earlier = self.last
        self.last, self.paragraph, self.actor = report, self.number, None


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
        if (is_short and (following in STOPS or following == "،")) or bare_in(self.items, start, phrase.past):
            return True  # «خاطب رئيس الحكومة الصحافيين»، «اكتفى مسؤول بالوزارة»
        if is_given and phrase.past - start == 2 and (following == "،" or following in STOPS):
            return True
        rest = (self.items[k].word for k in range(start + 1, phrase.past))
        described = nationalities().keys() | words("gazetteer", "title_adjectives")
        return phrase.start != self.items[start].start or all(w in described for w in rest)

    def _weak(self, phrase: Phrase) -> Report:
        cue = Cue("", "", "verb", None)
        return Report(cue, 0, 0, 0, phrase, "carried", gender=_gender(self.subject_gender), is_sure=False)

    def close(self) -> None:
        """Note who acted in a sentence that reports nothing: the words of the next may be his."""
        if self.report is None and self.subject is not None and is_agent(self.items[self.subject.first].word):
            self.memory.actor = self._weak(self.subject)

    # reports

    def report_at(self, i: int) -> Report | None:
        items = self.items
        if i == self.first or items[i - 1].word in ("،", ","):
            named = according(items, i, self.past)
            if named is not None and self._is_aside(i):
                assert self.report is not None  # noqa: S101 - _is_aside says so
                return replace(self.report, reporter=named[1])
            if named is not None and self._has_quote(named[1].past):
                particle, source = named
                return Report(particle, items[i].start, items[i].end, source.past, source, "explicit")
        if items[i].word in words("cues", "documents") and i + 1 < self.past and items[i + 1].word == "في":
            return self._document(i)
        found = cue_at(items[i].word) or self._with_object(i)
        if found is None:
            return None
        cue, letters = found
        if items[i].word in words("cues", "impersonal") and i + 1 < self.past and items[i + 1].word in that_words():
            return None
        if cue.form == "verb" and i > self.first and items[i - 1].word in ("وهو", "وهي", "وهم") and self.report:
            return None  # «قال وهو يتحدث عن …»: how he said it
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
        if phrase is not None and is_transitive(cue):
            phrase = None if self._is_object(i, cue, phrase) else self._without_object(phrase)
        if phrase is not None:
            phrase = self._issued(phrase)
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
        is_passive = fold(cue.lemma) == "اعتبر" and cue.form == "verb" and items[i].word.lstrip("وف")[:1] in "يت"
        if is_passive and opener > behind:
            return None  # «ويعتبر أكبر مركز في …»
        if cue.type == "relay" and cue.form == "verb" and items[opener].marked is not None:
            return None  # «نقل "الوفد" إلى …»
        base = replace(base, opener=opener if opener > i + 1 or cue.form != "noun" else self._opener_behind(i + 1))
        if cue.type == "relay" and cue.form == "verb":
            return self._relayed(base, i, opener)
        if phrase is not None:
            length = sum(items[k].start >= phrase.start for k in range(phrase.first, phrase.past))
            if cue_at(items[opener].word) is not None and length > 3:
                return base  # «أكد متحدث … حصول الغارات، موضحا»: where the name ends cannot be seen
            return replace(base, after=behind, speaker=phrase, method="explicit", inner=self._inner(behind))
        return self._unnamed(base, i, letters)

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

    def _document(self, i: int) -> Report | None:
        """«وجاء في البيان أن …»: a document has the word."""
        items = self.items
        if i + 2 >= self.past or items[i + 1].word != "في" or (i > self.first and items[i - 1].word == "ما"):
            return None  # «نفى ما ورد في البيان»
        phrase = read_phrase(items, i + 2, self.past, cue_forms())
        if phrase is None:
            return None
        phrase = self._issued(phrase)
        for k in range(phrase.past, min(self.past, phrase.past + 4)):
            if items[k].word == ":" or items[k].marked is not None or items[k].word in that_words():
                letters = 1 if items[i].word[0] == "و" and items[i].word != "ورد" else 0
                start = self.tokens.inside(items[i].token, letters) if letters else items[i].start
                cue = Cue("ورد" if items[i].word.endswith("ورد") else "جاء", "say", "verb", None)
                return Report(cue, start, items[i].end, phrase.past, phrase, "explicit", opener=k)
        return None

    def _issued(self, phrase: Phrase) -> Phrase:
        """«بيان صادر عن الوزارة»: who issued the document speaks in it."""
        items = self.items
        k = phrase.past
        if k + 1 < self.past and items[k].word == "عن" and items[k - 1].word in ("صادر", "الصادر", "صدر", "صادره"):
            return read_phrase(items, k + 1, self.past, cue_forms()) or phrase
        return phrase

    def _with_object(self, i: int) -> tuple[Cue, int] | None:
        """«فقد اتهمتها الوكالة بأنها»: a transitive verb with a pronoun, its subject behind it."""
        found = object_cue(self.items[i].word)
        if found is None or not is_transitive(found) or i + 1 >= self.past:
            return None
        return (found, 1 if self.items[i].word[0] in "وف" else 0) if is_agent(self.items[i + 1].word) else None

    def _is_object(self, i: int, cue: Cue, phrase: Phrase) -> bool:
        """Whether the noun behind a transitive verb is its object: «اتهمت الزوج»، «جونسون وصف الرداء»."""
        items = self.items
        first = items[phrase.first].word
        if first.endswith(("ها", "هم")) and not is_title(first[:-2]):
            return True
        is_person = is_title(first) or first in people()
        if names().starting(first) and first not in people():
            is_person = cue.gender == "f"  # «حذرت باريس», but «اتهم إيران»
        fits = is_agent(first) and (cue.gender == "f") == first.endswith(("ه", "ات"))
        if not (is_person or first.endswith("ون") or fits):
            return True  # «ناشد مواطنيه»، «وصف التعديل الحكومي»
        if not is_person and (self.report is not None or self.subject is not None) and i > self.first:
            return True
        if self._before(i) is not None:
            return True
        if cue.gender == "f":
            return is_title(first) and not first.endswith(("ه", "ي")) and phrase.start == items[phrase.first].start
        return cue.gender == "m" and first.endswith(("ات", "ه")) and (is_title(first) or first.endswith("ات"))

    def _without_object(self, phrase: Phrase) -> Phrase:
        """«برر المتحدث القرار»: behind a title alone a noun that is no known name is what he speaks of."""
        items = self.items
        last = items[phrase.past - 1]
        given = words("gazetteer", "given_names")
        named = [k for k in range(phrase.first, phrase.past) if items[k].start >= phrase.start]
        for k in named[2:]:
            # «اتهم الوزير سامي حداد حسن نصار»: a second given name is another person's
            is_other = items[k].word in given and items[k - 1].word not in given and k + 1 < phrase.past
            if is_other or (names().starting(items[k].word) and items[k].word not in people()):
                return replace(phrase, past=k, end=items[k - 1].end)
        following = items[phrase.past].word if phrase.past < self.past else ""
        is_spare = last.word.startswith("ال") and not last.word.endswith(("ي", "يه")) and following.startswith("ب")
        if phrase.past - phrase.first >= 3 and is_spare and items[phrase.past - 2].word.startswith("ال"):
            return replace(phrase, past=phrase.past - 1, end=items[phrase.past - 2].end)  # «تصف الوزارة الوضع بـ…»
        if phrase.past - phrase.first == 2 and phrase.start == last.start and last.word not in people():
            return replace(phrase, start=items[phrase.first].start, end=items[phrase.first].end)
        return phrase

    def _is_aside(self, i: int) -> bool:
        """Whether «بحسب فلان» stands within a report that has its speaker: it names who relays."""
        report = self.report
        if report is None or report.speaker is None or report.opener is None or i <= self.first:
            return False
        return report.opener > i or (report.cue.form == "verb" and not self._has_mark_next(i))

    def _has_mark_next(self, i: int) -> bool:
        return any(x.marked is not None and x.count > 2 for x in self.items[i : min(self.past, i + 12)])

    def _opener_behind(self, i: int) -> int | None:
        for k in range(i, min(self.past, i + 4)):
            if self.items[k].word == ":" or self.items[k].marked is not None or self.items[k].word in that_words():
                return k
        return None

    def _relayed(self, base: Report, i: int, opener: int) -> Report | None:
        """«نقلت الوكالة عن الوزير قوله»: the one after عن speaks, the other relays."""
        items = self.items
        reporter = read_phrase(items, i + 1, self.past, cue_forms())
        if items[opener].word == "عن":
            speaker = read_phrase(items, opener + 1, self.past, cue_forms())
            if speaker is not None:
                after = speaker.past
                if after + 1 < self.past and items[after].word == "،":
                    speaker, after = self._apposed(speaker, after)
                return replace(base, after=after, speaker=speaker, method="explicit", reporter=reporter, gender=None)
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
                    first = items[k + 1].word if k + 1 < self.past else ""
                    if phrase is not None and is_agent(first) and not first.endswith("ات"):
                        return phrase
                return None
        return None

    def _unnamed(self, base: Report, i: int, letters: int) -> Report:
        """A cue without a subject behind it: who said it must be known from before."""
        here = self.report
        if i > self.first and self.items[i - 1].word in ("الذي", "التي"):
            head = self._antecedent(i - 1)
            return replace(base, speaker=head, method="explicit" if head else None)
        if base.cue.form == "verb":
            aside = i > self.first and self.items[i - 1].word in ("،", ",")
            if not letters and here is not None and here.inner is not None and not aside:
                return replace(base, speaker=here.inner, method="explicit", reporter=here.speaker)
            before = self._before(i)
            if before is not None:
                by = here.speaker if here is not None and before.first > self.first and not letters else None
                is_within = any(self.items[k].word in that_words() for k in range(before.first - 1, before.first))
                return replace(base, speaker=before, method="explicit", reporter=by if is_within else None)
        if here is not None:
            if base.cue.form == "verb" and here.speaker is None and self.subject is not None:
                if _agree(base.gender, _gender(self.subject_gender)):
                    return replace(base, speaker=self.subject, method="carried", is_sure=False)
                return base
            if _agree(base.gender, here.gender):
                named: SpeakerMethod = "explicit" if here.cue.type == "relay" and base.cue.form == "noun" else "carried"
                return replace(
                    base, speaker=here.speaker, method=named if here.speaker else None,
                    reporter=here.reporter, is_sure=here.is_sure,
                )  # fmt: skip
            if here.inner is not None:
                return replace(base, speaker=here.inner, method="carried", reporter=here.speaker, is_sure=False)
            return base
        if self.subject is not None and self.subject.past <= i:
            if _agree(base.gender, self.subject_gender):
                return replace(base, speaker=self.subject, method="carried", is_sure=False)
            return base
        if base.cue.form == "participle" and i > self.first + 1 and not self._has_cue(i):
            return base  # «ومضى يومان …، قائلا»: whoever the sentence is about, it could not be read
        refers = i > self.first and self.items[i - 1].word in words("grammar", "speaker_pronouns")
        is_topic = self.items[self.first].word in words("grammar", "topics")
        if base.cue.form == "verb" and not letters and not self._opens_clause(i) and not refers and not is_topic:
            return base  # its subject stands before it, and could not be read
        known = self.memory.recall(base.cue)
        if known is None or known.speaker is None:
            return base
        if not _agree(base.gender, known.gender) and known.inner is None:
            earlier = self.memory.earlier
            if earlier is not None and earlier.speaker is not None and _agree(base.gender, earlier.gender):
                return replace(base, speaker=earlier.speaker, method="carried", is_sure=False)
            return base
        relays = base.cue.form == "participle" and self.memory.paragraph == self.memory.number
        if _agree(base.gender, known.gender):
            return replace(
                base, speaker=known.speaker, method="pronoun" if refers else "carried",
                reporter=known.reporter if relays else None, is_sure=known.is_sure and not is_topic,
            )  # fmt: skip
        if known.inner is not None:
            return replace(
                base, speaker=known.inner, method="carried", reporter=known.speaker if relays else None, is_sure=False
            )
        return base

    def _has_cue(self, i: int) -> bool:
        """Whether a verb of saying stands before item ``i`` in the sentence."""
        return any(cue_at(self.items[k].word) is not None for k in range(max(self.first, i - 24), i))

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
        return phrase if after_was or is_agent(items[start].word) else None

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

    def _has_quote(self, i: int) -> bool:
        return any(x.marked is not None for x in self.items[i : min(self.past, i + 40)])


def bare_in(items: list[Item], first: int, past: int) -> bool:
    """Whether a title's one complement hangs on ب: «مسؤول بالوزارة»."""
    return past - first == 2 and is_title(items[first].word) and items[first + 1].word.startswith("بال")


def _gender(text: str | None) -> Gender | None:
    return "f" if text == "f" else "m" if text == "m" else "p" if text == "p" else None


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other
