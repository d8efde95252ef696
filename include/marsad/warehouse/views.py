"""Questions analysts ask first, as views of the warehouse."""

from __future__ import annotations

VIEWS: dict[str, tuple[str, str]] = {
    "daily_counts": (
        "Stories of each source and day.",
        "SELECT date, source, count(*) AS article_count, count(*) FILTER (role = 'embedded') AS embedded_count, "
        "sum(word_count)::BIGINT AS word_count FROM articles GROUP BY ALL ORDER BY ALL",
    ),
    "speakers": (
        "Who is quoted on a day: how often, in how many stories, by how many sources.",
        "SELECT date, speaker, count(*) AS quotation_count, count(DISTINCT article_id) AS article_count, "
        "count(DISTINCT source) AS source_count FROM quotations WHERE speaker IS NOT NULL "
        "GROUP BY ALL ORDER BY date, quotation_count DESC, speaker",
    ),
    "copies": (
        "Who copies whom, by the credits of the copies.",
        "SELECT d.date, d.source, o.source AS original_source, count(*) AS copy_count, "
        "avg(d.similarity) AS mean_similarity FROM duplicates d JOIN articles o ON o.article_id = d.original_id "
        "WHERE d.relation = 'wire_copy' GROUP BY ALL ORDER BY ALL",
    ),
    "casualties": (
        "Killed, injured and the like, with the story they stand in; copies of one story are rows of their own.",
        "SELECT q.date, q.source, q.kind, q.value, q.low, q.high, q.is_approximate, q.text, a.title, a.url, "
        "q.article_id FROM quantities q JOIN articles a USING (article_id, source, date) "
        "WHERE q.kind IN ('killed', 'injured', 'killed_or_injured', 'missing', 'displaced') "
        'ORDER BY q.date, q.source, q.article_id, q."start"',
    ),
}
"""By name: what the view shows, and its SQL."""
