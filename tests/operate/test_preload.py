"""What tasks inherit of the process that forks them: the library as it is on disk, or nothing of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from marsad import preload

ROOT = Path(__file__).parents[2]
FORKING = """
import os, sys
sys.argv = ["airflow", "scheduler"]
import airflow_local_settings
print("> parent", "marsad.pipeline" in sys.modules, "marsad.extract.stage" in sys.modules)

def child(name):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        import marsad.partition as found
        print(">", name, getattr(found, "INHERITED", False), getattr(found, "NEW", False))
        if name == "gate":
            from marsad.gate.audit import load_suite
            from marsad.clean.record import ARTICLES
            print("> suite", len(load_suite(ARTICLES)) > 5)
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(pid, 0)

import marsad.partition
marsad.partition.INHERITED = True
child("same")
with open(marsad.partition.__file__, "a") as file:
    file.write("\\nNEW = True\\n")
child("changed")
child("gate")
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the library, to be changed."""
    shutil.copytree(ROOT / "include" / "marsad", tmp_path / "marsad", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "marsad"


def run(package: Path, program: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(package.parent), str(ROOT / "config")])
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "PYTHONPATH": path, "AIRFLOW__CORE__EXECUTOR": "LocalExecutor"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_task_inherits_the_library_and_reads_it_again_where_it_has_changed(package: Path) -> None:
    done = run(package, FORKING)
    assert done.returncode == 0, done.stderr
    # what is imported before the first fork has Airflow log to the same stream
    assert [line for line in done.stdout.splitlines() if line.startswith("> ")] == [
        "> parent True True",
        "> same True False",
        "> changed False True",
        "> gate False True",
        "> suite True",
    ]


PARSING = """
import gc, os, sys
sys.argv = ["airflow", "dag-processor"]
import airflow_local_settings
loaded = [name for name in airflow_local_settings.PARSED if name.startswith("airflow.") and name in sys.modules]
print("> before", loaded, "marsad.pipeline" in sys.modules, flush=True)
if os.fork() == 0:
    print("> missing", [name for name in airflow_local_settings.PARSED if name not in sys.modules], flush=True)
    imported = [obj for obj in gc.get_objects() if obj is vars(sys.modules["airflow.sdk.definitions.dag"])]
    print("> walked", len(imported), "of", gc.get_freeze_count() > 10_000, flush=True)
    os._exit(0)
os.wait()
"""


def test_what_dag_files_import_is_there_before_the_first_is_read_and_each_name_is_airflows(package: Path) -> None:
    """A name that this Airflow does not have would be passed over without a word; garbage is not looked for in it."""
    done = run(package, PARSING)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("> ")] == [
        "> before [] False",
        "> missing []",
        "> walked 0 of True",
    ]


def test_a_library_that_cannot_be_read_does_not_stop_who_forks(package: Path) -> None:
    with (package / "pipeline.py").open("a") as file:
        file.write("\nthis is no Python\n")
    program = (
        "import sys; sys.argv = ['airflow', 'scheduler']; import airflow_local_settings; print('marsad' in sys.modules)"
    )
    done = run(package, program)
    assert (done.returncode, done.stdout.strip()) == (0, "False")
    assert "SyntaxError" in done.stderr


def test_a_stamp_changes_with_every_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "words.yaml").write_text("a: 1")
    stamps = [preload.stamp(tmp_path)]
    assert preload.stamp(tmp_path) == stamps[0]
    (tmp_path / "data" / "words.yaml").write_text("a: 22")
    stamps.append(preload.stamp(tmp_path))
    (tmp_path / "new.py").write_text("")
    stamps.append(preload.stamp(tmp_path))
    (tmp_path / "new.py").unlink()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "new.pyc").write_text("")
    assert preload.stamp(tmp_path) == stamps[1]
    assert len(set(stamps)) == 3
