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
        Check(
            gxe.ExpectColumnValuesToNotBeNull(column="original_id", row_condition=Column("relation") == "wire_copy"),
            "warning",
            "wire_copy_without_original",
            show=("article_id", "basis"),
        ),
    ]
