"""Which addresses may be reached, and that what was checked is what is connected to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from hostile_site import HostileSite, page
from marsad.scrape import connect
from marsad.scrape.connect import is_public
from marsad.scrape.fetch import Fetcher


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("64:ff9b::8.8.8.8", True), ("::ffff:8.8.8.8", True),
        ("127.0.0.1", False), ("127.8.8.8", False), ("0.0.0.0", False), ("10.1.2.3", False), ("172.16.0.1", False),
        ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("224.0.0.1", False),
        ("240.0.0.1", False), ("255.255.255.255", False), ("192.0.2.1", False), ("198.18.0.1", False),
        ("::", False), ("::1", False), ("fe80::1", False), ("fe80::1%eth0", False), ("fc00::1", False), ("fec0::1", False),
        ("ff02::1", False), ("::ffff:127.0.0.1", False), ("::127.0.0.1", False), ("64:ff9b::127.0.0.1", False),
        ("64:ff9b::10.0.0.1", False), ("2002:7f00:1::", False), ("2002:a00:1::", False), ("2001:db8::1", False),
        ("64:ff9b:1::1", False), ("2001:0:7f00:1::", False),
    ],
)  # fmt: skip
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """A resolver of our own: name to a queue of answers; the last one stays."""
    known: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        if host not in known:
            return real(host, port, *args, **kwargs)
        queue = known[host]
        addresses = queue.pop(0) if len(queue) > 1 else queue[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    # the resolver is the one thing that cannot be run for real here
    monkeypatch.setattr(connect.socket, "getaddrinfo", resolve)
    return known


Make = Callable[..., Fetcher]


def test_a_name_that_is_at_a_private_address_is_blocked(
    site: HostileSite, fetcher: Make, names: dict[str, list[list[str]]]
) -> None:
    names["inner.example"] = [["10.0.0.5", "127.0.0.1"]]
    found = fetcher().get("http://inner.example/x")
    assert found.outcome == "blocked_address"
    assert found.error == "robots.txt: inner.example is at 10.0.0.5, 127.0.0.1, which is not a public address"
    assert site.log == []


def test_a_name_that_moves_between_check_and_connection_gains_nothing(
    site: HostileSite, fetcher: Make, names: dict[str, list[list[str]]]
) -> None:
    """Rebinding: a name is resolved once for each connection, and that answer is what is checked."""
    port = site.target.rpartition(":")[2]
    names["moves.example"] = [["127.0.0.1"]]
    for _ in range(3):
        assert fetcher().get(f"http://moves.example:{port}/x").outcome == "blocked_address"
    assert site.log == []


def test_the_mapping_is_by_name_and_the_host_header_stays(site: HostileSite, fetcher: Make) -> None:
    site.put("/story", page())
    fetcher("a.example").get("http://A.example:8080/story")
    assert [host for host, path, _ in site.log if path == "/story"] == ["a.example:8080"]


@pytest.mark.timed
def test_many_dead_addresses_take_one_timeout(fetcher: Make, names: dict[str, list[list[str]]]) -> None:
    import time

    from hostile_site import source
    from marsad.settings import Settings

    # mapped, so that the guard lets them pass; a listening socket with a full queue never answers
    dead = socket.socket()
    dead.bind(("127.0.0.1", 0))
    dead.listen(0)
    fill = [socket.socket() for _ in range(4)]
    for s in fill:
        s.setblocking(False)
        s.connect_ex(dead.getsockname())
    names["dead.example"] = [["127.0.0.1"] * 50]
    settings = Settings(
        connect_to={"dead.example": f"dead.example:{dead.getsockname()[1]}"}, connect_timeout_s=0.5, fetch_attempts=1
    )
    began = time.monotonic()
    with Fetcher(settings, source()) as fetch:
        found = fetch.get("http://dead.example/x")
    for s in [dead, *fill]:
        s.close()
    assert found.outcome == "timeout"
    assert time.monotonic() - began < 2


def test_a_name_nobody_knows(fetcher: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(connect.socket, "getaddrinfo", unknown)
    found = fetcher().get("http://nobody.example/")
    assert found.outcome == "connection_error"
    assert "not known" in (found.error or "")
