"""The console through a running Airflow: its login and rights, its actions, and what a real browser makes of it."""

from __future__ import annotations

import re
from datetime import date

import pytest
import requests

from browser import Tab
from integration.console_world import BLOCKED, DAY, World, check_page
from integration.test_airflow import until, wait
from marsad.errors import AirflowUnusable
from marsad.gate.override import read_overrides
from marsad.operate.client import Client
from marsad.partition import Partition
from marsad.publish.manifest import read_manifest

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]
WHY = "أغلق الموقع يومًا لصيانة أعلن عنها"


def test_both_plugins_are_there(world: World) -> None:
    assert requests.get(f"{world.airflow.url}/marsad/live", timeout=30).json() == {"ok": True}
    plugins = world.client._ask("GET", "/api/v2/plugins")["plugins"]
    views = {v["url_route"]: v for p in plugins for v in p["external_views"]}
    assert {n: v["destination"] for n, v in views.items()} == {
        "marsad": "nav", "marsad_source": "dag", "marsad_day": "dag_run",
    }  # fmt: skip
    assert world.client.import_errors() == {}


def test_nobody_sees_or_does_anything_without_a_login(world: World) -> None:
    for path in ("/", f"/partition/wakala/{DAY}", "/source/wakala", "/quarantine", f"/partition/wakala/{DAY}/runs"):
        answer = requests.get(world.console + path, timeout=60, allow_redirects=False)
        assert answer.status_code == 303
        assert "/auth/login" in answer.headers["location"]
        assert answer.text == ""
        bad = requests.get(
            world.console + path, headers={"Authorization": "Bearer no"}, timeout=60, allow_redirects=False
        )
        assert bad.status_code == 303
    for path in (f"/partition/wakala/{DAY}/run", "/source/wakala/check"):
        assert requests.post(world.console + path, data={}, timeout=60).status_code == 401


def test_a_viewer_reads_and_does_nothing(world: World) -> None:
    nadir = world.session("nadir")
    before = len(world.client.runs())
    at = f"/partition/wakala/{BLOCKED}"
    for path in ("/", at, f"{at}/runs", "/source/wakala", f"/quarantine?day={DAY}"):
        answer = nadir.get(world.console + path, timeout=60)
        assert answer.status_code == 200, answer.text
        assert 'method="post"' not in answer.text
        assert "nadir" in answer.text
    for path in (
        f"{at}/run",
        f"{at}/backfill",
        f"{at}/override",
        "/source/wakala/check",
    ):
        assert world.send(nadir, at, path).status_code == 403
    assert len(world.client.runs()) == before


def test_airflow_itself_refuses_what_the_page_would_let_through(world: World) -> None:
    """The client of an action is the user's own: even past our checks a viewer starts nothing."""
    token = requests.post(
        f"{world.airflow.url}/auth/token",
        json={"username": "nadir", "password": world.passwords["nadir"]},
        timeout=30,
    ).json()["access_token"]
    with Client(world.airflow.url, token=token) as nadir, pytest.raises(AirflowUnusable, match="403"):
        nadir.trigger("news_wakala", DAY)


def test_a_form_from_elsewhere_is_refused(world: World) -> None:
    layla = world.session("layla")
    at = f"/partition/wakala/{DAY}"
    shown = layla.get(world.console + at, timeout=60)
    token = re.search(r'name="form_token" value="(\w+)"', shown.text)
    assert token
    for headers in (
        {},
        {"Origin": "https://evil.example"},
        {"Origin": world.airflow.url, "Sec-Fetch-Site": "cross-site"},
    ):
        answer = layla.post(f"{world.console}{at}/run", data={"form_token": token[1]}, headers=headers, timeout=60)
        assert answer.status_code == 403
    other = world.session("mudir")  # another user's token
    other.cookies.update({c.name: c.value for c in layla.cookies if c.name == "marsad_console"})
    answer = other.post(
        f"{world.console}{at}/run", data={"form_token": token[1]}, headers={"Origin": world.airflow.url}, timeout=60
    )
    assert answer.status_code == 403
    assert world.client.runs("news_wakala") == []


def test_a_user_s_decision_is_on_record_in_their_name(world: World) -> None:
    layla, at = world.session("layla"), f"/partition/wakala/{BLOCKED}"
    answer = world.send(layla, at, f"{at}/override", check="something_found", why=WHY, days="2", last="")
    assert answer.status_code == 303, answer.text
    until(lambda: bool(read_overrides(world.lake)))
    (made,) = read_overrides(world.lake)
    assert (made.source, made.first, made.check, made.by, made.why) == (
        "wakala", BLOCKED, "something_found", "layla", WHY,
    )  # fmt: skip
    shown = layla.get(world.console + at, timeout=60).text
    assert WHY in shown
    assert "layla" in shown


