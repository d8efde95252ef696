"""Whose turn it is at a host: the delay between requests and the day's budget, kept for all processes at once.

A request books the next free moment of its host in one SQLite transaction and then sleeps until it. So
workers that crawl one host at the same time queue up behind each other, however many they are, and a
process that is killed leaves only a moment nobody uses. A host that answers slowly, or refuses, is asked
less often by all of them (as Scrapy's AutoThrottle does within one process). The file lies in the folder of the setting
``state``; processes on several machines share it where that folder is shared by a file system that
keeps SQLite's locks, and otherwise run in one place (the ``scrape`` queue).
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from marsad.errors import UsageError

LONGEST_PUT_OFF_S = 86_400.0
"""A host is left alone for a day at most, whatever it asks for."""
_QUEUE = 100
_TRAVEL_S = 0.002
"""Added to a delay: of two requests the first may take longer to its host."""
MAX_PENALTY_S = 60.0
_LEAST_PENALTY_S = 0.25
_PATIENCE = 0.3
"""Weight of the last answer in the average of a host's times."""
BUSY_S = 30.0
"""Seconds a booking waits for others' before it gives up."""
_OPENINGS = 200
_KEPT_DAYS = 3
_TABLES = """
CREATE TABLE IF NOT EXISTS hosts (
    host TEXT PRIMARY KEY, asked_at REAL NOT NULL,
    put_off_until REAL NOT NULL DEFAULT 0, begun_at REAL NOT NULL DEFAULT 0,
    answer_s REAL NOT NULL DEFAULT 0, penalty_s REAL NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS budgets (
    source TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (source, day)
);
"""


