"""Which troubles of a store pass, and what a claim makes of a store that denies what it did."""

from __future__ import annotations

import errno
import ssl
from datetime import date
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, SSLError
from s3fs.errors import translate_boto_error

from claims.test_claims import Clock
from marsad.claims import Claims, newest
from marsad.errors import PartitionBusy
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.stores import disk_trouble, may_pass

P = Partition("wakala", date(2026, 3, 3))


def answer(status: int, code: str) -> BaseException:
    """What s3fs raises where a store answers so."""
    said = {"Error": {"Code": code, "Message": "x"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return translate_boto_error(ClientError(said, "PutObject"))  # type: ignore[arg-type, no-any-return]


@pytest.mark.parametrize(
    "error",
    [
        answer(503, "SlowDown"), answer(500, "InternalError"), answer(503, "503"), answer(502, "502"),
        answer(504, "GatewayTimeout"), answer(429, "TooManyRequests"), answer(400, "RequestTimeout"),
        EndpointConnectionError(endpoint_url="http://x"), ConnectionResetError(), TimeoutError(),
    ],
)  # fmt: skip
def test_what_passes(error: BaseException) -> None:
    assert may_pass(error)


@pytest.mark.parametrize(
    "error",
    [
        answer(403, "AccessDenied"), answer(404, "NoSuchBucket"), answer(400, "InvalidBucketName"),
        answer(403, "SignatureDoesNotMatch"), answer(501, "NotImplemented"), answer(412, "PreconditionFailed"),
        NoCredentialsError(), SSLError(endpoint_url="https://x", error="certificate"), ssl.SSLCertVerificationError(),
        PermissionError(), FileNotFoundError(), OSError(errno.ENOSPC, "No space left on device"), ValueError(),
    ],
)  # fmt: skip
def test_what_does_not(error: BaseException) -> None:
    assert not may_pass(error)


def test_only_a_full_disk_is_called_full(tmp_path: Path) -> None:
    assert "full" in (disk_trouble(OSError(errno.ENOSPC, "x"), tmp_path / "not" / "there") or "")
    assert "quota" in (disk_trouble(OSError(errno.EDQUOT, "x"), tmp_path) or "")
    assert disk_trouble(PermissionError(errno.EACCES, "x"), tmp_path) is None


class Denying(Lake):
    """Makes a file, loses the answer, asks again, and is told that there is one."""

    def create(self, relative: str, data: bytes) -> bool:
        super().create(relative, data)
        return False


def test_a_claim_that_was_made_and_denied_is_ones_own(tmp_path: Path) -> None:
    run, clock = Claims(Denying(tmp_path), now=Clock(), owner="run"), Clock()
    with run.hold(P):
        with pytest.raises(PartitionBusy), Claims(Denying(tmp_path), now=clock, owner="other").hold(P):
            pass
        run.lake.write_bytes("a", b"1")
    claim = newest(Lake(tmp_path), P)
    assert claim is not None
    assert (claim.owner, claim.generation, claim.is_done) == ("run", 1, True)
