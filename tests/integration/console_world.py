"""What the tests of the console in a real Airflow share: its users, its days, and the ways a browser takes to it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import requests

import example_rows as ex
from browser import Tab, chromium
from integration.test_airflow import SAMPLES
from marsad.console.words import words
from marsad.errors import GateFailed
from marsad.gate import gate_stage
from marsad.lake import Lake
from marsad.operate.client import Client
from marsad.operate.demo import demo_env
from marsad.operate.local_airflow import LocalAirflow, find_project
from marsad.partition import Partition
from marsad.samples.server import SampleSites
from marsad.settings import Settings
from marsad.validate.record import VERDICTS

DAY = "2026-03-03"
BLOCKED = date(2026, 3, 2)
USERS = {"mudir": "admin", "layla": "user", "nadir": "viewer"}
PUBLISHED = Path(__file__).parents[2] / "docs" / "sample" / "published"
NEIGHBOUR = "mujammi"
"""A source that is published already, and copies a story of wakala's."""


@dataclass(frozen=True)
class World:
    """An Airflow with two sources: a gate has stopped one day of the first, a day of the other is published."""

    airflow: LocalAirflow
    client: Client
    lake: Lake
    passwords: dict[str, str]
    pictures: Path

    @property
    def console(self) -> str:
        return f"{self.airflow.url}/marsad/console"

    def session(self, user: str | None) -> requests.Session:
        """A browser's session of a user, by the cookie that Airflow's login gives."""
        made = requests.Session()
        made.trust_env = False
        if user:
            body = {"username": user, "password": self.passwords[user]}
            answer = requests.post(f"{self.airflow.url}/auth/token", json=body, timeout=30)
            made.cookies.set("_token", answer.json()["access_token"])
        return made

    def send(
        self, session: requests.Session, page: str, path: str, *, file: bytes | None = None, **fields: str
    ) -> requests.Response:
        """Open a page, and send one of its forms."""
        shown = session.get(self.console + page, timeout=60)
        token = re.search(r'name="form_token" value="(\w+)"', shown.text)
        return session.post(
            self.console + path,
            data={**fields, **({"form_token": token[1]} if token else {})},
            files={"page": ("page.html", file, "text/html")} if file is not None else None,
            headers={"Origin": self.airflow.url},
            timeout=60,
            allow_redirects=False,
        )


@contextmanager
def start_world(root: Path, sites: SampleSites) -> Iterator[World]:
    """Start the Airflow; it is ended with the block."""
    (root / "sources").mkdir()
    for name in ("wakala", NEIGHBOUR):
        shutil.copy(SAMPLES / f"{name}.yaml", root / "sources")
    env = {
        **demo_env(sites.connect_to_env, root),
        "MARSAD_SOURCES": str(root / "sources"),
        "MARSAD_DATA_DOCS": "false",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in USERS.items()),
    }
    lake, partition = Lake(root / ".lake"), Partition("wakala", BLOCKED)
    for path in sorted(PUBLISHED.rglob(f"source={NEIGHBOUR}*")):
        copy = shutil.copytree if path.is_dir() else shutil.copy
        at = root / ".lake" / "published" / path.relative_to(PUBLISHED)
        at.parent.mkdir(parents=True, exist_ok=True)
        copy(path, at)
    rule = ex.verdict("something_found", source="wakala", date=BLOCKED, is_success=False, todo="افتح الموقع")
    ex.write_rows(lake, "staged", VERDICTS, [rule], partition)
    settings = Settings(lake=str(lake), sources=(root / "sources",), data_docs=False)
    with pytest.raises(GateFailed):
        gate_stage((VERDICTS,), partition, lake, settings=settings)
    pictures = root / "pictures"
    pictures.mkdir()
    with LocalAirflow(find_project(), root / "home", environment=env, parallelism=2) as airflow:
        passwords = json.loads((airflow.home / "passwords.json").read_text("utf-8"))
        with Client(airflow.url, ("mudir", passwords["mudir"])) as client:
            client.wait_for_dags(["news_wakala", "override", "check"], since=airflow.started_at)
            yield World(airflow, client, lake, passwords, pictures)


@contextmanager
def log_in(world: World, folder: Path) -> Iterator[Tab]:
    """A browser in which layla has logged in, by Airflow's own page, which led her to the console."""
    with chromium(folder) as tab:
        tab.send("Network.setExtraHTTPHeaders", headers={"Accept-Language": "en"})
        tab.go(f"{world.console}/?day={DAY}&days=7")
        tab.until(lambda: tab.js("Boolean(document.querySelector('input[name=username]'))"))
        tab.js("document.querySelector('input[name=username]').focus()")
        tab.write("layla")
        tab.js("document.querySelector('input[name=password]').focus()")
        tab.write(world.passwords["layla"])
        tab.press("Enter")
        tab.until(lambda: tab.url().startswith(world.console))
        tab.until(lambda: "layla" in tab.text())
        tab.asked.clear()
        tab.faults.clear()
        yield tab


def check_page(world: World, tab: Tab, name: str, language: str, *, dark: bool) -> None:
    """Hold the page that is open to what every page must be, in a language and a light."""
    tab.look(dark=dark)
    assert tab.js("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
    ground = tab.js("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == ("rgb(20, 25, 31)" if dark else "rgb(255, 255, 255)")
    # the page itself does not scroll sideways: wide tables scroll in their own frame
    assert tab.js("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    assert len(tab.picture(world.pictures / f"{name}-{language}-{'dark' if dark else 'light'}.png")) > 10_000
    assert not tab.faults, (name, tab.faults)
    barriers = tab.barriers()
    assert not barriers, (name, barriers)
    tab.faults.clear()  # what the examiner itself may not load
    if language == "ar":
        english = set(tab.js(_SAID)) & _ENGLISH
        assert not english, (name, english)


_SAID = """(() => {
    const said = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode())
        if (!walk.currentNode.parentElement.closest('code, option:not([value])')) said.push(walk.currentNode.data.trim());
    for (const name of ['title', 'aria-label', 'placeholder', 'data-confirm'])
        for (const e of document.querySelectorAll(`[${name}]`)) said.push(e.getAttribute(name));
    return said;
})()"""
"""All texts of a page but the names of the data's, and what is said of its parts."""
_ENGLISH = {text for key, text in words("en").texts.items() if text != words("ar").texts[key]}
