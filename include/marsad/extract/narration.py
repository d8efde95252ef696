"""Who is speaking as a text goes on: the reports of each sentence, and what is carried to the next.

A report is a cue with its subject. Where the cue names nobody, the speaker is looked for in this
order: the one the reported clause is about («أفادت الرئاسة بأن الرئيس … أشار»), a subject before the
verb («بوتين قال»), the report before it in the sentence, the sentence's own subject, the last report
of the text. A verb of the other gender stops the search: no speaker rather than a wrong one.
"""

from __future__ import annotations

from dataclasses import replace

from marsad.extract.data import names, words
from marsad.extract.memory import agree
from marsad.extract.phrases import Phrase, read_phrase
from marsad.extract.record import SpeakerMethod
from marsad.extract.reports import (
    Cue,
    Report,
    according,
    cue_at,
    cue_forms,
    is_transitive,
    object_cue,
    opens_at,
    that_words,
)
from marsad.extract.speakers import is_agent, is_title, people
from marsad.extract.subjects import Subjects, as_gender
from marsad.extract.tokens import fold


class Sentence(Subjects):
    """One sentence and the reports in it."""

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
                if agree(base.gender, as_gender(self.subject_gender)):
                    return replace(base, speaker=self.subject, method="carried", is_sure=False)
                return base
            if agree(base.gender, here.gender):
                named: SpeakerMethod = "explicit" if here.cue.type == "relay" and base.cue.form == "noun" else "carried"
                return replace(
                    base, speaker=here.speaker, method=named if here.speaker else None,
                    reporter=here.reporter, is_sure=here.is_sure,
                )  # fmt: skip
            if here.inner is not None:
                return replace(base, speaker=here.inner, method="carried", reporter=here.speaker, is_sure=False)
            return base
        if self.subject is not None and self.subject.past <= i:
            if agree(base.gender, self.subject_gender):
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
        if not agree(base.gender, known.gender) and known.inner is None:
            earlier = self.memory.earlier
            if earlier is not None and earlier.speaker is not None and agree(base.gender, earlier.gender):
                return replace(base, speaker=earlier.speaker, method="carried", is_sure=False)
            return base
        relays = base.cue.form == "participle" and self.memory.paragraph == self.memory.number
        if agree(base.gender, known.gender):
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

    def _has_quote(self, i: int) -> bool:
        return any(x.marked is not None for x in self.items[i : min(self.past, i + 40)])
