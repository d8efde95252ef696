"""The console's frame: logins, headers, languages, forged forms, and texts that are all there."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from jinja2 import meta
from starlette.testclient import TestClient

import example_rows as ex
import marsad.console
from marsad.console import guard
from marsad.console.access import User
from marsad.console.app import Contexts, make_app, open_console_context
from marsad.console.cache import Cache
from marsad.console.deps import templates
from marsad.console.headers import HEADERS
from marsad.console.words import LANGUAGES, words
from marsad.context import Context
from marsad.errors import UsageError

ROOM = Path(marsad.console.__file__).parent


def test_who_is_not_logged_in_is_led_to_the_login_and_sees_nothing(browse: Callable[..., Any], empty: Context) -> None:
    answer = browse(empty, None).get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/login?next=/")
    assert answer.text == ""
    assert browse(empty, None).get("/nowhere").status_code == 401


@pytest.mark.parametrize("path", ["/", "/nowhere", "/static/console.css", "/static/none.css"])
def test_every_answer_has_the_strict_headers(browse: Callable[..., Any], empty: Context, path: str) -> None:
    answer = browse(empty).get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert ("no-store" in answer.headers["cache-control"]) is (not path.endswith("console.css"))


def test_the_language_is_what_was_asked_for(browse: Callable[..., Any], empty: Context) -> None:
    browser = browse(empty, **{"accept-language": "fr, ar-EG;q=0.8, en;q=0.3"})
    assert '<html lang="ar" dir="rtl">' in browser.get("/").text
    assert '<html lang="en" dir="ltr">' in browser.get("/?lang=en").text
    assert '<html lang="en" dir="ltr">' in browser.get("/").text  # remembered
    assert '<html lang="en"' in browser.get("/?lang=%22%3E%3Cscript%3E").text


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    ar, en = (words(name).texts for name in LANGUAGES)
    assert set(ar) == set(en)
    places = re.compile(r"\{(\w+)")
    for key in ar:
        assert set(places.findall(ar[key])) == set(places.findall(en[key])), key
        assert ar[key].strip(), key
    for name in LANGUAGES:
        raw = (ROOM / "words" / f"{name}.yaml").read_text("utf-8")
        keys = [line for line in raw.splitlines() if re.match(r"\S+:", line)]
        assert len(keys) == len(set(keys)), "YAML keeps the last of two equal keys silently"
        assert isinstance(yaml.safe_load(raw), dict)


def test_every_text_that_is_asked_for_exists() -> None:
    known = set(words("en").texts)
    asked: set[str] = set()
    for path in (ROOM / "templates").glob("*.html"):
        source = path.read_text("utf-8")
        meta.find_undeclared_variables(templates().parse(source))  # it parses
        asked |= set(re.findall(r"\bw\(\"([a-z_0-9.]+)\"(?! ~)", source))
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "words":
                asked |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    assert asked <= known, asked - known


def request_of(headers: dict[str, str], cookie: str | None = None) -> Any:
    from starlette.requests import Request

    raw = [(k.encode(), v.encode()) for k, v in {"host": "air.test", **headers}.items()]
    raw += [(b"cookie", f"{guard.COOKIE}={cookie}".encode())] if cookie else []
    return Request({"type": "http", "headers": raw, "method": "POST", "path": "/", "query_string": b""})


SAME = {"sec-fetch-site": "same-origin"}


@pytest.mark.parametrize(
    ("headers", "is_good"),
    [
        (SAME, True),
        ({"origin": "http://air.test"}, True),
        ({"origin": "https://air.test"}, True),
        ({"origin": "https://news.example"}, True),  # where browsers reach the server, as configured
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://air.test.evil.example"}, False),
        ({"sec-fetch-site": "same-site", "origin": "http://air.test"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://air.test"}, False),
        ({"sec-fetch-site": "none"}, False),
    ],
)
def test_a_form_must_stand_on_this_server(headers: dict[str, str], is_good: bool) -> None:
    nonce, user, key = guard.new_nonce(), User("layla"), b"k"
    form = {guard.FIELD: guard.token(key, nonce, user)}
    assert guard.is_genuine(request_of(headers, nonce), form, key, user, "https://news.example") is is_good


def test_a_token_is_for_one_user_one_browser_and_one_key() -> None:
    nonce, key = guard.new_nonce(), b"k"
    made = guard.token(key, nonce, User("layla"))
    good = {guard.FIELD: made}
    assert guard.is_genuine(request_of(SAME, nonce), good, key, User("layla"))
    assert not guard.is_genuine(request_of(SAME, nonce), good, key, User("omar"))
    assert not guard.is_genuine(request_of(SAME, nonce), good, b"other", User("layla"))
    assert not guard.is_genuine(request_of(SAME, guard.new_nonce()), good, key, User("layla"))
    assert not guard.is_genuine(request_of(SAME), good, key, User("layla"))
    assert not guard.is_genuine(request_of(SAME, nonce), {}, key, User("layla"))
    assert not guard.is_genuine(request_of(SAME, nonce), {guard.FIELD: "ü"}, key, User("layla"))
    # a cookie that was not ours cannot choose the token
    assert not guard.is_genuine(request_of(SAME, "x"), {guard.FIELD: guard.token(key, "x", User("l"))}, key, User("l"))


def test_the_cache_is_bounded_and_sees_changes() -> None:
    cache, made = Cache(2), []

    def make(name: str) -> Callable[[], str]:
        return lambda: made.append(name) or name

    for key, stamp in (("a", 1), ("a", 1), ("b", 1), ("a", 2), ("c", 1), ("a", 2), ("b", 1)):
        assert cache.get(key, stamp, make(key)) == key
    assert made == ["a", "b", "a", "c", "b"]
    assert len(cache) == 2


def test_what_is_heavy_takes_the_room_of_many() -> None:
    cache = Cache(10)
    for n in range(10):
        cache.get(n, 0, lambda: "light")
    assert len(cache) == 10
    cache.get("heavy", 0, lambda: "heavy", lambda made: 8)
    assert len(cache) == 3
    cache.get("heavy", 1, lambda: "lighter", lambda made: 2)
    cache.get("another", 0, lambda: "x", lambda made: 7)
    assert len(cache) == 3
    cache.get("whole", 0, lambda: "x", lambda made: 99)  # what is larger than all is kept alone
    assert len(cache) == 1


def test_links_lead_into_the_console_wherever_it_is_mounted(
    browse: Callable[..., Any], empty: Context, access: Any
) -> None:
    outer = FastAPI()
    outer.mount("/marsad/console", make_app(access, lambda: empty))
    headers = {"x-user": "layla", "accept-language": "en"}
    with TestClient(outer, base_url="http://air.test", root_path="/airflow", headers=headers) as browser:
        shown = browser.get("/airflow/marsad/console/").text
        targets = re.findall(r'(?:href|action|src)="([^"#][^"]*)"', shown)
        assert targets
        assert all(target.startswith("/airflow/marsad/console/") for target in targets), targets
        assert 'aria-current="page"' in shown
        cookie = browser.get("/airflow/marsad/console/?lang=ar").headers["set-cookie"]
        assert "Path=/airflow/marsad/console" in cookie
        assert "HttpOnly" in cookie


def test_a_source_file_that_changes_is_read_again_and_a_bad_one_takes_no_other_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ex.sources_folder(tmp_path)
    monkeypatch.setenv("MARSAD_SOURCES", str(folder))
    monkeypatch.setenv("MARSAD_LAKE", str(tmp_path / "lake"))
    monkeypatch.setattr("marsad.console.app.LOOK_EVERY_S", 0.0)
    contexts = Contexts(open_console_context)
    first = contexts.get()
    assert contexts.get() is first
    (folder / "kasir.yaml").write_text("name: kasir\ncolour: red\n", "utf-8")
    assert set(contexts.get().sources) == {ex.NAME}
    (folder / "jarida.yaml").write_text(ex.YAML.replace("sahifa", "jarida"), "utf-8")
    assert set(contexts.get().sources) == {ex.NAME, "jarida"}
    (folder / "jarida.yaml").unlink()
    assert set(contexts.get().sources) == {ex.NAME}


def test_a_setting_that_is_wrong_is_said_and_no_secret_with_it(access: Any) -> None:
    def broken() -> Context:
        raise UsageError("MARSAD_WAREHOUSE=postgresql://marsad:geheim@db/news is wrong")

    headers = {"x-user": "layla"}
    with TestClient(make_app(access, broken), base_url="http://console.test", headers=headers) as browser:
        answer = browser.get("/")
    assert answer.status_code == 400
    assert "MARSAD_WAREHOUSE" in answer.text
    assert "geheim" not in answer.text
