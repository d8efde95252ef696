"""What no code of ours may do, what we may depend on, and where we listen."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

from marsad.context import Context
from marsad.operate.local_airflow import LocalAirflow
from marsad.partition import Partition
from marsad.pipeline import run_partition
from test_deploy import compose_config

ROOT = Path(__file__).parent.parent
CODE = sorted(
    p for folder in ("include", "dags", "plugins", "config", "scripts") for p in (ROOT / folder).rglob("*.py")
)

MODULES = {
    "pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib",  # run what they read
    "xml.etree", "xml.sax", "xml.dom", "xml.parsers", "xmlrpc",  # expand entities
    "telnetlib", "ftplib", "crypt",
}  # fmt: skip
CALLS = {
    "eval", "exec", "compile", "__import__",
    "os.system", "os.popen", "os.spawnl", "os.spawnv", "os.execv", "commands.getoutput",
    "subprocess.getoutput", "subprocess.getstatusoutput",
    "tempfile.mktemp", "yaml.load", "yaml.unsafe_load", "yaml.full_load",
    "pandas.read_pickle", "pd.read_pickle", "numpy.load", "np.load", "torch.load",
    "ssl._create_unverified_context",
}  # fmt: skip
FORBIDDEN_WORDS = {"shell": True, "verify": False, "allow_pickle": True, "resolve_entities": True, "autoescape": False}


HTTP_CALLS = {"get", "post", "put", "patch", "head", "delete", "options", "request", "send", "Session", "Client"}


def dotted(node: ast.expr) -> str:
    """A name such as ``os.path.join``; with a question mark for what is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"


def offences(source: str) -> Iterator[str]:
    """What a module does that none of ours may do."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
            for name in names:
                if any(name == m or name.startswith(f"{m}.") for m in MODULES):
                    yield f"line {node.lineno}: imports {name}"
        elif isinstance(node, ast.Call):
            name = dotted(node.func)
            if name in CALLS and not (name == "yaml.load" and _is_safe(node)) and not _is_without_pickle(node):
                yield f"line {node.lineno}: calls {name}"
            if name.endswith("XMLParser"):
                safe = [k for k in node.keywords if k.arg == "resolve_entities" and _value(k.value) is False]
                if not safe:
                    yield f"line {node.lineno}: {name} without resolve_entities=False"
            for word in node.keywords:
                if word.arg == "verify" and name.rpartition(".")[2] not in HTTP_CALLS:
                    continue
                if word.arg in FORBIDDEN_WORDS and _value(word.value) is FORBIDDEN_WORDS[word.arg]:
                    yield f"line {node.lineno}: {word.arg}={_value(word.value)}"


def _value(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _is_without_pickle(call: ast.Call) -> bool:
    """``np.load(…, allow_pickle=False)`` and ``torch.load(…, weights_only=True)`` read numbers alone."""
    said = {k.arg: _value(k.value) for k in call.keywords}
    return said.get("allow_pickle") is False or said.get("weights_only") is True


def _is_safe(call: ast.Call) -> bool:
    loaders = [*(dotted(a) for a in call.args[1:]), *(dotted(k.value) for k in call.keywords if k.arg == "Loader")]
    return any("Safe" in loader for loader in loaders)


@pytest.mark.parametrize(
    "code",
    [
        "eval('1')", "exec('x')", "import pickle", "from pickle import loads", "import shelve", "import marshal",
        "import os\nos.system('ls')", "import subprocess\nsubprocess.run('ls', shell=True)",
        "import tempfile\ntempfile.mktemp()", "import yaml\nyaml.load(x)", "import yaml\nyaml.load(x, yaml.Loader)",
        "import requests\nrequests.get(u, verify=False)", "from xml.etree import ElementTree",
        "import lxml.etree\nlxml.etree.XMLParser()", "import numpy as np\nnp.load(f, allow_pickle=True)",
    ],
)  # fmt: skip
def test_the_search_finds_what_it_looks_for(code: str) -> None:
    assert list(offences(code))


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_code_of_ours_runs_what_it_reads(path: Path) -> None:
    assert list(offences(path.read_text("utf-8"))) == []


def pinned(name: str) -> list[str]:
    """The packages of a lock file."""
    return re.findall(r"^([a-zA-Z0-9_.-]+)(?:\[.*?\])?==", (ROOT / name).read_text("utf-8"), re.M)


# what says GPL in its metadata and is offered under another licence as well, or with an exception for linking
OFFERED_OTHERWISE = {"text-unidecode": "Artistic License or GPL, whichever one likes"}


def licence_of(name: str) -> str | None:
    """What a distribution's metadata says of its licence; None where it is not installed here."""
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return None
    classifiers = [c for c in found.get_all("Classifier") or [] if c.startswith("License ::")]
    text = (found.get("License") or "").strip().split("\n")[0][:200]
    return " | ".join(filter(None, [found.get("License-Expression"), text, *classifiers]))


def is_copyleft(licence: str) -> bool:
    """Whether a licence is the GPL or the AGPL and nothing else; the LGPL, which libraries may be used under, is not."""
    parts = re.split(r"\bOR\b|\|", licence)
    strong = [bool(re.search(r"(?<!L)\bA?GPL|(?<!Lesser )(?<!Library )General Public License", p)) for p in parts]
    lesser = [bool(re.search(r"LGPL|Lesser|Library General", p)) for p in parts]
    told = [s and not weak for s, weak in zip(strong, lesser, strict=True)]
    return any(told) and not (re.search(r"\bOR\b", licence) and not all(told))


