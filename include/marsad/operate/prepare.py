"""`python -m marsad.operate.prepare`: what must be there before the first task runs, made where it is not.

The lake's bucket, where the lake is an object store, and proof that the lake can be written with the keys
of the environment; and a password for each user of the UI who has none, so that Airflow's simple auth manager
need not make it, which it would also print to its log. It may be run any number of times; docker-compose.yaml
does so at every start.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path

from marsad.context import open_context
from marsad.errors import LakeUnusable, MarsadError, UsageError
from marsad.lake import Lake

BUCKET_STORES = ("s3", "s3a", "gs", "gcs")


def make_bucket(lake: Lake) -> bool:
    """Make the bucket that a lake is in. True if it was made, False where it was there or there is none.

    Raises:
        LakeUnreachable: the store does not answer now.
        LakeUnusable: it refuses.
    """
    if lake.root.protocol not in BUCKET_STORES:
        return False
    bucket = lake.root.path.partition("/")[0]
    try:
        if lake.root.fs.exists(bucket):
            return False
        lake.root.fs.mkdir(bucket)
    except FileExistsError:  # somebody else was quicker
        return False
    except Exception as error:  # stores raise their own kinds; a person needs one
        passing = lake.unreachable(f"make the bucket {bucket}", error)
        raise (passing or LakeUnusable(f"lake {lake}: cannot make the bucket {bucket}: {error}")) from None
    return True


def make_passwords(users: str, path: Path) -> list[str]:
    """Give a password to each user who has none, in the simple auth manager's file, for its owner's eyes alone.

    Args:
        users: ``name:role`` pairs, comma-separated, as Airflow's setting has them.
        path: the file; made where it is not.

    Returns:
        The names of those who got one.

    Raises:
        UsageError: a user has no name or no role, or the file is not one of passwords.
    """
    pairs = [pair.strip().partition(":") for pair in users.split(",") if pair.strip()]
    if not all(name and role for name, _, role in pairs):
        raise UsageError(f"AIRFLOW_USERS is {users!r}; write name:role pairs with commas between, such as admin:admin")
    try:
        found = json.loads(path.read_text("utf-8") or "{}") if path.exists() else {}
        if not isinstance(found, dict):
            raise ValueError("no object")
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: is not a file of passwords ({error}); remove it, and new ones are made") from None
    new = {name: secrets.token_urlsafe(18) for name, _, _ in pairs if name not in found}
    if new:
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({**found, **new}, file)
        temporary.replace(path)
    return sorted(new)


def main() -> int:
    """Prepare what the environment names; says what was done, and no password."""
    users = os.environ.get("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS")
    passwords = os.environ.get("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE")
    try:
        lake = open_context().lake
        made = make_bucket(lake)
        lake.check_writable()
        new = make_passwords(users, Path(passwords)) if users and passwords else []
    except MarsadError as error:
        print(f"marsad: {error}", file=sys.stderr)
        return 1
    print(f"lake {lake}: {'bucket made, ' if made else ''}can be written")
    if new:
        print(f"passwords made for {', '.join(new)}: {passwords}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
