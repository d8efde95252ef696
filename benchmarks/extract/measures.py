"""What is right, and how much of it: matches of marks with findings, and the counts they add up to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.extract.stories import Mark, Story
from marsad.extract.article import Findings

_MARKS = re.compile(r"[«»\"“”„\u064b-\u0652\u0640]")


@dataclass
class Count:
    """Wanted, found, right; and of the right ones, how many have a further value right."""

    wanted: int = 0
    found: int = 0
    hits: int = 0
    values: dict[str, list[int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Right of all that was found; 1 where nothing was found and nothing wanted."""
        return self.hits / self.found if self.found else float(not self.wanted)

    @property
    def recall(self) -> float:
        """Right of all that was wanted; 1 where nothing was wanted and nothing found."""
        return self.hits / self.wanted if self.wanted else float(not self.found)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def judge(self, name: str, is_right: bool) -> None:
        """One more value, right or wrong."""
        right = self.values.setdefault(name, [0, 0])
        right[0] += is_right
        right[1] += 1

    def share(self, name: str) -> float | None:
        """Of the values judged, how many are right; None where none was."""
        right, total = self.values.get(name, (0, 0))
        return right / total if total else None


Counts = dict[str, Count]


def is_exact(mark: Mark, found: Any) -> bool:
    """The same first and last character."""
    return (mark.start, mark.end) == (found.start, found.end)


def is_half(mark: Mark, found: Any) -> bool:
    """At least half of what either covers, both cover."""
    shared = min(mark.end, found.end) - max(mark.start, found.start)
    return bool(shared * 2 >= max(mark.end, found.end) - min(mark.start, found.start))


def is_touching(mark: Mark, found: Any) -> bool:
    """At least one character of both."""
    return bool(mark.start < found.end and found.start < mark.end)


def match(
    marks: Sequence[Mark], findings: Sequence[Any], fits: Callable[[Mark, Any], bool]
) -> tuple[list[tuple[Mark, Any]], list[Mark], list[Any]]:
    """Pairs, marks without a finding, findings without a mark; each used once, the most alike first."""

    def distance(pair: tuple[int, int]) -> tuple[int, int, int]:
        mark, found = marks[pair[0]], findings[pair[1]]
        return (abs(mark.start - found.start) + abs(mark.end - found.end), *pair)

    fitting = [(i, k) for i, mark in enumerate(marks) for k, found in enumerate(findings) if fits(mark, found)]
    pairs, left, right = [], set(range(len(marks))), set(range(len(findings)))
    for i, k in sorted(fitting, key=distance):
        if i in left and k in right:
            left.remove(i)
            right.remove(k)
            pairs.append((i, k))
    return (
        [(marks[i], findings[k]) for i, k in sorted(pairs)],
        [marks[i] for i in sorted(left)],
        [findings[k] for k in sorted(right)],
    )


def count(
    counts: Counts, name: str, story: Story, marks: Sequence[Mark], findings: Sequence[Any],
    fits: Callable[[Mark, Any], bool],
) -> list[tuple[Mark, Any]]:  # fmt: skip
    """Add one story to the count of this name; the pairs of marks that count. Optional marks count neither way."""
    total = counts.setdefault(name, Count())
    pairs, missed, extra = match(marks, findings, fits)
    pairs = [(mark, found) for mark, found in pairs if not mark.is_optional]
    optional = [mark for mark in marks if mark.is_optional]
    missed = [mark for mark in missed if not mark.is_optional]
    extra = [found for found in extra if not any(is_touching(mark, found) for mark in optional)]
    total.wanted += len(pairs) + len(missed)
    total.found += len(pairs) + len(extra)
    total.hits += len(pairs)
    for kind, these in (("missed", missed), ("extra", extra)):
        total.faults += [f"{kind}: {_shown(story, item)}" for item in these]
    return pairs


def _shown(story: Story, item: Any) -> str:
    """A mark or a finding in its surroundings."""
    before, after = story.body[max(0, item.start - 45) : item.start], story.body[item.end : item.end + 30]
    inner = story.body[item.start : item.end]
    inner = inner if len(inner) <= 70 else f"{inner[:45]} … {inner[-20:]}"
    kind = item.kind if isinstance(item, Mark) else getattr(item, "kind", None) or item.type
    return f"[{story.id}] {kind}: {before}⟦{inner}⟧{after}".replace("\n", " ")


def plain(words: str) -> str:
    """Without marks, tashkeel, tatweel; spaces as one."""
    return " ".join(_MARKS.sub("", words).split())


def is_form(found: str | None, forms: Sequence[str]) -> bool:
    """Whether these words are one of the forms that are right; none, where there is none to find."""
    if found is None:
        return not forms or "-" in forms
    return plain(found) in {plain(form) for form in forms}


def is_speaker(story: Story, mark: Mark, found: Any) -> bool:
    """The words of an accepted form, or the place of a name that stands for it."""
    forms = mark.values["speakers"]
    if is_form(found.speaker, forms):
        return True
    named = {(name.start, name.end): name.values["name"] for name in story.mentions or ()}
    return named.get((found.speaker_start, found.speaker_end)) in (set(forms) - {"-"})


def _cue(words: str | None) -> str | None:
    """A cue without the conjunction that hangs on it."""
    if not words:
        return None
    return plain(words).removeprefix("و").removeprefix("ف") if plain(words)[0] in "وف" else plain(words)


def _same_cue(a: str | None, b: str | None) -> bool:
    return _cue(a) == _cue(b) or (a is not None and b is not None and plain(a) == plain(b))


