"""The deployment files: Compose's own binary reads them, and no secret has a default."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NEEDED = ("POSTGRES_PASSWORD", "AIRFLOW_FERNET_KEY", "AIRFLOW_JWT_SECRET", "AIRFLOW_API_SECRET_KEY", "AIRFLOW_USERS")


def compose(env_file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """``docker compose config`` with the real binary; no engine is needed."""
    spec = importlib.util.find_spec("compose")
    assert spec is not None
    assert spec.submodule_search_locations
    binary = Path(spec.submodule_search_locations[0]) / "docker-compose"
    words = [str(binary), "--env-file", str(env_file), "config", *(options or ("--quiet",))]
    return subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env={"HOME": "/tmp"}
    )


def compose_config(env_file: Path) -> str:
    """All of it as Compose understands it, as JSON."""
    return compose(env_file, "--format", "json").stdout


def test_compose_reads_the_file_when_every_secret_is_set(tmp_path: Path) -> None:
    env = tmp_path / "env"
    env.write_text("".join(f"{name}=x\n" for name in (*NEEDED, "MARSAD_USER_AGENT")))
    done = compose(env)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", NEEDED)
def test_compose_refuses_to_start_without_a_secret(tmp_path: Path, name: str) -> None:
    env = tmp_path / "env"
    env.write_text("".join(f"{n}=x\n" for n in (*NEEDED, "MARSAD_USER_AGENT") if n != name))
    done = compose(env)
    assert done.returncode != 0
    assert f"set {name} in .env" in done.stderr


def test_the_example_names_every_variable_and_gives_no_secret() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    wanted = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yaml").read_text("utf-8")))
    given = dict(re.findall(r"^(\w+)=(.*)$", text, re.M))
    assert wanted == set(given)
    assert not any(value for name, value in given.items() if name != "AIRFLOW_USERS")


def test_airflow_is_published_on_the_loopback_address_alone() -> None:
    text = (ROOT / "docker-compose.yaml").read_text("utf-8")
    assert re.findall(r'ports: \["(.*?)"\]', text) == ["127.0.0.1:8080:8080"]


def test_every_lock_line_is_pinned_and_hashed() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if re.match(r"[a-zA-Z]", line)]
        assert len(lines) > 150
        assert all("==" in line and "--hash=sha256:" in line for line in lines)