def test_what_production_installs_is_under_no_gpl() -> None:
    told = {name: licence_of(name) for name in pinned("requirements.txt")}
    installed = {name: licence for name, licence in told.items() if licence is not None}
    assert len(installed) > 150
    bad = {n: lic for n, lic in installed.items() if is_copyleft(lic) and n not in OFFERED_OTHERWISE}
    assert bad == {}


@pytest.mark.parametrize(
    ("licence", "bad"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("License :: OSI Approved :: GNU Affero General Public License v3", True),
        (
            "LGPL with exceptions | License :: OSI Approved :: GNU Library or Lesser General Public License (LGPL)",
            False,
        ),
        ("MIT OR GPL-2.0-only", False),
        ("Apache-2.0", False),
    ],
)
def test_licences_are_told_apart(licence: str, bad: bool) -> None:
    assert is_copyleft(licence) is bad


def test_the_local_airflow_is_told_to_listen_on_loopback_alone(tmp_path: Path) -> None:
    """That it does is held by tests/integration/test_observe.py, which looks at its sockets."""
    (tmp_path / "home").mkdir()
    env = LocalAirflow(ROOT, tmp_path / "home")._make_environment()
    assert env["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert env["AIRFLOW__API__BASE_URL"].startswith("http://127.0.0.1:")
    secrets = tmp_path / "home" / "secrets.json"
    assert secrets.stat().st_mode & 0o077 == 0


def test_containers_gain_no_rights_and_publish_on_loopback_alone(tmp_path: Path) -> None:
    services = compose_config(tmp_path)["services"]
    assert len(services) >= 5
    for name, service in services.items():
        assert service.get("security_opt") == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name
        assert all(port["host_ip"] == "127.0.0.1" for port in service.get("ports", [])), name
        assert not [v for v in service.get("volumes", []) if "docker.sock" in str(v)], name
        assert service.get("cap_drop") == ["ALL"], name
    assert re.search(r"^USER 50000:50000$", (ROOT / "Dockerfile").read_text("utf-8"), re.M)


def test_no_pickle_goes_through_airflow() -> None:
    """Airflow 3 has no pickled XComs; nobody shall ask for them, or for another way to store them."""
    for path in (ROOT / "docker-compose.yaml", ROOT / "include" / "marsad" / "operate" / "local_airflow.py"):
        text = path.read_text("utf-8").upper()
        assert "XCOM_PICKLING" not in text
        assert "XCOM_BACKEND" not in text
        assert "ALLOWED_DESERIALIZATION" not in text


def _readable(path: Path) -> bytes:
    """A file's bytes as a person could get at them: Parquet and gzip unpacked."""
    import gzip

    import pyarrow.parquet as pq

    if path.suffix == ".parquet":
        return str(pq.read_table(path, partitioning=None).to_pylist()).encode()
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def test_no_secret_is_written_into_the_lake(make_context: Callable[..., Context], tmp_path: Path) -> None:
    secret = "Zx9-Tq7Lm-secret"
    ctx = make_context(
        tmp_path / "lake",
        warehouse=f"postgresql://marsad:{secret}@db.example/news",
        airflow_password=secret,
        lake_options={"key": secret},
    )
    run_partition(Partition("mujammi", date(2026, 3, 3)), ctx)
    files = [p for p in (tmp_path / "lake").rglob("*") if p.is_file()]
    assert {p.suffix for p in files} >= {".parquet", ".json", ".gz"}
    for path in files:
        assert secret.encode() not in _readable(path), path


def test_the_threat_model_names_tests_that_exist() -> None:
    text = (ROOT / "docs" / "guide" / "security.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) >= 25
    for path, test in named:
        assert re.search(rf"^def {test}\(", (ROOT / path).read_text("utf-8"), re.M), f"{path}::{test}"
    assert len(re.findall(r"^## .*", text, re.M)) >= 6
    rows = [
        line for line in text.splitlines() if line.startswith("| ") and "---" not in line and "what could" not in line
    ]
    threats = [row for row in rows if row.count("|") == 4]
    assert threats
    assert all("tests/" in row for row in threats), [row for row in threats if "tests/" not in row]


def test_an_audit_that_could_not_be_made_is_not_a_clean_one(tmp_path: Path) -> None:
    fake = tmp_path / "pip-audit"
    for body, code, said in (
        ("exit 1", 3, "could not be made"),  # no answer of the database: it says nothing of the packages
        ("echo '{\"dependencies\": []}'", 3, "could not be made"),  # an answer for fewer packages than there are
    ):
        fake.write_text(f"#!/bin/sh\n{body}\n")
        fake.chmod(0o755)
        argv = [sys.executable, str(ROOT / "scripts" / "audit.py"), "--no-probe", "--tool", str(fake)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, said in done.stderr) == (code, True), done
    names = pinned("requirements.txt")
    clean = {"dependencies": [{"name": n, "version": "1", "vulns": []} for n in names]}
    for vulns, code in (([], 0), ([{"id": "PYSEC-1", "fix_versions": ["2"], "description": "x"}], 1)):
        clean["dependencies"][0]["vulns"] = vulns
        (tmp_path / "out.json").write_text(json.dumps(clean))
        fake.write_text(f"#!/bin/sh\ncat '{tmp_path}/out.json'\nexit {code}\n")
        argv = [sys.executable, str(ROOT / "scripts" / "audit.py"), "--no-probe", "--tool", str(fake)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == code, done
