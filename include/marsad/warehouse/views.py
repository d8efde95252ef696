"""Questions analysts ask first, as views: one text each, in the SQL that DuckDB and PostgreSQL share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Template

_TOLLS = "('killed', 'injured', 'killed_or_injured', 'missing', 'displaced', 'arrested')"

@dataclass(frozen=True)
class View:
    """A view: what it shows, its columns, and its SQL with ``$table`` for tables."""

    name: str
    doc: str
    template: str
    columns: Mapping[str, str] = field(default_factory=dict)

    def sql(self, table: Callable[[str], str]) -> str:
        """The SQL, with tables named as the engine names them."""
        names = Template(self.template).get_identifiers()
        return Template(self.template).substitute({name: table(name) for name in names})


VIEWS: tuple[View, ...] = (
    View(
        "daily_counts",
        "Stories of each source and day.",
        """SELECT date, source, count(*) AS article_count,
  count(*) FILTER (WHERE role = 'embedded') AS embedded_count,
  CAST(sum(word_count) AS BIGINT) AS word_count
FROM $articles GROUP BY date, source""",
        {
            "date": "The day.",
            "source": "The source.",
            "article_count": "Stories, those that stand within a page of another among them.",
            "embedded_count": "Stories within a page of another.",
            "word_count": "Words of all bodies.",
        },
    ),
    View(
        "speakers",
        "Who is quoted on a day: how often, in how many stories, by how many sources.",
        """SELECT date, coalesce(speaker_name, speaker) AS speaker, count(*) AS quotation_count,
  count(DISTINCT article_id) AS article_count, count(DISTINCT source) AS source_count
FROM $quotations WHERE speaker IS NOT NULL GROUP BY date, coalesce(speaker_name, speaker)""",
        {
            "date": "The day.",
            "speaker": "The fullest name the story gives, else as written.",
            "quotation_count": "Quotations.",
            "article_count": "Stories that quote.",
            "source_count": "Sources that quote.",
        },
    ),
    View(
        "speaker_quotations",
        "What each speaker said, with the story, its source and its address.",
        """SELECT q.date, q.source, coalesce(q.speaker_name, q.speaker) AS speaker, q.kind, q.text, q.confidence,
  a.title, a.url, q.article_id
FROM $quotations q JOIN $articles a ON a.date = q.date AND a.source = q.source AND a.article_id = q.article_id
WHERE q.speaker IS NOT NULL""",
        {
            "date": "The day.",
            "source": "Who printed it.",
            "speaker": "The fullest name the story gives, else as written.",
            "kind": "direct, indirect or mixed.",
            "text": "The words.",
            "confidence": "0 to 1, by the rule that found it.",
            "title": "The story's headline.",
            "url": "Its address.",
            "article_id": "The story.",
        },
    ),
    View(
        "copies",
        "Who copies whom, by the credits of the copies; also agencies whose own stories are not here.",
        """SELECT d.date, d.source, coalesce(d.origin, o.source) AS origin, count(*) AS copy_count,
  count(d.original_id) AS found_count, avg(d.similarity) AS mean_similarity,
  avg(d.minutes_after) AS mean_minutes_after, avg(d.kept_share) AS mean_kept_share
FROM $duplicates d LEFT JOIN $articles o ON o.article_id = d.original_id
WHERE d.relation = 'wire_copy' GROUP BY d.date, d.source, coalesce(d.origin, o.source)""",
        {
            "date": "The day.",
            "source": "Who copied.",
            "origin": "From whom: a source, or an agency that is none of ours.",
            "copy_count": "Stories.",
            "found_count": "Those whose original is here.",
            "mean_similarity": "How alike the texts are in the mean, 0 to 1.",
            "mean_minutes_after": "Minutes from the original to the copy, of those that give both hours.",
            "mean_kept_share": "How much of the original they keep in the mean, 0 to 1.",
        },
    ),
    View(
        "casualties",
        "Killed, injured and the like, with the story they stand in; copies of one story are rows of their own.",
        """SELECT q.date, q.source, q.kind, q.value, q.low, q.high, q.is_approximate, q.text, a.title, a.url,
  q.article_id
