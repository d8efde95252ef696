"""No DAG: source files that cannot be read are shown as this file's import error.

`news.py` makes DAGs of the good ones all the same.
"""

from __future__ import annotations

from airflow.sdk import DAG  # noqa: F401  Airflow parses only files that name a DAG

from marsad.errors import InvalidSource
from marsad.settings import load_settings
from marsad.sources import scan_sources

_errors = scan_sources(load_settings().sources)[1]
if _errors:
    raise InvalidSource("; ".join(str(error) for error in _errors))
