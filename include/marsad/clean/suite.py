"""What articles, their links and their cuts must be."""

from __future__ import annotations

from marsad.clean.record import ARTICLE_VERSIONS, ARTICLES, CUTS, LINKS
from marsad.expectations import (
    Check,
    ExpectColumnPairBodyToJoinParagraphs,
    ExpectColumnPairTextsToDiffer,
    ExpectColumnValuesToBeMostlyArabic,
    ExpectMulticolumnValuesToBeInOrder,
    article_checks,
    schema_checks,
)
from marsad.gx import gxe

SHOWN = ("url",)
ADDRESS = r"^(?:https?://|file:)\S+$"
UNSAFE_ADDRESS = r"(?i)^\s*(?:javascript|vbscript|data):"

MIN_BODY = 20
"""Code points. A breaking-news line of one sentence is a story; a button's caption is not."""
MAX_BODY = 200_000
"""Code points: far above a long read. A page of comments or a swallowed archive has more."""
MIN_ARABIC_SHARE = 0.5
"""A story full of Latin names is still mostly Arabic; a foreign page with an Arabic menu is not."""

MARKUP = r"</?(?:p|div|span|br|a|script|style|iframe|img|strong|em|td|tr|table|ul|li|figure)\b[^<>\n]{0,300}/?>"
MOJIBAKE = "\ufffd|(?:[ØÙ][\u0080-\u00bf\u2018-\u203a]?[ -~]?){4}"
"""The replacement character, or UTF-8 Arabic read as Latin-1 or windows-1252 (Ø§Ù„ for ال)."""
CUE_LINE = (
    r"(?m)^[ \t]*(?:[اإ]قر[أا][ \t]+(?:أيض[اًـ]+|المزيد|كذلك)|شاهد[ \t]+(?:أيض[اً]+|المزيد)|[اإ]قرئي[ \t]+المزيد"
    r"|(?:مواضيع|أخبار|مقالات)[ \t]+(?:ذات[ \t]+صلة|متعلقة)|كلمات[ \t]+(?:دليلية|مفتاحية)|للمزيد[ \t]*:"
    r"|المصدر[ \t]*:|مصدر[ \t]+الخبر[ \t]*:)"
)
"""Lines that belong to the page and not to the story; whoever reads one in a body reads two stories in one."""


