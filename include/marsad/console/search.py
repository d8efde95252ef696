"""Search over published stories: DuckDB over the Parquet files as they lie, the newest day first, until a page is full.

There is no index to keep in step. What bounds a question is that days are read from the newest back: a common word
fills its page from the first day, and for a rare one the time is up after some days; then the answer says how far
back it looked, and the next question goes on there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from marsad.clean.record import ARTICLES
from marsad.console.engine import Engine, open_engine
from marsad.console.wordforms import WordForm, has_all
from marsad.dataset import Dataset
from marsad.errors import InvalidDate, UsageError
from marsad.extract.record import MENTIONS, QUOTATIONS
from marsad.lake import PART, Lake
from marsad.partition import parse_date

QUICK_S = 0.2
"""Seconds after which a question that was not told to be patient begins no further day."""
PATIENT_S = 5.0
MAX_DAYS_AT_ONCE = 16
MOST_FINDINGS = 20_000
"""Quotations or mentions that are read at a time; with more of one day the question is too wide."""
SPARE = 8
"""Stories that are read beyond those wanted, for those that the comparison itself refuses."""

PAGE_COLUMNS = ("article_id", "source", "date", "published_at", "title", "lead", "body", "language")
EXPORT_COLUMNS = (
    "date", "source", "article_id", "version", "parent_id", "role", "title", "lead", "body", "authors", "published_at",
    "published_basis", "modified_at", "section", "keywords", "attributions", "dateline", "language", "word_count",
    "url", "canonical_url",
)  # fmt: skip
_END = datetime(9999, 12, 31, tzinfo=UTC)
"""After every hour: a cursor that begins a day."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last story of a page: what follows is older, by day, hour and id."""

    date: date
    published_at: datetime | None
    article_id: str

    def __str__(self) -> str:
        at = self.published_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") if self.published_at else ""
        return f"{self.date}~{at}~{self.article_id}"


def parse_cursor(text: str) -> Cursor | None:
    """A cursor as an address carries it; None for an empty one.

    Raises:
        UsageError: it is none.
    """
    if not text:
        return None
    try:
        day, at, article_id = text.split("~", 2)
        moment = datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=UTC) if at else None
        return Cursor(parse_date(day), moment, article_id[:64])
    except (ValueError, InvalidDate):
        raise UsageError("that is no place in an answer; begin the search again") from None


@dataclass(frozen=True)
class Question:
    """What is searched for; every part that is given must fit."""

    words: tuple[WordForm, ...]
    speaker: tuple[WordForm, ...]
    place: tuple[WordForm, ...]
    sources: tuple[str, ...]
    first: date
    last: date
    after: Cursor | None = None


@dataclass(frozen=True)
class Answer:
    """Stories, the newest first."""

    rows: Sequence[dict[str, Any]]
    """With ``quotations`` where a speaker was asked for."""
    next: Cursor | None
    """After the last row; None where no more can follow."""
    looked_back_to: date | None
    """The oldest day that was looked at, or that of the last story of a full page; None where none was."""
    is_whole: bool
    """Whether all days of the question were looked at, or the page was full before."""
    seconds: float


def published_days(lake: Lake) -> list[date]:
    """The days on which anything is published, the newest first."""
    found = []
    for name in lake.names("published/_manifests"):
        try:
            found.append(parse_date(name.removeprefix("date=")))
        except InvalidDate:
            continue
    return sorted(found, reverse=True)


def ask(
    lake: Lake,
    question: Question,
    *,
    size: int,
    seconds: float,
    columns: Sequence[str] = PAGE_COLUMNS,
    clock: Callable[[], float] = time.monotonic,
) -> Answer:
    """Answer a question, at most ``size`` stories, in about so many seconds; a day is looked at in any case.

    Args:
        columns: of articles, those of ``PAGE_COLUMNS`` among them.

    Raises:
        LaterError: too many search at this moment, or a partition is being published.
        LakeUnusable: a file is none of its dataset.
    """
    began = clock()
    rows: list[dict[str, Any]] = []
    after = question.after
    looked: date | None = None
    spent_a_day = 0.0
    days = [d for d in published_days(lake) if question.first <= d <= question.last and (not after or d <= after.date)]
    with open_engine(lake, max(4 * seconds, 10.0)) as engine:
        asker, at = _Asker(engine), 0
        while at < len(days) and len(rows) < size:
            left = seconds - (clock() - began)
            if looked is not None and left < spent_a_day:
                break
            count = 1 if looked is None else max(1, min(MAX_DAYS_AT_ONCE, 2 * at, int(left / max(spent_a_day, 1e-3))))
            some = days[at : at + count]
            started = clock()
            found, is_cut = asker.stories(question, some, after, size - len(rows), columns)
            spent_a_day = (clock() - started) / len(some)
            rows += found
            looked = some[-1]
            if is_cut:
                break
            at += len(some)
    is_full = len(rows) >= size
    last = rows[-1] if rows else None
    more: Cursor | None = None
    if is_full and last is not None:
        more = Cursor(last["date"], last["published_at"], last["article_id"])
        looked = last["date"]
    elif at < len(days):
        # nothing more in the days that were looked at: go on before them
        more = Cursor(days[at], _END, "")
    return Answer(rows, more, looked, is_full or at >= len(days), clock() - began)


class _TooMany(Exception):
    """More findings fit than are read at a time."""


