"""Claims: one writer of a partition at a time, across processes and machines.

    locks/<source>/<date>/000000017.json     who holds it; the highest number holds

A claim is a small file that is created only where there is none of its number: by a hard link on a disk, by a
conditional put on an object store. Who wants a partition that is free, or whose claim has run out, creates the next
number; of several who try one succeeds. Only the session that made a file writes it again, to renew or to release it.
So a claim is never taken over by overwriting, and a holder that was slow finds a higher number and stops.

A claim runs out by itself (``MARSAD_CLAIM_MINUTES``) where its holder renews it no more. A holder on this machine whose
process has died holds nothing: a run that was killed can be run again at once. Readers need no claim.

No wall clock alone ends a claim. A holder counts its time by the clock that nobody sets; so does who looks on from the
same machine. Who looks on from another one takes a claim for run out only where the store's own clock says so too.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from marsad.claims.record import Claim, claim_path, folder_of, generations, newest, read_claim, started, this_host
from marsad.errors import ClaimLost, LaterError, MarsadError, MissingPartition, PartitionBusy
from marsad.lake import Lake
from marsad.layout import layout_of
from marsad.partition import Partition

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 2.0
"""A writer looks whether it still holds its claim at most this often; before a swap it looks in any case."""

KEPT = 32
"""Numbers kept below the highest. A racer that slept through so many finds itself below the highest and gives up."""


@dataclass
class _Session:
    """A claim in the hands of this process."""

    claim: Claim
    began: float
    """By the clock that nobody sets."""
    depth: int = 1
    looked_at: float = 0.0
    lost_to: str | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    beat: threading.Thread | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Claims:
    """The claims of one run on the partitions of one lake.

    Args:
        owner: the run. None: this process, which is a run of its own.
        minutes: after which a claim that is not renewed has run out; 0: nothing is claimed.
        bridges: the run goes on in other processes: a claim is kept when one of them is done, until it runs out.
        ticks: a clock in seconds that nobody sets, the same for every process of this machine.
    """

    def __init__(
        self,
        lake: Lake,
        *,
        now: Callable[[], datetime],
        minutes: float = 30,
        owner: str | None = None,
        bridges: bool = False,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lake, self.now, self.bridges, self.ticks = lake, now, bridges, ticks
        self.span = timedelta(minutes=minutes)
        self.owner = owner or f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._held: dict[Partition, _Session] = {}
        self.is_on = minutes > 0 and lake.is_shared

    @contextmanager
    def hold(self, partition: Partition, *, begins: bool = True, ends: bool = True) -> Iterator[None]:
        """Hold a partition while something writes it; within itself it holds already.

        Args:
            begins: what follows makes the partition from its beginning. Otherwise it goes on where an earlier task
                of the same run ended, which is refused where another writer left something half made since.
            ends: the run is done with the partition afterwards.

        Raises:
            PartitionBusy: another run holds it.
            ClaimLost: another run has written it since, and did not finish.
            LakeUnusable: only a newer Marsad understands the lake.
        """
        if not self.is_on:
            yield
            return
        session = self._held.get(partition)
        if session is not None:
            session.depth += 1
            try:
                yield
            finally:
                session.depth -= 1
            return
        session = self._enter(partition, begins=begins)
        is_sound = goes_on = False
        try:
            yield
            is_sound, goes_on = ends, not ends
        except LaterError:
            goes_on = True
            raise
        except MarsadError:
            raise
        except Exception:
            goes_on = True
            raise
        finally:
            self._leave(session, is_kept=goes_on and self.bridges, is_done=is_sound)

    def check(self, *, at_once: bool = False) -> None:
        """Make sure that what is held is held still; asked before anything is written.

        Raises:
            ClaimLost: a claim ran out and was taken over.
        """
        for session in list(self._held.values()):
            if session.lost_to is None and (at_once or time.monotonic() - session.looked_at >= LOOK_AGAIN_S):
                self._look(session)
            if session.lost_to is not None:
                raise ClaimLost(
                    f"{session.claim.partition}: the claim of {session.claim.owner} ran out, and {session.lost_to} "
                    "took the partition over; nothing more was written. Run it again from its first stage"
                )

    def give_up(self, partition: Partition) -> None:
        """Release what an earlier process of this run kept; nothing happens where the run holds nothing."""
        if not self.is_on or partition in self._held:
            return
        highest = newest(self.lake, partition)
        if highest is not None and not highest.is_released and highest.owner == self.owner:
            take_away(self.lake, partition, by=self.owner, now=self.now())

    # how a claim is come by

    def _enter(self, partition: Partition, *, begins: bool) -> _Session:
        layout_of(self.lake)  # what only a newer Marsad understands is not written
        numbers = generations(self.lake, partition)
        highest = read_claim(self.lake, partition, numbers[-1]) if numbers else None
        now = self.now()
        if highest is not None and highest.owner != self.owner and self._holds(highest, now):
            raise PartitionBusy(_busy(highest))
        if not begins:
            self._refuse_foreign_halves(partition, numbers)
        place = {"host": this_host(), "pid": os.getpid(), "pid_started": started(os.getpid())}
        began = self.ticks()
        claim = Claim(
            source=partition.source,
            date=partition.date,
            generation=(numbers[-1] if numbers else 0) + 1,
            owner=self.owner,
            session=uuid.uuid4().hex,
            since=now,
            expires_at=now + self.span,
            span_s=self.span.total_seconds(),
            ticked=began,
            **place,  # type: ignore[arg-type]
        )
        made = self.lake.create(claim_path(partition, claim.generation), claim.to_bytes())
        after = generations(self.lake, partition)
        other = read_claim(self.lake, partition, after[-1]) if after else None
        # a store may take a file, say that it cannot, and at the second asking find it there: then it is ours after all
        is_ours = after[-1:] == [claim.generation] and (made or (other and other.session) == claim.session)
        if not is_ours:
            raise PartitionBusy(_busy(other) if other else f"{partition} is being claimed by another; run it again")
        for old in after[:-KEPT]:
            with suppress(MarsadError):  # it is no more than untidy
                self.lake.delete_unfenced(claim_path(partition, old))
        session = _Session(claim, began, looked_at=time.monotonic())
        self._held[partition] = session
        self.lake.fence = self.check
        session.beat = threading.Thread(target=self._beat, args=(session,), daemon=True, name=f"claim {partition}")
        session.beat.start()
        return session

    def _leave(self, session: _Session, *, is_kept: bool, is_done: bool) -> None:
        session.stop.set()
        del self._held[session.claim.partition]
        if not self._held:
            self.lake.fence = None
        if is_kept:
            last = replace(self._renewed(session), pid=None, pid_started=None)
        else:
            last = replace(session.claim, is_released=True, is_done=is_done, expires_at=self.now())
        try:
            with session.lock:
                session.claim = last
                self._write(last)
        except MarsadError as error:  # it runs out by itself; the work is done
            log.warning("%s: the claim could not be released: %s", last.partition, error)

    def _refuse_foreign_halves(self, partition: Partition, numbers: list[int]) -> None:
        """Going on after another writer is sound only where that one has finished."""
        foreign: Claim | None = None
        for number in reversed(numbers):
            claim = read_claim(self.lake, partition, number)
            if claim is None:
                continue
            if claim.owner == self.owner:
                if foreign is not None and not foreign.is_done:
                    raise ClaimLost(
                        f"{partition}: since this run's last task {foreign.owner} has written the partition and not "
                        "finished; run it again from its first stage (clear the run from `scrape`)"
                    )
                return
            foreign = foreign or claim

    def _beat(self, session: _Session) -> None:
        while not session.stop.wait(self.span.total_seconds() / 6):
            try:
                with session.lock:
                    if session.stop.is_set():
                        return
                    session.claim = self._renewed(session)
                    self._write(session.claim)
                self._look(session)
            except Exception as error:  # it is tried again five times before the claim has run out
                log.warning("%s: the claim could not be renewed: %s", session.claim.partition, error)
            if session.lost_to is not None:
                return

    def _renewed(self, session: _Session) -> Claim:
        """The claim for another span; a wall clock that was set meanwhile changes nothing in it."""
        ticks = self.ticks()
        until = session.claim.since + timedelta(seconds=ticks - session.began) + self.span
        return replace(session.claim, expires_at=until, ticked=ticks)

    def _holds(self, claim: Claim, now: datetime) -> bool:
        """Whether another run's claim holds still."""
        void = claim.why_void(now, self.ticks())
        if void != "expired" or claim.is_timed_here:
            return void is None
        # by this machine's wall clock against that of another: one of the two may have been set
        path, mark = claim_path(claim.partition, claim.generation), f"{folder_of(claim.partition)}/{uuid.uuid4().hex}"
        try:
            written = self.lake.modified_at(path)
            self.lake.write_unfenced(mark, b"", is_durable=False)
            present = self.lake.modified_at(mark)
        except MissingPartition:
            return False  # it was swept away
        finally:
            self.lake.delete_unfenced(mark)
        return None not in (written, present) and present - written < claim.span_s  # type: ignore[operator]

    def _look(self, session: _Session) -> None:
        partition, mine = session.claim.partition, session.claim.generation
        numbers = generations(self.lake, partition)
        session.looked_at = time.monotonic()
        if not numbers or numbers[-1] != mine:
            other = read_claim(self.lake, partition, numbers[-1]) if numbers else None
            session.lost_to = other.owner if other else "someone who removed it"

    def _write(self, claim: Claim) -> None:
        self.lake.write_unfenced(claim_path(claim.partition, claim.generation), claim.to_bytes(), is_durable=False)