def _quotations(story: Story, findings: Findings, counts: Counts) -> None:
    marks = story.quotations or ()
    for name, kinds in (("direct", ("direct",)), ("indirect", ("indirect", "mixed"))):
        gold = [mark for mark in marks if mark.kind in kinds]
        have = [found for found in findings.quotations if found.kind in kinds]
        title = f"quotations, {name}"
        if name == "indirect" and story.register is None:  # only some are marked: no finding is one too many
            title += " listed"
            have = [found for found in have if any(is_half(mark, found) for mark in gold)]
        else:
            count(counts, f"{title}: exact", story, gold, have, is_exact)
        if not gold and not have:
            continue
        for mark, found in count(counts, title, story, gold, have, is_half):
            total = counts[title]
            right = is_speaker(story, mark, found)
            total.judge("speaker", right)
            if found.speaker is not None or mark.values["speakers"]:
                total.judge("no wrong speaker", right or found.speaker is None)
            if "cue" in mark.values:
                total.judge("cue", _same_cue(mark.values["cue"], found.cue))
            if not right:
                want = "=".join(mark.values["speakers"]) or "none"
                method = found.speaker_method or "-"
                total.faults.append(f"speaker {found.speaker} ({method}), not {want}: {_shown(story, mark)}")
            if mark.values["reporters"] or found.reported_by:
                relayed = is_form(found.reported_by, mark.values["reporters"])
                total.judge("reporter", relayed)
                if not relayed:
                    want = "=".join(mark.values["reporters"]) or "none"
                    total.faults.append(f"reporter {found.reported_by}, not {want}: {_shown(story, mark)}")


def _timexes(story: Story, findings: Findings, counts: Counts) -> None:
    marks = story.timexes or ()
    count(counts, "timexes: exact", story, marks, findings.timexes, is_exact)
    title = "timexes"
    for mark, found in count(counts, title, story, marks, findings.timexes, is_touching):
        total, values = counts[title], mark.values
        right = found.value == values["value"]
        if values.get("contradicts"):
            right = right and found.basis == "contradicts_weekday"
        total.judge("value", right)
        if not right:
            total.faults.append(f"value {found.value} ({found.basis}), not {values['value']}: {_shown(story, mark)}")
        if values.get("part"):
            total.judge("part of day", found.part_of_day == values["part"])


def is_amount(mark: Mark, found: Any) -> bool:
    """The number, or the bounds where there is no number; the kind; the currency of money."""
    values = mark.values
    if found.kind != mark.kind or found.value != values["value"]:
        return False
    if "low" in values and values["value"] is None and (found.low, found.high) != (values["low"], values["high"]):
        return False
    return mark.kind != "money" or "currency" not in values or found.unit == values["currency"]


def _quantities(story: Story, findings: Findings, counts: Counts) -> None:
    marks = story.quantities or ()
    count(counts, "quantities: span only", story, marks, findings.quantities, is_touching)
    wrong = Count()
    pairs = count({"": wrong}, "", story, marks, findings.quantities, is_touching)
    title = "quantities"
    total = counts.setdefault(title, Count())
    total.wanted += wrong.wanted
    total.found += wrong.found
    total.faults += wrong.faults
    for mark, found in pairs:
        if is_amount(mark, found):
            total.hits += 1
            if mark.values.get("approximate") is not None:
                total.judge("approximate", found.is_approximate == mark.values["approximate"])
        else:
            values = mark.values
            want = (values["value"], values.get("low"), values.get("high"), mark.kind, values.get("currency"))
            have = (found.value, found.low, found.high, found.kind, found.unit)
            total.faults.append(f"{have}, not {want}: {_shown(story, mark)}")


def _mentions(story: Story, findings: Findings, counts: Counts, types: Iterable[str]) -> None:
    marks = [mark for mark in story.mentions or () if mark.kind in types]
    money = [mark for mark in story.quantities or () if mark.kind == "money"]
    # «ريال سعودي»: a nationality that names a currency may be read as a name, and may not
    found = [
        one for one in findings.mentions if one.type in types and not any(is_touching(mark, one) for mark in money)
    ]

    def is_name(mark: Mark, one: Any) -> bool:
        return is_exact(mark, one) and bool(mark.kind == one.type)

    title = "names"
    for mark, one in count(counts, title, story, marks, found, is_name):
        total = counts[title]
        if "name" in mark.values:
            total.judge("canonical", plain(one.name) == plain(mark.values["name"]))
        if "country" in mark.values and mark.kind in ("LOC", "MISC"):
            total.judge("country", one.country == mark.values["country"])
            if one.country != mark.values["country"]:
                total.faults.append(f"country {one.country}, not {mark.values['country']}: {_shown(story, mark)}")
    for kind in types:
        gold = [mark for mark in marks if mark.kind == kind]
        count(counts, f"names: {kind}", story, gold, [one for one in found if one.type == kind], is_exact)


def add(story: Story, findings: Findings, counts: Counts) -> None:
    """Judge the findings of one story on the layers that were marked in it."""
    if story.quotations is not None:
        _quotations(story, findings, counts)
    if story.timexes is not None:
        _timexes(story, findings, counts)
    if story.quantities is not None:
        _quantities(story, findings, counts)
    if story.mentions is not None:
        # others' MISC is of other things (books, wares), and they have no FAC and EVENT
        kinds = ("PER", "LOC", "ORG", "FAC", "EVENT", "MISC") if story.register else ("PER", "LOC", "ORG")
        _mentions(story, findings, counts, kinds)
    if story.names is not None:
        total = counts.setdefault("names listed", Count())
        have = {(plain(found.name), found.type) for found in findings.mentions}
        total.wanted += len(story.names)
        total.hits += sum((plain(name), kind) in have for name, kind in story.names)
        total.found = total.hits
        total.faults += [
            f"not listed: [{story.id}] {kind} {name}" for name, kind in sorted(story.names)
            if (plain(name), kind) not in have
        ]  # fmt: skip
