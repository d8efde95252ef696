"""What is extracted must stand in its article, word for word, and be sane in itself."""

from __future__ import annotations

from marsad.expectations import (
    Check,
    ExpectColumnPairTextToOccur,
    ExpectMulticolumnTextToStandAtOffsets,
    ExpectMulticolumnValuesToBeInOrder,
    article_checks,
    schema_checks,
)
from marsad.extract.record import KEYPHRASES, MENTIONS, QUANTITIES, QUOTATIONS, TIMEXES
from marsad.gx import Column, gxe

MAX_NAME = 150
"""Code points. Full official names of ministries and accords stay below 100; a swallowed sentence does not."""
MAX_QUANTITY = 1e15
"""Budgets in the weakest currency reach quadrillions; telephone numbers and ids glued together go beyond."""
ISO_8601 = (
    r"^(?:P(?:\d+(?:\.\d+)?[YMWD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?"  # a duration
    r"|(?:\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?|-W\d\d)?"  # a year, month, day or week
    r"(?:T\d\d(?::\d\d(?::\d\d)?)?(?:Z|[+-]\d\d:?\d\d)?)?)"  # with a time
    r"(?:/(?:\d{4}(?:-\d\d(?:-\d\d)?|-W\d\d)?(?:T\d\d(?::\d\d(?::\d\d)?)?(?:Z|[+-]\d\d:?\d\d)?)?|P[\dYMWDTHS.]+))?"
    r"|T?\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)$"
)


def _span_checks(text: str = "text", start: str = "start", end: str = "end", *, if_any: bool = False) -> Check:
    """``article_body[start:end]`` is the text; with ``if_any`` only where there is a text."""
    condition = Column(text).is_not_null() if if_any else None
    return Check(
        ExpectMulticolumnTextToStandAtOffsets(
            column_list=[text, start, end, "article_body"], ignore_row_if="never", row_condition=condition
        ),
        "row",
        f"{text}_not_at_its_offsets",
        # a wrong offset is our own mistake: a few are set aside, more of them are a broken rule
        max_share=0.05,
        tolerated=2,
        show=("article_id",),
    )


def mentions() -> list[Check]:
    """The suite of mentions."""
    return [
        *schema_checks(MENTIONS),
        *article_checks(),
        _span_checks(),
        Check(
            gxe.ExpectColumnValueLengthsToBeBetween(column="text", min_value=2, max_value=MAX_NAME),
            "row",
            "name_length",
            show=("article_id",),
        ),
        Check(
            gxe.ExpectColumnValueLengthsToBeBetween(column="name", min_value=2, max_value=MAX_NAME),
            "row",
            "canonical_name_length",
            show=("article_id",),
        ),
        Check(
            gxe.ExpectColumnValuesToNotMatchRegex(column="text", regex=r"\n"),
            "row",
            "name_across_paragraphs",
            show=("article_id",),
        ),
        Check(
            gxe.ExpectColumnValuesToMatchRegex(column="country", regex="^[A-Z]{2}$"),
            "row",
            "country_not_iso",
            show=("text",),
        ),
    ]


def quotations() -> list[Check]:
    """The suite of quotations."""
    speaker = Column("speaker")
    return [
        *schema_checks(QUOTATIONS),
        *article_checks(),
        _span_checks(),
        _span_checks("speaker", "speaker_start", "speaker_end", if_any=True),
        Check(
            ExpectColumnPairTextToOccur(
                column_A="speaker", column_B="article_body", description="the speaker must stand in the text"
            ),
            "row",
            "speaker_not_in_text",
            show=("text",),
        ),
        Check(
            gxe.ExpectColumnValuesToNotBeNull(column="speaker_method", row_condition=speaker.is_not_null()),
            "row",
            "speaker_without_method",
            show=("speaker",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeNull(column="speaker_method", row_condition=speaker.is_null()),
            "row",
            "method_without_speaker",
            show=("text",),
        ),
        Check(
            gxe.ExpectColumnValueLengthsToBeBetween(column="speaker", min_value=2, max_value=MAX_NAME),
            "row",
            "speaker_length",
            show=("text",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeNull(column="speaker_name", row_condition=speaker.is_null()),
            "row",
            "name_without_speaker",
            show=("text",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="confidence", min_value=0.0, max_value=1.0),
            "critical",
            "confidence_out_of_range",
        ),
        Check(
            ExpectColumnPairTextToOccur(
                column_A="cue", column_B="article_body", description="the cue must stand in the text"
            ),
            "warning",
            "cue_not_in_text",
            show=("text",),
        ),
    ]


def timexes() -> list[Check]:
    """The suite of timexes."""
    return [
        *schema_checks(TIMEXES),
        *article_checks(),
        _span_checks(),
        Check(
            gxe.ExpectColumnValuesToMatchRegex(
                column="value", regex=ISO_8601, description="the value must be ISO 8601"
            ),
            "row",
            "value_not_iso_8601",
            show=("text",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeInSet(
                column="part_of_day", value_set=["morning", "noon", "afternoon", "evening", "night", "dawn"]
            ),
            "row",
            "part_of_day_unknown",
            show=("text",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeInSet(
                column="basis", value_set=["explicit", "published", "contradicts_weekday", "unresolved"]
            ),
            "critical",
            "basis_unknown",
            show=("text",),
        ),
        Check(
            gxe.ExpectColumnValuesToNotBeNull(
                column="value", row_condition=Column("basis").is_in(["explicit", "published"])
            ),
            "warning",
            "resolved_without_value",
            show=("text", "basis"),
        ),
    ]


def quantities() -> list[Check]:
    """The suite of quantities."""
    people = ["killed", "injured", "killed_or_injured", "arrested", "displaced", "missing", "people"]
    return [
        *schema_checks(QUANTITIES),
        *article_checks(),
        _span_checks(),
        Check(
            ExpectMulticolumnValuesToBeInOrder(
                column_list=["low", "value", "high"], description="low, value and high must be in order"
            ),
            "row",
            "bounds_out_of_order",
            show=("text",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="value", min_value=-MAX_QUANTITY, max_value=MAX_QUANTITY),
            "row",
            "value_absurd",
            show=("text",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(
                column="value", min_value=0, max_value=1e10, row_condition=Column("kind").is_in(people)
            ),
            "row",
            "people_absurd",
            show=("text", "kind"),
        ),
        Check(
            gxe.ExpectColumnValuesToMatchRegex(
                column="unit", regex="^[A-Z]{3}$", row_condition=Column("kind") == "money"
            ),
            "row",
            "currency_not_iso",
            show=("text",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeInSet(column="unit", value_set=["%"], row_condition=Column("kind") == "percent"),
            "row",
            "percent_without_sign",
            show=("text",),
        ),
    ]


def keyphrases() -> list[Check]:
    """The suite of keyphrases."""
    return [
        *schema_checks(KEYPHRASES),
        *article_checks(),
        Check(
            gxe.ExpectColumnValueLengthsToBeBetween(column="phrase", min_value=2, max_value=MAX_NAME),
            "row",
            "phrase_length",
            show=("article_id",),
        ),
        Check(
            ExpectColumnPairTextToOccur(
                column_A="phrase", column_B="article_text", description="the phrase must stand in title, lead or body"
            ),
            "row",
            "phrase_not_in_text",
            show=("article_id",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="score", min_value=0.0), "row", "score_negative", show=("phrase",)
        ),
    ]
