"""Health over HTTP, on Airflow's API server: ``/marsad/live`` for probes, ``/marsad/health`` for who is logged in.

The console is mounted here too, below ``/marsad/console``: of two plugins with prefixes one of which begins the other,
the one that Airflow happens to load first would answer for both.

``/marsad/live`` says that the server answers, and nothing else. ``/marsad/health`` says what `marsad health` says,
needs Airflow's own login (a bearer token, or the UI's cookie), and answers 503 where something critical is wrong.
"""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.core_api.security import get_user
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from marsad_console import console

app = FastAPI(title="Marsad", openapi_url=None, docs_url=None, redoc_url=None)


@app.get("/live")
def live() -> dict[str, Any]:
    """That the server answers."""
    return {"ok": True}


@app.get("/health", dependencies=[Depends(get_user)])
def health() -> JSONResponse:
    """Whether all is well, as `marsad health --json` says it."""
    from marsad.context import open_context
    from marsad.errors import MarsadError
    from marsad.operate.health import health as look
    from marsad.redact import mask

    try:
        found = look(open_context())
    except MarsadError as error:  # a wrong setting, a lake that cannot be opened
        return JSONResponse({"ok": False, "checks": [], "error": mask(str(error))}, status_code=503)
    return JSONResponse(found.as_json(), status_code=200 if found.is_ok else 503)


app.mount("/console", console)


class MarsadHealth(AirflowPlugin):
    """The two pages, and the console."""

    name = "marsad_health"
    fastapi_apps = [{"app": app, "url_prefix": "/marsad", "name": "Marsad"}]  # noqa: RUF012
