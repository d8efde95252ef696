"""The Iceberg catalog that the setting names: any SQL database, or whatever pyiceberg knows by its properties."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marsad.errors import CatalogBusy, UsageError
from marsad.lake import Lake
from marsad.redact import mask_uri

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog


@contextmanager
def open_catalog(setting: str, lake: Lake) -> Iterator[Catalog]:
    """The catalog, closed afterwards.

    Args:
        setting: a database URL such as ``sqlite:///PATH`` or ``postgresql://…``, or a JSON object of pyiceberg's
            properties (``type``, ``uri``, …).

    Raises:
        UsageError: it is neither, or pyiceberg is not installed; says which.
        CatalogBusy: the catalog does not answer.
    """
    try:
        from pyiceberg.catalog import load_catalog
        from sqlalchemy.exc import DBAPIError
    except ImportError:
        raise UsageError(
            "MARSAD_ICEBERG_CATALOG is set, and pyiceberg is not installed: pip install 'marsad[iceberg]'"
        ) from None
    properties = {**storage_properties(lake), **_properties(setting)}
    uri = properties.get("uri", "")
    if uri.startswith("sqlite:///"):
        Path(uri.removeprefix("sqlite:///")).absolute().parent.mkdir(parents=True, exist_ok=True)
    try:
        catalog = load_catalog("marsad", **properties)
    except DBAPIError as error:
        raise CatalogBusy(f"the Iceberg catalog {mask_uri(uri)} does not answer: {_first_line(error, uri)}") from None
    except Exception as error:  # pyiceberg and its catalogs raise many kinds
        raise UsageError(
            f"MARSAD_ICEBERG_CATALOG: {mask_uri(uri)} cannot be opened: {_first_line(error, uri)}; write a database "
            "URL such as sqlite:///iceberg.db, or JSON properties of a pyiceberg catalog"
        ) from None
    try:
        yield catalog
    finally:
        engine = getattr(catalog, "engine", None)
        if engine is not None:
            engine.dispose()


def storage_properties(lake: Lake) -> dict[str, str]:
    """What pyiceberg must know to reach the lake's files."""
    found = {"warehouse": f"file://{lake.root.path}" if lake.is_local else str(lake.root)}
    options: dict[str, Any] = {} if lake.is_local else dict(lake.root.storage_options)
    client = options.get("client_kwargs") or {}
    for name, value in (
        ("s3.endpoint", options.get("endpoint_url") or client.get("endpoint_url")),
        ("s3.access-key-id", options.get("key")),
        ("s3.secret-access-key", options.get("secret")),
        ("s3.session-token", options.get("token")),
        ("s3.region", client.get("region_name")),
    ):
        if value:
            found[name] = str(value)
    return found


def _properties(setting: str) -> dict[str, str]:
    text = setting.strip()
    if not text.startswith("{"):
        if "://" not in text:
            raise UsageError(
                f"MARSAD_ICEBERG_CATALOG is {text!r}: write a database URL such as sqlite:///iceberg.db, or JSON"
            )
        return {"type": "sql", "uri": text}
    try:
        plain = json.loads(text)
    except ValueError:
        raise UsageError("MARSAD_ICEBERG_CATALOG begins like JSON and is none") from None
    return {str(k): str(v) for k, v in plain.items()}


def _first_line(error: Exception, uri: str) -> str:
    said = (str(error) or type(error).__name__).splitlines()[0]
    return said.replace(uri, mask_uri(uri)) if uri else said
