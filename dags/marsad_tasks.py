"""What the DAG files are made of: stages and gates as tasks, and our errors as Airflow's.

Not a DAG file itself (see .airflowignore). Imported at parse time, so it imports nothing heavy:
the libraries of a stage are imported when its task runs.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import structlog.contextvars
from airflow.sdk import Asset, get_current_context, task

from marsad import logs
from marsad.errors import LaterError, MarsadError, NoArchiveRoute
from marsad.partition import ALL_SOURCES, Partition, parse_date
from marsad.redact import mask
from marsad.settings import scan_settings

# what Airflow has made stays: each look for garbage in it, while DAGs are made, costs a fifth of a second
gc.freeze()

if TYPE_CHECKING:
    from marsad.context import Context
    from marsad.errors import InvalidSource
    from marsad.sources import Source

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

PUBLISHED = Asset(name="marsad_published", uri="marsad://published", group="marsad")
"""A source's partition was published; the key of an event is ``source|date``."""

CURATED = Asset(name="marsad_curated", uri="marsad://curated", group="marsad")
"""A day was curated; the key of an event is ``all|date``."""

SETTINGS = scan_settings()[0]
"""What DAGs are made by. A wrong value has its default here: source_errors.py shows it, and each task refuses it."""

logs.bind_also(structlog.contextvars.bound_contextvars)  # every line of a task says its source, date and stage


def tell_failure(context: Any) -> None:
    """Log one line that says what failed, for whom, and what a person can do."""
    ti = context["ti"]
    log.error(
        "%s failed for partition %s at %s (try %s): %s. What was published before stays. "
        "See the task's log; then clear the task, or backfill the date.",
        ti.dag_id,
        context["dag_run"].partition_key,
        ti.task_id,
        ti.try_number,
        context.get("exception"),
    )
    key = context["dag_run"].partition_key or ""
    if ti.dag_id.startswith("news_") and key:
        partition = Partition(ti.dag_id.removeprefix("news_"), parse_date(key))
        give_up(partition, f"{ti.dag_id}/{ti.run_id}")
        tell(partition, f"{ti.task_id} failed: {context.get('exception')}")


def give_up(partition: Partition, owner: str) -> None:
    """Let others write the partition of a run that failed for good; where it cannot be said, its claim runs out."""
    from marsad.pipeline import open_context

    try:
        open_context(owner=owner).claims.give_up(partition)
    except Exception:
        log.exception("%s: the claim of %s could not be released", partition, owner)


def connection(name: str) -> dict[str, Any]:
    """What an Airflow connection says, as the library asks for it: it knows nothing of Airflow."""
    from airflow.sdk import Connection

    c = Connection.get(name)
    said = {part: getattr(c, part) or "" for part in ("host", "login", "password", "schema")}
    return {"conn_type": c.conn_type, "port": c.port, "extra": c.extra_dejson, **said}


def tell(partition: Partition, failure: str | None = None) -> None:
    """Send the alert of a day, if there is one, to the connections that are set; never fails a task."""
    from marsad.settings import load_settings

    try:
        names = load_settings().alert_connections
        if not names:
            return
        from marsad.operate.alerts import alert_of, channel_of, deliver

        alert = alert_of(partition, open_run().lake, failure=failure)
    except Exception:
        log.exception("%s: no alert could be made", partition)
        return
    for name in names if alert else ():
        try:
            deliver(alert, channel_of(name, **connection(name)))
            log.info("%s: alert sent to %s", partition, name)
        except Exception as error:  # a mail server that is down must not stop the news
            log.error("%s: alert not sent to %s: %s", partition, name, error)


RETRYING: dict[str, Any] = {
    "retries": SETTINGS.airflow_retries,
    "retry_delay": timedelta(seconds=SETTINGS.airflow_retry_delay_s),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(hours=1),
}
SCRAPE, COMPUTE = "scrape", "compute"
"""The queues: what asks sites, and needs a way out to the network; and all the rest, which needs none."""

