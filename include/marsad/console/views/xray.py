"""Page X-ray: a captured page, or one that is brought along, beside what Marsad makes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse

from marsad.clean.page import Reading, read_closely
from marsad.clean.stage import is_readable, read_capture_closely
from marsad.console.article import safe_address
from marsad.console.deps import Ask, Console, text_of
from marsad.console.harmless import STYLE_HASH
from marsad.console.headers import POLICY
from marsad.console.uploads import read_upload
from marsad.console.xray import SORTS, Captured, Xray, captured, find_capture, look
from marsad.errors import MissingPartition, UnreadablePage
from marsad.partition import Partition, parse_date
from marsad.scrape.record import Capture
from marsad.scrape.warc import read_body

router = APIRouter()

PAGE_SIZE = 50
_AT_ONCE = threading.BoundedSemaphore(2)
"""Pages that are read at the same time: each may fill a core for a second."""
_POLICY = POLICY.replace("style-src 'self'", f"style-src 'self' {STYLE_HASH}")


@dataclass(frozen=True)
class Choice:
    """The captures to choose from."""

    partition: Partition
    rows: list[Captured]
    count: int
    offset: int
    words: str


@router.get("/xray")
def xray(
    console: Ask, source: str = "", day: str = "", url: str = "", words: str = "", offset: int = 0
) -> HTMLResponse:
    """The forms; with a source and a day its captures to choose from; with an address too, the page under X-ray."""
    if not source or not day:
        return _shown(console, source=source, day=day)
    partition = console.partition(source, day)
    if not url:
        lake, at = console.ctx.lake, max(0, offset)
        try:
            rows, count = captured(lake, partition, words[:200], at, PAGE_SIZE)
        except MissingPartition:
            rows, count = [], 0
        return _shown(console, source=source, day=day, choice=Choice(partition, rows, count, at, words))
    capture = find_capture(console.ctx.lake, partition, url)
    if not is_readable(capture) or capture.warc_file is None:
        return _shown(console, source=source, day=day, capture=capture)
    content = read_body(console.ctx.lake, capture.warc_file, capture.warc_offset or 0)
    facts = console.ctx.facts(source)
    return _looked(
        console,
        content,
        lambda: read_capture_closely(facts, capture, content),
        charset=capture.charset,
        content_type=capture.content_type,
        source=source,
        day=day,
        capture=capture,
    )


@router.post("/xray")
async def upload(request: Request, console: Ask) -> HTMLResponse:
    """A page that is brought along, under X-ray; nothing of it is kept."""
    console.refuse_unless(bool(console.readable))
    form = await read_upload(request, console, console.ctx.settings.max_page_bytes)
    try:
        file = form.get("page")
        name = file.filename if isinstance(file, UploadFile) else ""
        content = await file.read() if isinstance(file, UploadFile) else b""
        fields = {field: text_of(form, field) for field in ("source", "day", "url")}
    finally:
        await form.close()
    if not content:
        raise HTTPException(400, console.words("xray.no_file"))
    facts = console.source(fields["source"]) if fields["source"] else None
    day = parse_date(fields["day"]) if fields["day"] else None
    url = safe_address(fields["url"])

    def read() -> Reading:
        return read_closely(content, url=url, source=facts, captured_on=day)

    return await run_in_threadpool(
        _looked,
        console,
        content,
        read,
        charset=None,
        content_type=None,
        source=fields["source"],
        day=fields["day"],
        file_name=(name or "")[:200],
    )


def _looked(
    console: Console,
    content: bytes,
    read: Callable[[], Reading],
    *,
    charset: str | None,
    content_type: str | None,
    **values: Any,
) -> HTMLResponse:
    with _turn(console):
        try:
            seen = look(read(), content, console.words, charset=charset, content_type=content_type)
        except UnreadablePage as error:
            return _shown(console, problem=str(error), status_code=422, **values)
    return _shown(console, seen=seen, **values)


@contextmanager
def _turn(console: Console) -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=10):
        raise HTTPException(503, console.words("xray.busy"))
    try:
        yield
    finally:
        _AT_ONCE.release()


def _shown(
    console: Console,
    *,
    source: str = "",
    day: str = "",
    choice: Choice | None = None,
    capture: Capture | None = None,
    file_name: str = "",
    seen: Xray | None = None,
    problem: str = "",
    status_code: int = 200,
) -> HTMLResponse:
    answer = console.page(
        "xray.html",
        status_code=status_code,
        source=source,
        day=day or console.today().isoformat(),
        choice=choice,
        capture=capture,
        file_name=file_name,
        seen=seen,
        problem=problem,
        sorts=SORTS,
        names=sorted(console.readable),
        limit=console.ctx.settings.max_page_bytes,
        page_size=PAGE_SIZE,
        address=safe_address,
    )
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer
