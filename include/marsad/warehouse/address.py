"""Where a warehouse is: one URI for each engine, taken apart once, and never shown with its password.

duckdb:///PATH
postgresql://USER:PASSWORD@HOST:PORT/DATABASE?schema=marsad
bigquery://PROJECT/DATASET?location=EU&credentials=PATH
snowflake://USER:PASSWORD@ACCOUNT/DATABASE/SCHEMA?warehouse=WH&role=ROLE
clickhouse://USER:PASSWORD@HOST:PORT/DATABASE?secure=true
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from marsad.errors import UsageError
from marsad.redact import mask_uri

FORMS: Mapping[str, str] = {
    "duckdb": "duckdb:///PATH",
    "postgresql": "postgresql://USER:PASSWORD@HOST/DATABASE",
    "bigquery": "bigquery://PROJECT/DATASET",
    "snowflake": "snowflake://USER:PASSWORD@ACCOUNT/DATABASE/SCHEMA",
    "clickhouse": "clickhouse://USER:PASSWORD@HOST:PORT/DATABASE",
}
"""How an address of each engine is written."""

DEFAULT_SCHEMA = "marsad"
"""PostgreSQL's schema where the address names none: our tables never stand among another program's."""

_SECRETS = ("credentials_json", "password", "private_key", "token", "passphrase", "sslpassword")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Address:
    """A warehouse's address, taken apart; printed without secrets."""

    engine: str
    uri: str = field(repr=False)
    """What the driver is given: without the parameters that are ours."""
    shown: str
    """What a person is shown."""
    schema: str = ""
    """Where the tables are: schema, or dataset; empty for the engine's own default."""
    project: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return self.shown

    @property
    def path(self) -> Path:
        """The file of a DuckDB warehouse."""
        return Path(self.uri)

    def hide(self, text: str) -> str:
        """A driver's words, on one line, without any secret of this address."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return mask_uri(" ".join(text.split()))


def parse_address(text: str) -> Address:
    """Take an address apart.

    Raises:
        UsageError: it is none we load into; says how to write one.
    """
    scheme = text.partition("://")[0].strip().lower()
    engine = {"postgres": "postgresql"}.get(scheme.partition("+")[0], scheme.partition("+")[0])
    if engine not in FORMS or "://" not in text:
        forms = ", ".join(FORMS.values())
        raise UsageError(f"warehouse {mask_uri(text)!r} is not one we load into; write one of {forms}")
    if engine == "duckdb":
        return _duckdb(text)
    try:
        parts = urlsplit(text.strip())
        parameters = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        _ = parts.port
    except ValueError as error:
        raise _wrong(text, engine, str(error)) from None
    raw = parts.netloc.rpartition("@")[0].partition(":")[2]
    found = [raw, unquote(raw), *(v for k, v in parameters.items() if any(s in k.lower() for s in _SECRETS))]
    secrets = tuple(sorted({s for s in found if s}, key=len, reverse=True))
    folders = [unquote(p) for p in parts.path.split("/") if p]
    if engine == "bigquery":
        if not parts.netloc or len(folders) != 1:
            raise _wrong(text, engine, "it names no project and dataset")
        return Address(
            engine, text, mask_uri(text), _identifier(folders[0], text), unquote(parts.netloc), parameters, secrets
        )
    if engine == "snowflake":
        if not parts.hostname or len(folders) != 2:
            raise _wrong(text, engine, "it names no account, database and schema")
        schema = _identifier(folders[1], text)
        return Address(
            engine, text.strip().partition("://")[2], mask_uri(text), schema, folders[0], parameters, secrets
        )
    if engine == "clickhouse":
        if not parts.hostname or len(folders) != 1:
            raise _wrong(text, engine, "it names no host and database")
        return Address(engine, text, mask_uri(text), _identifier(folders[0], text), "", parameters, secrets)
    schema = _identifier(parameters.pop("schema", DEFAULT_SCHEMA), text)
    parameters = {"application_name": "marsad", "connect_timeout": "10", **parameters}
    uri = urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(parameters, quote_via=quote), ""))
    if not parts.netloc and parts.path:  # a socket, whose folder is a parameter; urlunsplit would drop the slashes
        uri = f"postgresql://{parts.path}?{urlencode(parameters, quote_via=quote)}"
    return Address(engine, uri, mask_uri(text), schema, "", parameters, secrets)


def _duckdb(text: str) -> Address:
    path = text.strip().removeprefix("duckdb:///")
    # what is loaded into memory is gone when the load is done
    if path == text.strip() or not path.strip() or path.startswith(":"):
        raise _wrong(text, "duckdb", "it names no file")
    return Address("duckdb", path, text.strip())


def _identifier(name: str, text: str) -> str:
    if not _IDENTIFIER.fullmatch(name):
        raise UsageError(f"warehouse {mask_uri(text)!r}: {name!r} is no name of a schema; use letters, digits and _")
    return name


def _wrong(text: str, engine: str, why: str) -> UsageError:
    return UsageError(f"warehouse {mask_uri(text)!r}: {why}; write {FORMS[engine]}")
