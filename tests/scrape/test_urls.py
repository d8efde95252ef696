"""Addresses: absolute, of one spelling, and never an error."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.scrape.urls import absolute, canonical, twin_key

BASE = "http://site.example/a/b.html"
ARABIC = st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوية-_0123456789ًّْـ", min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("c.html", "http://site.example/a/c.html"),
        ("/خبر-عاجل", "http://site.example/%D8%AE%D8%A8%D8%B1-%D8%B9%D8%A7%D8%AC%D9%84"),
        ("/%d8%ae%D8%A8%d8%b1", "http://site.example/%D8%AE%D8%A8%D8%B1"),
        ("HTTP://Site.EXAMPLE:80/x#y", "http://site.example/x"),
        ("https://site.example:443", "https://site.example/"),
        ("//other.example/x", "http://other.example/x"),
        ("?page=2&q=خبر", "http://site.example/a/b.html?page=2&q=%D8%AE%D8%A8%D8%B1"),
        ("\n   /long/\n      address.html \n", "http://site.example/long/address.html"),
        ("/with a space", "http://site.example/with%20a%20space"),
        ("/100%25-sure", "http://site.example/100%25-sure"),
        ("/50%", "http://site.example/50%25"),
        ("/%C7%E1%C3%CE%C8%C7%D1", "http://site.example/%C7%E1%C3%CE%C8%C7%D1"),  # windows-1256: left as it is
        ("http://site.example./x", "http://site.example/x"),
        ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("mailto:a@b.example", None),
        ("javascript:void(0)", None),
        ("tel:123", None),
        ("data:text/html,x", None),
        ("http://u@site.example/", None),
        ("http://site.example:x/", None),
        ("http://site..example/", None),
        ("", None),
        ("/" + "x" * 5000, None),
    ],
)
def test_absolute(href: str, url: str | None) -> None:
    assert absolute(href, BASE) == url


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("http://s.example/x?utm_source=tw&utm_medium=social", "http://s.example/x"),
        ("http://s.example/x?fbclid=1&id=7&gclid=2", "http://s.example/x?id=7"),
        ("http://S.example/x", "http://s.example/x"),
        ("http://s.example", "http://s.example/"),
        ("http://s.example/%d8%ae", "http://s.example/خ"),
        ("http://s.example/x?q=%d8%ae", "http://s.example/x?q=خ"),
        ("http://s.example/x?a=", "http://s.example/x?a"),
    ],
)
def test_one_address_has_one_form(one: str, two: str) -> None:
    assert canonical(one) == canonical(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("http://s.example/x?id=1", "http://s.example/x?id=2"),
        ("http://s.example/X", "http://s.example/x"),
        ("http://s.example/a%2Fb", "http://s.example/a/b"),
        ("http://s.example/a%3Fb", "http://s.example/a?b"),
        ("http://s.example/x", "https://s.example/x"),
        ("http://s.example/x?at=1", "http://s.example/x?at=2"),
        ("file:a.html", "file:b.html"),
    ],
)
def test_two_addresses_have_two_forms(one: str, two: str) -> None:
    assert canonical(one) != canonical(two)


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_no_link_breaks_it_and_absolute_is_settled(href: str) -> None:
    url = absolute(href, BASE)
    canonical(href)
    if url is not None:
        assert absolute(url, BASE) == url
        assert canonical(canonical(url)) == canonical(url)
        assert url.isascii() or not urlsplit(url).hostname.isascii()  # type: ignore[union-attr]
        assert not any(c.isspace() for c in url)


@given(st.lists(ARABIC, min_size=1, max_size=4))
def test_arabic_paths_are_the_same_however_they_are_written(parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    forms = [path, quote(path), quote(path).lower(), quote(path, safe="/-")]
    assert len({absolute(form, BASE) for form in forms}) == 1
    assert unquote(str(absolute(path, BASE))) == "http://site.example" + path


@given(st.text(max_size=8), st.sampled_from(["utm_source", "utm_campaign", "fbclid", "gclid"]))
def test_tracking_never_tells_addresses_apart(value: str, name: str) -> None:
    url = "http://s.example/%D8%AE?id=7"
    assert canonical(f"{url}&{name}={quote(value)}") == canonical(url)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://www.s.example/news/7/amp", "http://s.example/news/7"),
        ("https://s.example/news/7/amp/", "https://s.example/news/7/"),
        ("https://s.example/amp/news/7", "https://s.example/news/7"),
        ("https://s.example/news/7.amp.html", "https://s.example/news/7.html"),
        ("https://s.example/news/7.amp", "https://s.example/news/7"),
        ("https://s.example/news/7?amp=1", "https://s.example/news/7"),
        ("https://s.example/news/7?outputType=amp&id=3", "https://s.example/news/7?id=3"),
        ("https://m.s.example/news/7", "https://s.example/news/7"),
        ("https://amp.s.example/خبر-7", "https://s.example/%d8%ae%d8%a8%d8%b1-7"),
        ("https://web.archive.org/web/20260303080000id_/https://s.example/news/7", "https://s.example/news/7"),
        ("https://web.archive.org/web/20260303080000/http:/s.example/news/7?utm_source=x", "https://s.example/news/7"),
    ],
)
def test_twins_have_one_key(one: str, two: str) -> None:
    assert twin_key(one) == twin_key(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://s.example/news/7", "https://s.example/news/8"),
        ("https://s.example/camp", "https://s.example/c"),
        ("https://s.example/news/amplifier", "https://s.example/news/lifier"),
        ("https://m.example/x", "https://example/x"),  # m is the site's own name
        ("https://a.s.example/x", "https://s.example/x"),
        ("https://s.example/x?page=2", "https://s.example/x"),
        ("https://s.example/web/2026/http://x.example/", "http://x.example/"),  # no archive's address
    ],
)
def test_different_pages_keep_different_keys(one: str, two: str) -> None:
    assert twin_key(one) != twin_key(two)


@given(st.text(max_size=60))
def test_a_key_is_its_own_key(text: str) -> None:
    key = twin_key(f"https://s.example/{text}")
    assert twin_key(key) == key or "amp" in text.lower() or "/web/" in text
