"""Settings: refused by name with the mend, shown with their origin and without secrets, and one namespace for all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from forks import Marsad
from marsad.errors import UsageError
from marsad.settings import (
    SECRET,
    Settings,
    load_settings,
    scan_settings,
    secrets_of,
    show_settings,
    unknown_variables,
    variable_of,
)

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("MARSAD_POLL_EVERY_MIN", "99", "less than or equal to 59"),
        ("MARSAD_POLL_EVERY_MIN", "often", "valid integer"),
        ("MARSAD_LAKE_OPTIONS", "{endpoint", "is not JSON"),
        ("MARSAD_LAKE_OPTIONS", "[1]", "valid dictionary"),
        ("MARSAD_CONNECT_TO", "site.example", "host=address:port"),
        ("MARSAD_REVISIT_AFTER_H", "6,1", "more than the one before"),
        ("MARSAD_RECOGNISER", "magic", "'crf', 'transformers' or 'rules'"),
        ("MARSAD_AIRFLOW_RETRIES", "four", "valid integer"),
        ("MARSAD_AIRFLOW_PORT", "70000", "less than or equal to 65535"),
        ("MARSAD_LOG_FORMAT", "xml", "'text' or 'json'"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_the_mend(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError) as refused:
        load_settings()
    text = str(refused.value)
    assert f"environment variable {variable} is " in text
    assert said in text
    assert "unset it for its default" in text
    assert "\n" not in text


def test_every_wrong_value_is_named_at_once_and_the_good_ones_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARSAD_POLL_EVERY_MIN", "99")
    monkeypatch.setenv("MARSAD_LAKE_OPTIONS", "{")
    monkeypatch.setenv("MARSAD_READ_TIMEOUT_S", "-1")
    monkeypatch.setenv("MARSAD_LAKE", "/srv/lake")
    settings, errors = scan_settings()
    named = sorted(re.findall(r"variable (\w+)", " ".join(map(str, errors))))
    assert named == ["MARSAD_LAKE_OPTIONS", "MARSAD_POLL_EVERY_MIN", "MARSAD_READ_TIMEOUT_S"]
    assert (settings.lake, settings.poll_every_min, settings.read_timeout_s) == ("/srv/lake", 5, 20.0)


def test_a_refused_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARSAD_LAKE_OPTIONS", '{"secret": "hunter2hunter2"')
    with pytest.raises(UsageError) as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)


def test_an_empty_variable_is_one_that_is_not_set_but_an_empty_list_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LAKE", "LAKE_OPTIONS", "DEBUG", "AIRFLOW_PORT", "POLL_EVERY_MIN", "REVISIT_AFTER_H", "OTLP_ENDPOINT"):
        monkeypatch.setenv(f"MARSAD_{name}", "")
    settings = load_settings()
    assert (settings.lake, settings.lake_options, settings.debug, settings.airflow_port) == (".lake", {}, False, None)
    assert (settings.poll_every_min, settings.otlp_endpoint) == (5, None)
    assert settings.revisit_after_h == ()  # "never" must be sayable


def test_what_is_shown_says_its_origin_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARSAD_LAKE", "s3://bucket/news")
    monkeypatch.setenv(
        "MARSAD_LAKE_OPTIONS", '{"key": "AKIAKEY", "secret": "s3cr3t-value", "endpoint_url": "http://s3"}'
    )
    monkeypatch.setenv("MARSAD_WAREHOUSE", "postgresql://marsad:pa55word@db/news")
    monkeypatch.setenv("MARSAD_AIRFLOW_PASSWORD", "opensesame")
    rows = {row.variable: row for row in show_settings()}
    assert list(rows) == [variable_of(name) for name in Settings.model_fields]
    assert rows["MARSAD_LAKE"].origin == "environment"
    assert rows["MARSAD_SOURCES"].origin == "default"
    assert rows["MARSAD_WAREHOUSE"].value == "postgresql://marsad:***@db/news"
    assert rows["MARSAD_LAKE_OPTIONS"].value == {"key": "***", "secret": "***", "endpoint_url": "***"}
    shown = json.dumps([row.value for row in rows.values()])
    for secret in ("AKIAKEY", "s3cr3t-value", "pa55word", "opensesame"):
        assert secret not in shown
    assert secrets_of(load_settings()) == ["AKIAKEY", "opensesame", "pa55word", "s3cr3t-value"]


def test_every_setting_whose_name_says_secret_is_marked_as_one() -> None:
    for name, field in Settings.model_fields.items():
        if re.search(r"password|token|secret|options|credential", name):
            assert field.json_schema_extra == SECRET, name


def test_a_misspelt_variable_is_told_with_the_right_name() -> None:
    assert unknown_variables({"MARSAD_LKAE": "x", "MARSAD_LAKE": "x", "LAKE": "x", "MARSAD_QQQ": "x"}) == [
        "environment variable MARSAD_LKAE is no setting; did you mean MARSAD_LAKE?",
        "environment variable MARSAD_QQQ is no setting; `marsad settings` lists them",
    ]


def test_every_variable_that_the_code_names_is_a_setting() -> None:
    """Read outside of Settings, a variable would be refused by nobody and listed nowhere."""
    known = {variable_of(name) for name in Settings.model_fields}
    files = [p for folder in ("include", "dags", "plugins", "config", "scripts") for p in (ROOT / folder).rglob("*.py")]
    files += [ROOT / "docker-compose.yaml", ROOT / "Dockerfile", ROOT / ".env.example", ROOT / "Makefile"]
    for path in files:
        named = set(re.findall(r"\bMARSAD_[A-Z][A-Z_]*[A-Z]\b", path.read_text("utf-8")))
        assert named <= known, (path, named - known)
    for path in files:
        if path.suffix == ".py" and path.name not in ("metrics.py", "airflow_local_settings.py"):
            assert not re.search(r"environ(?:\.get\(|\[)\s*[\"']MARSAD_", path.read_text("utf-8")), path


def _marsad(*words: str, **env: str) -> Marsad:
    command = Marsad(*words, env=env)
    command.wait()
    return command


def test_the_command_prints_checks_and_warns() -> None:
    shown = _marsad("settings", "--json", MARSAD_LAKE="/srv/lake", MARSAD_LKAE="x")
    assert shown.returncode == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert told["settings"]["MARSAD_LAKE"] == {"value": "/srv/lake", "origin": "environment"}
    assert "did you mean MARSAD_LAKE?" in told["unknown"][0]
    checked = _marsad("settings", "--check", MARSAD_LKAE="x", MARSAD_DELAY_SCALE="-1")
    assert checked.returncode == 2
    assert checked.stderr.count("\n") == 1
    assert "MARSAD_LKAE" in checked.stderr
    assert "MARSAD_DELAY_SCALE" in checked.stderr
    # a person who misspells it hears of it from any command
    other = _marsad("sources", "list", MARSAD_LKAE="x")
    assert other.returncode == 0
    assert "did you mean MARSAD_LAKE?" in other.stderr
