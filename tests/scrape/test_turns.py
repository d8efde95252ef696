"""The delay and the budget hold for all processes at once."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.errors import UsageError
from marsad.scrape.turns import LONGEST_PUT_OFF_S, Turns

DAY = date(2026, 3, 3)
WORKER = """
import sys, time
from datetime import date
from pathlib import Path
from marsad.scrape.turns import Turns
seen = []
def clock():
    seen.append(time.time())
    return seen[-1]
turns = Turns(Path(sys.argv[1]), clock=clock)
for _ in range(int(sys.argv[2])):
    if not turns.spend("site", date(2026, 3, 3), 25):
        break
    time.sleep(turns.book("site.example", 0.05))
    while (wait := turns.begin("site.example", 0.05)) > 0:
        time.sleep(wait)
    print(repr(seen[-1]), flush=True)  # when it was let begin: what a busy machine adds before this line is not its
"""


def test_four_processes_keep_one_delay_and_one_budget(tmp_path: Path) -> None:
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path), "10"], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    moments = sorted(float(line) for w in workers for line in w.communicate(timeout=60)[0].splitlines())
    assert all(w.returncode == 0 for w in workers)
    assert len(moments) == 25  # of 40 asked for
    gaps = [b - a for a, b in itertools.pairwise(moments)]
    assert min(gaps) > 0.05  # also where a sleeper wakes late and the next in time


def test_many_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from marsad.scrape.turns import Turns; Turns(Path(sys.argv[1])).close()"
    )
    for n in range(3):
        makers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / str(n))]) for _ in range(8)]
        assert [m.wait(60) for m in makers] == [0] * 8


KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from marsad.scrape.turns import Turns
turns = Turns(Path(sys.argv[1]))
turns.book("site.example", 1.0)
with turns._transaction() as cursor:
    cursor.execute("UPDATE hosts SET asked_at = asked_at + 50 WHERE host = 'site.example'")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_killed_in_the_midst_of_a_booking_blocks_nobody_and_leaves_no_half_of_it(tmp_path: Path) -> None:
    turns = Turns(tmp_path)
    dead = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60)
    assert dead.returncode == -signal.SIGKILL
    began = time.monotonic()
    assert turns.book("site.example", 1.0) <= 1.1  # after the booking that was made, not the one that was not
    assert time.monotonic() - began < 5


def test_a_host_that_asks_for_it_is_left_alone_by_all(tmp_path: Path) -> None:
    one, other = Turns(tmp_path), Turns(tmp_path)
    one.put_off("site.example", 30)
    one.put_off("site.example", 5)  # less than before: the longer holds
    assert 29 < other.book("site.example", 1.0) <= 30
    assert other.book("elsewhere.example", 1.0) == 0
    assert 29 < other.left_alone_for("site.example") <= 30
    one.put_off("long.example", 1e9)
    assert other.book("long.example", 1.0) <= LONGEST_PUT_OFF_S
    one.close()
    other.close()


def test_a_clock_set_back_does_not_stop_the_crawl(tmp_path: Path) -> None:
    ahead = Turns(tmp_path, clock=lambda: time.time() + 86_400)
    ahead.book("site.example", 2.0)
    ahead.close()
    now = Turns(tmp_path)
    assert now.book("site.example", 2.0) <= 2.1
    now.close()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5)), max_size=20))
def test_turns_of_a_host_never_lie_closer_than_its_delay(asked: list[tuple[str, float]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        turns = Turns(Path(folder), clock=lambda: 1_000.0)
        booked: dict[str, float] = {}
        for host, delay in asked:
            at = turns.book(host, delay)
            if host in booked:
                assert at - booked[host] >= delay - 1e-6 or booked[host] > 100 * max(delay, 1.0)
            booked[host] = at
        turns.close()


def test_budgets_are_by_source_and_day_and_old_ones_go(tmp_path: Path) -> None:
    turns = Turns(tmp_path)
    assert [turns.spend("a", DAY, 2) for _ in range(3)] == [True, True, False]
    assert turns.spend("b", DAY, 2)
    assert turns.spend("a", date(2026, 3, 4), 2)
    assert turns.spend("a", date(2026, 3, 20), 2)
    days = [row[0] for row in turns._db.execute("SELECT day FROM budgets WHERE source = 'a'")]
    assert days == ["2026-03-20"]
    turns.close()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="MARSAD_STATE"):
        Turns(tmp_path / "file" / "state")
    (tmp_path / "turns.sqlite").write_text("not a database, " * 100, encoding="utf-8")
    with pytest.raises(UsageError, match=r"turns\.sqlite"):
        Turns(tmp_path)
