"""Before the first task: the bucket, a lake that can be written, and passwords that no log shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from marsad.errors import LakeUnreachable, UsageError
from marsad.lake import Lake
from marsad.operate.prepare import main, make_bucket, make_passwords
from store_server import serve_store

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with serve_store() as address:
        yield f"http://{address}"


def test_the_bucket_is_made_once(endpoint: str) -> None:
    lake = Lake("s3://fresh-bucket/lake", {"endpoint_url": endpoint, "key": "k", "secret": "s"})
    assert make_bucket(lake)
    assert not make_bucket(lake)
    lake.check_writable()


def test_a_folder_has_no_bucket(tmp_path: Path) -> None:
    assert not make_bucket(Lake(tmp_path / "lake"))


def test_a_store_that_does_not_answer_is_named() -> None:
    options = {
        "endpoint_url": "http://127.0.0.1:9",
        "key": "k",
        "secret": "s",
        "config_kwargs": {"retries": {"max_attempts": 1}},
    }
    with pytest.raises(LakeUnreachable, match="cannot make the bucket nowhere"):
        make_bucket(Lake("s3://nowhere/lake", options))


def test_each_user_gets_a_password_once_and_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    assert make_passwords("admin:admin, layla:viewer", path) == ["admin", "layla"]
    first = json.loads(path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600
    assert len({*first.values()}) == 2
    assert all(len(p) >= 24 for p in first.values())
    assert make_passwords("admin:admin,layla:viewer,omar:op", path) == ["omar"]
    assert make_passwords("admin:admin", path) == []
    kept = json.loads(path.read_text())
    assert {name: kept[name] for name in first} == first
    assert [p.name for p in tmp_path.iterdir()] == ["passwords.json"]


@pytest.mark.parametrize("users", ["admin", "admin:", ":admin", "admin:admin,omar"])
def test_a_user_without_name_or_role_is_refused(tmp_path: Path, users: str) -> None:
    with pytest.raises(UsageError, match="name:role"):
        make_passwords(users, tmp_path / "passwords.json")


def test_a_file_that_is_none_of_passwords_is_named_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    for text in ("no json", "[]"):
        path.write_text(text)
        with pytest.raises(UsageError, match=r"passwords\.json"):
            make_passwords("admin:admin", path)
        assert path.read_text() == text


def test_it_says_what_it_did_and_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "passwords.json"
    monkeypatch.setenv("MARSAD_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "admin:admin")
    monkeypatch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", str(file))
    assert main() == 0
    said = capsys.readouterr().out
    assert "can be written" in said
    assert "passwords made for admin" in said
    assert json.loads(file.read_text())["admin"] not in said
    monkeypatch.setenv("MARSAD_LAKE", str(file / "below-a-file"))
    assert main() == 1
    assert capsys.readouterr().err.startswith("marsad: ")


LOADED = "import sys; sys.argv = ['airflow', *sys.argv[1:]]; import airflow_local_settings; print('great_expectations' in sys.modules)"


@pytest.mark.parametrize(
    ("words", "executor", "wanted"),
    [
        ("celery worker --queues compute", "CeleryExecutor", True),
        ("scheduler", "CeleryExecutor", False),
        ("api-server", "LocalExecutor", False),
    ],
)
def test_who_forks_tasks_imports_what_they_need(words: str, executor: str, wanted: bool) -> None:
    env = {**os.environ, "PYTHONPATH": str(CONFIG), "AIRFLOW__CORE__EXECUTOR": executor}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOADED, *words.split()],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == str(wanted)
