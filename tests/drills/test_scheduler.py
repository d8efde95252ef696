"""The scheduler killed in the midst of a day: Airflow is started again, and the day ends complete and right."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from drills.conftest import DAY, SAMPLES, Days, published
from marsad.errors import AirflowUnusable
from marsad.lake import Lake
from marsad.operate.demo import demo_env
from marsad.operate.local_airflow import LocalAirflow, find_project

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(420)]


def wait_for(is_so: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.3)


def schedulers(home: Path) -> list[psutil.Process]:
    """The scheduler's processes of the Airflow in a folder, the first one first."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("AIRFLOW_HOME") == str(home) and "scheduler" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return sorted(found, key=lambda p: p.create_time())


def test_the_scheduler_is_killed_in_the_midst_of_a_day(tmp_path: Path, days: Days, sample_sites: Any) -> None:
    env = {
        **demo_env(sample_sites.connect_to_env, tmp_path),
        "MARSAD_SOURCES": str(SAMPLES),
        "MARSAD_DATA_DOCS": "false",
        "MARSAD_DELAY_SCALE": "0",
        "MARSAD_POLL_EVERY_MIN": "0",
        "MARSAD_REVISIT_AFTER_H": "",
        "MARSAD_AIRFLOW_RETRY_DELAY_S": "1",
        "MARSAD_AIRFLOW_RETRIES": "4",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
    }
    home = tmp_path / "home"
    with LocalAirflow(find_project(), home, environment=env, parallelism=2) as airflow, airflow.client() as client:
        client.wait_for_dags(["news_qadim", "curate", "warehouse"], since=airflow.started_at)
        run = client.trigger("news_qadim", DAY.date.isoformat())
        wait_for(lambda: client.run(run.dag_id, run.run_id).tasks.get("gate_scrape") == "running", 150)
        os.kill(schedulers(home)[0].pid, signal.SIGKILL)

        def is_told() -> bool:
            try:
                airflow.check_alive()
            except AirflowUnusable as error:
                assert "scheduler" in str(error)  # noqa: PT017
                return True
            return False

        wait_for(is_told, 30)
    wait_for(lambda: not schedulers(home), 30)
    with LocalAirflow(find_project(), home, environment=env, parallelism=2) as airflow, airflow.client() as client:
        wait_for(lambda: client.run(run.dag_id, run.run_id).is_finished, 200)
        ended = client.run(run.dag_id, run.run_id)
    assert ended.state == "success", ended.tasks
    found = {path: data for path, data in published(Lake(tmp_path / ".lake")).items() if DAY.path in path}
    assert found == {path: data for path, data in published(days.before).items() if DAY.path in path}
    assert found
