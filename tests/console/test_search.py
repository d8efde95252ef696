"""Search: what is found, in which order, over pages; by whom; and as files."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import example_rows as rows
from hostile_texts import TEXTS, faults_of
from marsad.clean.record import ARTICLES
from marsad.console import search as room
from marsad.console import storefiles as files
from marsad.console.engine import open_engine
from marsad.console.export import EXPORT_COLUMNS, pieces_of, write_export
from marsad.console.search import Cursor, Question, ask, parse_cursor, published_days
from marsad.console.wordforms import forms_of
from marsad.context import Context
from marsad.errors import LakeUnreachable, LakeUnusable, UsageError
from marsad.extract.record import MENTIONS, QUOTATIONS
from marsad.lake import Lake
from marsad.partition import Partition
from store_server import Bucket
from warehouse_lake import publish

SAMPLE = Path(__file__).parents[2] / "docs" / "sample"
SOURCES = ("wakala", "mujammi")


@pytest.fixture
def sample(make_context: Callable[..., Context], tmp_path: Path) -> Context:
    """The published sample day."""
    shutil.copytree(SAMPLE / "published", tmp_path / "lake" / "published")
    return make_context(tmp_path / "lake")


@pytest.fixture
def stored(sample: Context, make_context: Callable[..., Context], tmp_path: Path, bucket: Bucket) -> Context:
    """The same day in an S3-like store."""
    made = make_context(
        f"{bucket.url}/{tmp_path.name}", lake_options=bucket.options, warehouse=sample.settings.warehouse
    )
    for path in sample.lake.list("published", "**/*"):
        made.lake.write_bytes(path, sample.lake.read_bytes(path))
    return made


def question(
    words: str = "",
    *,
    speaker: str = "",
    place: str = "",
    sources: tuple[str, ...] = SOURCES,
    days: int = 30,
    after: Cursor | None = None,
) -> Question:
    first = rows.DAY - timedelta(days=days - 1)
    return Question(forms_of(words), forms_of(speaker), forms_of(place), sources, first, rows.DAY, after)


def fill(ctx: Context, days: int = 6, stories: int = 7) -> list[tuple[date, datetime | None, str]]:
    """Days of two sources; the keys of all stories in the order of answers. Every third gives no hour."""
    keys = []
    for back in range(days):
        day = rows.DAY - timedelta(days=back)
        for s, source in enumerate(SOURCES):
            some = []
            for n in range(stories):
                number = back * 1000 + s * 100 + n
                at = None if n % 3 == 0 else datetime(day.year, day.month, day.day, n, tzinfo=UTC)
                some.append(replace(rows.article(number), source=source, date=day, published_at=at))
                keys.append((day, at, rows.article_id(number)))
            publish(ctx.lake, Partition(source, day), {ARTICLES: some})
    return sorted(keys, key=lambda k: (-k[0].toordinal(), k[1] is None, -(k[1].timestamp() if k[1] else 0), k[2]))


def test_words_meet_in_every_form(sample: Context, browse: Callable[..., Any]) -> None:
    browser = browse(sample)
    for words in ("التحلية محطة", "للمحطةِ والتحليه", "محطـة التحلية"):
        page = browser.get("/search", params={"words": words}).text
        assert "/article/wakala/2026-03-03/be86cdd53ced5ff078b0" in page
        assert "<mark>التحلية</mark>" in page
    assert "Nothing found" in browser.get("/search", params={"words": "التحلية ديناصور"}).text
    assert faults_of(page) == []
    assert "2 stories, the newest first. Looked at 2026-03-03 to 2026-03-03." in " ".join(page.split())
    assert browser.get("/search").status_code == 200
    assert browser.get("/search", params={"words": "«؟»"}).status_code == 400


def test_by_speaker_place_source_and_day(sample: Context, browse: Callable[..., Any]) -> None:
    browser = browse(sample)
    said = browser.get("/search", params={"speaker": "سامي الخطيب"}).text
    assert said.count('<li lang="ar"><h2 dir="auto">') == 2  # the story and its copy
    assert "<b>سامي الخطيب</b>: <q>" in said
    one = browser.get("/search", params={"speaker": "الخطيب", "source": "wakala"}).text
    assert one.count('<li lang="ar"><h2 dir="auto">') == 1
    assert browser.get("/search", params={"place": "الساحل", "words": "ديناصور"}).text.count('<li lang="ar"><h2') == 0
    assert browser.get("/search", params={"place": "الساحل"}).text.count('<li lang="ar"><h2') >= 1
    assert browser.get("/search", params={"words": "محطة", "last": "2026-03-02"}).text.count('<li lang="ar"><h2') == 0
    assert (
        browser.get("/search", params={"words": "محطة", "first": "2026-03-03", "last": "2026-03-03"}).text.count(
            '<li lang="ar"><h2'
        )
        >= 1
    )
    assert (
        browser.get("/search", params={"words": "محطة", "first": "2026-03-04", "last": "2026-03-03"}).status_code == 400
    )


@pytest.mark.parametrize("size", [1, 4, 25, 1000])
def test_pages_joined_are_all_stories_once_the_newest_first(empty: Context, size: int) -> None:
    wanted = fill(empty)
    found = []
    after: Cursor | None = None
    for _ in range(200):
        answer = ask(empty.lake, question("سوق السمك", after=after), size=size, seconds=5)
        assert len(answer.rows) <= size
        found += [(row["date"], row["published_at"], row["article_id"]) for row in answer.rows]
        if answer.next is None:
            break
        after = parse_cursor(str(answer.next))
        assert after == answer.next
    assert found == wanted


def test_when_the_time_is_up_the_answer_says_where_and_goes_on_there(empty: Context) -> None:
    wanted = fill(empty)
    found, after, answers = [], None, 0
    while True:
        ticks = iter(range(1_000_000))
        # every look at the clock costs a second: one day, and the time is up
        answer = ask(
            empty.lake, question("سوق", after=after), size=1000, seconds=1, clock=lambda t=ticks: float(next(t))
        )
        found += [row["article_id"] for row in answer.rows]
        answers += 1
        if answer.next is None:
            assert answer.is_whole
            break
        assert not answer.is_whole
        after = answer.next
    assert found == [key for _, _, key in wanted]
    assert answers == 6


def test_what_the_expression_lets_through_is_compared_again(empty: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = fill(empty, days=2)
    monkeypatch.setattr(room, "SPARE", 0)
    odd = {key for n, (_, _, key) in enumerate(wanted) if n % 2}
    monkeypatch.setattr(room, "has_all", lambda forms, title, lead, body: not any(title == t for t in refused))
    refused = {f"افتتاح سوق السمك رقم {int(key, 16)} في صور" for key in odd}
    answer = ask(empty.lake, question("سوق"), size=5, seconds=5)
    assert [row["article_id"] for row in answer.rows] == [key for _, _, key in wanted if key not in odd][:5]


def test_a_partition_without_its_manifest_is_not_there(sample: Context) -> None:
    assert ask(sample.lake, question("محطة التحلية", sources=("wakala",)), size=9, seconds=5).rows
    sample.lake.delete("published/_manifests/date=2026-03-03/source=wakala.json")
    assert not ask(sample.lake, question("محطة التحلية", sources=("wakala",)), size=9, seconds=5).rows


def test_who_may_not_read_a_source_finds_none_of_its_stories(
    sample: Context, browse: Callable[..., Any], access: Any
) -> None:
    access.reads["omar"] = ("mujammi",)
    access.reads["nobody"] = ()
    page = browse(sample, "omar").get("/search", params={"words": "محطة التحلية"}).text
    assert "/article/mujammi/" in page
    assert "/article/wakala/" not in page
    assert browse(sample, "omar").get("/search", params={"words": "محطة", "source": "wakala"}).status_code == 404
    assert "wakala" not in browse(sample, "omar").get("/search/export/csv", params={"words": "محطة"}).text
    assert "Nothing found" in browse(sample, "nobody").get("/search", params={"words": "محطة"}).text


@pytest.mark.parametrize(
    "text",
    [*TEXTS, "' OR 1=1 --", "x'); SELECT * FROM read_text('/etc/passwd'); --", "%", "_", "\\", "(?:", "[", "$words"],
)
def test_no_question_is_taken_for_sql_or_an_expression(sample: Context, browse: Callable[..., Any], text: str) -> None:
    browser = browse(sample)
    for field in ("words", "speaker", "place", "source", "first", "last", "after"):
        answer = browser.get("/search", params={"words": "محطة", field: text})
        assert answer.status_code in (200, 400, 404), (field, answer.text)
        assert faults_of(answer.text) == []
        assert "root:" not in answer.text


def test_the_engine_reads_nothing_but_the_lake(sample: Context, tmp_path: Path) -> None:
    import duckdb

    with open_engine(sample.lake, 5) as engine:
        for sql in (
            "SELECT * FROM read_text('/etc/passwd')",
            f"COPY (SELECT 1) TO '{tmp_path}/x.csv'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                engine.connection.execute(sql)


def test_a_store_gives_the_answers_and_the_files_of_a_disk(
    sample: Context, stored: Context, browse: Callable[..., Any]
) -> None:
    here, there = browse(sample), browse(stored)
    for asked in ("words=محطة التحلية", "speaker=الخطيب&place=الساحل", "source=mujammi", "words=ديناصور"):
        page = there.get(f"/search?{asked}").text
        assert page == here.get(f"/search?{asked}").text
        assert ("/article/mujammi/2026-03-03/" in page) is ("ديناصور" not in asked)
        for form in ("csv", "parquet"):
            made = there.get(f"/search/export/{form}?{asked}")
            assert made.status_code == 200
            assert made.content == here.get(f"/search/export/{form}?{asked}").content


def test_a_store_is_asked_once_for_each_file_where_there_is_room(
    stored: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    read = stored.lake.read_bytes
    monkeypatch.setattr(stored.lake, "read_bytes", lambda path: asked.append(path) or read(path))
    wanted = question("محطة", speaker="الخطيب", place="الساحل")
    found = ask(stored.lake, wanted, size=9, seconds=5).rows
    assert (len(found), len(asked), len(set(asked))) == (2, 6, 6)
    monkeypatch.setattr(files, "ROOM", 1)
    monkeypatch.setattr("marsad.console.engine._idle", [])  # a connection that is made with that room
    assert ask(stored.lake, wanted, size=9, seconds=5).rows == found
    assert len(asked) > 12


def test_in_a_store_what_is_published_again_is_found_and_what_is_just_being_published_is_for_later(
    stored: Context,
) -> None:
    again = replace(rows.article(), source="wakala", title="محطة التحلية أغلقت")
    assert len(ask(stored.lake, question("أغلقت"), size=9, seconds=5).rows) == 0
    publish(stored.lake, Partition("wakala", rows.DAY), {ARTICLES: [again]})
    found = ask(stored.lake, question("محطة التحلية"), size=9, seconds=5).rows
    assert [row["title"] for row in found if row["source"] == "wakala"] == [again.title]
    with pytest.raises(LakeUnreachable, match="try again"), open_engine(stored.lake, 5) as engine:
        engine.rows("SELECT 1 FROM read_parquet($files)", {"files": [f"{stored.lake}/published/gone.parquet"]})
    stored.lake.write_bytes(
        stored.lake.dataset_path("published", ARTICLES, Partition("wakala", rows.DAY)), b"no parquet"
    )
    with pytest.raises(LakeUnusable, match=r"lake s3://.*Parquet"):
        ask(stored.lake, question("محطة"), size=5, seconds=5)


def test_of_a_store_too_the_engine_reads_nothing_but_the_lake(stored: Context, bucket: Bucket, tmp_path: Path) -> None:
    import duckdb

    with open_engine(stored.lake, 5) as engine:
        path = f"{stored.lake}/{stored.lake.dataset_path('published', ARTICLES, Partition('wakala', rows.DAY))}"
        assert engine.rows("SELECT count(*) AS n FROM read_parquet($path)", {"path": path}) == [{"n": 10}]
        for sql in (
            "SELECT * FROM read_text('/etc/passwd')",
            f"FROM '{stored.lake}-beside/x.parquet'",
            f"FROM '{bucket.url}/x.parquet'",
            f"COPY (SELECT 1) TO '{tmp_path}/x.csv'",
            f"ATTACH '{tmp_path}/x.db'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
                engine.connection.execute(sql)


def test_a_store_that_no_longer_answers_is_for_later_and_says_so(bucket: Bucket) -> None:
    deaf = {"endpoint_url": "http://127.0.0.1:1", "config_kwargs": {"retries": {"max_attempts": 1}}}
    nobody = Lake("s3://marsad/x", {**bucket.options, **deaf})
    with (
        pytest.raises(LakeUnreachable, match=r"cannot read published/x\.parquet now"),
        open_engine(nobody, 30) as engine,
    ):
        engine.rows("SELECT 1 FROM read_parquet($files)", {"files": [f"{nobody}/published/x.parquet"]})


def test_an_engine_is_kept_for_its_lake_alone_and_not_after_a_failure(sample: Context, tmp_path: Path) -> None:
    with open_engine(sample.lake, 5) as first, open_engine(sample.lake, 5) as beside:
        assert beside is not first
    with open_engine(sample.lake, 5) as again:
        assert again is first
        with open_engine(Lake(tmp_path / "other"), 5) as other:
            assert other not in (first, beside)
            with pytest.raises(LakeUnusable):
                other.rows("SELECT * FROM read_text($path)", {"path": f"{sample.lake}/published/_manifests"})
    with pytest.raises(UsageError), open_engine(sample.lake, 5) as failed:
        raise UsageError("as a question that takes too long does")
    with open_engine(sample.lake, 5) as after:
        assert after is not failed
        assert after.rows("SELECT $n AS n", {"n": 1}) == [{"n": 1}]


def test_a_question_is_broken_off_when_its_time_is_up(sample: Context) -> None:
    endless = "SELECT count(*) AS n FROM range(1000000000) a, range(1000000000) b WHERE (a.range * b.range) % $n = 1"
    with pytest.raises(UsageError, match="takes too long"), open_engine(sample.lake, 0.2) as engine:
        engine.rows(endless, {"n": 7})


def test_a_file_that_is_none_says_so(sample: Context) -> None:
    path = sample.lake.dataset_path("published", ARTICLES, Partition("wakala", rows.DAY))
    sample.lake.write_bytes(path, b"no parquet")
    with pytest.raises(LakeUnusable, match=r"lake "):
        ask(sample.lake, question("محطة"), size=5, seconds=5)


def test_cursors_that_are_none() -> None:
    assert parse_cursor("") is None
    for text in ("x", "2026-03-03", "2026-03-03~x~y", "2026-02-31~~y", "~~", "2026-03-03~2026~y"):
        with pytest.raises(UsageError):
            parse_cursor(text)


def test_a_lake_with_nothing_in_it(empty: Context, browse: Callable[..., Any]) -> None:
    empty.lake.write_bytes("published/_manifests/date=x/source=wakala.json", b"")
    assert published_days(empty.lake) == []
    assert "Nothing found" in browse(empty).get("/search", params={"words": "سوق"}).text


def test_export_as_parquet_has_the_texts_as_they_are(sample: Context, browse: Callable[..., Any]) -> None:
    answer = browse(sample).get("/search/export/parquet", params={"words": "محطة التحلية"})
    assert answer.headers["content-disposition"] == 'attachment; filename="marsad-search.parquet"'
    table = pq.read_table(io.BytesIO(answer.content))
    assert table.column_names == list(EXPORT_COLUMNS)
    assert set(table["source"].to_pylist()) == {"wakala", "mujammi"}
    published = sample.lake.read_table("published", ARTICLES, Partition("wakala", rows.DAY)).to_pylist()
    bodies = {row["article_id"]: row["body"] for row in published}
    for row in table.to_pylist():
        assert bodies.get(row["article_id"], row["body"]) == row["body"]


@pytest.mark.parametrize("text", [t for t in TEXTS if "\0" not in t])
def test_export_as_csv_is_safe_to_open(empty: Context, browse: Callable[..., Any], text: str) -> None:
    hostile = replace(rows.article(), source="wakala", title=text, lead=f"كلمة\n{text}", authors=(text,), url=text)
    publish(empty.lake, Partition("wakala", rows.DAY), {ARTICLES: [hostile]})
    answer = browse(empty).get("/search/export/csv", params={"source": "wakala"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")
    (header, row) = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert header == list(EXPORT_COLUMNS)
    for cell in row:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert not any(line.startswith(("=", "+", "@")) for line in cell.splitlines())


def test_an_export_that_is_not_whole_says_so_in_its_name(empty: Context, tmp_path: Path) -> None:
    wanted = fill(empty)
    made = write_export(empty.lake, question("سوق"), "parquet", max_rows=20)
    assert made.file_name("parquet") == f"marsad-search-first-20-back-to-{wanted[19][0]}.parquet"
    assert pq.read_table(made.file)["article_id"].to_pylist() == [key for _, _, key in wanted[:20]]
    made.file.close()
    whole = write_export(empty.lake, question("سوق"), "csv")
    assert whole.file_name("csv") == "marsad-search.csv"
    text = b"".join(pieces_of(whole.file)).decode("utf-8-sig")
    assert whole.file.closed
    assert len(list(csv.reader(io.StringIO(text, newline="")))) == len(wanted) + 1


def test_export_of_nothing_asked_or_in_no_such_form(sample: Context, browse: Callable[..., Any]) -> None:
    browser = browse(sample)
    assert browser.get("/search/export/csv").status_code == 400
    assert browser.get("/search/export/xlsx", params={"words": "محطة"}).status_code == 404
    assert browser.get("/search/export/..%2fx", params={"words": "محطة"}).status_code == 404


def test_a_speaker_and_a_place_must_be_of_one_story(empty: Context) -> None:
    some = [replace(rows.article(n), source="wakala") for n in (1, 2)]
    publish(
        empty.lake,
        Partition("wakala", rows.DAY),
        {
            ARTICLES: some,
            QUOTATIONS: [replace(rows.quotation(n), source="wakala") for n in (1, 2)],
            MENTIONS: [
                replace(rows.mention(2), source="wakala"),
                replace(rows.mention(1, type="PER", name="صور"), source="wakala"),
            ],
        },
    )
    answer = ask(empty.lake, question(speaker="حداد", place="صور"), size=9, seconds=5)
    assert [row["article_id"] for row in answer.rows] == [rows.article_id(2)]
    assert answer.rows[0]["quotations"][0]["speaker"] == "سامر حداد"


def test_findings_too_many_to_read_at_once_are_read_in_fewer_days(
    empty: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [rows.DAY - timedelta(days=n) for n in range(5)]
    for day in days:
        some = [replace(rows.article(day.day * 10 + n), source="wakala", date=day, published_at=None) for n in range(3)]
        said = [replace(rows.quotation(day.day * 10 + n), source="wakala", date=day) for n in range(3)]
        publish(empty.lake, Partition("wakala", day), {ARTICLES: some, QUOTATIONS: said})
    whole = [row["article_id"] for row in ask(empty.lake, question(speaker="حداد"), size=99, seconds=5).rows]
    assert len(whole) == 15
    monkeypatch.setattr(room, "MOST_FINDINGS", 3)
    assert [r["article_id"] for r in ask(empty.lake, question(speaker="حداد"), size=99, seconds=5).rows] == whole
    first = ask(empty.lake, question(speaker="حداد"), size=8, seconds=5)
    rest = ask(empty.lake, question(speaker="حداد", after=first.next), size=99, seconds=5)
    assert [r["article_id"] for r in (*first.rows, *rest.rows)] == whole
    monkeypatch.setattr(room, "MOST_FINDINGS", 2)
    with pytest.raises(UsageError, match="more than 2 findings"):
        ask(empty.lake, question(speaker="حداد"), size=99, seconds=5)