def all_claims(lake: Lake) -> list[Claim]:
    """The newest claim of every partition that has one."""
    found = []
    for source in lake.names("locks"):
        for day in lake.names(f"locks/{source}"):
            claim = newest(lake, Partition(source, date.fromisoformat(day)))
            if claim is not None:
                found.append(claim)
    return sorted(found, key=lambda c: (c.date, c.source))


def take_away(lake: Lake, partition: Partition, *, by: str, now: datetime) -> Claim | None:
    """End a claim, whoever holds it: a holder that lives finds out and stops before it writes again.

    Returns:
        The claim that was ended; None where there was none.

    Raises:
        PartitionBusy: somebody else claimed it at this very moment.
    """
    claim = newest(lake, partition)
    if claim is None or claim.is_released:
        return None
    ended = replace(
        claim, generation=claim.generation + 1, owner=by, session=uuid.uuid4().hex, host=this_host(), pid=None,
        pid_started=None, since=now, expires_at=now, is_released=True, is_done=False,
    )  # fmt: skip
    if not lake.create(claim_path(partition, ended.generation), ended.to_bytes()):
        raise PartitionBusy(f"{partition} was claimed by another at this moment; look with `marsad lake claims`")
    return claim


def sweep(lake: Lake, *, before: datetime) -> int:
    """Forget claims that ended before a moment; the last of a partition goes too, for nobody waits for it.

    A racer that read a number before it went and creates the next one now is found out by the fence.

    Returns:
        How many files went.
    """
    gone = 0
    for claim in all_claims(lake):
        if claim.why_void(before) in ("released", "expired") and claim.expires_at < before:
            for number in generations(lake, claim.partition):
                if number <= claim.generation:
                    lake.delete(claim_path(claim.partition, number))
                    gone += 1
    return gone


def _busy(claim: Claim) -> str:
    p = claim.partition
    return (
        f"{p} is being written by {claim}. Airflow tries again by itself; elsewhere run it again when that is done. "
        f"`marsad lake claims` lists all; `marsad lake release -s {p.source} -d {p.date}` ends one that nobody holds"
    )


__all__ = [
    "KEPT",
    "LOOK_AGAIN_S",
    "Claim",
    "Claims",
    "all_claims",
    "claim_path",
    "generations",
    "newest",
    "sweep",
    "take_away",
    "this_host",
]
