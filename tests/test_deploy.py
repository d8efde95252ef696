"""The deployment files, as Compose's own binary reads them: nobody gets in by default, and nothing does more than it must."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration.cluster import COMPOSE, compose_config

ROOT = Path(__file__).parent.parent
REFERENCES = re.compile(r"\$\{(\w+)(:[?-])?")
COMPOSE_FILE = (ROOT / "docker-compose.yaml").read_text("utf-8")
NEEDED = sorted({name for name, mark in REFERENCES.findall(COMPOSE_FILE) if mark == ":?"})
OPTIONAL = {name for name, mark in REFERENCES.findall(COMPOSE_FILE) if mark == ":-"}
ONCE = {"init", "databases"}
SERVERS = {"postgres", "redis", "store"}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Compose makes of docker-compose.yaml."""
    return compose_config(tmp_path_factory.mktemp("compose"))


@pytest.fixture(scope="module")
def services(config: dict[str, Any]) -> dict[str, Any]:
    return dict(config["services"])


def strings(value: Any) -> Iterator[str]:
    """All texts in a tree."""
    if isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    else:
        yield str(value)


def test_the_topology_is_whole(services: dict[str, Any]) -> None:
    airflow = {"api-server", "scheduler", "dag-processor", "triggerer", "worker-scrape", "worker-compute"}
    assert set(services) == SERVERS | ONCE | airflow


def test_every_secret_is_asked_for_and_none_has_a_default() -> None:
    assert len(NEEDED) >= 10
    assert {name for name, mark in REFERENCES.findall(COMPOSE_FILE) if not mark} == set()
    assert not [name for name in OPTIONAL if re.search("PASSWORD|SECRET|KEY|USERS", name)]


@pytest.mark.parametrize("name", NEEDED)
def test_compose_refuses_to_start_without_a_secret(tmp_path: Path, name: str) -> None:
    for line in (f"{name}=\n", ""):
        (tmp_path / "env").write_text("".join(f"{n}=x\n" for n in NEEDED if n != name) + line)
        words = [str(COMPOSE), "--env-file", str(tmp_path / "env"), "config", "--quiet"]
        done = subprocess.run(
            words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env={"HOME": "/tmp"}
        )
        assert done.returncode != 0
        assert f"set {name} in .env" in done.stderr


def test_the_example_names_every_variable_and_gives_no_secret() -> None:
    given = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.M))
    alerts = (ROOT / "deploy" / "compose.alerts.yaml").read_text("utf-8")
    assert set(given) == {*NEEDED, *OPTIONAL, *(name for name, _ in REFERENCES.findall(alerts))}
    assert not any(value for name, value in given.items() if name != "AIRFLOW_USERS")


def test_an_example_that_is_only_copied_lets_nobody_in(tmp_path: Path) -> None:
    words = [str(COMPOSE), "--env-file", str(ROOT / ".env.example"), "config", "--quiet"]
    done = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env={"HOME": "/tmp"}
    )
    assert done.returncode != 0


def test_airflow_is_published_on_the_loopback_address_alone(services: dict[str, Any]) -> None:
    ports = {name: [(p["host_ip"], p["published"]) for p in s.get("ports", [])] for name, s in services.items()}
    assert {name: found for name, found in ports.items() if found} == {"api-server": [("127.0.0.1", "8080")]}


def test_only_what_asks_sites_has_a_way_out(config: dict[str, Any]) -> None:
    services = config["services"]
    on = {name: set(s["networks"]) for name, s in services.items()}
    assert all("inside" in found for found in on.values())
    assert {name for name, found in on.items() if found != {"inside"}} == {"worker-scrape", "api-server"}
    assert on["worker-scrape"] == {"inside", "outside"}
    assert on["api-server"] == {"inside", "front"}
    assert {name for name, net in config["networks"].items() if net.get("internal")} == {"inside"}