class Turns:
    """Bookings of requests in a folder's file. One object a process, for all its threads; many may share the file.

    Raises:
        UsageError: the folder cannot be made or written.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path = folder / "turns.sqlite"
        self._clock = clock
        # threads of one process wait for each other here, not for SQLite's file lock, which is asked for in steps
        self._lock = threading.Lock()
        self._counted: set[tuple[str, date]] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            self._set_up()
        except (OSError, sqlite3.Error) as error:
            raise UsageError(
                f"{self.path}: cannot be used ({error}); name a folder that can be written in MARSAD_STATE"
            ) from None

    def _set_up(self) -> None:
        for left in reversed(range(_OPENINGS)):
            try:
                self._db.execute("PRAGMA journal_mode=WAL")
                # what a power cut could lose is a delay of seconds
                self._db.execute("PRAGMA synchronous=OFF")
                self._db.executescript(_TABLES)
            except sqlite3.OperationalError as error:
                # who makes the file holds it for a moment, and SQLite does not wait for a change of its journal
                if "locked" not in str(error) or not left:
                    raise
                time.sleep(0.05)
            else:
                return

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def book(self, host: str, delay_s: float) -> float:
        """Book the next free moment of a host.

        A queue longer than 100 delays is of a clock that has been set back, and is not believed.

        Args:
            host: host and port, as in the address.
            delay_s: seconds that must lie between two requests to it.

        Returns:
            How many seconds to wait before the request.
        """
        with self._transaction() as cursor:
            now = self._clock()
            row = cursor.execute(
                "SELECT asked_at, put_off_until, answer_s, penalty_s FROM hosts WHERE host = ?", (host,)
            ).fetchone()
            asked_at, put_off_until, answer_s, penalty_s = row or (0.0, 0.0, 0.0, 0.0)
            gap = _gap(delay_s, answer_s, penalty_s)
            if asked_at > now + _QUEUE * max(gap, 1.0):
                asked_at = now
            free_at = asked_at + gap + _TRAVEL_S if gap else asked_at
            at = max(now, free_at, min(put_off_until, now + LONGEST_PUT_OFF_S))
            cursor.execute(
                "INSERT INTO hosts (host, asked_at) VALUES (?, ?) "
                "ON CONFLICT (host) DO UPDATE SET asked_at = excluded.asked_at",
                (host, at),
            )
        return float(at - now)

    def begin(self, host: str, delay_s: float) -> float:
        """Begin a request now, if nobody began one too shortly before: who was woken late must not be overtaken.

        Args:
            host: as for ``book``.
            delay_s: as for ``book``.

        Returns:
            0 where it may begin, and is on record; else how many seconds to wait before asking again.
        """
        if delay_s <= 0:
            return 0.0
        # half the margin: who was booked in time and woken in time need not wait again
        least = delay_s + _TRAVEL_S / 2
        with self._lock:
            now = self._clock()
            taken = self._db.execute(
                "UPDATE hosts SET begun_at = ? WHERE host = ? AND (begun_at <= ? OR begun_at > ?)",
                (now, host, now - least, now),
            )
            if taken.rowcount:
                return 0.0
            row = self._db.execute("SELECT begun_at FROM hosts WHERE host = ?", (host,)).fetchone()
        return max(0.001, row[0] + least - now) if row else 0.0

    def learn(self, host: str, seconds: float, delay_s: float, *, is_refused: bool) -> None:
        """Note how a host answered: it is left in peace for as long as it takes to answer, at least.

        Args:
            host: as for ``book``.
            seconds: how long the answer took.
            delay_s: as for ``book``; what would not make it longer is not noted.
            is_refused: it said that it has too much to do (429, 503), or said nothing: the penalty doubles;
                an answer halves it.
        """
        with self._lock:
            row = self._db.execute("SELECT answer_s, penalty_s FROM hosts WHERE host = ?", (host,)).fetchone()
            answer_s, penalty_s = row or (0.0, 0.0)
            is_noted = _gap(delay_s, answer_s, penalty_s) > delay_s
            answer_s += _PATIENCE * (seconds - answer_s)
            if is_refused:
                penalty_s = min(MAX_PENALTY_S, max(1.0, 2 * penalty_s))
            else:
                penalty_s = penalty_s / 2 if penalty_s > _LEAST_PENALTY_S else 0.0
            if is_noted or _gap(delay_s, answer_s, penalty_s) > delay_s:
                self._db.execute(
                    "INSERT INTO hosts (host, asked_at, answer_s, penalty_s) VALUES (?, 0, ?, ?) "
                    "ON CONFLICT (host) DO UPDATE SET answer_s = excluded.answer_s, penalty_s = excluded.penalty_s",
                    (host, answer_s, penalty_s),
                )

    def left_alone_for(self, host: str) -> float:
        """Seconds for which a host is put off, 0 where it is not."""
        with self._lock:
            row = self._db.execute("SELECT put_off_until FROM hosts WHERE host = ?", (host,)).fetchone()
        left = row[0] - self._clock() if row else 0.0
        return min(LONGEST_PUT_OFF_S, max(0.0, left))

    def put_off(self, host: str, seconds: float) -> None:
        """Let nobody ask a host for a while: it said so (429, 503, Retry-After), or answers slowly."""
        until = self._clock() + min(seconds, LONGEST_PUT_OFF_S)
        with self._lock:
            self._db.execute(
                "INSERT INTO hosts (host, asked_at, put_off_until) VALUES (?, 0, ?) "
                "ON CONFLICT (host) DO UPDATE SET put_off_until = max(put_off_until, excluded.put_off_until)",
                (host, until),
            )

    def spend(self, source: str, day: date, budget: int) -> bool:
        """Take one request out of a source's budget for a day; False where it is used up.

        Args:
            source: whose budget.
            day: the day at the source.
            budget: requests a day at most.
        """
        with self._lock:
            taken = self._db.execute(
                "INSERT INTO budgets VALUES (?, ?, 1) "
                "ON CONFLICT (source, day) DO UPDATE SET count = count + 1 WHERE count < ?",
                (source, day.isoformat(), budget),
            ).rowcount
            if (source, day) not in self._counted:
                self._counted.add((source, day))
                oldest = date.fromordinal(max(1, day.toordinal() - _KEPT_DAYS)).isoformat()
                self._db.execute("DELETE FROM budgets WHERE source = ? AND day < ?", (source, oldest))
        return bool(taken)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        with self._lock, closing(self._db.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise


def _gap(delay_s: float, answer_s: float, penalty_s: float) -> float:
    """Seconds from one request to the next; 0 stays 0: sites of one's own.

    A host is left in peace for as long as it took to answer, at least (Heritrix has the same rule, with a factor).
    """
    return max(delay_s, 2 * min(answer_s, MAX_PENALTY_S)) + penalty_s if delay_s > 0 else 0.0
