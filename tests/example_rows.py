"""One coherent day of a source that does not exist, for tests: every dataset, every row sound.

Each maker takes overrides: ``article(body="")`` is the sound article but for its body.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from marsad.clean.record import (
    ARTICLE_VERSIONS,
    ARTICLES,
    CUTS,
    LATE_CAPTURES,
    LINKS,
    Article,
    ArticleVersion,
    Cut,
    Link,
)
from marsad.curate.record import CURATED, DUPLICATES, STORY_MEMBERS, Duplicate, Story, StoryMember
from marsad.curate.record import STORIES as EVENTS
from marsad.dataset import QUARANTINE, Dataset
from marsad.extract.record import (
    KEYPHRASES,
    MENTIONS,
    QUANTITIES,
    QUOTATIONS,
    TIMEXES,
    Keyphrase,
    Mention,
    Quantity,
    Quotation,
    Timex,
)
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.quarantine import quarantine_path
from marsad.scrape.record import CAPTURES, Capture
from marsad.sources import Source
from marsad.validate.record import PROFILES, VERDICTS, Profile, Verdict

DAY = date(2026, 3, 3)
NAME = "sahifa"
PARTITION = Partition(NAME, DAY)
YAML = "name: sahifa\ntitle: صحيفة الساحل\nhomepage: http://sahifa.example/\ntimezone: Asia/Beirut\n"
SOURCE = Source(name=NAME, title="صحيفة الساحل", homepage="http://sahifa.example/", timezone="Asia/Beirut")

PARAGRAPHS = (
    "افتتحت بلدية صور صباح الثلاثاء سوقا جديدة للسمك قرب الميناء القديم بحضور أهالي المدينة.",
    "وقال رئيس البلدية سامر حداد «سنجعل السوق مفتوحة سبعة أيام في الأسبوع» وتمنى أن تعود الحركة إلى الميناء.",
    "وبلغت كلفة المشروع 250 ألف دولار، ويعمل فيه 40 شخصا من أبناء المدينة.",
)
BODY = "\n\n".join(PARAGRAPHS)
_HOUR = datetime(2026, 3, 3, 8, 30, tzinfo=UTC)


def span(text: str, body: str = BODY) -> dict[str, Any]:
    """Where a text first stands in a body, as start, end and text."""
    start = body.index(text)
    return {"start": start, "end": start + len(text), "text": text}


def article_id(number: int) -> str:
    """The id of the nth example article."""
    return f"{number:032x}"


def url(number: int) -> str:
    """The address of the nth example page."""
    return f"http://sahifa.example/{number}"


def capture(number: int = 1, **other: Any) -> Capture:
    """A captured page."""
    sound = Capture(
        source=NAME,
        date=DAY,
        url=url(number),
        final_url=url(number),
        discovered_by="feed http://sahifa.example/rss",
        discovered_at=_HOUR,
        listed_at=_HOUR,
        outcome="captured",
        http_status=200,
        content_type="text/html",
        charset="utf-8",
        byte_count=2048,
        sha256=f"{number:064x}",
        warc_file="raw/warc/a.warc.gz",
        warc_offset=number * 100,
        fetched_at=datetime(2026, 3, 3, 12, tzinfo=UTC),
        attempt_count=1,
    )
    return replace(sound, **other)


def article(number: int = 1, **other: Any) -> Article:
    """A main story."""
    if "paragraphs" in other and "body" not in other:
        other["body"] = "\n\n".join(other["paragraphs"])
    sound = Article(
        article_id=article_id(number),
        version=1,
        parent_id=None,
        role="main",
        source=NAME,
        date=DAY,
        url=url(number),
        canonical_url=None,
        title=f"افتتاح سوق السمك رقم {number} في صور",
        lead=None,
        body=BODY,
        paragraphs=PARAGRAPHS,
        authors=("ليلى منصور",),
        published_at=_HOUR,
        published_basis="json_ld",
        modified_at=None,
        section="محليات",
        keywords=("صور",),
        attributions=(),
        dateline="صور",
        language="ar",
        images=(),
        word_count=len(BODY.split()),
        content_sha256=f"{number:064x}",
        extraction_method="container",
        is_live_blog=False,
        is_paywalled=False,
        capture_sha256=f"{number:064x}",
    )
    return replace(sound, **other)


def link(number: int = 1, **other: Any) -> Link:
    """A related headline."""
    return replace(Link(article_id(number), "related", "مهرجان البحر يعود في الصيف", url(90), 0, NAME, DAY), **other)


def article_version(number: int = 1, **other: Any) -> ArticleVersion:
    """A text that stood before."""
    sound = ArticleVersion(
        article_id=article_id(number),
        version=1,
        title="افتتاح سوق السمك في صور",
        lead=None,
        body="افتتح أمس سوق السمك في صور.",
        published_at=_HOUR,
        modified_at=None,
        captured_at=_HOUR,
        content_sha256=f"{number:064x}",
        capture_sha256=f"{number:064x}",
        source=NAME,
        date=DAY,
    )
    return replace(sound, **other)


def cut(number: int = 1, **other: Any) -> Cut:
    """A read-more line."""
    return replace(Cut(article_id(number), "read_more", "اقرأ أيضا: مهرجان البحر", 0, NAME, DAY), **other)


def mention(number: int = 1, **other: Any) -> Mention:
    """A name."""
    at = span("صور")
    sound = Mention(article_id(number), at["start"], at["end"], "صور", "LOC", "صور", "LB", "gazetteer", NAME, DAY)
    return replace(sound, **other)


def quotation(number: int = 1, **other: Any) -> Quotation:
    """A direct quotation with its speaker."""
    words, who = span("سنجعل السوق مفتوحة سبعة أيام في الأسبوع"), span("سامر حداد")
    sound = Quotation(
        article_id=article_id(number),
        **words,
        kind="direct",
        cue="قال",
        cue_lemma="قال",
        speaker=who["text"],
        speaker_start=who["start"],
        speaker_end=who["end"],
        speaker_method="explicit",
        reported_by=None,
        confidence=0.9,
        source=NAME,
        date=DAY,
    )
    return replace(sound, **other)


def timex(number: int = 1, **other: Any) -> Timex:
    """A day."""
    at = span("صباح الثلاثاء")
    sound = Timex(
        article_id=article_id(number),
        **at,
        kind="date",
        value="2026-03-03",
        part_of_day="morning",
        basis="published",
        source=NAME,
        date=DAY,
    )
    return replace(sound, **other)


def quantity(number: int = 1, **other: Any) -> Quantity:
    """A sum of money."""
    sound = Quantity(
        article_id=article_id(number),
        **span("250 ألف دولار"),
        value=250_000.0,
        low=None,
        high=None,
        is_approximate=False,
        unit="USD",
        kind="money",
        source=NAME,
        date=DAY,
    )
    return replace(sound, **other)


def keyphrase(number: int = 1, **other: Any) -> Keyphrase:
    """A phrase."""
    return replace(Keyphrase(article_id(number), "سوقا جديدة للسمك", 0.8, "tfidf", NAME, DAY), **other)


def profile(measure: str = "stories", **other: Any) -> Profile:
    """A number of the day."""
    return replace(Profile(NAME, DAY, measure, 0.5, 6), **other)


def verdict(rule: str = "something_found", **other: Any) -> Verdict:
    """A rule that holds."""
    return replace(Verdict(NAME, DAY, rule, "critical", True, "3 stories", "at least 1", ""), **other)


def duplicate(number: int = 1, **other: Any) -> Duplicate:
    """A copy."""
    sound = Duplicate(DAY, article_id(number), NAME, article_id(1), article_id(1), "near", 0.9, "shingles")
    return replace(sound, **other)


def story(number: int = 1, **other: Any) -> Story:
    """An event of two sources."""
    seen = datetime(2026, 3, 3, 6, tzinfo=UTC)
    sound = Story(
        date=DAY, story_id=f"story{number}", title="سوق جديدة للسمك", representative_id=article_id(number),
        article_count=2, new_article_count=1, source_count=2, sources=(NAME, "wakala"), first_date=DAY, last_date=DAY,
        first_seen_at=seen, last_seen_at=seen, similarity=0.4, places=("صيدا",), people=(), organisations=(),
        keywords=("سوق",), merged_from=(),
    )  # fmt: skip
    return replace(sound, **other)


def story_member(number: int = 1, **other: Any) -> StoryMember:
    """An article that is all there is of a story."""
    at = datetime(2026, 3, 3, 6, tzinfo=UTC)
    sound = StoryMember(
        DAY, f"story{number}", article_id(number), NAME, DAY, at, 0.4, "likeness", "0.40 like the other: سوق، سمك"
    )
    return replace(sound, **other)


MAKERS: dict[str, tuple[Dataset, Any]] = {
    "captures": (CAPTURES, capture),
    "articles": (ARTICLES, article),
    "article_versions": (ARTICLE_VERSIONS, article_version),
    "links": (LINKS, link),
    "cuts": (CUTS, cut),
    "mentions": (MENTIONS, mention),
    "quotations": (QUOTATIONS, quotation),
    "timexes": (TIMEXES, timex),
    "quantities": (QUANTITIES, quantity),
    "keyphrases": (KEYPHRASES, keyphrase),
    "verdicts": (VERDICTS, verdict),
    "profiles": (PROFILES, profile),
    "duplicates": (DUPLICATES, duplicate),
    "stories": (EVENTS, story),
    "story_members": (STORY_MEMBERS, story_member),
}
"""By name: the dataset and the maker of its rows."""

STORIES = (ARTICLES, ARTICLE_VERSIONS, LINKS, CUTS)
FINDINGS = (MENTIONS, QUOTATIONS, TIMEXES, QUANTITIES, KEYPHRASES)


def sources_folder(parent: Path) -> Path:
    """A folder with the example source's YAML."""
    folder = parent / "sources"
    folder.mkdir(exist_ok=True)
    (folder / f"{NAME}.yaml").write_text(YAML, encoding="utf-8")
    return folder


def write_rows(lake: Lake, layer: Any, dataset: Dataset, rows: list[Any], partition: Partition = PARTITION) -> None:
    """Put rows into a layer of the lake, as a stage or a gate would."""
    lake.write_table(layer, dataset, partition, dataset.table(rows))


def write_day(
    lake: Lake, *, stories: int = 3, layers: tuple[str, ...] = ("staged", "core"), **other: list[Any]
) -> None:
    """A whole sound day, in ``staged`` and ``core``; ``articles=[…]`` and the like put other rows in place."""
    numbers = range(1, stories + 1)
    for name, (dataset, maker) in MAKERS.items():
        if name in ("verdicts", "profiles", *(d.name for d in CURATED)):
            continue
        rows = other.get(name, [maker(n) for n in numbers])
        for layer in layers:
            write_rows(lake, layer, dataset, rows)
        for part in ("stage", "gate"):
            lake.write_rows_at(QUARANTINE, quarantine_path(dataset, PARTITION, part), QUARANTINE.empty())
    lake.write_table("staged", LATE_CAPTURES, PARTITION, LATE_CAPTURES.empty())
