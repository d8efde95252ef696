"""A dataset's rows as JSON Schema (draft 2020-12): types, enumerations, formats, meanings, examples."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import date, datetime
from typing import Any

from marsad.dataset import Dataset
from marsad.dictionary import columns, summary

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}


def json_schema(dataset: Dataset) -> dict[str, Any]:
    """The JSON Schema of one row.

    ``x-key`` names the key columns, ``x-version`` the schema's version, and ``x-since`` at a column the version that
    brought it.
    """
    properties = {}
    for column in columns(dataset):
        entry = {**_schema(column.hint), "description": column.doc, "x-since": column.since}
        if column.example is not None:
            entry["examples"] = [column.example]
        properties[column.name] = entry
    return {
        "$schema": DRAFT,
        "$id": f"urn:marsad:{dataset.name}:{dataset.version}",
        "title": dataset.name,
        "description": summary(dataset),
        "x-key": list(dataset.key),
        "x-version": dataset.version,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _schema(hint: Any) -> dict[str, Any]:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        (inner,) = [a for a in args if a is not type(None)]
        return _or_null(_schema(inner))
    if origin is typing.Literal:
        return {"type": "string", "enum": list(args)}
    if origin is tuple:
        return {"type": "array", "items": _schema(args[0])}
    if dataclasses.is_dataclass(hint):
        return _object(typing.cast(type, hint))
    return dict(_SCALARS[hint])


def _object(record: type) -> dict[str, Any]:
    hints = typing.get_type_hints(record)
    properties = {
        f.name: {**_schema(hints[f.name]), "description": f.metadata.get("doc", "")} for f in dataclasses.fields(record)
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    nullable = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable
