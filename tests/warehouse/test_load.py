"""Loading a published partition: all of it or nothing, and twice is once, in every engine that runs here."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from example_rows import MAKERS
from marsad.clean.record import ARTICLES, CUTS, Cut
from marsad.curate.record import DUPLICATES, Duplicate
from marsad.errors import LakeUnusable, MissingPartition, NeverError, WarehouseBusy
from marsad.extract.record import MENTIONS, QUANTITIES, QUOTATIONS, Mention, Quantity, Quotation
from marsad.lake import Lake, parquet_bytes
from marsad.partition import ALL_SOURCES, Partition
from marsad.warehouse import load, loading
from marsad.warehouse.registry import CURATED_DATASETS, SOURCE_DATASETS
from marsad.warehouse.views import VIEWS
from postgres_server import new_schema
from warehouse_lake import DAY, HERE, STORY, publish, put, query


def test_a_partition_is_loaded_with_its_lists(lake: Lake, warehouse: str) -> None:
    report = load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    assert (report.row_count, report.is_unchanged) == (1, False)
    assert query(warehouse, "SELECT title, keywords, date FROM articles") == [("عنوان", ["مياه", "ساحل"], DAY)]
    assert query(warehouse, "SELECT article_count FROM daily_counts") == [(1,)]


def test_loading_twice_changes_nothing(lake: Lake, warehouse: str) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    load(manifest, lake, warehouse)
    before = query(warehouse, "SELECT * FROM _loads")
    assert load(manifest, lake, warehouse).is_unchanged
    assert query(warehouse, "SELECT * FROM _loads") == before
    assert query(warehouse, "SELECT count(*) FROM articles") == [(1,)]


def test_the_first_load_of_a_day_keeps_its_hour(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    ((first, again),) = query(warehouse, "SELECT first_loaded_at, loaded_at FROM _loads")
    assert first == again
    load(publish(lake, HERE, {ARTICLES: []}), lake, warehouse)
    ((kept, later),) = query(warehouse, "SELECT first_loaded_at, loaded_at FROM _loads")
    assert (kept, later > again) == (first, True)


@pytest.mark.parametrize("dataset", [*SOURCE_DATASETS, *CURATED_DATASETS], ids=str)
def test_every_dataset_goes_in_and_comes_out(lake: Lake, warehouse: str, dataset: Any) -> None:
    if dataset.name not in MAKERS:
        pytest.fail(f"tests/example_rows.py makes no {dataset}")
    rows = [MAKERS[dataset.name][1](n) for n in (1, 2)]
    source = ALL_SOURCES if dataset in CURATED_DATASETS else rows[0].source
    load(publish(lake, Partition(source, rows[0].date), {dataset: rows}), lake, warehouse)
    flat = [f.name for f in dataset.schema if not pa.types.is_nested(f.type) or pa.types.is_string(f.type.value_type)]
    names = ", ".join(f'"{n}"' for n in flat)
    found = query(warehouse, f"SELECT {names} FROM {dataset.name} ORDER BY 1, 2, 3")
    expected = dataset.table(rows).select(flat).to_pylist()
    for row in expected:
        row.update({k: v.astimezone(UTC) for k, v in row.items() if isinstance(v, datetime)})
    found = [tuple(v.astimezone(UTC) if isinstance(v, datetime) else v for v in row) for row in found]
    assert sorted(map(repr, found)) == sorted(repr(tuple(row.values())) for row in expected)


HARD = {
    "quotes": "قال \"لا\" و'نعم' \\ {[,]}",
    "lines": "سطر\r\nآخر\tو\u2028ثالث",
    "marks": "\u2067مُحَمَّد\u2069 \u200f ـ ﷺ 👍🏽",
    "empty": "",
    "long": "كلمة طويلة جدا " * 70_000,
}


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_texts_come_back_letter_by_letter(lake: Lake, warehouse: str, text: str) -> None:
    row = dataclasses.replace(STORY, body=text, title=text[:100], keywords=(text[:50], ""), authors=())
    assert not load(publish(lake, HERE, {ARTICLES: [row]}), lake, warehouse).notes
    found = query(warehouse, "SELECT body, title, keywords, authors FROM articles")
    assert found == [(text, text[:100], [text[:50], ""], [])]


def test_a_load_of_what_was_published_again_meanwhile_is_put_off(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    older = publish(lake, HERE, {ARTICLES: [dataclasses.replace(STORY, title="قديم")]})
    read = loading._read

    def publish_again(*args: Any) -> Any:
        table = read(*args)
        publish(lake, HERE, {ARTICLES: [dataclasses.replace(STORY, title="جديد")]})
        return table

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "_read", publish_again)
        with pytest.raises(WarehouseBusy, match="published again"):
            load(older, lake, warehouse)
    assert query(warehouse, "SELECT title FROM articles") == [("عنوان",)]


def test_a_manifest_may_not_name_what_is_of_another_kind(lake: Lake, warehouse: str) -> None:
    manifest = publish(lake, HERE, {DUPLICATES: []})
    with pytest.raises(NeverError, match="names duplicates"):
        load(manifest, lake, warehouse)


def test_a_rewritten_partition_replaces_its_own_rows_only(lake: Lake, warehouse: str) -> None:
    elsewhere = dataclasses.replace(STORY, source="jarida", article_id="b1")
    load(publish(lake, Partition("jarida", DAY), {ARTICLES: [elsewhere]}), lake, warehouse)
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    changed = [dataclasses.replace(STORY, title="عنوان مصحح"), dataclasses.replace(STORY, article_id="a2")]
    load(publish(lake, HERE, {ARTICLES: changed}), lake, warehouse)
    rows = query(warehouse, "SELECT article_id, title FROM articles ORDER BY 1")
    assert rows == [("a1", "عنوان مصحح"), ("a2", "عنوان"), ("b1", "عنوان")]


def test_what_is_across_sources_is_replaced_by_day(lake: Lake, warehouse: str) -> None:
    both = [Duplicate(DAY, i, s, "a1", None, "exact", 1.0, "same words") for i, s in (("a1", "x"), ("b1", "y"))]
    load(publish(lake, Partition(ALL_SOURCES, DAY), {DUPLICATES: both}), lake, warehouse)
    load(publish(lake, Partition(ALL_SOURCES, DAY), {DUPLICATES: []}), lake, warehouse)
    assert query(warehouse, "SELECT count(*) FROM duplicates") == [(0,)]


def test_a_file_that_is_not_the_manifests_changes_nothing(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY], CUTS: []}), lake, warehouse)
    manifest = publish(lake, HERE, {ARTICLES: [], CUTS: [Cut("a1", "r", "t", 0, "wakala", DAY)]})
    lake.write_table("published", CUTS, HERE, CUTS.empty())
    with pytest.raises(LakeUnusable, match="not the file its manifest names"):
        load(manifest, lake, warehouse)
    assert query(warehouse, "SELECT count(*) FROM articles") == [(1,)]


def test_it_loads_from_a_store(warehouse: str) -> None:
    lake = Lake("memory://warehouse-test")
    assert load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse).row_count == 1


CUT = Cut("a1", "read_more", "نص", 0, "wakala", DAY)


def test_instants_come_back_to_python_in_utc(lake: Lake, warehouse: str) -> None:
    at = datetime(2026, 3, 3, 21, 30, tzinfo=UTC)
    load(publish(lake, HERE, {ARTICLES: [dataclasses.replace(STORY, published_at=at)]}), lake, warehouse)
    ((found,),) = query(warehouse, "SELECT published_at FROM articles")
    assert found == at


def test_a_dataset_that_is_no_longer_published_leaves(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: [STORY], CUTS: [CUT]}), lake, warehouse)
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    assert query(warehouse, "SELECT count(*) FROM cuts") == [(0,)]


def test_a_source_does_not_take_its_duplicates_along(lake: Lake, warehouse: str) -> None:
    both = [Duplicate(DAY, i, s, "a1", None, "exact", 1.0, "same words") for i, s in (("a1", "wakala"), ("b1", "y"))]
    load(publish(lake, Partition(ALL_SOURCES, DAY), {DUPLICATES: both}), lake, warehouse)
    load(publish(lake, HERE, {ARTICLES: [STORY]}), lake, warehouse)
    assert query(warehouse, "SELECT count(*) FROM duplicates") == [(2,)]
    assert query(warehouse, "SELECT count(*) FROM articles") == [(1,)]


@pytest.mark.parametrize("wrong", [{"source": "jarida"}, {"date": date(2026, 3, 4)}])
def test_rows_of_another_partition_are_refused(lake: Lake, warehouse: str, wrong: dict[str, Any]) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY, dataclasses.replace(STORY, article_id="a2", **wrong)]})
    with pytest.raises(NeverError, match="another day or source"):
        load(manifest, lake, warehouse)


def test_a_count_that_is_not_the_manifests_is_refused(lake: Lake, warehouse: str) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    lying = manifest.model_copy(update={"files": (manifest.files[0].model_copy(update={"row_count": 7}),)})
    with pytest.raises(LakeUnusable, match="has 1 rows, its manifest says 7"):
        load(lying, lake, warehouse)


def test_a_missing_file_is_named(lake: Lake, warehouse: str) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    lake.delete(manifest.files[0].path)
    with pytest.raises(MissingPartition, match="articles"):
        load(manifest, lake, warehouse)


@pytest.mark.parametrize("change", [{"schema_versions": {"articles": 99}}, {"files": "unknown"}])
def test_what_a_newer_marsad_published_asks_for_an_upgrade(lake: Lake, warehouse: str, change: dict[str, Any]) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    if change.get("files"):
        change = {"files": (manifest.files[0].model_copy(update={"dataset": "horoscopes"}),)}
    with pytest.raises(NeverError, match="upgrade"):
        load(manifest.model_copy(update=change), lake, warehouse)


def test_a_file_from_before_a_column_was_added_still_loads(lake: Lake, warehouse: str) -> None:
    manifest = publish(lake, HERE, {ARTICLES: [STORY]})
    path = manifest.files[0].path
    data = parquet_bytes(ARTICLES.table([STORY]).drop_columns(["dateline"]))
    lake.write_bytes(path, data)
    file = manifest.files[0].model_copy(update={"sha256": hashlib.sha256(data).hexdigest(), "byte_count": len(data)})
    load(put(lake, manifest.model_copy(update={"files": (file,)})), lake, warehouse)
    assert query(warehouse, "SELECT dateline, title FROM articles") == [(None, "عنوان")]


def test_the_views_answer(lake: Lake, warehouse: str) -> None:
    copy = dataclasses.replace(STORY, source="jarida", article_id="b1")
    said = Quotation(
        "a1", 0, 2, "نص", "direct", "قال", "قال", "الوزير", None, None, "explicit", None, 0.9, "wakala", DAY
    )
    named = dataclasses.replace(said, start=1, speaker_name="وزير المياه")
    killed = Quantity("a1", 0, 2, "نص", 3.0, None, None, False, "قتلى", "killed", "wakala", DAY)
    lower = dataclasses.replace(killed, start=1, value=2.0)
    money = dataclasses.replace(killed, start=2, kind="money")
    theirs = dataclasses.replace(killed, article_id="b1", source="jarida", value=4.0)
    third = dataclasses.replace(killed, article_id="c1", value=9.0)
    row = Duplicate(DAY, "b1", "jarida", "a1", "a1", "wire_copy", 1.0, "credits")
    first = dataclasses.replace(row, article_id="a1", source="wakala", original_id=None, relation="near")
    name = Mention("a1", 0, 2, "صور", "LOC", "صور", "LB", "gazetteer", "wakala", DAY)
    before = date(2026, 3, 1)
    rows = {ARTICLES: [STORY, dataclasses.replace(STORY, article_id="c1")], QUOTATIONS: [said, named]}
    load(publish(lake, HERE, {**rows, QUANTITIES: [killed, lower, money, third], MENTIONS: [name]}), lake, warehouse)
    load(publish(lake, Partition("jarida", DAY), {ARTICLES: [copy], QUANTITIES: [theirs]}), lake, warehouse)
    load(publish(lake, Partition(ALL_SOURCES, DAY), {DUPLICATES: [row, first]}), lake, warehouse)
    earlier = {MENTIONS: [dataclasses.replace(name, date=before, article_id=f"p{n}") for n in range(7)]}
    load(publish(lake, Partition("wakala", before), earlier), lake, warehouse)
    assert query(warehouse, "SELECT * FROM daily_counts ORDER BY date, source") == [
        (DAY, "jarida", 1, 0, 2),
        (DAY, "wakala", 2, 0, 4),
    ]
    speakers = query(warehouse, "SELECT * FROM speakers ORDER BY speaker")
    assert speakers == [(DAY, "الوزير", 1, 1, 1), (DAY, "وزير المياه", 1, 1, 1)]
    assert query(warehouse, "SELECT speaker, title FROM speaker_quotations ORDER BY 1") == [
        ("الوزير", "عنوان"),
        ("وزير المياه", "عنوان"),
    ]
    copies = query(warehouse, "SELECT date, source, origin, copy_count, found_count, mean_similarity FROM copies")
    assert copies == [(DAY, "jarida", "wakala", 1, 1, 1.0)]
    assert query(warehouse, "SELECT kind, value, title FROM casualties WHERE article_id = 'b1'") == [
        ("killed", 4.0, "عنوان")
    ]
    events = query(
        warehouse,
        "SELECT event_id, value, highest, low, high, article_count, source_count FROM casualties_by_event ORDER BY 1",
    )
    # within a story the highest counts; of 3 and 4, each said once, the higher
    assert events == [("a1", 4.0, 4.0, 2.0, 4.0, 2, 2), ("c1", 9.0, 9.0, 9.0, 9.0, 1, 1)]
    trend = query(warehouse, "SELECT name, article_count, week_mean, rise FROM trending_names ORDER BY date DESC")
    assert [(n, c, float(m), float(r)) for n, c, m, r in trend] == [("صور", 1, 1.0, 0.0), ("صور", 7, 0.0, 7.0)]


def test_the_lag_of_a_source_is_from_publication_to_first_load(lake: Lake, warehouse: str) -> None:
    row = dataclasses.replace(STORY, published_at=datetime(2026, 3, 3, 8, tzinfo=UTC))
    load(publish(lake, HERE, {ARTICLES: [row]}), lake, warehouse)
    ((first,),) = query(warehouse, "SELECT first_loaded_at FROM _loads")
    ((hours,),) = query(warehouse, "SELECT mean_h FROM source_lag")
    assert hours == pytest.approx((first - row.published_at).total_seconds() / 3600, abs=0.01)


def test_every_view_and_its_columns_are_described(lake: Lake, warehouse: str) -> None:
    load(publish(lake, HERE, {ARTICLES: []}), lake, warehouse)
    for view in VIEWS:
        schema = "current_schema()"
        sql = f"SELECT column_name FROM information_schema.columns WHERE table_schema = {schema} AND table_name = '{view.name}' ORDER BY ordinal_position"
        assert [name for (name,) in query(warehouse, sql)] == list(view.columns), view.name


def test_two_loads_of_one_partition_at_once_are_one(lake: Lake, postgres: Any) -> None:
    warehouse = new_schema(postgres)
    manifest = publish(lake, HERE, {ARTICLES: [dataclasses.replace(STORY, article_id=f"a{n}") for n in range(500)]})
    others = [
        publish(lake, Partition(f"s{n}", DAY), {ARTICLES: [dataclasses.replace(STORY, source=f"s{n}")]})
        for n in range(3)
    ]
    done: list[Any] = []

    def work(one: Any) -> None:
        try:
            done.append(load(one, lake, warehouse).is_unchanged)
        except Exception as error:
            done.append(error)

    threads = [threading.Thread(target=work, args=(one,)) for one in (manifest, manifest, manifest, *others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done, key=str) == [False, False, False, False, True, True]
    assert query(warehouse, "SELECT count(*), count(DISTINCT source) FROM articles") == [(503, 4)]