def test_every_service_is_confined(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert not service.get("cap_add"), name
        assert not service.get("privileged"), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not [v for v in service.get("volumes", []) if "docker.sock" in v["source"]], name
        # binds are files of ours, to be read
        assert all(v["type"] == "volume" or v["read_only"] for v in service.get("volumes", [])), name


def test_every_service_has_its_limits_and_its_log_ends(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert int(service["mem_limit"]) <= 6 << 30, name
        assert 0 < service["cpus"] <= 2, name
        assert 0 < service["pids_limit"] <= 512, name
        assert set(service["logging"]["options"]) == {"max-size", "max-file"}, name


def test_every_service_is_watched_and_comes_back(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["restart"] == ("no" if name in ONCE else "unless-stopped"), name
        assert (name in ONCE) == ("healthcheck" not in service), name
        for other, how in service.get("depends_on", {}).items():
            assert how["condition"] == ("service_completed_successfully" if other in ONCE else "service_healthy"), (
                f"{name} after {other}"
            )


def test_images_are_named_by_exact_version(services: dict[str, Any]) -> None:
    images = {s["image"] for s in services.values()}
    assert len(images) == 4
    for image in images:
        assert re.search(r":\d+\.\d+(\.\d+)?(-\w+)?$", image), image
    (base,) = {s["build"]["args"]["PYTHON_IMAGE"] for s in services.values() if "build" in s}
    assert re.search(r"^python:3\.\d+\.\d+-", base)
    assert f"ARG PYTHON_IMAGE={base}" in (ROOT / "Dockerfile").read_text("utf-8")


def test_each_secret_is_known_to_those_who_need_it(tmp_path: Path) -> None:
    named = compose_config(tmp_path, **{name: f"value-of-{name}" for name in NEEDED})["services"]
    holders = {
        name: {s for s, said in named.items() if any(f"value-of-{name}" in t for t in strings(said))} for name in NEEDED
    }
    control = {"api-server", "scheduler", "dag-processor", "triggerer", "init"}
    workers = {"worker-scrape", "worker-compute"}
    assert holders == {
        "POSTGRES_PASSWORD": {"postgres", "databases"},
        "AIRFLOW_DB_PASSWORD": {*control, "databases"},
        "CELERY_DB_PASSWORD": {*workers, "scheduler", "databases"},
        "WAREHOUSE_DB_PASSWORD": {"worker-compute", "databases"},
        "REDIS_PASSWORD": {*workers, "scheduler", "redis"},
        "S3_ACCESS_KEY": {*workers, "api-server", "init", "store"},
        "S3_SECRET_KEY": {*workers, "api-server", "init", "store"},
        "AIRFLOW_FERNET_KEY": control,
        "AIRFLOW_JWT_SECRET": control,
        "AIRFLOW_API_SECRET_KEY": control,
        "AIRFLOW_USERS": {"api-server", "init"},
        "MARSAD_USER_AGENT": {*control, *workers},
    }


def test_no_secret_stands_in_a_command(tmp_path: Path) -> None:
    named = compose_config(tmp_path, **{name: f"value-of-{name}" for name in NEEDED})["services"]
    for name, service in named.items():
        said = [
            *strings(service.get("command")),
            *strings(service.get("entrypoint")),
            *strings(service.get("healthcheck")),
        ]
        assert "value-of-" not in " ".join(said), name


def test_each_queue_has_a_worker_and_the_state_of_turns_one_holder(services: dict[str, Any]) -> None:
    queues = {
        name: s["command"][s["command"].index("--queues") + 1] for name, s in services.items() if "worker" in name
    }
    assert queues == {"worker-scrape": "scrape", "worker-compute": "compute"}
    holders = {n for n, s in services.items() for v in s.get("volumes", []) if v["source"] == "state"}
    assert holders == {"worker-scrape"}


def test_a_dead_workers_task_is_found_long_before_it_waited_its_time(services: dict[str, Any]) -> None:
    env = services["scheduler"]["environment"]
    dead = int(env["AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"])
    redelivered = int(env["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"])
    waited = int(env["AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT"])
    assert dead < redelivered < waited
    assert (env["AIRFLOW__CELERY__TASK_ACKS_LATE"], env["AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER"]) == ("True", "1")


def test_with_alerts_what_tells_gets_a_way_out(tmp_path: Path) -> None:
    files = ("docker-compose.yaml", "deploy/compose.alerts.yaml")
    found = compose_config(tmp_path, *files, ALERT_CONNECTIONS="ops")["services"]
    outside = {name for name, s in found.items() if "outside" in s["networks"]}
    assert outside == {"worker-scrape", "worker-compute", "dag-processor"}
    assert all(found[name]["environment"]["MARSAD_ALERT_CONNECTIONS"] == "ops" for name in outside)
    assert all("inside" in s["networks"] and s["read_only"] for s in found.values())


def test_the_image_is_built_in_stages_and_run_without_rights() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert len(re.findall(r"^FROM \$\{PYTHON_IMAGE\}", text, re.M)) == 2
    assert re.findall(r"^USER (.*)$", text, re.M) == ["50000:50000"]
    assert "--require-hashes" in text
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "*"
    for source in re.findall(r"^COPY (?:--chmod=\d+ )?(?!--)([^\n]+) \S+$", text, re.M):
        for path in source.split():
            assert (ROOT / path).exists(), path
            assert any(path.startswith(line[1:]) for line in ignored if line.startswith("!")), path


def test_every_lock_line_is_pinned_and_hashed() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if re.match(r"[a-zA-Z]", line)]
        assert len(lines) > 150
        assert all("==" in line and "--hash=sha256:" in line for line in lines)


def test_a_health_check_says_what_is_wrong() -> None:
    """Nobody listens there: each says so in a line, and is not healthy."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{taken.getsockname()[1]}"
        env = {
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{at}/execution/",
            "AIRFLOW__CELERY__BROKER_URL": f"redis://:x@{at}/0",
        }
        for component, wanted in {"scheduler": 1, "worker": 1, "nonesuch": 2}.items():
            words = [sys.executable, str(ROOT / "deploy" / "healthy.py"), component]
            done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=120, check=False)
            assert done.returncode == wanted
            assert len(done.stderr.strip().splitlines()) == 1
            assert component in done.stderr


KUBERNETES = ROOT / "deploy" / "kubernetes"


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((KUBERNETES / name).read_text("utf-8")))


def test_kubernetes_has_the_settings_of_compose(services: dict[str, Any]) -> None:
    """What was tested there holds here: each setting of Airflow's that both name is the same."""
    values = documents("values.yaml")[0]
    env = services["worker-compute"]["environment"]
    same = {
        f"AIRFLOW__{section}__{key}".upper(): str(value)
        for section, options in values["config"].items()
        for key, value in options.items()
        if f"AIRFLOW__{section}__{key}".upper() in env
    }
    assert len(same) >= 9
    assert {name: env[name] for name in same} == same
    assert values["executor"] == env["AIRFLOW__CORE__EXECUTOR"]


def test_kubernetes_has_a_worker_for_each_queue_and_one_that_scrapes() -> None:
    values = documents("values.yaml")[0]
    celery = values["workers"]["celery"]
    assert celery["enableDefault"] is False
    sets = {s["queue"]: s for s in celery["sets"]}
    assert set(sets) == {"scrape", "compute"}
    assert sets["scrape"]["replicas"] == 1
    assert "keda" not in sets["scrape"]
    assert f"queue = '{sets['compute']['queue']}'" in sets["compute"]["keda"]["query"]
    assert f"/ {values['config']['celery']['worker_concurrency']})" in sets["compute"]["keda"]["query"]
    (claim,) = documents("state.yaml")
    assert sets["scrape"]["extraVolumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    policies = {p["metadata"]["name"]: p["spec"] for p in documents("network-policies.yaml")}
    chosen = {p["podSelector"]["matchLabels"]["marsad/queue"] for p in policies.values()}
    assert chosen == {s["labels"]["marsad/queue"] for s in sets.values()}


def test_kubernetes_gets_its_secrets_by_name_alone() -> None:
    values = documents("values.yaml")[0]
    named = [values["redis"]["passwordSecretName"], *values["data"].values()]
    named += [values[key] for key in ("fernetKeySecretName", "apiSecretKeySecretName", "jwtSecretName")]
    named += re.findall(r"name: (marsad-lake)", values["extraEnvFrom"])
    named += [v["secret"]["secretName"] for v in values["apiServer"]["extraVolumes"]]
    guide = (ROOT / "docs" / "guide" / "kubernetes.md").read_text("utf-8")
    assert len(named) == 9
    for name in named:
        assert f"create secret generic {name} " in guide, name
    assert values["createUserJob"]["enabled"] is False  # or there is an admin whose password is admin
    for file in KUBERNETES.iterdir():
        assert not re.search(r"://[^:/\s]+:[^@…\s]+@|password: \S*\w{12}", file.read_text("utf-8")), file.name


def test_compute_pods_speak_to_servers_alone_and_scrape_pods_to_nothing_private() -> None:
    policies = {p["metadata"]["name"]: p["spec"] for p in documents("network-policies.yaml")}
    assert all(p["policyTypes"] == ["Egress"] for p in policies.values())
    blocks = {
        name: [to["ipBlock"] for rule in p["egress"] for to in rule["to"] if "ipBlock" in to]
        for name, p in policies.items()
    }
    assert all(ip_network(b["cidr"]).num_addresses == 1 for b in blocks["marsad-compute"])
    web = [b for b in blocks["marsad-scrape"] if ip_network(b["cidr"]).num_addresses > 1]
    assert [b for b in blocks["marsad-scrape"] if b not in web] == blocks["marsad-compute"]
    denied = [ip_network(text) for b in web for text in b["except"]]
    for private in (
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "127.0.0.1",
        "100.64.0.1",
        "fd00::1",
        "fe80::1",
    ):
        address = ip_address(private)
        assert any(address in network for network in denied if network.version == address.version), private


@pytest.mark.parametrize("queue", ["scrape", "compute"])
def test_a_pod_of_a_queue_is_confined(queue: str) -> None:
    (pod,) = documents(f"pod-{queue}.yaml")
    (base,) = pod["spec"]["containers"]
    assert (pod["kind"], base["name"]) == ("Pod", "base")  # Airflow looks for that name
    assert pod["metadata"]["labels"]["marsad/queue"] == queue
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert base["securityContext"]["readOnlyRootFilesystem"] is True
    assert base["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert set(base["resources"]) == {"requests", "limits"}
    volumes = {v["name"] for v in pod["spec"]["volumes"]}
    assert {m["name"] for m in base["volumeMounts"]} == volumes
    assert ("state" in volumes) == (queue == "scrape")


def test_the_entrypoint_takes_airflows_words_and_programs(tmp_path: Path) -> None:
    """Compose says `celery worker`, the Helm chart `bash -c …`; both come to what they mean."""
    fake = tmp_path / "airflow"
    fake.write_text('#!/bin/sh\necho "airflow $*"\n')
    fake.chmod(0o755)
    said = {
        "celery worker --queues scrape": "airflow celery worker --queues scrape",
        "airflow db check": "airflow db check",
        "sh -c pwd": "/",
    }
    for words, wanted in said.items():
        done = subprocess.run(
            [str(ROOT / "deploy" / "entrypoint.sh"), *words.split()],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == wanted


@pytest.mark.parametrize("script", ["backup.sh", "restore.sh"])
def test_backup_and_restore_refuse_what_they_cannot_do(tmp_path: Path, script: str) -> None:
    for words in ([], ["--yes"] if script == "restore.sh" else ["a", "b"]):
        done = subprocess.run([str(ROOT / "scripts" / script), *words], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.startswith("usage: ")) == (2, True)
    if script == "restore.sh":
        words = [str(ROOT / "scripts" / script), "--yes", str(tmp_path)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "it is no finished backup" in done.stderr
