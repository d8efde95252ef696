"""Connections that only reach where they may.

What a site tells us to fetch is hostile: a redirect, a feed or a DNS answer may point at the
machine's own network. So the address is checked where the socket is made, after the name was
resolved, for every connection: what was checked is what is connected to (no rebinding between).

``connect_to`` maps a host to an address and port, as curl's ``--connect-to`` does; it is the one
way to an address that is not public, for tests and the sample sites.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from typing import Any, cast

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError


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
    return ip.is_global and not ip.is_multicast


class GuardedAdapter(HTTPAdapter):
    """An adapter whose sockets are checked; it remembers them so that a watchdog can close them."""

    def __init__(self, connect_to: Mapping[str, str]) -> None:
        self.connect_to = {host.lower(): target for host, target in connect_to.items()}
        self.sockets: list[socket.socket] = []
        super().__init__(pool_connections=4, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool manager, with our connection classes in it."""
        super().init_poolmanager(*args, **kwargs)
        adapter = self

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return adapter.connect(self)

        class Tls(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return adapter.connect(self)

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
        for family, kind, protocol, _, address in allowed:
            sock = socket.socket(family, kind, protocol)
            try:
                timeout = connection.timeout
                if isinstance(timeout, int | float):
                    sock.settimeout(timeout)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect(address)
            except TimeoutError as error:
                sock.close()
                last = error
                continue
            except OSError as error:
                sock.close()
                last = error
                continue
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
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