POD_TEMPLATES = SETTINGS.airflow_pod_templates
"""A folder of pod templates, ``pod-<queue>.yaml``, for who runs each task in a pod of its own."""


def placed(queue: str) -> dict[str, Any]:
    """Where a task runs, as arguments of the task. The LocalExecutor takes any queue, and heeds none."""
    pod = {"executor_config": {"pod_template_file": f"{POD_TEMPLATES}/pod-{queue}.yaml"}} if POD_TEMPLATES else {}
    return {"queue": queue, **pod}


DEFAULTS: dict[str, Any] = {
    "owner": "marsad",
    "on_failure_callback": tell_failure,
    **RETRYING,
    **placed(COMPUTE),
}


def speak_airflow(work: Callable[P, R]) -> Callable[P, R]:
    """Turn our errors into Airflow's: later errors are retried, never errors fail at once, no route skips."""

    @functools.wraps(work)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

        try:
            return work(*args, **kwargs)
        except NoArchiveRoute as error:
            log.warning("skipped: %s", error)  # Airflow does not say why a task skips itself
            raise AirflowSkipException(mask(str(error))) from None
        except LaterError as error:
            raise AirflowException(mask(str(error))) from None
        except MarsadError as error:
            raise AirflowFailException(mask(str(error))) from None

    # Airflow asks for it four times a task
    inner.__signature__ = inspect.signature(work)  # type: ignore[attr-defined]
    return inner


def key_of_run() -> str:
    """The partition key of the running DAG run.

    Raises:
        AirflowFailException: it has none; says how to give one.
    """
    from airflow.sdk.exceptions import AirflowFailException

    context = get_current_context()
    key = context["dag_run"].partition_key
    if not key:
        raise AirflowFailException(
            "this run has no partition key, so it is for no date: trigger the DAG with a partition key "
            "such as 2026-03-04, or make a backfill over dates"
        )
    return str(key)


def open_run() -> Context:
    """The context of a task: settings from the environment, progress to the log, partitions claimed for its run."""
    from airflow.sdk.log import mask_secret

    from marsad.pipeline import open_context
    from marsad.settings import load_settings, moved_variables, secrets_of, unknown_variables

    def progress(stage: str, done: int, total: int) -> None:
        if done == total or done % 50 == 0:
            log.info("%s: %d of %d", stage, done, total)

    settings = load_settings()
    for secret in secrets_of(settings):
        mask_secret(secret)
    for line in (*moved_variables(), *unknown_variables()):
        log.warning("%s", line)
    return open_context(settings, progress=progress, owner=owner_of_run())


def owner_of_run() -> str | None:
    """Who claims the partitions of the running task: its DAG run, whose other tasks go on with them.

    None outside of a run, as in the callback of a task that failed: that reads only.
    """
    try:
        dag_run = get_current_context()["dag_run"]
    except RuntimeError:
        return None
    return f"{dag_run.dag_id}/{dag_run.run_id}"


@contextlib.contextmanager
def about(partition: Partition, stage: str) -> Iterator[None]:
    """Lines logged in this block say their source, date, stage and run."""
    run = get_current_context()["dag_run"].run_id
    with logs.within(source=partition.source, date=partition.date.isoformat(), stage=stage, run=run):
        yield


def tell_lineage(step: str, partition: Partition, ctx: Context) -> None:
    """Emit what a step read and wrote as OpenLineage, where the operator named a backend; never fails a task."""
    from airflow.providers.openlineage import conf

    if conf.is_disabled():
        return
    try:
        from marsad_lineage import emit

        emit(step, partition, ctx)
    except Exception as error:
        log.warning("%s: no lineage of %s: %s: %s", partition, step, type(error).__name__, mask(str(error)))


