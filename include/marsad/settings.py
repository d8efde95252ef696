"""Everything the environment may say, read once and passed in.

Each setting is an environment variable ``MARSAD_<NAME>``; the table in
``docs/reference/settings.md`` is generated from this class.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from marsad.errors import UsageError
from marsad.redact import masked, secrets_in

HERE = Path(__file__).parent
PREFIX = "MARSAD_"
REFERENCE = "docs/reference/settings.md"
SHORTEST_SECRET = 6
"""Shorter ones are not looked for in logs: they would mask half of what is said."""
SECRET: dict[str, Any] = {"secret": True}
"""``json_schema_extra`` of a setting that nobody shall see; passwords within addresses are masked in every setting."""


@dataclass(frozen=True)
class Moved:
    """A variable that earlier versions read."""

    name: str
    to: str | None
    """The variable that says it now, in the same words; None: nothing does."""
    until: str
    """The version that reads the old name no more; until then it counts where the new one is not set."""
    why: str = ""
    """Of one that nothing replaces: what to do instead."""

    def __str__(self) -> str:
        if self.to is None:
            return f"environment variable {self.name} is read no more: {self.why or 'remove it'}"
        return (
            f"environment variable {self.name} is called {self.to} now: rename it; the old name is read until "
            f"version {self.until}"
        )


MOVED: tuple[Moved, ...] = ()
"""Names that have changed. None have so far: all that 0.1.0 read are read still, by the same names."""


class Settings(BaseSettings):
    """The operator's choices; every one has a default that works on a laptop."""

    model_config = SettingsConfigDict(env_prefix="MARSAD_", frozen=True, extra="ignore")

    lake: str = Field(".lake", description="Where the lake is: a folder, or a URL such as s3://bucket/prefix.")
    lake_options: dict[str, object] = Field(
        default_factory=dict,
        description="JSON options for the lake's file system, for example an S3 endpoint_url.",
        json_schema_extra=SECRET,
    )
    warehouse: str = Field(
        "duckdb:///.lake/warehouse.duckdb",
        repr=False,  # it may hold a password
        description="Where partitions are loaded: duckdb:///PATH, postgresql://, bigquery://, snowflake:// or "
        "clickhouse:// (docs/guide/warehouses.md).",
    )
    warehouse_connection: str | None = Field(
        None, description="DAGs: the Airflow connection that names the warehouse, instead of MARSAD_WAREHOUSE."
    )
    claim_minutes: float = Field(
        30,
        ge=0,
        description="Minutes after which the claim of a writer that renews it no more has run out; 0: partitions are "
        "not claimed, and only one process may write at a time.",
    )
    iceberg_catalog: str = Field(
        "",
        json_schema_extra=SECRET,
        description="An Iceberg catalog to register published files in: a database URL such as sqlite:///iceberg.db, "
        "or JSON properties of a pyiceberg catalog; empty: none (docs/guide/iceberg.md).",
    )
    iceberg_keep_days: int = Field(
        30, ge=0, description="Days after which `maintain` forgets an Iceberg snapshot; 0: never."
    )
    compact: bool = Field(
        False,
        description="`maintain` writes each month that is over once more, one file a dataset, for long spans.",
    )
    retention: dict[str, int] = Field(
        default_factory=dict,
        description="JSON of layers, or folders of a layer, and the days they are kept, such as "
        '{"staged": 7, "raw": 400}; '
        "what is not named is kept for ever.",
    )
    sources: Annotated[tuple[Path, ...], NoDecode] = Field(
        (HERE / "sources",), description="Folders of source YAML files, separated by the system's path separator."
    )
    files_path: str | None = Field(None, description="The folder or archive the `files` source reads.")
    files_index: str | None = Field(None, description="An index of that folder: a CSV or JSON of file, url, date.")
    state: Path = Field(
        Path(".marsad"),
        description="The folder of what all processes must know of each other: whose turn it is at a host, and what is "
        "left of the day's budget. Workers share it.",
    )
    connect_to: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="host=address:port pairs, comma-separated: connect there instead, as curl --connect-to does. "
        "The only way to reach an address that is not public; for samples and tests.",
    )
    user_agent: str = Field(
        "Marsad/0.1 (news observatory; contact not set)",
        description="How we name ourselves to sites; put your contact here.",
    )
    connect_timeout_s: float = Field(10.0, gt=0, description="Seconds to wait for a connection.")
    read_timeout_s: float = Field(20.0, gt=0, description="Seconds to wait between bytes.")
    total_timeout_s: float = Field(60.0, gt=0, description="Seconds one page may take in all.")
    max_page_bytes: int = Field(10_000_000, gt=0, description="A decompressed page larger than this is too_large.")
    max_redirects: int = Field(5, ge=0, description="Redirects followed before giving up.")
    fetch_attempts: int = Field(3, ge=1, description="Attempts at one URL within one run.")
    retry_base_s: float = Field(2.0, ge=0, description="First wait between attempts; it doubles each time.")
    max_retry_after_s: float = Field(120.0, ge=0, description="A longer Retry-After is left for a later run.")
    max_hosts_at_once: int = Field(
        32, ge=1, description="Hosts of one source that are asked at the same time; each one page at a time."
    )
    alert_connections: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Airflow connections that alerts are sent to, comma-separated: http, slackwebhook or smtp; "
        "empty: none are sent.",
    )
    poll_every_min: int = Field(
        5, ge=0, le=59, description="Minutes between two runs of the `poll` DAG; 0: there is none."
    )
    revisit_after_h: Annotated[tuple[float, ...], NoDecode] = Field(
        (1, 6, 24, 168),
        description="Hours after which a captured story is looked at again, comma-separated, in order; empty: never.",
    )
    delay_scale: float = Field(
        1.0,
        ge=0,
        description="Multiplies every source's politeness delay; 0 for sites of your own.",
    )
    recogniser: Literal["crf", "transformers", "rules"] = Field(
        "crf",
        description="What finds names besides the rules: crf (shipped), transformers (needs "
        "requirements-transformers.txt), or rules alone. A source may say otherwise.",
    )
    recogniser_model: str | None = Field(
        None, description="For transformers: a folder, or a name on the hub; CAMeLBERT's where not set."
    )
    bulk_page_cpu_s: float = Field(
        30.0, gt=0, description="CPU seconds one page may take in a bulk run; one that takes more is too_slow."
    )
    bulk_memory_mb: int = Field(
        2000, ge=300, description="Megabytes a reading process of a bulk run may take; a page over it is out_of_memory."
    )
    data_docs: bool = Field(
        True, description="Write Great Expectations' Data Docs page of each gate, and the daily page, into the lake."
    )

    otlp_endpoint: str | None = Field(
        None,
        description="Where an OpenTelemetry collector takes OTLP over HTTP, such as http://127.0.0.1:4318; metrics are "
        "sent there. Not set: OTEL_EXPORTER_OTLP_ENDPOINT, if that is; else none are.",
    )
    otlp_timeout_s: float = Field(
        2.0, gt=0, le=30, description="Seconds that a task gives a collector at its end; then its metrics are lost."
    )
    observe_every_min: int = Field(
        5,
        ge=0,
        le=59,
        description="Minutes between two runs of the `observe` DAG, which is there where a collector is set; 0: none.",
    )
    late_after_h: float = Field(
        12.0,
        gt=0,
        description="Hours after the end of its day by which a source should be published; `marsad health` fails then.",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="The command line's log lines: text, or json, one object a line. Airflow has its own."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="The least that the command line logs, to standard error."
    )
    airflow_retries: int = Field(
        4, ge=0, description="DAGs: how often a task that failed for a passing reason is tried again."
    )
    airflow_retry_delay_s: float = Field(
        60.0, ge=0, description="DAGs: seconds before the first of them; the wait doubles."
    )
    airflow_pod_templates: str | None = Field(
        None,
        description="DAGs: a folder of pod templates, pod-<queue>.yaml, for who runs each task in a pod of its own.",
    )
    airflow_url: str = Field(
        "http://127.0.0.1:8080", description="Where Airflow answers, for `marsad backfill` and `marsad health`."
    )
    airflow_user: str | None = Field(None, description="Who logs in there; none where Airflow lets local users in.")
    airflow_password: str | None = Field(None, description="Their password.", json_schema_extra=SECRET)
    airflow_port: int | None = Field(
        None, ge=1, le=65535, description="The port of `make up`'s UI; 8080, or any free one, where not set."
    )
    demo_root: Path | None = Field(
        None, description="`make run`: the folder of its lake and its Airflow; the checkout where not set."
    )
    debug: bool = Field(False, description="Show the traceback behind an error line of the command line.")

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_not_set(cls, value: object, info: ValidationInfo) -> object:
        """As Compose hands on a variable that its .env leaves empty; of a list, no members."""
        if value != "" or info.field_name is None:
            return value
        field = cls.model_fields[info.field_name]
        return value if NoDecode in field.metadata else field.get_default(call_default_factory=True)

    @field_validator("sources", mode="before")
    @classmethod
    def _split_paths(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(Path(p) for p in value.split(os.pathsep) if p)
        return value

    @field_validator("alert_connections", mode="before")
    @classmethod
    def _split_connections(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("revisit_after_h", mode="before")
    @classmethod
    def _split_hours(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("revisit_after_h")
    @classmethod
    def _hours_in_order(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if any(hours <= 0 for hours in value) or list(value) != sorted(set(value)):
            raise ValueError("write hours above 0, each more than the one before, such as 1,6,24,168")
        return value

    @field_validator("connect_to", mode="before")
    @classmethod
    def _split_pairs(cls, value: object) -> object:
        if isinstance(value, str):
            pairs = [pair.strip().partition("=") for pair in value.split(",") if pair.strip()]
            if not all(host and target.rpartition(":")[2].isdigit() for host, _, target in pairs):
                raise ValueError("write host=address:port, with commas between")
            return {host: target for host, _, target in pairs}
        return value


class _Given(Settings):
    """Settings of given values alone, whatever the environment says."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


@dataclass(frozen=True)
class Shown:
    """A setting as a person may see it."""

    variable: str
    value: Any
    """As JSON would have it, secrets masked."""
    origin: Literal["default", "environment"]
    what: str


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting is a secret as a whole."""
    extra = field.json_schema_extra
    return isinstance(extra, Mapping) and bool(extra.get("secret"))


def scan_settings() -> tuple[Settings, list[UsageError]]:
    """What can be read of the environment, and an error for each variable that cannot.

    A variable with a wrong value has its default in what is returned, which is good enough to list DAGs by, and not to
    run them by.
    """
    source = EnvSettingsSource(Settings)
    source.env_vars = _with_moved(source.env_vars)
    given: dict[str, Any] = {}
    errors: dict[str, UsageError] = {}
    for name, field in Settings.model_fields.items():
        raw, _, is_complex = source.get_field_value(field, name)
        if raw is None or (raw == "" and NoDecode not in field.metadata):
            continue
        try:
            given[name] = source.prepare_field_value(name, field, raw, is_complex)
        except (ValueError, SettingsError):
            errors[name] = _refusal(name, raw, "is not JSON")
    raws = dict(given)
    while True:
        try:
            return _Given(**given), list(errors.values())
        except ValidationError as error:
            found = [(str(e["loc"][0]) if e["loc"] else "", e["msg"]) for e in error.errors()]
            for name, message in found:
                if name not in given:  # several settings that do not fit each other
                    return Settings.model_construct(), [*errors.values(), UsageError(f"settings: {message}")]
                errors.setdefault(name, _refusal(name, raws[name], message))
            given = {k: v for k, v in given.items() if k not in errors}


def _with_moved(variables: Mapping[str, str | None]) -> dict[str, str | None]:
    """The environment, names in lower case, with what stands under old names under the new ones too."""
    found = dict(variables)
    for moved in MOVED:
        if moved.to and not found.get(moved.to.lower()) and found.get(moved.name.lower()):
            found[moved.to.lower()] = found[moved.name.lower()]
    return found


def _refusal(name: str, value: Any, message: str) -> UsageError:
    field = Settings.model_fields[name]
    shown = str(masked(value, is_secret=is_secret(field)))
    reason = message.removeprefix("Value error, ")
    reason = reason[:1].lower() + reason[1:]
    default = _plain(field.get_default(call_default_factory=True))
    otherwise = "" if default in (None, "", {}, []) or name == "sources" else f" {default}"
    return UsageError(
        f"environment variable {variable_of(name)} is {shown[:120]!r}: {reason}; give it another value, or unset it "
        f"for its default{otherwise} ({REFERENCE})"
    )


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        UsageError: variables have values that do not fit; names each, and the mend.
    """
    settings, errors = scan_settings()
    if errors:
        raise UsageError("; ".join(str(error) for error in errors))
    return settings


def secrets_of(settings: Settings) -> list[str]:
    """The secret texts that settings hold, so that a logger can be told to mask them wherever they turn up."""
    found: list[str] = []
    for name, field in Settings.model_fields.items():
        found += secrets_in(_plain(getattr(settings, name)), is_secret=is_secret(field))
    return sorted({text for text in found if len(text) >= SHORTEST_SECRET})


def show_settings(settings: Settings | None = None) -> list[Shown]:
    """Every setting: its value as it may be shown, and where that came from."""
    settings = settings or load_settings()
    set_ = {name.upper() for name, value in os.environ.items() if value}
    set_ |= {moved.to for moved in MOVED if moved.to and moved.name in set_}
    return [
        Shown(
            variable_of(name),
            masked(_plain(getattr(settings, name)), is_secret=is_secret(field)),
            "environment" if variable_of(name) in set_ else "default",
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def moved_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """A line for each variable that is set by a name of an earlier version."""
    set_ = {name.upper() for name in (os.environ if environment is None else environment)}
    return [str(moved) for moved in MOVED if moved.name in set_]


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """A line for each variable of our namespace that no setting reads: misspelt, most likely."""
    known = [variable_of(name) for name in Settings.model_fields]
    old = {moved.name for moved in MOVED}
    found = []
    for name in sorted(os.environ if environment is None else environment):
        if not name.upper().startswith(PREFIX) or name.upper() in known or name.upper() in old:
            continue
        near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.75)
        found.append(
            f"environment variable {name} is no setting"
            + (f"; did you mean {near[0]}?" if near else "; `marsad settings` lists them")
        )
    return found


def _plain(value: Any) -> Any:
    """A setting's value as plain JSON."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return value
