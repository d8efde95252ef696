"""Addresses, the connections that give them, and that nothing shows a password."""

from __future__ import annotations

import pytest

from marsad.errors import UsageError
from marsad.redact import mask_uri
from marsad.warehouse.address import parse_address
from marsad.warehouse.connections import address_of


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", "duckdb:///PATH"),
        ("x.duckdb", "duckdb:///PATH"),
        ("duckdb:///", "names no file"),
        ("duckdb:/// ", "names no file"),
        ("duckdb:///:memory:", "names no file"),
        ("duckdb://w", "names no file"),
        ("oracle://u:geheim@h/d", "postgresql://USER"),
        ("postgresql://u:geheim@h:port/d", "write postgresql://"),
        ("postgresql://u:geheim@h/d?schema=a;b", "no name of a schema"),
        ("bigquery://project", "no project and dataset"),
        ("snowflake://u:geheim@acc/db", "no account, database and schema"),
        ("clickhouse://u:geheim@h", "no host and database"),
    ],
)
def test_an_address_that_is_none_says_how_to_write_one(text: str, form: str) -> None:
    with pytest.raises(UsageError, match=form) as told:
        parse_address(text)
    assert "geheim" not in str(told.value)


def test_the_schema_is_ours_and_the_rest_is_the_drivers() -> None:
    address = parse_address("postgres://u:p%40ss@h:5433/d?schema=news&sslmode=require")
    assert (address.engine, address.schema) == ("postgresql", "news")
    assert address.uri.startswith("postgresql://u:p%40ss@h:5433/d?")
    assert "sslmode=require" in address.uri
    assert "schema" not in address.uri
    assert parse_address("postgresql://u@h/d").schema == "marsad"


def test_no_secret_is_shown() -> None:
    address = parse_address("postgresql://u:p%40ss@h/d?sslpassword=lock")
    assert str(address) == "postgresql://u:***@h/d?sslpassword=***"
    assert "ss" not in repr(address).replace("sslpassword", "").replace("Address", "")
    assert (
        address.hide('could not log in with "p@ss" (p%40ss, lock)\n at h')
        == 'could not log in with "***" (***, ***) at h'
    )
    assert mask_uri("see postgresql://u:a:b@c@h/d") == "see postgresql://u:***@h/d"
    assert mask_uri("postgresql://u:a/b?c@h/d") == "postgresql://u:***@h/d"
    key = parse_address('bigquery://p/d?credentials_json={"private_key":"abc"}')
    assert "abc" not in key.shown


CONNECTIONS = {
    "postgres": (
        {
            "host": "db",
            "port": 5432,
            "login": "u",
            "password": "p@:/",
            "schema": "news",
            "extra": {"sslmode": "require"},
        },
        "postgresql://u:p%40%3A%2F@db:5432/news?sslmode=require",
    ),
    "duckdb": ({"host": "/data/w.duckdb"}, "duckdb:////data/w.duckdb"),
    "google_cloud_platform": (
        {"extra": {"project": "p", "dataset": "d", "key_path": "/k.json"}},
        "bigquery://p/d?credentials=%2Fk.json",
    ),
    "snowflake": (
        {
            "login": "u",
            "password": "x",
            "schema": "news",
            "extra": {"account": "acc", "database": "db", "warehouse": "w"},
        },
        "snowflake://u:x@acc/db/news?warehouse=w",
    ),
    "generic": (
        {
            "host": "h",
            "port": 8443,
            "login": "u",
            "password": "x",
            "schema": "n",
            "extra": {"engine": "clickhouse", "secure": "true"},
        },
        "clickhouse://u:x@h:8443/n?secure=true",
    ),
}


@pytest.mark.parametrize("kind", CONNECTIONS)
def test_an_airflow_connection_becomes_an_address(kind: str) -> None:
    fields, expected = CONNECTIONS[kind]
    assert address_of("wh", kind, **fields) == expected
    parse_address(expected)


@pytest.mark.parametrize(
    ("kind", "fields", "mend"),
    [
        ("mysql", {}, "one of duckdb"),
        ("postgres", {"host": "h"}, "no schema"),
        ("generic", {"host": "h"}, "one of duckdb"),
    ],
)
def test_a_connection_that_names_no_warehouse_says_what_is_missing(
    kind: str, fields: dict[str, str], mend: str
) -> None:
    with pytest.raises(UsageError, match=mend):
        address_of("wh", kind, **fields)
