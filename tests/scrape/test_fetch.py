"""One URL, against sites that misbehave: every end is the right outcome, in time and within memory."""

from __future__ import annotations

import gzip
import io
import itertools
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import brotli
import pytest
from backports import zstd

from hostile_site import HTML, IMPATIENT, HostileSite, answer, in_turn, page, raw
from marsad.scrape.fetch import SILENCE_LIMIT, Fetcher
from marsad.scrape.headers import LISTING_TYPES

URL = "http://site.example/story"
Make = Callable[..., Fetcher]
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(2000)
BOMB = gzip.compress(bytes(60_000_000), compresslevel=9)
BROTLI_BOMB = brotli.compress(bytes(60_000_000), quality=1)
ZSTD_BOMB = zstd.compress(bytes(60_000_000))


def http(head: str, body: bytes = b"") -> bytes:
    return ("HTTP/1.1 " + head + "\r\n\r\n").encode("latin-1") + body


OUTCOMES = {
    "a page": (answer(page()), "captured", ""),
    "an empty page": (answer(b""), "captured", ""),
    "missing": (answer(b"", 404), "not_found", "404"),
    "gone": (answer(b"", 410), "gone", "410"),
    "forbidden": (answer(b"", 403), "http_error", "403"),
    "broken": (answer(b"", 500), "http_error", "500"),
    "not modified, unasked": (answer(b"", 304), "http_error", "304"),
    "redirects to nowhere": (answer(b"", 302), "http_error", "without a usable Location"),
    "redirects to itself": (answer(b"", 302, Location="/story"), "too_many_redirects", "more than 5"),
    "redirects to the cloud's secrets": (
        answer(b"", 302, Location="http://169.254.169.254/latest/meta-data/"), "blocked_address", "not a public address",
    ),
    "redirects to localhost": (answer(b"", 302, Location="http://localhost:8080/"), "blocked_address", "localhost is at"),
    "redirects to a decimal address": (answer(b"", 302, Location="http://2130706433/"), "blocked_address", "127.0.0.1"),
    "redirects to IPv6 loopback": (answer(b"", 302, Location="http://[::1]/"), "blocked_address", "::1"),
    "redirects to mapped IPv4": (answer(b"", 302, Location="http://[::ffff:10.0.0.1]/"), "blocked_address", "10.0.0.1"),
    "redirects to a file": (answer(b"", 302, Location="file:///etc/passwd"), "blocked_address", "file:///etc"),
    "redirects with a password": (answer(b"", 302, Location="http://a:b@site.example/"), "blocked_address", "a:b@"),
    "redirects to gopher": (answer(b"", 301, Location="gopher://site.example/"), "blocked_address", "gopher"),
    "an image": (answer(PNG, kind="image/png"), "unsupported_type", "image/png"),
    "an image that says it is a page": (answer(PNG), "unsupported_type", "sent as text/html, but is image/png"),
    "an image that says nothing": (answer(PNG, kind=None), "unsupported_type", "image/png"),
    "a PDF that says it is a page": (answer(b"%PDF-1.7\n" + bytes(2000)), "unsupported_type", "application/pdf"),
    "a film without end": (
        raw(http("200 OK\r\nContent-Type: video/mp4"), bytes(65536), forever=True), "unsupported_type", "video/mp4",
    ),
    "a film without end that says nothing": (
        raw(http("200 OK"), b"\0\0\0\x18ftypmp42" + bytes(4096), bytes(65536), forever=True), "unsupported_type", "video",
    ),
    "a page without a type": (answer(page(), kind=None), "captured", ""),
    "a page as octets": (answer(page(), kind="application/octet-stream"), "captured", ""),
    "text that begins like a bitmap": (answer(b"BM is an airline. " * 9, kind="text/plain"), "captured", ""),
    "a body without end": (raw(http(f"200 OK\r\nContent-Type: {HTML}"), b"x" * 65536, forever=True), "too_large", "300000"),
    "50 MB, declared": (raw(http(f"200 OK\r\nContent-Type: {HTML}\r\nContent-Length: 52428800")), "too_large", "52428800"),
    "a length of 5,000 digits": (
        raw(http(f"200 OK\r\nContent-Type: {HTML}\r\nContent-Length: {'9' * 5000}")), "too_large", "more than",
    ),
    "a gzip bomb": (answer(BOMB, Content_Encoding="gzip"), "too_large", "decompressed"),
    "a bomb in a bomb": (answer(gzip.compress(BOMB), Content_Encoding="gzip, gzip"), "too_large", "decompressed"),
    "a deflate bomb": (answer(zlib.compress(bytes(60_000_000), 9), Content_Encoding="deflate"), "too_large", "decompressed"),
    "gzip that is none": (answer(page(), Content_Encoding="gzip"), "connection_error", "gzip"),
    "gzip cut short": (answer(gzip.compress(page() * 99)[:-40], Content_Encoding="gzip"), "connection_error", ""),
    "a Brotli bomb": (answer(BROTLI_BOMB, Content_Encoding="br"), "too_large", "decompressed"),
    "a Zstandard bomb": (answer(ZSTD_BOMB, Content_Encoding="zstd"), "too_large", "decompressed"),
    "a Zstandard bomb in Brotli": (
        answer(brotli.compress(ZSTD_BOMB), Content_Encoding="zstd, br"), "too_large", "decompressed",
    ),
    "Brotli that is none": (answer(page(), Content_Encoding="br"), "connection_error", "br"),
    "Zstandard that is none": (answer(page(), Content_Encoding="zstd"), "connection_error", "zstd"),
    "Brotli cut short": (answer(brotli.compress(page() * 99)[:-9], Content_Encoding="br"), "connection_error", ""),
    "Zstandard cut short": (answer(zstd.compress(page() * 99)[:-9], Content_Encoding="zstd"), "connection_error", ""),
    "five encodings": (answer(page(), Content_Encoding="gzip, br, zstd, gzip, br, gzip"), "connection_error", ""),
    "an encoding not asked for": (answer(page(), Content_Encoding="compress"), "unsupported_type", "compress"),
    "a page that says it is a PDF": (answer(page() * 30, kind="application/pdf"), "captured", ""),
    "a page that says it is JSON": (answer(b"\xef\xbb\xbf\n<!-- x -->" + page() * 30, kind="application/json"), "captured", ""),
    "JSON": (answer(b'{"html": "<html>"}', kind="application/json"), "unsupported_type", "application/json"),
    "drips a byte now and then": (
        raw(http(f"200 OK\r\nContent-Type: {HTML}"), b"x", every_s=0.1, forever=True), "timeout", "not finished after 1.5 s",
    ),
    "drips its headers": (raw(b"HTTP/1.1 200 OK\r\nX: ", b"x", every_s=0.1, forever=True), "timeout", "not finished"),
    "stalls before the headers": (raw(b"", every_s=3), "timeout", ""),
    "stalls in the body": (raw(http("200 OK\r\nContent-Length: 900", b"<p>"), every_s=3), "timeout", ""),
    "hangs up at once": (raw(), "connection_error", ""),
    "hangs up in the body": (raw(http("200 OK\r\nContent-Length: 900", b"<p>half")), "connection_error", ""),
    "hangs up in a chunk": (raw(http("200 OK\r\nTransfer-Encoding: chunked", b"ff\r\nhalf")), "connection_error", ""),
    "chunks that are none": (raw(http("200 OK\r\nTransfer-Encoding: chunked", b"zz\r\nhalf")), "connection_error", ""),
    "speaks no HTTP": (raw(b"SSH-2.0-OpenSSH_9.2\r\n" * 20), "connection_error", ""),
    "a header of a megabyte": (raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n"), "connection_error", ""),
    "headers without end": (raw(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 99, forever=True), "connection_error", ""),
    "a status of four digits": (raw(b"HTTP/1.1 2000 OK\r\n\r\n"), "connection_error", ""),
}  # fmt: skip


@pytest.mark.timed
@pytest.mark.parametrize("case", OUTCOMES)
def test_every_misbehaviour_has_its_outcome(site: HostileSite, fetcher: Make, case: str) -> None:
    act, outcome, said = OUTCOMES[case]
    site.acts["/story"] = act
    began = time.monotonic()
    fetch = fetcher(**(IMPATIENT if outcome == "timeout" else {}))
    found = fetch.get(URL)
    assert (found.outcome, said in (found.error or "")) == (outcome, True), found
    assert (found.outcome == "captured") == (found.error is None)
    assert found.outcome == "captured" or found.body == b""
    assert time.monotonic() - began < 4
    # nothing that happened to one URL spoils the next
    site.put("/next", page("التالي"))
    assert "التالي" in fetch.get("http://site.example/next").body.decode()


def test_a_bomb_is_not_held_in_memory(site: HostileSite, fetcher: Make) -> None:
    site.put("/story", BOMB, Content_Encoding="gzip")
    fetch = fetcher()
    tracemalloc.start()
    fetch.get(URL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(("name", "bomb"), [("br", BROTLI_BOMB), ("zstd", ZSTD_BOMB)])
def test_no_bomb_of_any_kind_is(site: HostileSite, fetcher: Make, name: str, bomb: bytes) -> None:
    site.put("/story", bomb, Content_Encoding=name)
    fetch = fetcher()
    tracemalloc.start()
    assert fetch.get(URL).outcome == "too_large"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(("name", "pack"), [("br", brotli.compress), ("zstd", zstd.compress), ("gzip", gzip.compress)])
def test_pages_are_read_however_they_are_compressed(
    site: HostileSite, fetcher: Make, name: str, pack: Callable[[bytes], bytes]
) -> None:
    body = page("مضغوطة") * 500
    site.put("/story", pack(body), Content_Encoding=name)
    assert fetcher().get(URL).body == body


def test_what_is_captured_is_what_was_sent(site: HostileSite, fetcher: Make) -> None:
    body = "<p>نصّ بترميز قديم</p>".encode("windows-1256")
    site.put(
        "/story",
        gzip.compress(body),
        kind='Text/HTML; Charset="Windows-1256"',
        Content_Encoding="gzip",
        ETag='"e1"',
        Last_Modified="Tue, 03 Mar 2026 10:00:00 GMT",
    )
    found = fetcher().get(URL)
    assert (found.body, found.content_type, found.charset) == (body, "text/html", "windows-1256")
    assert (found.http_status, found.attempt_count, found.final_url) == (200, 1, URL)
    assert found.headers["ETag"] == '"e1"'
    assert found.fetched_at is not None


def test_redirects_are_followed_and_arabic_ones_too(site: HostileSite, fetcher: Make) -> None:
    # as sites send it: UTF-8 in a header, which HTTP reads as Latin-1
    site.put("/story", status=301, Location="/أخبار/خبر?a=1#top".encode().decode("latin-1"))
    arrived = "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/%D8%AE%D8%A8%D8%B1?a=1"
    site.put(arrived, page())
    found = fetcher().get(URL)
    assert (found.outcome, found.final_url) == ("captured", f"http://site.example{arrived}")
    assert found.url == URL


def test_a_redirect_to_another_host_asks_for_its_robots(site: HostileSite, fetcher: Make) -> None:
    site.put("/story", status=302, Location="http://other.example/private/x")
    site.put("/robots.txt", b"User-agent: *\nDisallow: /private/", kind="text/plain")
    found = fetcher("site.example", "other.example").get(URL)
    assert found.outcome == "robots_denied"
    assert ("other.example", "/robots.txt") in {(host, path) for host, path, _ in site.log}
    assert "/private/x" not in site.paths()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://site.example/x", "file:///etc/passwd", "http://user:secret@site.example/", "http://:@/", "javascript:alert(1)",
        "http://[::1", "http://site.example:99999/", "خبر", "", "http://", "http://" + "a" * 64 + ".example/", "http://.../",
        "http://x" + "y" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_blocked_without_a_request(site: HostileSite, fetcher: Make, url: str) -> None:
    found = fetcher().get(url)
    assert found.outcome == "blocked_address"
    assert site.log == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_failures_are_tried_again_as_the_server_asks(site: HostileSite, fetcher: Make, status: int) -> None:
    sleeps: list[float] = []
    site.acts["/story"] = in_turn(answer(b"", status, Retry_After="7"), answer(b"", status), answer(page()))
    found = fetcher(fetch_attempts=3, retry_base_s=2.0, sleeps=sleeps).get(URL)
    assert (found.outcome, found.attempt_count) == ("captured", 3)
    assert sleeps == [7.0, 4.0]


def test_retry_after_may_be_a_date_and_may_be_too_far_away(site: HostileSite, fetcher: Make) -> None:
    sleeps: list[float] = []
    soon, far = (format_datetime(datetime.now(UTC) + timedelta(seconds=s), usegmt=True) for s in (30, 4000))
    site.acts["/story"] = in_turn(answer(b"", 429, Retry_After=soon), answer(b"", 429, Retry_After=far))
    found = fetcher(fetch_attempts=5, max_retry_after_s=120, sleeps=sleeps).get(URL)
    assert (found.outcome, found.attempt_count, found.http_status) == ("http_error", 2, 429)
    assert len(sleeps) == 1
    assert 25 < sleeps[0] <= 30


@pytest.mark.parametrize("wait", ["-5", "soon", "٣", "9" * 400, "Tue, 99 Foo 2026", ""])
def test_retry_after_that_means_nothing_does_no_harm(site: HostileSite, fetcher: Make, wait: str) -> None:
    head = f"HTTP/1.1 503 X\r\nContent-Length: 0\r\nRetry-After: {wait}\r\n\r\n".encode()
    site.acts["/story"] = in_turn(raw(head), answer(page()))
    found = fetcher(fetch_attempts=2).get(URL)
    assert found.outcome in ("captured", "http_error")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_final_answers_are_not_asked_for_twice(site: HostileSite, fetcher: Make, status: int) -> None:
    site.put("/story", status=status)
    fetcher(fetch_attempts=3).get(URL)
    assert site.paths() == ["/story"]


def test_a_refused_connection_is_tried_again_then_the_host_left_alone(fetcher: Make, site: HostileSite) -> None:
    site.server.shutdown()
    site.server.server_close()
    sleeps: list[float] = []
    fetch = fetcher(fetch_attempts=2, retry_base_s=1.0, sleeps=sleeps)
    found = [fetch.get(f"http://site.example/{n}") for n in range(SILENCE_LIMIT + 3)]
    assert {f.outcome for f in found} == {"connection_error"}
    assert "refused" in (found[0].error or "")
    assert found[-1].attempt_count == 0
    assert "left for a later run" in (found[-1].error or "")


def test_the_delay_holds_between_requests_to_a_host_redirects_included(site: HostileSite, fetcher: Make) -> None:
    site.put("/story", status=302, Location="/there")
    site.put("/there", page())
    settings = site.settings(delay_scale=0.1)
    from hostile_site import source

    with Fetcher(settings, source(politeness={"delay_s": 2.0})) as fetch:
        fetch.get(URL)
        fetch.get("http://site.example/there")
    times = [t for _, _, t in site.log]
    assert len(times) == 4  # robots.txt, two hops, one more
    assert min(b - a for a, b in itertools.pairwise(times)) >= 0.19


def test_the_crawl_delay_of_robots_holds(site: HostileSite, fetcher: Make) -> None:
    site.put("/robots.txt", b"User-agent: *\nCrawl-delay: 9", kind="text/plain")
    site.put("/story", page())
    sleeps: list[float] = []
    fetch = fetcher(delay_scale=1.0, politeness={"delay_s": 2.0}, sleeps=sleeps)
    fetch.get(URL)
    fetch.get(URL)
    assert [round(s) for s in sleeps if s > 0.5] == [9, 9]  # a wait may be in two parts


def test_the_budget_is_a_budget_of_requests(site: HostileSite, fetcher: Make) -> None:
    site.acts["*"] = answer(page())
    site.put("/robots.txt", status=404)
    fetch = fetcher(politeness={"daily_budget": 3})
    found = [fetch.get(f"http://site.example/{n}").outcome for n in range(4)]
    assert found == ["captured", "captured", "budget_exhausted", "budget_exhausted"]
    assert len(site.log) == 3


def test_environment_proxies_are_not_used(site: HostileSite, fetcher: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.put("/story", page())
    assert fetcher().get(URL).outcome == "captured"


def test_a_cookie_wall_lets_us_through(site: HostileSite, fetcher: Make) -> None:
    def wall(handler: object) -> None:
        has_cookie = "seen=1" in (handler.headers.get("Cookie") or "")  # type: ignore[attr-defined]
        act = answer(page()) if has_cookie else answer(b"", 302, Location="/story", Set_Cookie="seen=1; Path=/")
        act(handler)  # type: ignore[arg-type]

    site.acts["/story"] = wall
    assert fetcher().get(URL).outcome == "captured"


def test_the_user_agent_and_the_wanted_language_are_said(site: HostileSite, fetcher: Make) -> None:
    said: dict[str, str | None] = {}

    def act(handler: object) -> None:
        headers = handler.headers  # type: ignore[attr-defined]
        said.update({n: headers.get(n) for n in ("User-Agent", "Accept-Language", "Host")})
        answer(page())(handler)  # type: ignore[arg-type]

    site.acts["/story"] = act
    fetcher().get(URL)
    assert said["User-Agent"] == "Marsad/0.1 (+https://marsad.example/contact)"
    assert said["Host"] == "site.example"
    assert (said["Accept-Language"] or "").startswith("ar")


def test_listings_may_be_of_more_types_and_sizes(site: HostileSite, fetcher: Make) -> None:
    site.put("/feed", b"<rss>" + b" " * 400_000, kind="application/rss+xml")
    fetch = fetcher()
    assert fetch.get("http://site.example/feed").outcome == "unsupported_type"
    assert fetch.get("http://site.example/feed", types=LISTING_TYPES).outcome == "too_large"
    assert fetch.get("http://site.example/feed", types=LISTING_TYPES, max_bytes=500_000).outcome == "captured"


def _certificate(folder: Path, host: str) -> Path:
    """A self-signed certificate and its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(start).not_valid_after(start + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    text = io.BytesIO()
    text.write(made.public_bytes(serialization.Encoding.PEM))
    text.write(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    path = folder / "site.pem"
    path.write_bytes(text.getvalue())
    return path


@pytest.mark.timed
def test_https_is_verified_for_the_name_and_a_drip_over_it_ends(
    site: HostileSite, fetcher: Make, tmp_path: Path
) -> None:
    pem = _certificate(tmp_path, "site.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
    site.put("/story", page())
    site.acts["/drip"] = raw(http(f"200 OK\r\nContent-Type: {HTML}"), b"x", every_s=0.1, forever=True)
    stranger = fetcher().get("https://site.example/story")
    assert stranger.outcome == "connection_error"
    assert "certificate" in (stranger.error or "").lower()
    fetch = fetcher()
    fetch._session("site.example")[0].verify = str(pem)  # a test's own authority; production knows none
    assert fetch.get("https://site.example/story").outcome == "captured"
    fetch = fetcher(**IMPATIENT)
    fetch._session("site.example")[0].verify = str(pem)
    began = time.monotonic()
    assert fetch.get("https://site.example/drip").outcome == "timeout"
    assert time.monotonic() - began < 3


def test_a_page_that_has_not_changed_is_not_sent_again(site: HostileSite, fetcher: Make) -> None:
    asked: list[tuple[str | None, str | None]] = []

    def act(handler: object) -> None:
        headers = handler.headers  # type: ignore[attr-defined]
        asked.append((headers.get("If-None-Match"), headers.get("If-Modified-Since")))
        known = headers.get("If-None-Match") == '"e1"'
        (answer(b"", 304, ETag='"e1"') if known else answer(page(), ETag='"e2"'))(handler)  # type: ignore[arg-type]

    site.acts["/story"] = act
    since = "Tue, 03 Mar 2026 10:00:00 GMT"
    same = fetcher().get(URL, etag='"e1"', last_modified=since)
    assert (same.outcome, same.http_status, same.error) == ("unchanged", 304, None)
    assert fetcher().get(URL, etag='"e0"').outcome == "captured"
    # a header that a server gave us must not become two of ours
    assert fetcher().get(URL, etag='"e1"\r\nX-Evil: 1').outcome == "captured"
    assert asked == [('"e1"', since), ('"e0"', None), (None, None)]


def test_a_host_that_asks_for_an_hour_is_left_alone_for_the_run_and_by_others(site: HostileSite, fetcher: Make) -> None:
    site.acts["/story"] = answer(b"", 429, Retry_After="3600")
    site.put("/next", page())
    sleeps: list[float] = []
    fetch = fetcher(delay_scale=1.0, politeness={"delay_s": 1.0}, fetch_attempts=3, sleeps=sleeps)
    found = fetch.get(URL)
    assert (found.outcome, found.http_status, found.attempt_count) == ("http_error", 429, 1)
    for other in (fetch, fetcher(delay_scale=1.0)):
        found = other.get("http://site.example/next")
        assert (found.outcome, found.attempt_count) == ("http_error", 0)
        assert "asked to be left alone" in (found.error or "")
    assert site.paths() == ["/story"]
    assert max(sleeps) < 5


def test_a_storm_of_refusals_makes_us_slower_and_answers_faster_again(site: HostileSite, fetcher: Make) -> None:
    site.acts["*"] = in_turn(*[answer(b"", 503)] * 4, answer(page()))
    site.put("/robots.txt", status=404)
    sleeps: list[float] = []
    fetch = fetcher(delay_scale=1.0, politeness={"delay_s": 1.0}, retry_base_s=0.5, sleeps=sleeps)
    waits: list[float] = []
    for n in range(16):
        before = sum(sleeps)
        fetch.get(f"http://site.example/{n}")
        waits.append(sum(sleeps) - before)
    assert waits[4] > waits[3] > waits[2] > waits[1] > 1.9  # 1 s, and a penalty that doubles
    assert waits[5] < waits[4]
    assert 0.9 < waits[-1] < 1.2


@pytest.mark.timed
def test_a_host_that_answers_slowly_is_left_in_peace_for_as_long(site: HostileSite, fetcher: Make) -> None:
    def slow(handler: object) -> None:
        time.sleep(0.4)
        answer(page())(handler)  # type: ignore[arg-type]

    site.acts["/story"] = slow
    sleeps: list[float] = []
    fetch = fetcher(delay_scale=1.0, politeness={"delay_s": 0.05}, sleeps=sleeps)
    for _ in range(6):
        fetch.get(URL)
    assert len(site.log) == 7
    assert 0.2 < sleeps[-1] < 0.45  # left in peace for about as long as it took


def test_cookies_do_not_pile_up(site: HostileSite, fetcher: Make) -> None:
    sent: list[int] = []
    served = itertools.count()

    def act(handler: object) -> None:
        sent.append(len(handler.headers.get("Cookie") or ""))  # type: ignore[attr-defined]
        n = next(served)
        cookies = b"".join(b"Set-Cookie: c%d=%s\r\n" % (80 * n + i, b"x" * 500) for i in range(80))
        raw(
            http("200 OK\r\nContent-Length: 0\r\nConnection: close\r\nContent-Type: text/html\r\n")[:-2]
            + cookies
            + b"\r\n"
        )(handler)  # type: ignore[arg-type]

    site.acts["/story"] = act
    fetch = fetcher()
    for _ in range(5):
        assert fetch.get(URL).outcome == "captured"
    assert max(sent) < 30_000


def test_five_megabytes_of_robots_are_read_as_far_as_the_standard_says(site: HostileSite, fetcher: Make) -> None:
    rules = b"User-agent: *\nDisallow: /early\n" + b"# padding\n" * 500_000 + b"Disallow: /late\n"
    site.put("/robots.txt", rules, kind="text/plain")
    site.acts["*"] = answer(page())
    fetch = fetcher()
    assert fetch.get("http://site.example/early").outcome == "robots_denied"
    assert fetch.get("http://site.example/late").outcome == "captured"
