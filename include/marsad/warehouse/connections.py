"""An Airflow connection's fields as a warehouse address.

Airflow is not imported here: a DAG hands over the fields of the connection that it has looked up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from marsad.errors import UsageError

TYPES = ("duckdb", "postgres", "google_cloud_platform", "gcpbigquery", "snowflake", "clickhouse", "generic")
"""The connection types that can name a warehouse; ``generic`` says which in its extra ``engine``."""


def address_of(
    name: str,
    conn_type: str,
    *,
    host: str = "",
    port: int | None = None,
    login: str = "",
    password: str = "",
    schema: str = "",
    extra: Mapping[str, Any] | None = None,
) -> str:
    """The address that a connection names, for :func:`~marsad.warehouse.address.parse_address`.

    Raises:
        UsageError: its type is none of :data:`TYPES`, or a field that it needs is empty.
    """
    more = dict(extra or {})
    kind = str(more.pop("engine", "")) if conn_type == "generic" else conn_type

    def need(value: object, what: str) -> str:
        if not value:
            raise UsageError(f"connection {name} ({conn_type}) has no {what}; fill it in")
        return str(value)

    secret = f":{quote(password, safe='')}" if password else ""
    who = f"{quote(login, safe='')}{secret}@" if login else ""
    at = f"{who}{host}{f':{port}' if port else ''}"
    if kind == "duckdb":
        return f"duckdb:///{need(host or schema, 'host (the path of the file)')}"
    if kind in ("postgres", "postgresql"):
        options = {k: str(v) for k, v in more.items() if isinstance(v, str | int)}
        options = {("schema" if k == "marsad_schema" else k): v for k, v in options.items()}
        return _uri("postgresql", at, need(schema, "schema (the database)"), options)
    if kind in ("google_cloud_platform", "gcpbigquery", "bigquery"):
        project = need(more.get("project") or more.get("project_id"), "project in its extra")
        dataset = need(schema or more.get("dataset"), "dataset in its extra")
        options = {"location": str(more.get("location") or ""), "credentials": str(more.get("key_path") or "")}
        key = more.get("keyfile_dict")
        if key:
            options["credentials_json"] = key if isinstance(key, str) else json.dumps(key)
        return _uri("bigquery", quote(project), dataset, options)
    if kind == "snowflake":
        account = need(more.get("account") or host, "account in its extra")
        database = need(more.get("database"), "database in its extra")
        options = {k: str(more[k]) for k in ("warehouse", "role", "region", "authenticator") if more.get(k)}
        return _uri("snowflake", f"{who}{account}", f"{database}/{need(schema, 'schema')}", options)
    if kind == "clickhouse":
        return _uri("clickhouse", need(host, "host") and at, schema or "default", more)
    raise UsageError(f"connection {name} is of type {conn_type}; a warehouse's is one of {', '.join(TYPES)}")


def _uri(scheme: str, at: str, path: str, options: Mapping[str, Any]) -> str:
    asked = urlencode({k: v for k, v in options.items() if v not in (None, "")}, quote_via=quote)
    return f"{scheme}://{at}/{path}{f'?{asked}' if asked else ''}"
