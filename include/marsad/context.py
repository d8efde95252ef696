"""What a run needs besides its partition: settings, lake, sources, clock and a listener."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from marsad.errors import UsageError
from marsad.settings import Settings, load_settings
from marsad.sources import Route, Source, get_source, load_sources

if TYPE_CHECKING:
    from marsad.claims import Claims
    from marsad.lake import Lake

Progress = Callable[[str, int, int], None]
"""Told the stage, how many are done and how many there are."""

FILES_SOURCE = "files"


def utc_now() -> datetime:
    """The clock of real runs; tests pass their own."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """What a run needs besides its partition; built once, passed everywhere."""

    settings: Settings
    lake: Lake
    sources: Mapping[str, Source]
    now: Callable[[], datetime] = utc_now
    progress: Progress | None = None
    owner: str | None = None
    """The run that goes on in several processes, such as ``dag_id/run_id``; None: this process is the run."""

    @cached_property
    def claims(self) -> Claims:
        """The partitions this run writes, and nobody else meanwhile."""
        from marsad.claims import Claims

        minutes = self.settings.claim_minutes
        return Claims(self.lake, now=self.now, minutes=minutes, owner=self.owner, bridges=self.owner is not None)

    def facts(self, name: str) -> Source:
        """A source as its file says, for who does not ask its routes.

        Raises:
            UnknownSource: there is none of that name.
        """
        return get_source(self.sources, name)

    def source(self, name: str) -> Source:
        """The source of a partition.

        Raises:
            UnknownSource: there is none of that name.
            UsageError: it is ``files`` and nobody said which.
        """
        source = get_source(self.sources, name)
        if name != FILES_SOURCE:
            return source
        if not self.settings.files_path:
            raise UsageError("source 'files' needs a folder or archive: give --path, or set MARSAD_FILES_PATH")
        routes = tuple(
            _with_path(route, self.settings.files_path, self.settings.files_index) for route in source.discover
        )
        return source.model_copy(update={"discover": routes})


def _with_path(route: Route, path: str, index: str | None) -> Route:
    """The files route with the operator's path, and index if one is given."""
    return route.model_copy(update={"address": path, "index": index or route.index})


def open_context(
    settings: Settings | None = None, *, progress: Progress | None = None, owner: str | None = None
) -> Context:
    """Read the settings and the sources, and open the lake.

    Args:
        owner: the run, where it goes on in several processes.

    Raises:
        UsageError: a setting or a source file does not fit.
        LakeUnusable: the lake cannot be opened, or only a newer Marsad understands it.
    """
    from marsad.lake import Lake
    from marsad.layout import refuse_newer

    settings = settings or load_settings()
    lake = Lake(settings.lake, settings.lake_options)
    refuse_newer(lake)
    return Context(
        settings=settings,
        lake=lake,
        sources=load_sources(settings.sources),
        progress=progress,
        owner=owner,
    )
