"""Connections that only reach where they may.

What a site tells us to fetch is hostile: a redirect, a feed or a DNS answer may point at the
machine's own network. So the address is checked where the socket is made, after the name was
resolved, for every connection: what was checked is what is connected to (no rebinding between).

``connect_to`` maps a host to an address and port, as curl's ``--connect-to`` does; it is the one
way to an address that is not public, for tests and the sample sites.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from requests.adapters import HTTPAdapter
from requests.exceptions import Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from marsad.scrape.record import Outcome

MAX_ADDRESSES = 4
"""Addresses of one name that are tried."""


class BlockedAddress(OSError):
    """The host's address is not a public one."""


def is_public(address: str) -> bool:
    """Whether an IP address may be reached: global, and not an IPv4 one in disguise that is not."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        # 64:ff9b::/96 is how IPv6-only networks write IPv4 addresses
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_reserved or ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast


class GuardedAdapter(HTTPAdapter):
    """An adapter whose sockets are checked; it remembers them so that a watchdog can close them."""

    def __init__(self, connect_to: Mapping[str, str]) -> None:
        self.connect_to = {host.lower(): target for host, target in connect_to.items()}
        self.sockets: list[socket.socket] = []
        self.before_request: Callable[[], None] | None = None
        """Called when the connection stands, and before anything is sent."""
        super().__init__(pool_connections=4, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool manager, with our connection classes in it."""
        super().init_poolmanager(*args, **kwargs)
        adapter = self

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return adapter.connect(self)

            def request(self, *args: Any, **kwargs: Any) -> None:
                if self.sock is None:
                    self.connect()
                if adapter.before_request is not None:
                    adapter.before_request()
                super().request(*args, **kwargs)

        class Tls(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return adapter.connect(self)

            def request(self, *args: Any, **kwargs: Any) -> None:
                if adapter.before_request is not None:
                    adapter.before_request()  # connected before, to be verified
                super().request(*args, **kwargs)

            def connect(self) -> None:
                super().connect()
                if isinstance(self.sock, socket.socket):
                    adapter.sockets.append(self.sock)  # TLS has taken over the one that was connected

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = Tls

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}

    def connect(self, connection: HTTPConnection) -> socket.socket:
        """Resolve, check, connect.

        Raises:
            BlockedAddress: no public address, wrapped as urllib3 wraps connection errors.
        """
        host, port = connection.host, connection.port
        mapped = self.connect_to.get(host.lower())
        if mapped:
            host, _, mapped_port = mapped.rpartition(":")
            port = int(mapped_port)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(connection.host, connection, cast(socket.gaierror, error)) from error
        allowed = [f for f in found if mapped or is_public(str(f[4][0]))]
        if not allowed:
            refused = ", ".join(sorted({str(f[4][0]) for f in found}))
            raise BlockedAddress(f"{connection.host} is at {refused}, which is not a public address")
        last: OSError | None = None
        deadline = time.monotonic() + connection.timeout if isinstance(connection.timeout, int | float) else None
        for family, kind, protocol, _, address in allowed[:MAX_ADDRESSES]:
            sock = socket.socket(family, kind, protocol)
            try:
                # one timeout for all addresses: a name with fifty dead ones must not take fifty times as long
                if deadline is not None:
                    sock.settimeout(max(0.001, deadline - time.monotonic()))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect(address)
            except OSError as error:
                sock.close()
                last = error
                continue
            sock.settimeout(connection.timeout if deadline is not None else None)
            self.sockets = [s for s in self.sockets if s.fileno() >= 0]
            self.sockets.append(sock)
            return sock
        if isinstance(last, TimeoutError):
            raise ConnectTimeoutError(connection, f"no connection to {connection.host} in time") from last
        raise NewConnectionError(connection, str(last)) from last

    def hang_up(self) -> None:
        """Shut every socket down, whatever is being read from it."""
        for sock in self.sockets:
            try:
                # past ssl's own shutdown, which would take the object from under its reader
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                continue


def failure(error: Exception) -> tuple[Outcome, str]:
    """The outcome of a request that raised, by what is in the chain of its causes, and its sentence."""
    outcome: Outcome = "connection_error"
    seen: BaseException = error
    for _ in range(8):
        if isinstance(seen, BlockedAddress):
            return "blocked_address", str(seen)
        # urllib3 counts a refused connection among the timeouts; requests does not
        if isinstance(seen, Timeout | ReadTimeoutError | TimeoutError):
            outcome = "timeout"
        deeper = None if isinstance(seen, DecodeError) else _cause(seen)
        if deeper is None:
            break
        seen = deeper
    return outcome, shortly(seen)


def _cause(error: BaseException) -> BaseException | None:
    """What an exception was raised for, by any of the ways libraries have to say it."""
    reason = getattr(error, "reason", None)
    inner = [reason, *error.args, error.__cause__, error.__context__]
    return next((e for e in inner if isinstance(e, BaseException) and e is not error), None)


def shortly(error: BaseException) -> str:
    """An exception as one short line: its message alone where it has one for people."""
    text = getattr(error, "strerror", None) or str(error)
    text = re.sub(r"^(HTTPS?Connection(Pool)?|Plain|Tls)\([^)]{0,200}\): ", "", " ".join(str(text).split()))
    return (text or type(error).__name__)[:300]
