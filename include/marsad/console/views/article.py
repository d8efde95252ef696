"""Article: a published story as a reader sees it, its findings marked in the text, its versions, copies and event."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from marsad.console.article import amount, article_path, compare_versions, read_article, safe_address, texts_of
from marsad.console.deps import Ask

router = APIRouter()


@router.get("/article/{source}/{day}/{article_id}")
def article(console: Ask, source: str, day: str, article_id: str, old: int = 0, new: int = 0) -> HTMLResponse:
    """A story; ``old`` and ``new`` are the versions to compare."""
    partition = console.partition(source, day)
    found = read_article(console.ctx.lake, partition, article_id, console.words, readable=console.readable)
    return console.page(
        "article.html",
        page=found,
        article=found.article,
        source=console.ctx.sources[source],
        comparison=compare_versions(found, old, new),
        numbers=sorted(texts_of(found)),
        amount=amount,
        address=safe_address,
        path=article_path,
    )
