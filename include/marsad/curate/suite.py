"""What duplicates, stories and their members must be."""

from __future__ import annotations

from marsad.curate.record import DUPLICATES, STORIES, STORY_MEMBERS
from marsad.expectations import Check, ExpectMulticolumnValuesToBeInOrder, schema_checks
from marsad.gx import Column, gxe

MANY = 300
"""Articles; a story of more has swallowed others, or is a day to look at."""


def duplicates() -> list[Check]:
    """The suite of duplicates."""
    return [
        *schema_checks(DUPLICATES),
        *_not_empty("source", "group_id", "basis"),
        _similarity("article_id"),
        Check(
            gxe.ExpectColumnValuesToBeBetween(
                column="similarity", min_value=1.0, row_condition=Column("relation") == "exact"
            ),
            "row",
            "exact_but_not_alike",
            show=("article_id",),
        ),
        *(
            Check(
                gxe.ExpectColumnValuesToBeBetween(column=name, min_value=0.0, max_value=1.0),
                "critical",
                f"{name}_out_of_range",
                show=("article_id",),
            )
            for name in ("containment", "kept_share", "new_share")
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="minutes_after", min_value=0),
            "critical",
            "copy_before_its_original",
            show=("article_id", "original_id"),
        ),
        Check(
            gxe.ExpectColumnValuesToNotBeNull(column="origin", row_condition=Column("relation") == "wire_copy"),
            "row",
            "wire_copy_without_origin",
            show=("article_id", "basis"),
        ),
        Check(
            gxe.ExpectColumnValuesToBeNull(column="origin", row_condition=Column("relation") != "wire_copy"),
            "row",
            "origin_of_no_copy",
            show=("article_id", "basis"),
        ),
    ]


def _not_empty(*names: str) -> list[Check]:
    return [
        Check(gxe.ExpectColumnValueLengthsToBeBetween(column=name, min_value=1), "critical", f"{name}_empty")
        for name in names
    ]


def _similarity(key: str) -> Check:
    return Check(
        gxe.ExpectColumnValuesToBeBetween(column="similarity", min_value=0.0, max_value=1.0),
        "critical",
        "similarity_out_of_range",
        show=(key,),
    )


def stories() -> list[Check]:
    """The suite of stories: an event of several sources, within its bounds of time."""
    return [
        *schema_checks(STORIES),
        *_not_empty("story_id", "representative_id"),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="source_count", min_value=2),
            "critical",
            "of_one_source",
            show=("story_id",),
        ),
        *(
            Check(ExpectMulticolumnValuesToBeInOrder(column_list=[less, more]), "critical", reason, show=("story_id",))
            for less, more, reason in (
                ("source_count", "article_count", "more_sources_than_articles"),
                ("new_article_count", "article_count", "more_new_articles_than_articles"),
                ("first_date", "last_date", "last_before_first"),
                ("first_seen_at", "last_seen_at", "last_seen_before_first"),
            )
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="new_article_count", min_value=1),
            "critical",
            "nothing_new",
            show=("story_id",),
        ),
        Check(
            ExpectMulticolumnValuesToBeInOrder(column_list=["last_seen_at", "first_seen_48h_later"]),
            "critical",
            "longer_than_48_hours",
            show=("story_id", "first_seen_at"),
        ),
        Check(
            ExpectMulticolumnValuesToBeInOrder(column_list=["last_date", "first_date_2_days_later"]),
            "critical",
            "of_more_than_three_dates",
            show=("story_id", "first_date"),
        ),
        Check(
            gxe.ExpectColumnPairValuesToBeEqual(column_A="last_date", column_B="date"),
            "critical",
            "last_date_not_this_day",
            show=("story_id",),
        ),
        Check(
            gxe.ExpectColumnPairValuesToBeEqual(column_A="listed_sources", column_B="source_count"),
            "critical",
            "sources_not_counted",
            show=("story_id",),
        ),
        _similarity("story_id"),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="article_count", max_value=MANY),
            "warning",
            "story_very_large",
            show=("story_id", "title"),
        ),
    ]


def story_members() -> list[Check]:
    """The suite of story members: they are what the rows of stories count, each article once."""
    return [
        *schema_checks(STORY_MEMBERS),
        *_not_empty("story_id", "source", "evidence"),
        Check(
            gxe.ExpectColumnValuesToNotBeNull(
                column="story_representative_id",
                description="each member's story must be a story of the day",
            ),
            "critical",
            "story_unknown",
            show=("story_id", "article_id"),
        ),
        *(
            Check(
                gxe.ExpectColumnPairValuesToBeEqual(
                    column_A=counted, column_B=said, ignore_row_if="either_value_is_missing"
                ),
                "critical",
                reason,
                show=("story_id",),
            )
            for counted, said, reason in (
                ("members", "story_article_count", "articles_not_as_counted"),
                ("member_sources", "story_source_count", "sources_not_as_counted"),
                ("new_members", "story_new_article_count", "new_articles_not_as_counted"),
                ("representatives", "one", "representative_no_member"),
            )
        ),
        Check(
            ExpectMulticolumnValuesToBeInOrder(column_list=["story_first_date", "article_date", "date"]),
            "critical",
            "outside_the_story",
            show=("story_id", "article_id"),
        ),
        _similarity("article_id"),
    ]