FROM $quantities q JOIN $articles a ON a.date = q.date AND a.source = q.source AND a.article_id = q.article_id
WHERE q.kind IN """
        + _TOLLS,
        {
            "date": "The day.",
            "source": "The source.",
            "kind": "killed, injured, killed_or_injured, missing, displaced or arrested.",
            "value": "The number; null for hundreds and the like.",
            "low": "Lower bound.",
            "high": "Upper bound.",
            "is_approximate": "Whether it is about so many.",
            "text": "As written.",
            "title": "The story's headline.",
            "url": "Its address.",
            "article_id": "The story.",
        },
    ),
    View(
        "casualties_by_event",
        "The toll of each event: a story's articles, and copies of one text, are one event. What an article says is "
        "the highest number of the kind that it names; what the event has is what most of them say, and the range.",
        f"""WITH member AS (
  SELECT article_id, story_id, row_number() OVER (PARTITION BY article_id ORDER BY date DESC) AS newest
  FROM $story_members
), said AS (
  SELECT coalesce(m.story_id, d.group_id, a.article_id) AS event_id, q.kind, a.date, a.article_id, a.source,
    a.title, a.url, max(q.value) AS value, min(coalesce(q.low, q.value)) AS low, max(coalesce(q.high, q.value)) AS high
  FROM $quantities q JOIN $articles a ON a.date = q.date AND a.source = q.source AND a.article_id = q.article_id
  LEFT JOIN $duplicates d ON d.date = a.date AND d.article_id = a.article_id
  LEFT JOIN member m ON m.article_id = a.article_id AND m.newest = 1
  WHERE q.kind IN {_TOLLS}
  GROUP BY coalesce(m.story_id, d.group_id, a.article_id), q.kind, a.date, a.article_id, a.source, a.title, a.url
), counted AS (
  SELECT s.*, count(*) OVER (PARTITION BY s.event_id, s.kind, s.value) AS agreeing FROM said s
)
SELECT min(date) AS date, max(date) AS last_date, event_id, kind,
  (array_agg(value ORDER BY agreeing DESC, value DESC) FILTER (WHERE value IS NOT NULL))[1] AS value,
  max(value) AS highest, min(low) AS low, max(high) AS high, count(DISTINCT article_id) AS article_count,
  count(DISTINCT source) AS source_count, (array_agg(title ORDER BY article_id))[1] AS title,
  (array_agg(url ORDER BY article_id))[1] AS url
FROM counted GROUP BY event_id, kind""",  # noqa: S608
        {
            "date": "The first day on which an article gives a number.",
            "last_date": "The last.",
            "event_id": "The story (`stories`), else the group of copies (`duplicates`), else the article.",
            "kind": "killed, injured, killed_or_injured, missing, displaced or arrested.",
            "value": "What most of its stories say; of equals the higher.",
            "highest": "The highest that one says.",
            "low": "The lowest bound named.",
            "high": "The highest bound named.",
            "article_count": "Stories that give a number.",
            "source_count": "Sources that do.",
            "title": "Headline of one of them.",
            "url": "Its address.",
        },
    ),
    View(
        "source_lag",
        "Hours from a story's publication to its day's first load, by source and day. For days that were loaded as "
        "they came; a backfilled day shows how late the backfill was.",
        """SELECT a.date, a.source, count(*) AS article_count,
  min(CAST(extract(epoch FROM l.first_loaded_at - a.published_at) AS DOUBLE PRECISION)) / 3600 AS least_h,
  avg(CAST(extract(epoch FROM l.first_loaded_at - a.published_at) AS DOUBLE PRECISION)) / 3600 AS mean_h,
  max(CAST(extract(epoch FROM l.first_loaded_at - a.published_at) AS DOUBLE PRECISION)) / 3600 AS most_h
FROM $articles a JOIN $_loads l ON l.date = a.date AND l.source = a.source
WHERE a.published_at IS NOT NULL AND l.first_loaded_at IS NOT NULL GROUP BY a.date, a.source""",
        {
            "date": "The day.",
            "source": "The source.",
            "article_count": "Stories that give the instant of their publication.",
            "least_h": "Least hours.",
            "mean_h": "Mean hours.",
            "most_h": "Most hours.",
        },
    ),
    View(
        "trending_names",
        "How many stories name someone or something on a day, beside the mean of the seven days before.",
        """WITH named AS (
  SELECT date, type, name, count(DISTINCT article_id) AS article_count, count(DISTINCT source) AS source_count
  FROM $mentions GROUP BY date, type, name
)
SELECT n.date, n.type, n.name, n.article_count, n.source_count,
  CAST(coalesce(sum(p.article_count), 0) AS DOUBLE PRECISION) / 7 AS week_mean,
  n.article_count - CAST(coalesce(sum(p.article_count), 0) AS DOUBLE PRECISION) / 7 AS rise
FROM named n
LEFT JOIN named p ON p.type = n.type AND p.name = n.name AND p.date < n.date AND p.date >= n.date - INTERVAL '7' DAY
GROUP BY n.date, n.type, n.name, n.article_count, n.source_count""",
        {
            "date": "The day.",
            "type": "PER, LOC, ORG, FAC, EVENT or MISC.",
            "name": "The name's fullest form.",
            "article_count": "Stories of the day that name it.",
            "source_count": "Sources of the day that do.",
            "week_mean": "Stories a day in the seven days before; days that are not loaded count as none.",
            "rise": "article_count less week_mean.",
        },
    ),
)
"""In the order in which they are made."""