def test_a_day_is_run_by_keyboard_alone_and_shows_on_the_map(world: World, tab: Tab) -> None:
    tab.go(f"{world.console}/?day={DAY}&days=7")
    tab.tab_to("(e.href || '').endsWith('/partition/wakala/2026-03-01')")
    tab.press("ArrowRight")
    tab.press("ArrowRight")
    before = tab.loads
    tab.press("Enter")
    tab.wait_for_load(before)
    assert tab.url() == f"{world.console}/partition/wakala/{DAY}"
    tab.tab_to("e.tagName === 'BUTTON' && e.form.action.endsWith('/run')")
    before = tab.loads
    tab.press("Enter")
    tab.wait_for_load(before)
    assert "/runs?started=" in tab.url()
    (run,) = world.client.runs("news_wakala")
    assert run.partition_key == DAY
    assert wait(world.client, run).tasks["publish"] == "success"
    tab.go(tab.url())
    assert "succeeded" in tab.text()
    manifest = read_manifest(world.lake, Partition("wakala", date.fromisoformat(DAY)))
    assert manifest is not None
    stories = next(f.row_count for f in manifest.files if f.dataset == "articles")
    tab.go(f"{world.console}/?day={DAY}&days=7")
    cell = tab.js(f"document.querySelector('td a[href$=\"/partition/wakala/{DAY}\"]').textContent.trim()")
    assert cell == str(stories)
    tab.picture(world.pictures / "day.png")


def test_pages_are_whole_in_both_languages_and_both_lights(world: World, tab: Tab) -> None:
    pages = {
        "day": f"/?day={DAY}&days=14",
        "partition": f"/partition/wakala/{DAY}",
        "blocked": f"/partition/wakala/{BLOCKED}",
        "runs": f"/partition/wakala/{DAY}/runs",
        "source": "/source/wakala",
        "quarantine": f"/quarantine?day={DAY}&source=wakala",
    }
    for name, path in pages.items():
        for language, dark in (("en", False), ("ar", True)):
            tab.go(f"{world.console}{path}{'&' if '?' in path else '?'}lang={language}")
            check_page(world, tab, name, language, dark=dark)
    tab.look(dark=False)
    tab.go(f"{world.console}/?lang=en")
    assert tab.faults == []
    assert {url for url in tab.asked if not url.startswith((world.airflow.url, "data:"))} == set()


def test_a_check_is_started_and_its_findings_are_shown(world: World, tab: Tab) -> None:
    tab.go(f"{world.console}/source/wakala")
    tab.tab_to("e.tagName === 'BUTTON' && e.form.action.endsWith('/check')")
    before = tab.loads
    tab.press("Enter")
    tab.wait_for_load(before)
    assert "/source/wakala/check/" in tab.url()
    (run,) = world.client.runs("check")
    assert wait(world.client, run).state == "success"
    tab.go(tab.url())
    assert "rss.xml" in tab.text()
    assert "read" in tab.text()


def test_run_and_backfill_start_runs(world: World) -> None:
    layla, before = world.session("layla"), len(world.client.runs("news_wakala"))
    at = f"/partition/wakala/{DAY}"
    answer = world.send(layla, at, f"{at}/run")
    assert answer.status_code == 303, answer.text
    runs = world.client.runs("news_wakala")
    assert len(runs) == before + 1
    assert wait(world.client, next(r for r in runs if not r.is_finished)).tasks["publish"] == "success"
    answer = world.send(layla, at, f"{at}/backfill", first="2026-03-04", last="2026-03-04", reprocess="failed")
    assert answer.status_code == 303, answer.text
    until(lambda: any(r.partition_key == "2026-03-04" and r.is_finished for r in world.client.runs("news_wakala")))
    assert read_manifest(world.lake, Partition("wakala", date(2026, 3, 4))) is not None


def test_an_admin_does_each_action_too(world: World) -> None:
    for going in world.client.backfills("news_wakala"):
        if going.completed_at is None:  # its run has ended, which Airflow sees twice a minute
            world.client.cancel_backfill(going.id)
    mudir, at = world.session("mudir"), f"/partition/wakala/{BLOCKED}"
    why = "راجعتُ الموقع بنفسي، واليوم عطلة"
    sent = [
        world.send(mudir, at, f"{at}/override", check="something_found", why=why, days="1", last=""),
        world.send(mudir, "/source/wakala", "/source/wakala/check"),
        world.send(mudir, at, f"{at}/run"),
        world.send(mudir, at, f"{at}/backfill", first=DAY, last=DAY, reprocess="none"),  # the day has its run: none new
    ]
    assert [answer.status_code for answer in sent] == [303] * 4
    until(lambda: [(o.by, o.why) for o in read_overrides(world.lake)] == [("layla", WHY), ("mudir", why)])
    assert world.client.backfills("news_wakala")[-1].first.isoformat() == DAY
    for dag_id, end in (("news_wakala", "publish"), ("check", "try_source")):
        run = max(world.client.runs(dag_id), key=lambda run: run.run_id)
        said = world.client._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run.run_id}")
        assert said["triggering_user_name"] == "mudir"
        assert wait(world.client, run).tasks[end] == "success"
    assert read_manifest(world.lake, Partition("wakala", BLOCKED)) is not None


def test_airflow_s_own_pages_lead_to_the_console(world: World, tab: Tab) -> None:
    run = world.client.runs("news_wakala")[0]
    inside = "document.querySelector('iframe')?.contentDocument?.body?.innerText ?? ''"
    for path, said in (
        ("/plugin/marsad", "The news day"),
        ("/dags/news_wakala/plugin/marsad_source", "Pace of its listings"),
        (f"/dags/news_wakala/runs/{run.run_id}/plugin/marsad_day", "Step by step"),
    ):
        tab.go(world.airflow.url + path)
        tab.until(lambda said=said: said in (tab.js(inside) or ""))
    tab.picture(world.pictures / "airflow.png")
    # and its forms work in Airflow's frame, with all that the frame forbids
    tab.js("document.querySelector('iframe').contentDocument.querySelector('form[action$=\"/run\"]').requestSubmit()")
    tab.until(lambda: "Started:" in (tab.js(inside) or ""))
