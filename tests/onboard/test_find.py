"""`sources new`: a home page's routes found, tried and written down."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hostile_site import HostileSite
from marsad.__main__ import app
from marsad.errors import SourceUnreachable, UsageError
from marsad.onboard.find import as_yaml, find
from marsad.sources import read_source
from onboard.test_trial import feed

HOME = """<html lang="ar"><head><title>المرفأ | أخبار الساحل</title><meta property="og:site_name" content="صحيفة المرفأ">
<link rel="alternate" type="application/rss+xml" href="/rss/all"></head>
<body><a href="/rss/sport">رياضة</a> <a href="http://elsewhere.example/feed">آخر</a> <a href="/story-feed-1">خبر</a></body></html>"""
SITEMAP = b"<urlset><url><loc>http://site.example/9</loc></url></urlset>"


def test_feeds_and_sitemaps_are_found_tried_and_written(site: HostileSite, tmp_path: Path) -> None:
    site.put("/", HOME.encode())
    site.put("/robots.txt", b"User-agent: *\nDisallow: /private\nSitemap: /maps/news.xml\n", kind="text/plain")
    site.put("/rss/all", feed("/1", "/2"), kind="text/xml")
    site.put("/rss/sport", feed("/3"), kind="text/xml")
    site.put("/feed", feed("/2", "/1"), kind="text/xml")
    site.put("/maps/news.xml", SITEMAP, kind="text/xml")
    found = find("http://site.example/", site.settings())
    assert [(r.kind, r.address, r.count) for r in found.routes] == [
        ("feed", "http://site.example/rss/all", 2),
        ("sitemap", "http://site.example/maps/news.xml", 1),
        ("feed", "http://site.example/rss/sport", 1),
    ]
    assert found.title == "صحيفة المرفأ"
    assert any("what another route lists" in why for why in found.silent)
    path = tmp_path / f"{found.name}.yaml"
    path.write_text(as_yaml(found), encoding="utf-8")
    written = read_source(path)
    assert (written.name, written.is_enabled, len(written.discover)) == ("site", False, 3)
    assert "elsewhere.example" not in path.read_text(encoding="utf-8")


def test_a_site_without_routes_says_what_was_tried(site: HostileSite, tmp_path: Path) -> None:
    site.put("/", b"<html><head><title>a: b # c</title></head><body>no feeds</body></html>")
    found = find("http://site.example/", site.settings())
    assert found.routes == ()
    path = tmp_path / f"{found.name}.yaml"
    path.write_text(as_yaml(found), encoding="utf-8")
    assert read_source(path).discover == ()
    assert "#   http" in path.read_text(encoding="utf-8") or "404" in path.read_text(encoding="utf-8")


def test_braces_in_an_address_are_no_date(site: HostileSite, tmp_path: Path) -> None:
    site.put("/", b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss?q={all}"></head></html>')
    site.put("/rss?q=%7Ball%7D", feed("/1"), kind="text/xml")
    found = find("http://site.example/", site.settings())
    path = tmp_path / f"{found.name}.yaml"
    path.write_text(as_yaml(found), encoding="utf-8")
    assert not any(r.is_dated for r in read_source(path).discover)


def test_a_dead_home_page_and_no_address_are_told(site: HostileSite) -> None:
    site.put("/", status=503)
    with pytest.raises(SourceUnreachable, match="503"):
        find("http://site.example/", site.settings())
    with pytest.raises(UsageError, match="not a web address"):
        find("ftp://site.example/", site.settings())


def test_the_guides_first_command_makes_its_folder_and_overwrites_nothing(
    site: HostileSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put("/", b'<html lang="ar"><title>x</title><link rel=alternate type="application/rss+xml" href="/rss.xml">')
    site.put("/rss.xml", feed("/news/1"), kind="application/rss+xml")
    monkeypatch.setenv("MARSAD_CONNECT_TO", f"site.example={site.target}")
    monkeypatch.setenv("MARSAD_DELAY_SCALE", "0")
    folder = tmp_path / "my_sources"
    words = ["sources", "new", "http://site.example", "--to", str(folder)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert [p.name for p in folder.iterdir()] == ["site.yaml"]
    again = CliRunner().invoke(app, words)
    assert "is there already" in str(again.exception)
