"""A large published lake of made-up stories: words as frequent as those of a language, names and speakers too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from marsad.clean.record import ARTICLES
from marsad.dataset import Dataset
from marsad.extract.record import MENTIONS, QUOTATIONS
from marsad.partition import Partition
from marsad.publish.manifest import Manifest, PublishedFile, manifest_path

LAST = date(2026, 3, 31)
LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
RARE = "قسطاس"
"""A word of one story in ten thousand."""
COMMON = "الوزير"
"""A word of two stories in three."""
SPEAKERS = ("سامر حداد", "ليلى منصور", "وزير المياه", "كريم الخطيب", "نادية الأحمد", "المتحدث باسم الهيئة")
PLACES = (("بيروت", "LB"), ("بغداد", "IQ"), ("القاهرة", "EG"), ("الرباط", "MA"), ("صنعاء", "YE"), ("تونس", "TN"))
_VOCABULARY = 60_000
DRAWN_DAYS = 12

Tables = dict[Dataset, pa.Table]


def vocabulary(seed: int = 7) -> list[str]:
    """Made-up words of three to seven letters, half of them with the article."""
    random = np.random.default_rng(seed)
    sizes = random.integers(3, 8, _VOCABULARY)
    letters = random.integers(0, len(LETTERS), (_VOCABULARY, 7))
    articled = random.random(_VOCABULARY) < 0.5
    return [
        ("ال" if is_articled else "") + "".join(LETTERS[n] for n in row[:size])
        for row, size, is_articled in zip(letters, sizes, articled, strict=True)
    ]


def write_lake(folder: Path, *, sources: int, days: int, stories: int, words: int = 320) -> int:
    """Publish so many stories of so many words for each source and day, up to ``LAST``; how many there are.

    The texts of ``DRAWN_DAYS`` days are drawn; the days before have the same texts again, with dates, hours and ids of
    their own. There is no index that could gain by it.
    """
    known = vocabulary()
    random = np.random.default_rng(11)
    weights = 1 / np.arange(1, _VOCABULARY + 1) ** 0.9
    weights /= weights.sum()
    folder.mkdir(parents=True, exist_ok=True)
    drawn: dict[Partition, Tables] = {}
    for back in range(days):
        day, origin = LAST - timedelta(days=back), LAST - timedelta(days=back % DRAWN_DAYS)
        texts = random.choice(_VOCABULARY, (sources, stories, words), p=weights) if day == origin else None
        for s in range(sources):
            partition, like = Partition(f"s{s:03}", day), Partition(f"s{s:03}", origin)
            if texts is not None:
                drawn[partition] = _tables(partition, [[known[n] for n in row] for row in texts[s]], random)
                _publish(folder, partition, drawn[partition])
            else:
                _publish(folder, partition, _dated(drawn[like], like, partition))
    return sources * days * stories


def _tables(partition: Partition, texts: Sequence[list[str]], random: np.random.Generator) -> Tables:
    at = datetime.combine(partition.date, datetime.min.time(), UTC)
    articles: list[dict[str, Any]] = []
    quotations: list[dict[str, Any]] = []
    mentions: list[dict[str, Any]] = []
    where = {"source": partition.source, "date": partition.date}
    for n, text in enumerate(texts):
        speaker = SPEAKERS[int(random.integers(len(SPEAKERS)))]
        place, country = PLACES[int(random.integers(len(PLACES)))]
        if random.random() < 0.66:
            text[40] = COMMON
        if random.random() < 0.0001:
            text[90] = RARE
        text[10] = place
        paragraphs = [" ".join(text[i : i + 40]) + "." for i in range(0, len(text), 40)]
        said = " ".join(text[50:62])
        paragraphs[1] = f"وقال {speaker} إن {said}."
        body = "\n\n".join(paragraphs)
        key = f"{partition.date:%Y%m%d}{partition.source}{n:08}"
        articles.append(
            {
                **where, "article_id": key, "version": 1, "parent_id": None, "role": "main",
                "url": f"http://{partition.source}.example/{partition.date}/{n}", "canonical_url": None,
                "title": " ".join(text[:8]), "lead": None, "body": body, "paragraphs": paragraphs, "authors": [],
                "published_at": at + timedelta(minutes=int(random.integers(1440))), "published_basis": "json_ld",
                "modified_at": None, "section": None, "keywords": [], "attributions": [], "dateline": place,
                "language": "ar", "images": [], "word_count": len(text), "content_sha256": key,
                "extraction_method": "container", "is_live_blog": False, "is_paywalled": False,
                "capture_sha256": key, "is_gallery": False, "is_breaking": False, "layout_missed": [],
            }
        )  # fmt: skip
        start = body.index(said)
        quotations.append(
            {
                **where, "article_id": key, "start": start, "end": start + len(said), "text": said, "kind": "indirect",
                "cue": "قال", "cue_lemma": "قال", "speaker": speaker, "speaker_start": None, "speaker_end": None,
                "speaker_method": "explicit", "reported_by": None, "confidence": 0.8, "speaker_name": speaker,
            }
        )  # fmt: skip
        start = body.index(place)
        mentions.append(
            {
                **where, "article_id": key, "start": start, "end": start + len(place), "text": place, "type": "LOC",
                "name": place, "country": country, "method": "gazetteer",
            }
        )  # fmt: skip
    return {
        dataset: dataset.conform(pa.Table.from_pylist(rows, schema=dataset.schema))
        for dataset, rows in ((ARTICLES, articles), (QUOTATIONS, quotations), (MENTIONS, mentions))
    }


def _dated(tables: Tables, old: Partition, new: Partition) -> Tables:
    """The same rows of another day."""
    shift, found = pa.scalar(new.date - old.date, pa.duration("us")), {}
    for dataset, table in tables.items():
        for n, field in enumerate(table.schema):
            if field.name == "date":
                table = table.set_column(n, field, pa.repeat(pa.scalar(new.date), table.num_rows))
            elif field.name == "published_at":
                table = table.set_column(n, field, pc.add(table[n], shift).cast(field.type))
            elif field.name == "article_id":
                was, now = (f"{p.date:%Y%m%d}{p.source}" for p in (old, new))
                table = table.set_column(n, field, pc.replace_substring(table[n], was, now))
        found[dataset] = table
    return found


def _publish(folder: Path, partition: Partition, tables: Tables) -> None:
    files = [_file(folder, partition, dataset, table) for dataset, table in tables.items()]
    manifest = Manifest(
        source=partition.source, date=partition.date, code_version="benchmark",
        schema_versions={f.dataset: 1 for f in files}, files=tuple(files), outcomes={}, quarantined={}, gates=(),
    )  # fmt: skip
    path = folder / manifest_path(partition)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(manifest.to_bytes())


def _file(folder: Path, partition: Partition, dataset: Dataset, table: pa.Table) -> PublishedFile:
    path = f"published/{dataset.name}/{partition.path}/part-0.parquet"
    size = put(folder, path, table)
    return PublishedFile(dataset=dataset.name, path=path, row_count=table.num_rows, byte_count=size, sha256="0" * 64)


def put(folder: Path, path: str, table: pa.Table) -> int:
    """Write a file as the lake writes it, without its fsync: nobody misses this one. Its bytes."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, target, compression="zstd", compression_level=3, row_group_size=64 * 1024)
    return target.stat().st_size


def source_files(folder: Path, sources: int) -> Path:
    """The YAML of each source of the lake."""
    folder.mkdir(parents=True, exist_ok=True)
    for s in range(sources):
        facts = {"name": f"s{s:03}", "title": f"صحيفة {s}", "homepage": f"http://s{s:03}.example/"}
        (folder / f"s{s:03}.yaml").write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
    return folder
