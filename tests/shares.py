"""The tests that take minutes each: shares of two minutes at most, and what takes longer.

CI has two or three minutes after all other tests. It takes the share that its commit's number says, so that each is run
every seven commits or so. What takes longer than that is run by ``make test-all`` alone.
"""

from __future__ import annotations

SHARES = (
    ("drills/test_copy.py", "bulk/test_commands.py", "drills/test_clock.py"),
    ("operate/test_corrections.py", "claims/test_claims.py"),
    ("integration/test_writers.py", "integration/test_store.py"),
    ("bulk/test_reading.py", "integration/test_observe.py"),
    ("test_pipeline.py", "console/test_pictures.py"),
    ("validate/test_health.py",),
    ("drills/test_scheduler.py",),
)
LONGER = (
    "bulk/test_bulk.py",
    "bulk/test_ray.py",
    "drills/test_store.py",
    "integration/test_airflow.py",
    "integration/test_cluster.py",
    "integration/test_kill.py",
)


def share_of(number: str) -> tuple[str, ...]:
    """The files of a share, by a hexadecimal number of any size, such as a commit's.

    Raises:
        ValueError: it is none.
    """
    return SHARES[int(number, 16) % len(SHARES)]
