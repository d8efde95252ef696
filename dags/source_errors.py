"""No DAG: settings and source files that cannot be read are shown as this file's import error, and nowhere else.

The other files make their DAGs all the same, of good sources and of defaults; a task that meets a wrong setting
refuses to run, and names it.
"""

from __future__ import annotations

from airflow.sdk import DAG  # noqa: F401  Airflow parses only files that name a DAG
from marsad_tasks import scanned

from marsad.errors import InvalidSource, UsageError
from marsad.settings import scan_settings

_wrong, _errors = scan_settings()[1], scanned()[1]
if _wrong:
    raise UsageError("; ".join(str(error) for error in (*_wrong, *_errors)))
if _errors:
    raise InvalidSource("; ".join(str(error) for error in _errors))