def articles() -> list[Check]:
    """The suite of articles."""
    return [
        *schema_checks(ARTICLES),
        # identity
        Check(gxe.ExpectColumnValuesToMatchRegex(column="url", regex=ADDRESS), "row", "url_not_absolute"),
        Check(
            gxe.ExpectColumnValuesToMatchRegex(column="content_sha256", regex="^[0-9a-f]{64}$"),
            "critical",
            "content_sha256_malformed",
            show=SHOWN,
        ),
        Check(
            gxe.ExpectColumnValuesToMatchRegex(column="capture_sha256", regex="^[0-9a-f]{64}$"),
            "critical",
            "capture_sha256_malformed",
            show=SHOWN,
        ),
        Check(gxe.ExpectColumnValuesToBeBetween(column="version", min_value=1), "critical", "version_below_one"),
        # text
        Check(
            gxe.ExpectColumnValueLengthsToBeBetween(column="body", min_value=MIN_BODY),
            "row",
            "body_too_short",
            show=SHOWN,
        ),
        Check(
            gxe.ExpectColumnValueLengthsToBeBetween(column="body", max_value=MAX_BODY),
            "row",
            "body_too_long",
            show=SHOWN,
        ),
        Check(
            ExpectColumnPairBodyToJoinParagraphs(column_A="body", column_B="paragraphs"),
            "row",
            "body_not_its_paragraphs",
            max_share=0.05,
            tolerated=1,
            show=SHOWN,
        ),
        Check(
            gxe.ExpectColumnValuesToNotMatchRegex(
                column="body", regex=MOJIBAKE, description="the body must not hold wrongly decoded letters"
            ),
            "row",
            "mojibake",
            show=SHOWN,
        ),
        Check(
            ExpectColumnValuesToBeMostlyArabic(column="body", min_share=MIN_ARABIC_SHARE),
            "row",
            "not_arabic",
            show=SHOWN,
        ),
        Check(
            gxe.ExpectColumnValuesToNotMatchRegex(
                column="body", regex=MARKUP, description="no markup may be left in the body"
            ),
            "row",
            "markup_in_body",
            show=SHOWN,
        ),
        Check(
            gxe.ExpectColumnValuesToNotMatchRegex(
                column="body",
                regex=CUE_LINE,
                description="no line of the page's own (read more, source, keywords) may be left in the body",
            ),
            "warning",
            "cue_line_in_body",
            show=SHOWN,
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="word_count", min_value=1),
            "critical",
            "word_count_below_one",
            show=SHOWN,
        ),
        Check(
            gxe.ExpectColumnValuesToBeInSet(column="language", value_set=["ar"]),
            "warning",
            "language_not_ar",
            show=SHOWN,
        ),
        # title
        Check(gxe.ExpectColumnValuesToNotBeNull(column="title"), "warning", "title_missing", show=SHOWN),
        Check(
            gxe.ExpectColumnValueLengthsToBeBetween(column="title", min_value=3, max_value=500),
            "row",
            "title_length",
            show=SHOWN,
        ),
        Check(
            ExpectColumnPairTextsToDiffer(
                column_A="title", column_B="site_title", description="the title must not be the site's name"
            ),
            "row",
            "title_is_site_name",
            show=SHOWN,
        ),
        # dates
        Check(
            gxe.ExpectColumnValuesToNotBeNull(column="published_basis"),
            "warning",
            "published_basis_missing",
            show=SHOWN,
        ),
        Check(
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="date", column_B="published_day", ignore_row_if="either_value_is_missing"
            ),
            "row",
            "date_is_not_publication_day",
            show=("published_at", *SHOWN),
        ),
        # a day apart is no contradiction: sites write addresses in zones of their own
        Check(
            ExpectMulticolumnValuesToBeInOrder(
                column_list=["url_day_before", "published_day", "url_day_after"],
                description="a story's day should be the one its address carries",
            ),
            "warning",
            "date_not_of_url",
            show=("published_at", "published_basis", *SHOWN),
        ),
        Check(
            ExpectMulticolumnValuesToBeInOrder(
                column_list=["published_at", "captured_next_day"],
                description="a page must not be dated more than a day after it was fetched",
            ),
            "row",
            "future_date",
            show=SHOWN,
        ),
        Check(
            ExpectMulticolumnValuesToBeInOrder(
                column_list=["published_at", "captured_at"],
                description="a page should not be dated after it was fetched",
            ),
            "warning",
            "published_after_capture",
            show=SHOWN,
        ),
        Check(
            ExpectMulticolumnValuesToBeInOrder(
                column_list=["published_at", "modified_at"], description="a change should not precede publication"
            ),
            "warning",
            "modified_before_published",
            show=SHOWN,
        ),
    ]


def links() -> list[Check]:
    """The suite of links."""
    return [
        *schema_checks(LINKS),
        *article_checks(),
        # javascript: and data: addresses must not reach whoever opens the dataset in a browser
        Check(
            gxe.ExpectColumnValuesToNotMatchRegex(
                column="url", regex=UNSAFE_ADDRESS, description="an address must not run a script"
            ),
            "row",
            "url_unsafe",
            max_share=1.0,
            show=("title",),
        ),
        Check(
            gxe.ExpectColumnValuesToMatchRegex(column="url", regex=ADDRESS),
            "warning",
            "url_not_absolute",
            show=("title",),
        ),
        Check(
            gxe.ExpectColumnValueLengthsToBeBetween(column="title", min_value=1, max_value=1000),
            "row",
            "title_length",
            show=("url",),
        ),
        Check(gxe.ExpectColumnValuesToBeBetween(column="position", min_value=0), "critical", "position_negative"),
    ]


def article_versions() -> list[Check]:
    """The suite of the texts that stood before."""
    return [
        *schema_checks(ARTICLE_VERSIONS),
        *article_checks(),
        Check(gxe.ExpectColumnValuesToBeBetween(column="version", min_value=1), "critical", "version_below_one"),
        Check(
            gxe.ExpectColumnValuesToMatchRegex(column="content_sha256", regex="^[0-9a-f]{64}$"),
            "critical",
            "content_sha256_malformed",
            show=("article_id",),
        ),
    ]


def cuts() -> list[Check]:
    """The suite of cuts."""
    return [
        *schema_checks(CUTS),
        *article_checks(),
        Check(
            gxe.ExpectColumnValuesToMatchRegex(column="rule", regex="^[a-z][a-z0-9_]*$"),
            "critical",
            "rule_unnamed",
            show=("text",),
        ),
        Check(
            gxe.ExpectColumnValueLengthsToBeBetween(column="text", min_value=1),
            "row",
            "text_empty",
            show=("rule", "article_id"),
        ),
        Check(gxe.ExpectColumnValuesToBeBetween(column="position", min_value=0), "critical", "position_negative"),
    ]
