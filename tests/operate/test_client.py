"""The client against a small server that answers as Airflow does, well and badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from marsad.errors import AirflowUnusable
from marsad.operate import client as module
from marsad.operate.client import Client

Reply = Callable[[str, str, dict[str, Any]], tuple[int, Any]]


class Server:
    """Answers by a function of method, path and body; keeps what it was asked."""

    def __init__(self) -> None:
        self.reply: Reply = lambda method, path, body: (200, {})
        self.asked: list[tuple[str, str]] = []
        self.tokens = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == "/auth/token":
                    outer.tokens += 1
                    status, answer = 201, {"access_token": f"t{outer.tokens}"}
                else:
                    outer.asked.append((self.command, self.path))
                    status, answer = outer.reply(self.command, self.path, json.loads(body or b"{}"))
                    if status == 200 and self.headers["Authorization"] != f"Bearer t{outer.tokens}":
                        status, answer = 401, {"detail": "no"}
                data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_PATCH = do_PUT = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(module, "RETRY_PAUSES_S", (0.0, 0.0))
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.http.shutdown()
    thread.join()
    server.http.server_close()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.url + "/") as client:
        yield client


def run_of(number: int) -> dict[str, Any]:
    return {"dag_id": "d", "dag_run_id": f"r{number}", "state": "success", "partition_key": f"2026-03-{number:02}"}


def test_pages_are_read_to_the_end(server: Server, client: Client) -> None:
    runs = [run_of(n) for n in range(1, 8)]

    def reply(method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        offset = int(path.rsplit("offset=", 1)[1])
        return 200, {"dag_runs": runs[offset : offset + 3], "total_entries": 7}

    server.reply = reply
    assert [r.run_id for r in client.runs("d")] == [f"r{n}" for n in range(1, 8)]
    assert len(server.asked) == 3


def test_a_server_error_is_asked_again_and_a_refusal_is_not(server: Server, client: Client) -> None:
    answers = iter([(500, "locked"), (503, "busy"), (200, run_of(3))])
    server.reply = lambda *_: next(answers)
    assert client.trigger("d", "2026-03-03").partition_key == "2026-03-03"
    server.asked.clear()
    server.reply = lambda *_: (409, {"detail": "there is one already"})
    with pytest.raises(AirflowUnusable, match="409 there is one already"):
        client.trigger("d", "2026-03-03")
    assert len(server.asked) == 1


def test_an_expired_token_is_renewed_once(server: Server, client: Client) -> None:
    server.reply = lambda *_: (200, run_of(3))
    client.trigger("d", "k")
    server.tokens += 1  # what the client holds is no longer good
    assert client.trigger("d", "k").state == "success"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"detail": [{"loc": ["body", "from_date"], "msg": "bad"}]}, "body.from_date: bad"),
        ({"detail": "not found"}, "404 not found"),
        ("<html>a proxy's own page</html>", "a proxy's own page"),
        ([1], r"\[1\]"),
    ],
)
def test_what_the_server_said_is_passed_on_in_one_line(server: Server, client: Client, answer: Any, words: str) -> None:
    server.reply = lambda *_: (404, answer)
    with pytest.raises(AirflowUnusable, match=words) as caught:
        client.unpause("d")
    assert "\n" not in str(caught.value)


def backfill_of(number: int, completed_at: str | None = None) -> dict[str, Any]:
    return {
        "id": number,
        "dag_id": "d",
        "from_date": "2026-03-02T00:00:00Z",
        "to_date": "2026-03-03T00:00:00Z",
        "reprocess_behavior": "completed",
        "max_active_runs": 1,
        "is_paused": False,
        "created_at": "2026-03-05T08:00:00Z",
        "completed_at": completed_at,
    }


def test_a_backfill_returns_the_runs_it_made(server: Server, client: Client) -> None:
    runs = [run_of(1)]

    def reply(method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if method == "POST":
            assert (body["from_date"], body["to_date"]) == ("2026-03-02T00:00:00+00:00", "2026-03-03T00:00:00+00:00")
            assert (body["max_active_runs"], body["reprocess_behavior"], body["run_backwards"]) == (2, "failed", True)
            runs.extend([run_of(3), run_of(2)])
            return 200, backfill_of(7)
        if path.startswith("/api/v2/backfills"):
            return 200, {"backfills": [backfill_of(6, "2026-03-05T09:00:00Z")], "total_entries": 1}
        return 200, {"dag_runs": runs, "total_entries": len(runs)}

    server.reply = reply
    first, last = date(2026, 3, 2), date(2026, 3, 3)
    made, begun = client.start_backfill("d", first, last, max_active_runs=2, reprocess="failed", is_backwards=True)
    assert (made.id, made.first, made.last, made.completed_at) == (7, first, last, None)
    assert [r.partition_key for r in begun] == ["2026-03-02", "2026-03-03"]


def test_a_second_backfill_is_refused_with_the_number_of_the_first(server: Server, client: Client) -> None:
    server.reply = lambda *_: (200, {"backfills": [backfill_of(6)], "total_entries": 1})
    with pytest.raises(AirflowUnusable, match="--cancel 6"):
        client.start_backfill("d", date(2026, 3, 2), date(2026, 3, 3))
    assert [method for method, _ in server.asked] == ["GET"]


def test_runs_under_way_are_those_of_the_dags_asked_for(server: Server, client: Client) -> None:
    found = [{**run_of(1), "state": "queued"}, {**run_of(2), "dag_id": "e"}, {**run_of(3), "partition_key": None}]
    server.reply = lambda *_: (200, {"dag_runs": found, "total_entries": 3})
    assert client.under_way(["d"]) == {("d", "2026-03-01"): "queued"}
    assert "state=queued&state=running" in server.asked[0][1]


def test_no_airflow_is_said_with_what_to_do() -> None:
    with Client("http://127.0.0.1:9") as client, pytest.raises(AirflowUnusable, match="make up"):
        client.runs()


def test_a_page_that_is_not_json_is_no_traceback(server: Server, client: Client) -> None:
    server.reply = lambda *_: (200, "<html>some other server</html>")
    with pytest.raises(AirflowUnusable, match="is no Airflow"):
        client.runs()
