"""Is this component alive? The health checks of docker-compose.yaml and deploy/kubernetes: exit code 0 or 1, and why.

    healthy.py api-server | scheduler | dag-processor | triggerer      as the API server knows it by its heartbeats
    healthy.py worker [NAME]                                          Celery's ping, to this worker alone

It imports none of Airflow: `airflow jobs check` costs some four seconds of CPU each time, and this a tenth.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import urllib.request

NAMES = {
    "api-server": "metadatabase",
    "scheduler": "scheduler",
    "dag-processor": "dag_processor",
    "triggerer": "triggerer",
}
TIMEOUT_S = 5


def ask_api_server(component: str) -> str | None:
    """What is wrong with a component, as the API server knows it; None where nothing is."""
    url = os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].removesuffix("/").removesuffix("/execution")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"{url}/api/v2/monitor/health", timeout=TIMEOUT_S) as answer:
        status = json.load(answer).get(NAMES[component], {}).get("status")
    return None if status == "healthy" else f"{component} is {status}"


def ping_worker(name: str) -> str | None:
    """What is wrong with a Celery worker; None where it answers."""
    from celery import Celery

    with Celery(broker=os.environ["AIRFLOW__CELERY__BROKER_URL"]) as app:
        node = f"celery@{name}"
        found = app.control.ping(destination=[node], timeout=TIMEOUT_S)
    return None if any(node in answer for answer in found) else f"{node} does not answer"


def main() -> int:
    """Ask, and say what is wrong."""
    component, *name = sys.argv[1:] or [""]
    if component not in (*NAMES, "worker"):
        print(f"{component!r}: name one of {', '.join([*NAMES, 'worker'])}", file=sys.stderr)
        return 2
    try:
        wrong = ping_worker(*name or [socket.gethostname()]) if component == "worker" else ask_api_server(component)
    except Exception as error:  # whatever it is, it is not healthy
        wrong = f"{component}: {type(error).__name__}: {error}"
    if wrong:
        print(wrong, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
