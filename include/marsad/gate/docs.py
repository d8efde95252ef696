"""Data Docs: Great Expectations' own page of a result, made to stand alone.

Its page links ten style sheets and scripts on other people's servers, carries the hour
and random ids, and shows values as they came from the web. Ours loads nothing, runs
nothing (a content security policy says so to the browser), and is the same bytes for
the same result.
"""

from __future__ import annotations

import functools
import html
import re
from itertools import count
from typing import Any

from marsad.gate.audit import Audit, short
from marsad.gate.report import GateReport

_HEAD = re.compile(r"<head>.*?</head>", re.DOTALL)
_NAVIGATION = re.compile(r'<nav class="navbar navbar-expand-md.*?</div>\s*</nav>', re.DOTALL)
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL | re.IGNORECASE)
_FOOTER = re.compile(r"<footer\b.*?</footer>", re.DOTALL)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem 2rem; }
table { border-collapse: collapse; margin: .5rem 0; }
td, th { border: 1px solid #8886; padding: .25rem .6rem; text-align: start; vertical-align: top; }
td, th, li { unicode-bidi: plaintext; }
h1 { font-size: 1.3rem } .failed, .text-danger { color: #b00020 } .passed, .text-success { color: #0a7a2f }
.fa-check-circle::before { content: "\\2713" } .fa-times::before { content: "\\2717" }
.fa-exclamation-triangle::before { content: "!" } thead[hidden], .cooltip .top, .card { display: none }
"""
_KEPT = frozenset({
    "element_count", "observed_value", "missing_count", "missing_percent", "unexpected_count",
    "unexpected_percent", "unexpected_percent_total", "unexpected_percent_nonmissing",
})  # fmt: skip


def render(audit: Audit, report: GateReport) -> bytes:
    """The page of one gate run, as UTF-8 HTML."""
    from great_expectations.render.renderer import ValidationResultsPageRenderer

    _still(audit)
    body = page_view().render(ValidationResultsPageRenderer().render(audit.result))
    for pattern in (_NAVIGATION, _SCRIPT, _FOOTER):
        body = pattern.sub("", body)
    body = _HEAD.sub(lambda _: _head(report), body, count=1)
    body = body.replace("<body>", "<body>" + _summary(report), 1)
    return _number_ids(body).encode()


@functools.cache
def page_view() -> Any:
    """The page's template, compiled once a process."""
    from great_expectations.render.view import DefaultJinjaPageView

    return DefaultJinjaPageView()


def _still(audit: Audit) -> None:
    """Leave in the result what the page needs: no hours, no list of every row, values cut short.

    Great Expectations' templates do not escape what they show, and what they show came from the web.
    """
    result = audit.result
    result.meta = {"great_expectations_version": result.meta.get("great_expectations_version")}
    for answer in result.results:
        kept = {k: v for k, v in answer.result.items() if k in _KEPT}
        if answer.result.get("partial_unexpected_list"):
            kept["partial_unexpected_list"] = [html.escape(short(v)) for v in answer.result["partial_unexpected_list"]]
        answer.result = kept


def _head(report: GateReport) -> str:
    title = html.escape(f"{report.dataset}, {report.source}, {report.date.isoformat()}")
    return (
        f'<head><meta charset="utf-8"><title>{title}</title>'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{_STYLE}</style></head>"
    )


def _summary(report: GateReport) -> str:
    """What Marsad made of the answers: levels and reasons, which Great Expectations knows nothing of."""
    verdict = "passed" if report.is_success else "failed"
    rows = "".join(
        f"<tr><td>{e.level}</td><td>{e.reason}</td><td>{'stops the partition' if e.is_blocking else 'reported'}</td>"
        f'<td dir="auto">{html.escape(e.observed)}</td></tr>'
        for e in report.expectations
        if not e.is_success
    )
    table = f"<table><tr><th>level</th><th>check</th><th>effect</th><th>seen</th></tr>{rows}</table>" if rows else ""
    return (
        f"<h1>{html.escape(report.dataset)}, {html.escape(report.source)}, {report.date.isoformat()}: "
        f'<span class="{verdict}">{verdict}</span></h1>'
        f"<p>{report.row_count} rows seen, {report.accepted_count} accepted, {report.quarantined_count} in quarantine."
        f"</p>{table}"
    )


def _number_ids(page: str) -> str:
    """Random element ids become 1, 2, 3: equal results, equal bytes."""
    numbers = count(1)
    seen: dict[str, str] = {}
    return _UUID.sub(lambda m: seen.setdefault(m.group(), f"id{next(numbers)}"), page)
