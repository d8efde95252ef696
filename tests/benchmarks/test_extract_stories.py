"""The form of the stories with marks: what it reads, what it refuses; and that our own stories keep their rules."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest
from benchmarks.extract.gold import all_stories, read_yaml
from benchmarks.extract.stories import KINDS, NAMES, Malformed, own_stories, parse, read_file

from marsad.extract.record import MentionType, QuantityKind

HEAD = "=== one | 2026-03-03 | LB | agency\n"
WEEKDAYS = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")


def test_the_kinds_are_those_of_the_records():
    assert frozenset(get_args(QuantityKind)) == KINDS
    assert set(get_args(MentionType)) == set(NAMES.values())


def test_marks_nest_and_their_offsets_are_those_of_the_plain_text():
    body, layers = parse(
        'قال {P سامر حداد:حداد} {T 2026-03-02:أمس}: "{D قال; حداد=سامر حداد:قتل {Q 12+ killed:12 شخصا}}".'
    )
    assert body == 'قال حداد أمس: "قتل 12 شخصا".'
    words = {name: [body[m.start : m.end] for m in marks] for name, marks in layers.items()}
    assert words == {
        "mentions": ["حداد"],
        "timexes": ["أمس"],
        "quotations": ["قتل 12 شخصا"],
        "quantities": ["12 شخصا"],
    }
    (quotation,), (quantity,) = layers["quotations"], layers["quantities"]
    assert quotation.values == {"cue": "قال", "speakers": ("حداد", "سامر حداد"), "reporters": ()}
    assert quantity.values == {"value": 12.0, "low": 12.0, "high": None, "approximate": True, "currency": None}


@pytest.mark.parametrize(
    ("words", "value", "low", "high", "approximate"),
    [
        ("4 people", 4, None, None, False),
        ("~40 other", 40, None, None, True),
        ("9- other", 9, None, 9, True),
        ("20..30 other", None, 20, 30, False),
        ("100.. killed", None, 100, None, True),
        ("1.5e6 money EUR", 1.5e6, None, None, False),
    ],
)
def test_amounts(words, value, low, high, approximate):
    _, layers = parse(f"{{Q {words}:كلمات}}")
    values = layers["quantities"][0].values
    assert (values["value"], values["low"], values["high"], values["approximate"]) == (value, low, high, approximate)


@pytest.mark.parametrize(
    ("words", "kind", "value", "part"),
    [
        ("2026-03-02 evening", "date", "2026-03-02", "evening"),
        ("2026-W09", "date", "2026-W09", None),
        ("2026-03-03/2026-03-05", "range", "2026-03-03/2026-03-05", None),
        ("P3D", "duration", "P3D", None),
        ("T18:00", "time", "T18:00", None),
        ("-duration", "duration", None, None),
        ("-", "date", None, None),
    ],
)
def test_values_of_time(words, kind, value, part):
    _, layers = parse(f"{{T {words}:كلمات}}")
    (mark,) = layers["timexes"]
    assert (mark.kind, mark.values["value"], mark.values["part"]) == (kind, value, part)


def test_a_contradiction_has_no_value_and_says_so():
    _, layers = parse("{T !:أمس الجمعة}")
    assert layers["timexes"][0].values == {"value": None, "part": None, "contradicts": True}


@pytest.mark.parametrize(
    "line",
    [
        "{P:حداد",
        "حداد}",
        "{X:حداد}",
        "{P:}",
        "{P: حداد}",
        "{Q 4 dead:4 رجال}",
        "{Q four people:4 رجال}",
        "{Q 4 money:4 رجال}",
        "{Q 4 people USD:4 رجال}",
        "{T yesterday:أمس}",
        "{T 2026-3-2:أمس}",
        "{D قال:نعم}",
        "{D قال; سلمى:نعم}",
        "{D صرح; -:نعم}",
        "{P سامر حداد:حداد}",
    ],
)
def test_what_cannot_be_right_names_file_line_and_story(tmp_path, line):
    file = tmp_path / "some.txt"
    file.write_text(f"{HEAD}قال أحد.\n{line}\n", encoding="utf-8")
    with pytest.raises(Malformed, match=r"some\.txt:\d+: one: "):
        list(read_file(file))


def test_a_story_without_its_head_and_an_id_twice_are_refused(tmp_path):
    for text in ("قال.\n", f"{HEAD}قال.\n{HEAD}قال.\n", "=== one | 2026-03-03\nقال.\n"):
        file = tmp_path / "some.txt"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(Malformed):
            list(read_file(file))


def test_stories_marked_beside_their_text(tmp_path):
    file = tmp_path / "some.yaml"
    file.write_text(
        "- id: one\n  day: 2026-03-03\n  body: 'قال سامر حداد أمس: «قتل 3 رجال». قال: «قتل 3 رجال».'\n"
        "  quotes:\n  - [قتل 3 رجال, سامر حداد]\n  - [قتل 3 رجال, حداد, سامر حداد]\n"
        "  times:\n  - [أمس, '2026-03-02']\n  amounts:\n  - [3 رجال, 3, killed]\n  names:\n  - [سامر حداد, PER]\n",
        encoding="utf-8",
    )
    (story,) = read_yaml(file)
    assert [(m.start, m.values["speakers"]) for m in story.quotations] == [
        (story.body.index("قتل"), ("سامر حداد",)),
        (story.body.rindex("قتل"), ("حداد", "سامر حداد")),
    ]
    assert [(m.kind, m.values) for m in story.quantities] == [("killed", {"value": 3.0})]
    assert story.timexes[0].values["value"] == "2026-03-02"
    assert story.names == {("سامر حداد", "PER")}
    assert story.mentions is None
    assert not story.is_held_out
    file.write_text(file.read_text(encoding="utf-8").replace("[3 رجال, 3", "[4 رجال, 4"), encoding="utf-8")
    with pytest.raises(Malformed, match=r"some\.yaml: one: not in the text"):
        read_yaml(file)


def test_all_stories_have_ids_of_their_own():
    stories = all_stories()
    assert len({story.id for story in stories}) == len(stories) >= 100


def test_our_own_stories_are_enough_and_of_news_length():
    stories = own_stories()
    assert len(stories) >= 60
    assert len({story.id for story in stories}) == len(stories)
    assert all(75 <= len(story.body.split()) <= 350 for story in stories)
    assert len({story.country for story in stories}) >= 15
    held_out = sum(story.is_held_out for story in stories)
    assert len(stories) / 4 < held_out < len(stories) / 2


def test_our_own_days_agree_with_their_words():
    checked = 0
    for story in own_stories():
        for mark in story.timexes:
            words, value = story.body[mark.start : mark.end], mark.values["value"]
            if not value or len(value) != len("2026-03-03") or not value[:4].isdigit():
                continue
            day = date.fromisoformat(value)
            named = [number for number, name in enumerate(WEEKDAYS) if name in words]
            if named:
                checked += 1
                assert day.weekday() == named[-1], (story.id, words, value)
            if "أمس" in words:
                assert (story.day - day).days == 1, (story.id, words, value)
            if "اليوم" in words:
                assert day == story.day, (story.id, words, value)
    assert checked > 40


def test_our_own_numbers_agree_with_their_digits():
    checked = 0
    for story in own_stories():
        for mark in story.quantities:
            number = story.body[mark.start : mark.end].split()[0]
            if number.isascii() and number.isdigit() and len(number) <= 3 and mark.values["value"]:
                checked += 1
                assert str(mark.values["value"]).replace(".", "").startswith(number.rstrip("0") or number), (
                    story.id,
                    number,
                )
    assert checked > 60
