"""What duplicates must be."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

from marsad.curate.record import DUPLICATES
from marsad.expectations import Check, schema_checks


def duplicates() -> list[Check]:
    """The suite of duplicates."""
    return [
        *schema_checks(DUPLICATES),
        *(
            Check(gxe.ExpectColumnValueLengthsToBeBetween(column=name, min_value=1), "critical", f"{name}_empty")
            for name in ("source", "group_id", "basis")
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="similarity", min_value=0.0, max_value=1.0),
            "critical",
            "similarity_out_of_range",
            show=("article_id",),
        ),
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
