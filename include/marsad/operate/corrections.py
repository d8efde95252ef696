"""Corrections: published stories are looked at again, and days with a changed one are published anew."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

from marsad.clean.stage import clean
from marsad.context import Context
from marsad.dataset import Batch
from marsad.errors import MarsadError, PartitionBusy
from marsad.partition import Partition
from marsad.pipeline import rewrite, run_gate
from marsad.publish.manifest import read_manifest
from marsad.quarantine import write_batch
from marsad.scrape.fetch import Fetcher
from marsad.scrape.record import CAPTURES, Capture
from marsad.scrape.revisits import Visit, revisit
from marsad.scrape.warc import read_body

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of one partition."""

    partition: Partition
    visits: Sequence[Visit] = ()
    is_rewritten: bool = False
    error: str | None = None


def correct(ctx: Context, names: Sequence[str] = ()) -> Iterator[Corrected]:
    """Look again at the stories of the last days, a partition at a time, and publish the changed days anew.

    One source that fails takes nothing from the others. Killed in between, what was captured is published by the
    next call.

    Args:
        names: these sources; all enabled ones where empty.

    Raises:
        UnknownSource: a name that is none.
    """
    spans = [timedelta(hours=hours) for hours in ctx.settings.revisit_after_h]
    if not spans:
        return
    chosen = [ctx.facts(name) for name in names] or [s for s in ctx.sources.values() if s.is_enabled]
    for source in chosen:
        if all(route.kind in ("files", "ccnews") for route in source.discover):
            continue
        today = source.day_of(ctx.now())
        # the last look is due so long after the capture, which comes the night after the day
        oldest = (max(spans) + timedelta(days=3)).days
        days = [today - timedelta(days=back) for back in range(oldest, -1, -1)]
        with _alone(ctx, source.name) as is_alone:
            if not is_alone:
                log.info("%s: is being revisited by another process", source.name)
                continue
            yield from _correct_source(ctx, source.name, days, spans)


def _correct_source(ctx: Context, name: str, days: Sequence[date], spans: Sequence[timedelta]) -> Iterator[Corrected]:
    with Fetcher(ctx.settings, ctx.facts(name), clock=ctx.now) as fetch:
        for day in days:
            partition = Partition(name, day)
            if read_manifest(ctx.lake, partition) is None or not ctx.lake.has_table("raw", CAPTURES, partition):
                continue
            visits: list[Visit] = []
            try:
                is_changed = _Reader(ctx, partition).is_changed
                with ctx.claims.hold(partition):
                    visits = revisit(partition, fetch, ctx.lake, after=spans, now=ctx.now, is_changed=is_changed)
                    is_pending = ctx.lake.exists(_mark(partition))
                    if is_pending:
                        _publish_again(partition, ctx)
                        ctx.lake.delete(_mark(partition))
                if visits or is_pending:
                    yield Corrected(partition, visits, is_pending)
            except PartitionBusy as error:
                log.info("%s: its stories are looked at next time: %s", partition, error)
            except MarsadError as error:
                log.error("%s: %s", partition, error)
                yield Corrected(partition, visits, error=str(error))


class _Reader:
    """Says whether the story on a page has changed: its text or headline, not what stands around it."""

    def __init__(self, ctx: Context, partition: Partition) -> None:
        self.ctx, self.partition = ctx, partition

    def is_changed(self, old: Capture, new: Capture, body: bytes) -> bool:
        def body_of(capture: Capture) -> bytes:
            if capture.warc_file is None or capture.warc_offset is None:
                return body
            return read_body(self.ctx.lake, capture.warc_file, capture.warc_offset)

        is_other = self._stories(old, body_of) != self._stories(new, lambda _: body)
        if is_other:
            self.ctx.lake.write_json(_mark(self.partition), {"url": new.url})
        return is_other

    def _stories(self, capture: Capture, body_of: Callable[[Capture], bytes]) -> tuple[list[object], ...]:
        """What is read of a capture: texts by id, days of other stories, reasons of rejects."""
        source = self.ctx.facts(self.partition.source)
        placed = capture if capture.warc_file else replace(capture, warc_file="not written yet", warc_offset=0)
        row = CAPTURES.table([placed])
        found = clean(source, self.partition.date, row, body_of)
        late = found.late.select(["date"]).to_pylist()
        texts = found.articles.table.select(["article_id", "content_sha256"]).to_pylist()
        return texts, late, [reject.reason for reject in found.articles.rejects]


def _mark(partition: Partition) -> str:
    """The file that says that captures are newer than what is published; written before they are."""
    return f"raw/revisits/{partition.path}/pending.json"


def _publish_again(partition: Partition, ctx: Context) -> None:
    table = ctx.lake.read_table("raw", CAPTURES, partition)
    write_batch(Batch(CAPTURES, table), partition, ctx.lake)
    run_gate("scrape", partition, ctx)
    rewrite(partition, ctx)
    log.info("%s: published again, for a corrected story", partition)


@contextmanager
def _alone(ctx: Context, name: str) -> Iterator[bool]:
    folder = ctx.settings.state
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"revisit-{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
