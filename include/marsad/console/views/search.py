"""Search: the published stories that have all words, by source, day, speaker and place; and what is found as a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import HTMLResponse, StreamingResponse

from marsad.console.article import article_path
from marsad.console.deps import Ask, Console
from marsad.console.export import FORMS, MAX_ROWS, MEDIA, pieces_of, write_export
from marsad.console.search import PATIENT_S, QUICK_S, Answer, Question, ask, parse_cursor, published_days
from marsad.console.snippets import Run, highlighted, passage
from marsad.console.wordforms import WordForm, forms_of
from marsad.errors import UsageError
from marsad.partition import parse_date

router = APIRouter()

PAGE_SIZE = 25
SPAN_DAYS = 30
"""How far back is searched where nobody says."""
QUOTED = 2
"""Quotations that are shown of a story, where a speaker was asked for."""


@dataclass(frozen=True)
class Hit:
    """A story that was found, as the page shows it."""

    row: dict[str, Any]
    title: list[Run]
    passage: list[Run]
    quotations: list[dict[str, Any]]


@dataclass(frozen=True)
class Asked:
    """What an address asks, as it is written there."""

    words: str = ""
    speaker: str = ""
    place: str = ""
    source: str = ""
    first: str = ""
    last: str = ""


Given = Annotated[Asked, Depends()]


def question_of(console: Console, asked: Asked, after: str = "") -> Question | None:
    """What an address asks; None where it asks for nothing.

    Raises:
        UnknownSource: there is none, or the user may not read it.
        UsageError: a day or a place in the answer is none, or there is no word in what was written.
    """
    texts = {name: getattr(asked, name).strip()[:300] for name in ("words", "speaker", "place")}
    if not any(texts.values()) and not asked.source:
        return None
    forms = {name: forms_of(text) for name, text in texts.items()}
    for name, text in texts.items():
        if text and not forms[name]:
            raise UsageError(console.words("search.no_word", text=text))
    days = published_days(console.ctx.lake)
    end = parse_date(asked.last) if asked.last else (days[0] if days else console.today())
    begin = parse_date(asked.first) if asked.first else end - timedelta(days=min(SPAN_DAYS - 1, (end - date.min).days))
    if end < begin:
        raise UsageError(console.words("search.upside_down", first=begin, last=end))
    sources = (console.source(asked.source).name,) if asked.source else tuple(sorted(console.readable))
    return Question(forms["words"], forms["speaker"], forms["place"], sources, begin, end, parse_cursor(after))


@router.get("/search")
def search(console: Ask, given: Given, after: str = "", patient: bool = False) -> HTMLResponse:
    """The form, and what fits."""
    question = question_of(console, given, after)
    answer: Answer | None = None
    hits: list[Hit] = []
    if question is not None:
        seconds = PATIENT_S if patient else QUICK_S
        answer = ask(console.ctx.lake, question, size=PAGE_SIZE, seconds=seconds)
        hits = [_hit(row, question.words) for row in answer.rows]
    return console.page(
        "search.html",
        given=given,
        query={name: value or None for name, value in asdict(given).items()},
        question=question,
        answer=answer,
        hits=hits,
        names=sorted(console.readable),
        path=article_path,
        after=after,
        max_rows=MAX_ROWS,
    )


def _hit(row: dict[str, Any], forms: tuple[WordForm, ...]) -> Hit:
    return Hit(row, highlighted(row["title"], forms), passage(row["body"], forms), row["quotations"][:QUOTED])


@router.get("/search/export/{form}")
def export(console: Ask, form: str, given: Given) -> StreamingResponse:
    """What fits as a file, the newest first, ``MAX_ROWS`` rows at most."""
    kind = next((known for known in FORMS if known == form), None)
    if kind is None:
        raise HTTPException(404, console.words("search.no_form", form=form[:50]))
    question = question_of(console, given)
    if question is None:
        raise UsageError(console.words("search.nothing_asked"))
    made = write_export(console.ctx.lake, question, kind)
    return StreamingResponse(
        pieces_of(made.file),
        headers={
            "Content-Type": MEDIA[kind],
            "Content-Disposition": f'attachment; filename="{made.file_name(kind)}"',
            "Content-Length": str(made.size),
        },
    )
