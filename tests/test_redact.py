"""What must not be shown is not: secrets by their form, and characters that act on a terminal."""

from __future__ import annotations

import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from marsad.logs import JsonFormatter, TextFormatter, _Facts, carried, within
from marsad.redact import mask, masked, safe, visible
from marsad.terminal import escape

SECRET = "Zx9-Tq7Lm"


@pytest.mark.parametrize(
    "text",
    [
        f"cannot connect to postgresql://marsad:{SECRET}@db.example:5432/news: refused",
        f"s3://key:{SECRET}@bucket/x and redis://:{SECRET}@redis:6379/0",
        f"GET https://hook.example/x?a=1&token={SECRET}&b=2",
        f"https://s3.example/o?X-Amz-Signature={SECRET}&X-Amz-Date=1",
        f"https://blob.example/o?sv=1&sig={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"{{'Authorization': 'Basic {SECRET}', 'Accept': 'text/html'}}",
        f"headers: authorization={SECRET}",
        f"Cookie: session={SECRET}; theme=dark",
        f"Set-Cookie: id={SECRET}; HttpOnly",
        f'{{"password": "{SECRET}", "user": "marsad"}}',
        f"aws_secret_access_key={SECRET} region=eu",
        f"login failed (api_key: {SECRET})",
        f"passphrase={SECRET}",
    ],
)
def test_secrets_are_masked_by_their_form(text: str) -> None:
    assert SECRET not in mask(text)
    assert "***" in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://arabic.example/news/2026/03/04/story?id=12&page=2",
        "http://127.0.0.1:8080/api/v2/dags",
        "قال الوزير إن كلمة السر: الوحدة",
        "wakala 2026-03-04: scrape: {'captured': 12, 'not_found': 1}",
        "duckdb:///srv/lake/warehouse.duckdb",
        "tokens: 12 of 30",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text) == text


def test_names_of_secrets_mask_at_any_depth() -> None:
    value = {
        "client_kwargs": {"endpoint_url": "http://s3", "aws_secret_access_key": SECRET},
        "list": [{"token": SECRET}],
    }
    assert masked(value) == {
        "client_kwargs": {"endpoint_url": "http://s3", "aws_secret_access_key": "***"},
        "list": [{"token": "***"}],
    }


@given(st.text())
def test_nothing_that_acts_is_left_and_a_message_stays_one_line(text: str) -> None:
    shown = visible(text)
    assert not any((ord(c) < 32 and c != "\t") or 127 <= ord(c) < 160 for c in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2028\u2029")
    assert len(safe(text).splitlines()) <= 1


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "Mn", "Zs", "P"])))
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_a_headline_cannot_command_a_terminal() -> None:
    headline = "عاجل\x1b]0;owned\x07\x1b[2J\u202eexe.txt [bold]x[/bold] \x9b31m"
    out = io.StringIO()
    Console(file=out, force_terminal=True, width=200).print(escape(headline), highlight=False)
    shown = out.getvalue()
    assert "\x1b]" not in shown
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
    assert "\x9b" not in shown
    assert "\\x1b[2J" in shown
    assert "[bold]x[/bold]" in shown


def test_every_command_escapes_through_our_own_function() -> None:
    from pathlib import Path

    root = Path(__file__).parent.parent / "include" / "marsad"
    direct = [p for p in root.rglob("*.py") if "rich.markup" in p.read_text("utf-8") and p.name != "terminal.py"]
    assert direct == [], "use marsad.terminal.escape: rich's own leaves escape sequences in"


def _log(formatter: logging.Formatter, *args: object, error: bool = False) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    handler.addFilter(_Facts())
    log = logging.getLogger("marsad.test_redact")
    log.addHandler(handler)
    log.propagate = False
    try:
        if error:
            try:
                raise ValueError(f"postgresql://u:{SECRET}@h/x")
            except ValueError:
                log.exception(*args)
        else:
            log.warning(*args)
    finally:
        log.removeHandler(handler)
    return out.getvalue()


def test_every_line_says_what_it_is_about_and_forges_no_other() -> None:
    with within(source="wakala", date="2026-03-04", stage="scrape", run="manual__1"):
        line = _log(JsonFormatter(), "title: %s", "خبر\n{'level': 'error'}\x1b[31m")
        text = _log(TextFormatter(), "title: %s", "خبر\nerror: forged")
    told = json.loads(line)
    assert line.count("\n") == 1
    assert (told["source"], told["date"], told["stage"], told["run"]) == ("wakala", "2026-03-04", "scrape", "manual__1")
    assert told["event"] == "title: خبر\\n{'level': 'error'}\\x1b[31m"
    assert text == "warning: [source=wakala date=2026-03-04 stage=scrape run=manual__1] title: خبر\\nerror: forged\n"
    assert "source" not in json.loads(_log(JsonFormatter(), "outside"))


def test_no_secret_and_no_page_gets_into_a_line() -> None:
    for formatter in (JsonFormatter(), TextFormatter()):
        assert SECRET not in _log(formatter, "cannot reach %s", f"s3://k:{SECRET}@b")
        assert SECRET not in _log(formatter, "failed", error=True)
        assert len(_log(formatter, "%s", "x" * 1_000_000)) < 5_000


def test_threads_take_along_what_their_work_is_about() -> None:
    import threading

    from marsad.logs import about

    seen: list[dict[str, str]] = []
    with within(source="wakala"):
        thread = threading.Thread(target=carried(lambda: seen.append(about())))
        thread.start()
        thread.join()
    assert seen == [{"source": "wakala"}]
    assert about() == {}
