"""Direct quotations: which marked texts are someone's words, by which cue, and whose.

Sentence by sentence the last report is kept: «وتابع: "…"» and «مشددا على أن "…"» name nobody and
take their speaker from it. Names, titles and scare quotes stand in marks too; a marked text is
taken as words only where a cue hands over to it or an attribution follows it. Where two people
could be meant, or the verb's gender speaks against the one found, no speaker is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from marsad.extract.clauses import Clause, reported_clauses
from marsad.extract.data import read, words
from marsad.extract.items import SENTENCE_ENDS, Item, items_of, sentence_bounds
from marsad.extract.memory import Memory
from marsad.extract.narration import Sentence
from marsad.extract.phrases import Phrase, read_phrase
from marsad.extract.quotes import pair_marks
from marsad.extract.record import SpeakerMethod
from marsad.extract.reports import Cue, Report, according, cue_at, cue_forms, may_report, that_words
from marsad.extract.speakers import STOPS, is_agent, name_heads
from marsad.extract.tokens import Tokens, bare, fold, is_word

FRAGMENT = 4
"""Words a marked text inside a reported clause needs to be a quotation rather than a name."""
STANDALONE = 8
"""Words a marked text without any cue needs."""

_CLOSERS = frozenset(".،,؛;:؟?!)…\n")


@dataclass(frozen=True, slots=True)
class Found:
    """A quotation before it becomes a row; offsets are into the body."""

    start: int
    end: int
    cue: str | None
    cue_lemma: str | None
    speaker: tuple[int, int] | None
    method: SpeakerMethod | None
    reporter: tuple[int, int] | None
    confidence: float
    kind: Literal["direct", "indirect", "mixed"] = "direct"


def find_quotations(tokens: Tokens) -> list[Found]:
    """The quotations of a text, in order: direct ones, and reported clauses around or beside them.

    Linear in its length; never raises on any text.
    """
    marked = pair_marks(tokens.body)
    memory = Memory()
    found: list[Found] = []
    at = 0
    for number, (first, past) in enumerate(tokens.paragraphs()):
        end = tokens.end[past - 1]
        until = at
        while until < len(marked) and marked[until].start <= end:
            until += 1
        memory.number, memory.quoted = number, False
        items = items_of(tokens, first, past, marked[at:until])
        at = until
        for begin, close in sentence_bounds(tokens, items):
            found += _Reader(tokens, items, begin, close, memory).read()
    return _once(found)


def _once(found: list[Found]) -> list[Found]:
    """Each run of words once: of two verbs that govern it («كتب … ناشرا صورة إن …») the surer, else the first."""
    rows: dict[tuple[int, int, str], Found] = {}
    for one in found:
        key = (one.start, one.end, one.kind)
        if key not in rows or one.confidence > rows[key].confidence:
            rows[key] = one
    return [rows[key] for key in sorted(rows)]


class _Reader(Sentence):
    """Reads one sentence from its first item to its last and takes its quotations."""

    def read(self) -> list[Found]:
        """The sentence's quotations."""
        self.found: list[Found] = []
        self.reports: list[tuple[int, Report]] = []
        self.open()
        i = self.first
        while i < self.past:
            if self.items[i].marked is not None:
                self._quote(i)
                i += 1
                continue
            report = self.report_at(i) if may_report(self.items[i].word) else None
            if report is None:
                i += 1
                continue
            if self.report is not None and report.cue_start == self.report.cue_start and self.reports:
                self.reports[-1] = (self.reports[-1][0], report)
            else:
                self.reports.append((i, report))
            self.report = report
            self.memory.keep(report)
            i = max(report.after, i + 1)
        self.close()
        words_found = {f.start for f in self.found}
        for clause in reported_clauses(self.items, self.reports, self.past):
            one = self._reported(clause, words_found)
            if one is not None:
                self.found.append(one)
        return self.found

    def _reported(self, clause: Clause, taken: set[int]) -> Found | None:
        """A reported clause as a row; None where all of it stands in marks and is a row already."""
        items, report = self.items, clause.report
        marked = [k for k in range(clause.first, clause.past) if items[k].marked is not None]
        spoken = [k for k in range(clause.first, clause.past) if is_word(items[k].word)]
        if marked and all(items[k].word in that_words() for k in spoken):
            return None
        is_mixed = any(
            _trim(self.tokens.body, items[k].start, items[k].end)[0] in taken
            or (items[k].count >= 2 and not self._is_name(k))
            for k in marked
        )
        first, last = items[clause.first], items[clause.past - 1]
        confidence = 0.8 if report.speaker is not None else 0.5
        if report.speaker is not None and report.method == "carried":
            confidence -= 0.1 if report.is_sure else 0.25
        return Found(
            first.start - (first.marked is not None), last.end + (last.marked is not None),
            self.tokens.body[report.cue_start : report.cue_end] or None, report.cue.lemma or None,
            (report.speaker.start, report.speaker.end) if report.speaker else None,
            report.method if report.speaker else None,
            (report.reporter.start, report.reporter.end) if report.reporter else None,
            round(confidence, 2), "mixed" if is_mixed else "indirect",
        )  # fmt: skip

    def _quote(self, i: int) -> None:
        item = self.items[i]
        tail = self._attribution(i)
        report, confidence = self._governs(i)
        if report is None and tail is not None and item.count >= 3 and not self._is_name(i):
            cue, phrase, start, end = tail
            report = Report(cue, start, end, i + 1, phrase, "explicit")
            confidence = 0.85
            tail = None
            self.memory.keep(report)
        if report is None:
            report, confidence = self._own_words(i)
        if report is None:
            named = self._label(i)
            if named is not None:
                report, confidence = Report(Cue("", "", "particle", None), 0, 0, i, named, "explicit"), 0.7
                self.memory.keep(report)
        if report is None and i > self.first + 2 and item.count >= 3 and self.items[i - 1].word == ":":
            report, confidence = Report(Cue("", "", "particle", None), 0, 0, i, None, None), 0.5
        if report is None:
            report, confidence = self._alone(i)
        if report is None or item.marked is None:
            return
        speaker = report.speaker
        reporter = report.reporter
        if tail is not None and speaker is not None and (tail[1].start, tail[1].end) != (speaker.start, speaker.end):
            reporter = tail[1]
        elif tail is not None and speaker is None:
            speaker = tail[1]
            report = replace(report, method="explicit")
        if speaker is None:
            confidence = min(confidence, 0.5)
        elif report.method == "carried":
            confidence -= 0.1 if report.is_sure else 0.25
        self.memory.quoted = True
        body = self.tokens.body
        start, end = _trim(body, item.start, item.end)
        if end <= start:
            return
        written = body[report.cue_start : report.cue_end] or None
        self.found.append(
            Found(
                start, end, written, report.cue.lemma or None,
                (speaker.start, speaker.end) if speaker else None,
                report.method if speaker else None,
                (reporter.start, reporter.end) if reporter else None,
                round(max(confidence, 0.1), 2),
            )
        )  # fmt: skip

    def _is_name(self, i: int) -> bool:
        """Whether the marked text is a name by the noun before it: صحيفة "…"، فيلم "…"."""
        if i == self.first:
            return False
        before = self.items[i - 1].word
        if not before or not is_word(before) or not self.items[i].count:
            return False
        opening = fold(self.tokens.body[self.items[i].start : self.items[i].end].split(maxsplit=1)[0])
        if opening in words("grammar", "sentence_starts"):
            return False
        count = self.items[i].count
        if count >= FRAGMENT and (before.startswith("ال") or self._starts_with_verb(self.items[i])):
            return False  # «أن القانون "يوزع الصلاحيات ولا يوزع الأموال"»
        head = bare(before)
        return head in name_heads() or (head.lstrip("بلك") in name_heads() and before[0] in "بلك")

    def _governs(self, i: int) -> tuple[Report | None, float]:
        """The report that hands over to a marked text, and how sure that is."""
        report, item = self.report, self.items[i]
        if report is None or not item.count:
            return None, 0.0
        before = self.items[i - 1].word if i > self.first else ""
        following = self.items[i + 1].word if i + 1 < len(self.items) else "\n"
        closes = following in _CLOSERS
        direct = i == report.after
        if before == ":" and (direct or self._clear(report.after, i)):
            return report, 0.95
        if self._is_name(i):
            return None, 0.0
        if following in that_words() or (following == ":" and item.count < STANDALONE):
            return None, 0.0  # قال "حزب الله" إن: the marked text is who speaks
        if before in that_words():
            if item.count >= FRAGMENT or (closes and item.count >= 2):
                return report, 0.9
            return None, 0.0
        if before in ("ل", "لـ") and item.count <= 5:
            return None, 0.0  # «قال مسؤول لـ"سي إن إن"»
        named = direct and report.speaker is not None and before and not before.startswith(":")
        if named and item.count <= 3 and following in ("،", ",") and not self._starts_with_verb(item):
            head = self.items[report.speaker.first].word if report.speaker is not None else ""
            if bare(head) in name_heads():
                return None, 0.0  # «حذر مركز الدراسات "المدينة الجديدة"، من …»
        if direct and report.cue.form != "particle" and item.count >= (2 if closes else 3):
            return report, 0.85
        if item.count <= 5 and not self._is_phrase(item):
            return None, 0.0  # «السفينة الأميركية "يو إس إس ديكاتور"»
        if item.count == 3 and closes and self._is_phrase(item) and i - report.after <= 12:
            listed = [fold(w) for w in self.tokens.body[item.start : item.end].split()]
            if any(w in STOPS for w in listed[1:]):
                return report, 0.7  # «ستفعل "كل ما يلزم"»
        if item.count >= FRAGMENT or (item.count >= 3 and closes and self._starts_with_verb(item)):
            return (report, 0.75) if i - report.after <= 40 else (None, 0.0)
        return None, 0.0

    def _is_phrase(self, item: Item) -> bool:
        """Whether the words in marks hang together as speech: a particle, an «and», a verb among them."""
        listed = [fold(w) for w in self.tokens.body[item.start : item.end].split()]
        if all(len(w) <= 4 for w in listed):
            return False  # «سي إن بي سي»
        if self._starts_with_verb(item):
            return True
        return any(w in STOPS or w.startswith(("ال", "وال", "بال", "لل")) for w in listed) or any(
            w[:1] in "وبل" and len(w) > 3 for w in listed
        )

    def _clear(self, first: int, i: int) -> bool:
        """Whether nothing but a short aside stands between a cue and its colon."""
        return i - first <= 16

    def _starts_with_verb(self, item: Item) -> bool:
        body = self.tokens.body[item.start : item.end].lstrip()
        return body[:2] in ("لن", "لم", "لا", "سي", "ست", "سن", "قد") or body[:1] in ("ي", "ن")

    def _own_words(self, i: int) -> tuple[Report | None, float]:
        """«"…"، على حد قوله»: the one who spoke last, where the pronoun's gender allows it."""
        items = self.items
        owners: dict[str, str] = {fold(k): v for k, v in read("cues")["own_words"].items()}
        k = i + 1
        if k < self.past and items[k].word in ("،", ","):
            k += 1
        if [x.word for x in items[k : k + 2]] == ["علي", "حد"]:
            k += 1
        elif k >= self.past or items[k].word not in words("cues", "according"):
            return None, 0.0
        if k + 1 >= self.past or items[k + 1].word not in owners or items[i].count < 2:
            return None, 0.0
        known = self.report or self.memory.recall()
        if known is None or known.speaker is None:
            return None, 0.0
        if known.gender is not None and known.gender != owners[items[k + 1].word]:
            return None, 0.0
        cue = Cue("قال", "say", "noun", None)
        return Report(cue, items[k + 1].start, items[k + 1].end, i, known.speaker, "pronoun", known.reporter), 0.8

    def _label(self, i: int) -> Phrase | None:
        """«بوتين: "…"»: a name, a colon, the words."""
        if self.items[i].count < 3 or i - self.first < 2 or self.items[i - 1].word != ":":
            return None
        phrase = read_phrase(self.items, self.first, i, cue_forms())
        if phrase is None or phrase.past != i - 1 or not is_agent(self.items[self.first].word):
            return None
        return phrase

    def _alone(self, i: int) -> tuple[Report | None, float]:
        """Words in marks without a cue: a whole sentence of them is still someone's."""
        item = self.items[i]
        if item.count < STANDALONE or i != self.first or self._is_name(i):
            return None, 0.0
        following = self.items[i + 1].word if i + 1 < len(self.items) else "\n"
        if following not in _CLOSERS:
            return None, 0.0
        known = self.memory.recall()
        if known is not None and known.speaker is not None and self.memory.quoted:
            cue = Cue("", "", "particle", None)
            return Report(cue, 0, 0, i, known.speaker, "carried", is_sure=False), 0.7
        return Report(Cue("", "", "particle", None), 0, 0, i, None, None), 0.4

    def _attribution(self, i: int) -> tuple[Cue, Phrase, int, int] | None:
        """Who is named after the words: «"…"، قال فلان», «"…". كما ذكرت الرئاسة»."""
        items = self.items
        k = i + 1
        signs = 0
        while k < len(items) and items[k].word in _CLOSERS and items[k].word not in ("\n", ":") and signs < 2:
            k += 1
            signs += 1
        if k >= len(items):
            return None
        past = min(len(items), k + 24)
        stop = next((m for m in range(k, past) if items[m].word in SENTENCE_ENDS), past)
        named = according(items, k, stop)
        if named is not None:
            cue, phrase = named
            if k >= self.past and phrase.past < stop and items[phrase.past].marked is not None:
                return None
            if cue.form == "verb":
                k += 1
                while k < phrase.first and cue_at(items[k].word) is None:
                    k += 1
            # in the next sentence, an attribution that opens another clause belongs to that
            if k > self.past and phrase.past < stop and items[phrase.past].word in ("،", ":", "ان", "فان"):
                return None
            return cue, phrase, items[k].start, items[k].end
        if items[k].word in words("cues", "relayed") and k + 1 < stop and items[k + 1].word == "عن":
            relayed = read_phrase(items, k + 2, stop, cue_forms())
            if relayed is not None:
                return Cue("نقل", "relay", "particle", None), relayed, items[k].start, items[k].end
            return None
        found = cue_at(items[k].word)
        if found is None or found[1] or found[0].form != "verb" or found[0].type == "express" or k >= self.past:
            return None
        spoken = read_phrase(items, k + 1, stop, cue_forms())
        if spoken is None:
            return None
        for m in range(spoken.past, min(stop, spoken.past + 4)):
            if items[m].word in that_words() or items[m].word == ":" or items[m].marked is not None:
                return None
        return found[0], spoken, items[k].start, items[k].end


def _trim(body: str, start: int, end: int) -> tuple[int, int]:
    """Without white space at either end."""
    while start < end and body[start].isspace():
        start += 1
    while end > start and body[end - 1].isspace():
        end -= 1
    return start, end
