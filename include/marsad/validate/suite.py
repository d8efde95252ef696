"""What verdicts and profiles must be: the critical rules all met, the numbers plausible."""

from __future__ import annotations

from marsad.expectations import Check, schema_checks
from marsad.gx import Column, gxe
from marsad.sources.health import SHARES
from marsad.validate.record import PROFILES, VERDICTS


def verdicts() -> list[Check]:
    """The suite of verdicts. A rule's own words stand in the message, so that nobody has to look them up."""
    return [
        *schema_checks(VERDICTS),
        Check(gxe.ExpectTableRowCountToBeBetween(min_value=1), "critical", "no_rule_was_asked"),
        Check(
            gxe.ExpectColumnValuesToBeInSet(
                column="is_success", value_set=[True], row_condition=Column("level") == "critical"
            ),
            "critical",
            "rule_unmet",
            show=("rule", "observed", "expected"),
        ),
        Check(
            gxe.ExpectColumnValuesToBeInSet(
                column="is_success", value_set=[True], row_condition=Column("level") == "warning"
            ),
            "warning",
            "rule_unmet_warning",
            show=("rule", "observed", "expected"),
        ),
    ]


def profiles() -> list[Check]:
    """The suite of profiles."""
    return [
        *schema_checks(PROFILES),
        Check(gxe.ExpectTableRowCountToBeBetween(min_value=1), "critical", "nothing_was_measured"),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="value", min_value=0),
            "critical",
            "measure_negative",
            show=("measure",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(
                column="value", max_value=1, row_condition=Column("measure").is_in(list(SHARES))
            ),
            "critical",
            "share_above_one",
            show=("measure",),
        ),
    ]
