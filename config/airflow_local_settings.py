"""What every Airflow process of this project reads first.

Importing Great Expectations costs about 5 s of CPU in every process that runs a gate. The LocalExecutor's
scheduler and a Celery worker fork their tasks, which then find it imported; the price is about 0.3 GB, shared.
Other Airflow processes read this file too and do not pay.
"""

from __future__ import annotations

import sys

if {"scheduler", "worker"} & set(sys.argv[1:3]):
    import great_expectations.expectations  # noqa: F401
