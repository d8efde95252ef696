"""Every error Marsad raises on purpose, as one tree.

    MarsadError                 anything we say to a person; one line, names the thing and the mend
    ├── UsageError              the caller's words are off           exit code 2
    │   ├── UnknownSource
    │   ├── InvalidSource       a source YAML does not fit
    │   └── InvalidDate
    ├── NeverError              trying again cannot help             exit code 1, no retry
    │   ├── GateFailed
    │   ├── SuiteBroken         an expectation raised instead of answering
    │   ├── MissingPartition    a stage's input is not in the lake
    │   ├── LakeUnusable        no bucket, no permission, a full disk; or it holds what we did not write
    │   ├── UnreadablePage      no text can be had from these bytes
    │   ├── UnreadableListing   a feed, sitemap, archive page or index is not one
    │   ├── ClaimLost           another writer took the partition over meanwhile
    │   └── AirflowUnusable     Airflow does not start, or does not answer as it should
    ├── LaterError              trying again may help                exit code 1, retried with backoff
    │   ├── SourceUnreachable
    │   ├── SourcesUnderWay     a day's sources are still being written; it is curated when they are in
    │   ├── LakeUnreachable     the lake's store does not answer, or not now
    │   ├── PartitionBusy       another process writes the partition
    │   ├── CatalogBusy         the Iceberg catalog was written by others at every attempt, or does not answer
    │   └── WarehouseBusy
    └── NoArchiveRoute          nothing can discover that date: skipped, not failed

"Never" and "later" are the two failures a pipeline has to tell apart: the first
goes to quarantine or fails at once, the second is retried.
"""

from __future__ import annotations


class MarsadError(Exception):
    """Base of all errors meant for a person: ``str(error)`` is one helpful line."""


class UsageError(MarsadError):
    """The caller's words are off; nothing was done."""


class UnknownSource(UsageError):
    """No source of that name is defined."""


class InvalidSource(UsageError):
    """A source YAML does not fit; the message says file, line and key."""


class InvalidDate(UsageError):
    """Not a date, or not one a partition can have."""


class NeverError(MarsadError):
    """Trying again cannot help."""


class GateFailed(NeverError):
    """A critical expectation failed, or too many rows did: the partition stops here."""


class SuiteBroken(NeverError):
    """An expectation raised instead of answering: the suite is at fault, not the data."""


class MissingPartition(NeverError):
    """A dataset that a stage needs is not in the lake."""


class LakeUnusable(NeverError):
    """The lake cannot be opened or written, or a file in it is not what it should be."""


class UnreadablePage(NeverError):
    """No text can be had from these bytes; ``reason`` is one word for the quarantine."""

    def __init__(self, message: str = "", *, reason: str = "unreadable") -> None:
        super().__init__(message)
        self.reason = reason


class UnreadableListing(NeverError):
    """What a discovery route gave is not the listing it should be."""


class AirflowUnusable(NeverError):
    """Airflow does not start, or does not answer as it should; names the log or the address."""


class ClaimLost(NeverError):
    """Another writer took the partition over meanwhile; this one must write nothing more."""


class LaterError(MarsadError):
    """Trying again may help."""


class SourceUnreachable(LaterError):
    """A source's discovery routes all failed for a passing reason."""


class LakeUnreachable(LaterError):
    """The lake's store does not answer, or says that it cannot now; nothing is wrong with what lies in it."""


class PartitionBusy(LaterError):
    """Another process writes the partition; the message names it, and since when."""


class SourcesUnderWay(LaterError):
    """A day's partitions are being written at this moment: to curate it now would be to curate it again soon."""


class CatalogBusy(LaterError):
    """The Iceberg catalog was written by another at every attempt, or does not answer."""


class WarehouseBusy(LaterError):
    """Another process holds the warehouse, or it does not answer."""


class NoArchiveRoute(MarsadError):
    """The source has no way to discover a past date: the run is skipped, not failed."""
