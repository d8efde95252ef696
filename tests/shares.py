"""The tests that take minutes each, in shares: all of them together with all others take longer than CI has.

With each commit CI runs all other tests and the share that the commit's number says: each is run every few commits, and
``make test-all`` runs all. The longest, the cluster's day, takes five minutes alone, and so does each of the shares.
"""

from __future__ import annotations

SHARES = (
    ("integration/test_cluster.py",),
    (
        "bulk/test_ray.py",
        "drills/test_clock.py",
        "drills/test_scheduler.py",
        "drills/test_store.py",
        "integration/test_kill.py",
        "test_pipeline.py",
    ),
    (
        "bulk/test_bulk.py",
        "bulk/test_commands.py",
        "bulk/test_reading.py",
        "claims/test_claims.py",
        "console/test_pictures.py",
        "drills/test_copy.py",
        "integration/test_airflow.py",
        "integration/test_observe.py",
        "integration/test_store.py",
        "integration/test_writers.py",
        "operate/test_corrections.py",
        "validate/test_health.py",
    ),
)


def share_of(number: str) -> tuple[str, ...]:
    """The files of a share, by a hexadecimal number of any size, such as a commit's.

    Raises:
        ValueError: it is none.
    """
    return SHARES[int(number, 16) % len(SHARES)]
