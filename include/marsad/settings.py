"""Everything the environment may say, read once and passed in.

Each setting is an environment variable ``MARSAD_<NAME>``; the table in
``docs/reference/settings.md`` is generated from this class.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from marsad.errors import UsageError

HERE = Path(__file__).parent


class Settings(BaseSettings):
    """The operator's choices; every one has a default that works on a laptop."""

    model_config = SettingsConfigDict(env_prefix="MARSAD_", frozen=True, extra="ignore")

    lake: str = Field(".lake", description="Where the lake is: a folder, or a URL such as s3://bucket/prefix.")
    lake_options: dict[str, object] = Field(
        default_factory=dict, description="JSON options for the lake's file system, for example an S3 endpoint_url."
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
        repr=False,
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


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        UsageError: a variable has a value that does not fit; names it.
    """
    try:
        return Settings()
    except (ValidationError, ValueError) as error:
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            name = "MARSAD_" + str(first["loc"][0]).upper() if first["loc"] else "MARSAD_…"
            raise UsageError(f"environment variable {name}: {first['msg']}") from None
        named = re.search(r'field "(\w+)"', str(error))
        name = f"variable MARSAD_{named[1].upper()}: is not JSON" if named else str(error)
        raise UsageError(f"environment {name}") from None
