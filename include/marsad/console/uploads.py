"""A form with a file, of which no more is read than may be: the size is counted as it comes, whatever was announced."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from fastapi import HTTPException
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from marsad.console import guard
from marsad.console.deps import Console

_BESIDE = 64 * 1024
"""Bytes of the other fields, and of what parts them."""


async def read_upload(request: Request, console: Console, limit: int) -> FormData:
    """The fields of an upload, after it is known to be genuine; close it when done.

    Args:
        limit: bytes of the file.

    Raises:
        HTTPException: 413, too large; 415, not a form with a file; 400, a broken form; 403, forged.
    """
    most = limit + _BESIDE
    if int(request.headers.get("content-length") or 0) > most:
        raise HTTPException(413, console.words("xray.too_large", limit=f"{limit:,}"))
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415, console.words("xray.no_form"))

    async def counted() -> AsyncGenerator[bytes, None]:
        size = 0
        async for piece in request.stream():
            size += len(piece)
            if size > most:
                raise HTTPException(413, console.words("xray.too_large", limit=f"{limit:,}"))
            yield piece

    try:
        parser = MultiPartParser(request.headers, counted(), max_files=1, max_fields=10, max_part_size=_BESIDE)
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:  # python-multipart's parser wants a boundary
        raise HTTPException(400, console.words("xray.no_form")) from error
    access = console.access
    if not guard.is_genuine(request, form, access.secret, console.user, access.origin):
        await form.close()
        raise HTTPException(403, console.words("error.forged"))
    return form
