"""The tests that take minutes each, in shares of two or three minutes: CI has time for one after all others.

It takes the share that its commit's number says, so that each is run every eight commits or so.
"""

from __future__ import annotations

SHARES = (
    ("integration/test_cluster.py",),
    ("bulk/test_ray.py", "console/test_pictures.py", "claims/test_claims.py"),
    ("drills/test_store.py", "drills/test_copy.py", "bulk/test_commands.py"),
    ("integration/test_kill.py",),
    ("validate/test_health.py", "drills/test_scheduler.py", "drills/test_clock.py"),
    ("test_pipeline.py", "integration/test_writers.py", "integration/test_store.py"),
    ("bulk/test_bulk.py", "bulk/test_reading.py", "integration/test_observe.py"),
    ("integration/test_airflow.py", "operate/test_corrections.py"),
)


def share_of(number: str) -> tuple[str, ...]:
    """The files of a share, by a hexadecimal number of any size, such as a commit's.

    Raises:
        ValueError: it is none.
    """
    return SHARES[int(number, 16) % len(SHARES)]