@functools.cache
def make_stage(stage: str) -> Any:
    """A task that runs one stage of the run's partition; it takes what the gate before returned.

    One for all sources, as its gate is: to make a hundred of each would take a third of the time of parsing.
    """
    is_last = stage == "publish"
    queue = SCRAPE if stage == "scrape" else COMPUTE

    @task(task_id=stage, outlets=[PUBLISHED] if is_last else [], multiple_outputs=False, **placed(queue))
    @speak_airflow
    def run_stage(accepted: dict[str, Any] | None = None, outlet_events: Any = None) -> dict[str, Any]:
        from marsad import pipeline

        partition = partition_of_run()
        with about(partition, stage):
            ctx = open_run()
            log.info("%s: %s after %s", partition, stage, accepted or "nothing")
            report = pipeline.run(stage, partition, ctx).as_dict()
            log.info("%s: %s: %s", partition, stage, report["counts"])
            tell_lineage(stage, partition, ctx)
            if is_last:
                report["late"] = [str(p.date) for p in pipeline.late_partitions(partition, ctx)]
                outlet_events[PUBLISHED].add_partitions(f"{partition.source}|{partition.date}")
        return report

    return run_stage


@functools.cache
def make_gate(stage: str) -> Any:
    """A task that audits what a stage wrote, and returns how many rows of each dataset it accepted.

    What a gate says is final: ``speak_airflow`` fails it at once, for trying again cannot change data. What is
    tried again is a gate that could not say anything, because its worker died.
    """

    @task(task_id=f"gate_{stage}", multiple_outputs=False)
    @speak_airflow
    def run_gate(made: dict[str, Any]) -> dict[str, Any]:
        from marsad import pipeline

        partition = partition_of_run()
        with about(partition, f"gate_{stage}"):
            ctx = open_run()
            try:
                counts = pipeline.run_gate(stage, partition, ctx)
            finally:  # what a gate that blocks has found is worth most
                tell_lineage(f"gate_{stage}", partition, ctx)
            log.info("%s: gate of %s passed: %s", partition, stage, counts)
            if stage == "validate":
                tell(partition)
        return {"stage": stage, "source": partition.source, "date": str(partition.date), "datasets": counts}

    return run_gate


@functools.cache
def make_late() -> Any:
    """A task that rewrites the published days to which this run's captures brought late stories.

    The days come from ``publish`` and not from the lake: a try that died between rewriting a day and
    announcing it must find that day again.
    """

    @task(task_id="late", outlets=[PUBLISHED])
    @speak_airflow
    def rewrite_late(published: dict[str, Any], outlet_events: Any = None) -> list[str]:
        from airflow.sdk.exceptions import AirflowSkipException

        from marsad import pipeline

        source = partition_of_run().source
        days: list[str] = published["late"]
        if not days:
            raise AirflowSkipException("no published day got a late story")
        ctx = open_run()
        for day in days:
            partition = Partition(source, parse_date(day))
            pipeline.rewrite(partition, ctx)
            log.info("%s: rewritten for a late story", partition)
            outlet_events[PUBLISHED].add_partitions(f"{partition.source}|{partition.date}")
        return days

    return rewrite_late


def partition_of_run() -> Partition:
    """The partition of a running task of a source's DAG.

    Raises:
        AirflowFailException: the run has no partition key.
    """
    key = key_of_run()
    return Partition(get_current_context()["dag_run"].dag_id.removeprefix("news_"), parse_date(key))


@functools.cache
def scanned() -> tuple[dict[str, Source], list[InvalidSource]]:
    """The sources that can be read, and the errors of those that cannot; read once where several files are parsed."""
    from marsad.sources import scan_sources

    return scan_sources(SETTINGS.sources)


def partition_of_key(key: str) -> Partition:
    """The partition that a composite key ``source|date`` names; a bare date means all sources."""
    name, _, day = key.rpartition("|")
    return Partition(name or ALL_SOURCES, parse_date(day))
