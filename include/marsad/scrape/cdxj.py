"""CDXJ: which page lies where in the WARC files, one line a capture, sorted, as pywb and its kin read it.

    raw/cdx/date=…/source=…/segment-0001.cdxj
    example,site)/news/7 20260303080000 {"url": …, "mime": …, "status": "200", "digest": "sha1:…", "length": …, …}

A line begins with the address turned round (SURT), so that a site's captures stand together; then the moment.
See https://specs.webrecorder.net/cdxj/0.1.0/. File names are relative to the lake.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from marsad.errors import LakeUnusable
from marsad.lake import Lake
from marsad.partition import Partition

_LINE = re.compile(r"(\S+) (\d{14}) (\{.*\})")


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """Where one capture's response, resource or revisit record lies."""

    url: str
    captured_at: datetime
    mime: str
    status: str
    digest: str
    length: int
    """Bytes of the record in the file, compressed."""
    offset: int
    filename: str

    def line(self) -> str:
        """The entry as one line."""
        values = {
            "url": self.url,
            "mime": self.mime,
            "status": self.status,
            "digest": self.digest,
            "length": str(self.length),
            "offset": str(self.offset),
            "filename": self.filename,
        }
        stamp = f"{self.captured_at.astimezone(UTC):%Y%m%d%H%M%S}"
        return f"{surt(self.url)} {stamp} {json.dumps(values)}"


def surt(url: str) -> str:
    """An address in the form an index is sorted by: the host turned round, without ``www.`` and default port;
    the path in small letters, the parameters in order. What has no host stands as it is.

    (The sort-friendly URI reordering transform of the Internet Archive, as pywb makes it.)
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return re.sub(r"\s", "%20", url)
    if not host:
        return re.sub(r"\s", "%20", url)
    host = re.sub(r"\Awww\d*\.", "", host)
    turned = host if ":" in host else ",".join(reversed(host.split(".")))
    default = {"http": 80, "https": 443}.get(parts.scheme)
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    path = parts.path.lower()
    path = path.rstrip("/") if len(path) > 1 else path
    found = f"{turned}{'' if port in (None, default) else f':{port}'}){path or '/'}{'?' + query if query else ''}"
    return re.sub(r"\s", "%20", found)


def index_path(partition: Partition, name: str) -> str:
    """Where the index of a partition's segment is."""
    return f"raw/cdx/{partition.path}/{name}.cdxj"


def write_index(lake: Lake, path: str, entries: Iterable[IndexEntry]) -> None:
    """Write entries as one CDXJ file; the same entries give the same bytes."""
    lines = sorted(entry.line() for entry in entries)
    lake.write_bytes(path, "".join(line + "\n" for line in lines).encode())


def read_index(lake: Lake, partition: Partition) -> Iterator[IndexEntry]:
    """The entries of all segments of a partition, in the order of the files.

    Raises:
        LakeUnusable: a file is no CDXJ.
    """
    for path in lake.list(f"raw/cdx/{partition.path}", "*.cdxj"):
        for number, line in enumerate(lake.read_bytes(path).decode("utf-8", "replace").splitlines(), 1):
            found = _LINE.fullmatch(line)
            try:
                values = json.loads(found[3]) if found else {}
                moment = datetime.strptime(found[2] if found else "", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
                yield IndexEntry(
                    values["url"], moment, values["mime"], values["status"], values["digest"], int(values["length"]),
                    int(values["offset"]), values["filename"],
                )  # fmt: skip
            except (ValueError, KeyError) as error:
                raise LakeUnusable(f"{path}, line {number}: is no CDXJ ({error})") from None


def lookup(lake: Lake, partition: Partition, url: str) -> list[IndexEntry]:
    """The captures of an address in a partition, the earliest first."""
    key = surt(url)
    return sorted(
        (e for e in read_index(lake, partition) if surt(e.url) == key), key=lambda e: (e.captured_at, e.offset)
    )