class _Asker:
    """The questions that are put to an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._lake = engine, engine.lake

    def stories(
        self, question: Question, days: Sequence[date], after: Cursor | None, size: int, columns: Sequence[str]
    ) -> tuple[list[dict[str, Any]], bool]:
        """Stories of some days, the newest day first, and whether there may be more than those.

        Raises:
            UsageError: too many findings of one day fit.
        """
        try:
            return self._stories(question, days, after, size, columns)
        except _TooMany:
            if len(days) == 1:
                raise UsageError(
                    f"more than {MOST_FINDINGS:,} findings of {days[0]} fit; name them more closely, or one source"
                ) from None
        half = len(days) // 2
        rows, is_cut = self.stories(question, days[:half], after, size, columns)
        if not is_cut:
            more, is_cut = self.stories(question, days[half:], after, size - len(rows), columns)
            rows += more
        return rows, is_cut

    def _stories(
        self, question: Question, days: Sequence[date], after: Cursor | None, size: int, columns: Sequence[str]
    ) -> tuple[list[dict[str, Any]], bool]:
        quotations: dict[str, list[dict[str, Any]]] | None = None
        wanted: set[str] | None = None
        if question.speaker:
            quotations = self._findings(QUOTATIONS, ("speaker_name", "speaker"), question.speaker, question, days)
            wanted = set(quotations)
        if question.place:
            places = set(self._findings(MENTIONS, ("name", "text"), question.place, question, days))
            wanted = places if wanted is None else wanted & places
        if wanted is not None and not wanted:
            return [], False
        rows: list[dict[str, Any]] = []
        while True:
            limit = size - len(rows) + SPARE
            some = self._articles(question, days, after, limit, columns, wanted)
            for row in some:
                if has_all(question.words, row["title"], row["lead"], row["body"]):
                    rows.append({**row, "quotations": quotations[row["article_id"]] if quotations else []})
                    if len(rows) == size:
                        return rows, True
            if len(some) < limit:
                return rows, False
            after = Cursor(some[-1]["date"], some[-1]["published_at"], some[-1]["article_id"])

    def _articles(
        self,
        question: Question,
        days: Sequence[date],
        after: Cursor | None,
        limit: int,
        columns: Sequence[str],
        wanted: Collection[str] | None,
    ) -> list[dict[str, Any]]:
        files = self._files(ARTICLES, question.sources, days)
        if not files:
            return []
        names = ", ".join(columns)
        sql = [f"SELECT {names} FROM read_parquet($files, hive_partitioning => false) WHERE true"]  # noqa: S608
        values: dict[str, Any] = {"files": files}
        for n, form in enumerate(question.words):
            values |= {f"core{n}": form.core, f"whole{n}": form.whole}
            sql.append(
                f" AND (regexp_matches(title, $whole{n}) OR regexp_matches(lead, $whole{n}) IS TRUE"
                f" OR (regexp_matches(body, $core{n}) AND regexp_matches(body, $whole{n})))"
            )
        if wanted is not None:
            values["wanted"] = sorted(wanted)
            sql.append(" AND article_id IN (SELECT unnest($wanted))")
        if after is not None:
            values |= {"day": after.date, "id": after.article_id}
            if after.published_at is None:
                older = "published_at IS NULL AND article_id > $id"
            else:
                values["at"] = after.published_at
                older = "published_at IS NULL OR published_at < $at OR (published_at = $at AND article_id > $id)"
            sql.append(f" AND (date < $day OR (date = $day AND ({older})))")
        sql.append(" ORDER BY date DESC, published_at DESC NULLS LAST, article_id LIMIT $limit")
        values["limit"] = limit
        return self._engine.rows("".join(sql), values)

    def _findings(
        self, dataset: Dataset, columns: tuple[str, str], forms: Sequence[WordForm], question: Question,
        days: Sequence[date],
    ) -> dict[str, list[dict[str, Any]]]:  # fmt: skip
        """The rows of a dataset whose names have all words, by article."""
        files = self._files(dataset, question.sources, days)
        if not files:
            return {}
        name = f"concat_ws(' ', {columns[0]}, {columns[1]})"
        kind = " AND type IN ('LOC', 'FAC')" if dataset is MENTIONS else ""
        fits = "".join(f" AND regexp_matches({name}, $whole{n})" for n in range(len(forms)))
        values: dict[str, Any] = {"files": files, "limit": MOST_FINDINGS + 1}
        values |= {f"whole{n}": form.whole for n, form in enumerate(forms)}
        sql = (
            f"SELECT article_id, text, {columns[0]}, {columns[1]} FROM read_parquet($files, union_by_name => true, "  # noqa: S608
            f"hive_partitioning => false) WHERE true{kind}{fits} LIMIT $limit"
        )
        rows = self._engine.rows(sql, values)
        if len(rows) > MOST_FINDINGS:
            raise _TooMany
        found: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            if has_all(forms, row[columns[0]], row[columns[1]]):
                found.setdefault(row["article_id"], []).append(row)
        return found

    def _files(self, dataset: Dataset, sources: Sequence[str], days: Sequence[date]) -> list[str]:
        """The files of a dataset whose partitions are complete."""
        wanted = set(sources)
        root = str(self._lake).rstrip("/")
        found = []
        for day in days:
            complete = {n.removesuffix(".json") for n in self._lake.names(f"published/_manifests/date={day}")}
            folder = f"published/{dataset.name}/date={day}"
            for name in self._lake.names(folder):
                source = name.removeprefix("source=")
                if name in complete and source in wanted:
                    found.append(f"{root}/{folder}/{name}/{PART}")
        return found
