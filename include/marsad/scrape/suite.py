"""What captures must be: one honest row for every URL, and bytes where it says there are bytes."""

from __future__ import annotations

from marsad.expectations import Check, schema_checks
from marsad.gx import Column, gxe
from marsad.scrape.record import CAPTURES

WITH_BYTES = ("captured", "unchanged")
FAILURES = ("http_error", "timeout", "connection_error")
ADDRESS = r"^[a-z][a-z0-9+.-]*:\S+$"


def captures() -> list[Check]:
    """The suite of captures."""
    held = Column("outcome").is_in(list(WITH_BYTES))
    checks = schema_checks(CAPTURES)
    checks += [
        # a row that says captured and has no bytes is lost for good when the site moves on
        Check(
            gxe.ExpectColumnValuesToNotBeNull(column=name, row_condition=held), "row", f"{name}_missing", show=("url",)
        )
        for name in ("warc_file", "warc_offset", "sha256", "fetched_at")
    ]
    checks += [
        Check(gxe.ExpectColumnValuesToMatchRegex(column="url", regex=ADDRESS), "row", "url_not_absolute"),
        Check(
            gxe.ExpectColumnValuesToMatchRegex(column="sha256", regex="^[0-9a-f]{64}$"),
            "row",
            "sha256_malformed",
            show=("url",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="byte_count", min_value=1, row_condition=held),
            "row",
            "captured_empty",
            max_share=1.0,
            show=("url",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="warc_offset", min_value=0),
            "row",
            "warc_offset_negative",
            show=("url",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="http_status", min_value=100, max_value=599),
            "row",
            "http_status_out_of_range",
            show=("url",),
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="http_status", min_value=200, max_value=399, row_condition=held),
            "row",
            "captured_with_error_status",
            show=("url", "outcome"),
        ),
        Check(
            gxe.ExpectColumnValuesToBeBetween(column="attempt_count", min_value=0),
            "critical",
            "attempt_count_negative",
            show=("url",),
        ),
        Check(
            gxe.ExpectColumnValuesToNotBeNull(column="error", row_condition=Column("outcome").is_in(list(FAILURES))),
            "warning",
            "failure_unexplained",
            show=("url", "outcome"),
        ),
    ]
    return checks
