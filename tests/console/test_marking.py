"""Spans in a text: whatever overlaps, the text stays whole and each piece knows what covers it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marsad.console.marking import MAX_MARKS, Mark, mark_text

KINDS = ("quotation", "speaker", "mention", "timex", "quantity")
BODIES = st.text("ابتو .\n«»<&\u064b\U0001f600", max_size=80)


@st.composite
def marked_bodies(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    body = draw(BODIES)
    marks = []
    for n in range(draw(st.integers(0, 12))):
        start, end = sorted((draw(st.integers(-3, len(body) + 3)), draw(st.integers(-3, len(body) + 3))))
        text = body[start:end] if 0 <= start <= end <= len(body) else "خارج"
        text = text if draw(st.integers(0, 9)) else f"{text}غير"
        marks.append(Mark(draw(st.sampled_from(KINDS)), start, end, n, text))
    return body, marks


@given(marked_bodies())
def test_the_text_stays_whole_and_each_piece_has_what_covers_it(given_: tuple[str, list[Mark]]) -> None:
    body, marks = given_
    found = mark_text(body, marks)
    assert "\n\n".join("".join(p.text for p in paragraph) for paragraph in found.paragraphs) == body
    good = [m for m in marks if 0 <= m.start < m.end <= len(body) and body[m.start : m.end] == m.text]
    assert sorted(found.misplaced, key=lambda m: m.number) == [m for m in marks if m not in good]
    at = 0
    begun: list[Mark] = []
    for paragraph in found.paragraphs:
        for piece in paragraph:
            end = at + len(piece.text)
            assert piece.text
            assert set(piece.marks) == {m for m in good if m.start < end and m.end > at}
            assert all(m.start <= at and m.end >= end for m in piece.marks)
            assert set(piece.starts) == {m for m in good if m.start == at}
            begun += piece.starts
            at = end
        at += 2
    # none begins twice, so that no two places of a page have one name
    assert len(begun) == len(set(begun))


def test_overlapping_marks_are_cut_at_each_border() -> None:
    body = "قال الوزير أمس إن النتائج جيدة"
    quotation = Mark("quotation", 15, 30, 1, body[15:30], "قول الوزير")
    name = Mark("mention", 4, 10, 1, "الوزير", "شخص", "PER")
    crossing = Mark("timex", 11, 17, 1, body[11:17], "وقت")
    (pieces,) = mark_text(body, [quotation, name, crossing]).paragraphs
    assert [(p.text, {m.kind for m in p.marks}) for p in pieces] == [
        ("قال ", set()),
        ("الوزير", {"mention"}),
        (" ", set()),
        ("أمس ", {"timex"}),
        ("إن", {"timex", "quotation"}),
        (" النتائج جيدة", {"quotation"}),
    ]
    assert pieces[1].classes == "m-mention m-mention-per"
    assert pieces[4].note == "وقت · قول الوزير"  # of the narrowest first


def test_a_class_name_never_holds_what_a_row_says() -> None:
    (pieces,) = mark_text("نص", [Mark("mention", 0, 2, 1, "نص", value='x" onclick="a')]).paragraphs
    assert pieces[0].classes == "m-mention"


def test_too_many_marks_are_counted() -> None:
    body = "ا" * (MAX_MARKS + 10)
    found = mark_text(body, [Mark("mention", n, n + 1, n, "ا") for n in range(len(body))])
    assert (len(found.paragraphs[0]), found.left_out_count) == (MAX_MARKS + 1, 10)
