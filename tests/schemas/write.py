"""Write down the schemas of the published datasets as they are: ``python tests/schemas/write.py``.

One file a dataset and version. A version that is written down never changes, but for columns that are added to the newest.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from marsad.dataset import Dataset

FOLDER = Path(__file__).parent


def plain_field(field: pa.Field) -> dict[str, Any]:
    """A column as JSON: name, type, whether it may be null."""
    return {"name": field.name, "type": plain_type(field.type), "nullable": field.nullable}


def plain_type(kind: pa.DataType) -> Any:
    """A type as JSON; lists and structs are nested."""
    if pa.types.is_list(kind):
        return {"list": plain_field(kind.value_field)}
    if pa.types.is_struct(kind):
        return {"struct": [plain_field(kind.field(n)) for n in range(kind.num_fields)]}
    return str(kind)


SCALARS = {
    str(t): t for t in (pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("us", tz="UTC"))
}


def field_of(plain: dict[str, Any]) -> pa.Field:
    """The column that a JSON says."""
    return pa.field(plain["name"], type_of(plain["type"]), nullable=plain["nullable"])


def type_of(plain: Any) -> pa.DataType:
    """The type that a JSON says."""
    if isinstance(plain, str):
        return SCALARS[plain]
    if "list" in plain:
        return pa.list_(field_of(plain["list"]))
    return pa.struct([field_of(f) for f in plain["struct"]])


def schema_at(path: Path) -> pa.Schema:
    """The schema that a file wrote down."""
    return pa.schema([field_of(f) for f in json.loads(path.read_text("utf-8"))["columns"]])


def path_of(dataset: Dataset) -> Path:
    """Where the dataset's version is written down."""
    return FOLDER / f"{dataset.name}.v{dataset.version}.json"


def write(dataset: Dataset) -> None:
    """Write down a dataset's schema."""
    plain = {"dataset": dataset.name, "version": dataset.version, "key": list(dataset.key)}
    plain["columns"] = [plain_field(f) for f in dataset.schema]
    path_of(dataset).write_text(json.dumps(plain, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    from marsad.operate.verify import known_datasets

    for one in known_datasets().values():
        write(one)
        print(path_of(one))
