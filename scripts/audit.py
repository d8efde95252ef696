"""Ask whether anything that is pinned in requirements.txt has a known vulnerability: `make audit`.

pip-audit asks PyPI or OSV. Where neither can be reached, or does not answer for every package, nothing is known, and
that is said: the exit code is then 3, never 0.

    0  every pinned package was looked up, and none has a known vulnerability
    1  some have; they are listed with the versions that mend them
    3  the audit could not be made
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.txt"
UNKNOWN = 3
SERVICES = {"pypi": "https://pypi.org/pypi/pip/json", "osv": "https://api.osv.dev/v1/vulns/PYSEC-2023-228"}


def unknown(why: str) -> int:
    """Say that nothing is known."""
    print(f"marsad: the audit of dependencies could not be made: {why}. Nothing is known of them.", file=sys.stderr)
    return UNKNOWN


def silence_of(service: str) -> str | None:
    """Why a service is not to be asked: without an answer to one question, two hundred would take minutes to fail."""
    try:
        with urllib.request.urlopen(SERVICES[service], timeout=10):  # noqa: S310  our own constants
            return None
    except urllib.error.HTTPError as error:
        return f"{SERVICES[service]} answers {error.code}"
    except OSError as error:
        return f"{SERVICES[service]} cannot be reached ({getattr(error, 'reason', error)})"


def main() -> int:
    """Run the audit; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tool", default="pip-audit", help="the pip-audit to run")
    parser.add_argument("--service", default="pypi", choices=("pypi", "osv"), help="whom it asks")
    parser.add_argument("--no-probe", action="store_true", help="do not look first whether the service answers at all")
    given = parser.parse_args()
    if not given.no_probe and (why := silence_of(given.service)):
        return unknown(why)
    pinned = {name.lower() for name in re.findall(r"^([a-zA-Z0-9_.-]+)(?:\[.*?\])?==", LOCK.read_text("utf-8"), re.M)}
    argv = [given.tool, "--requirement", str(LOCK), "--require-hashes", "--disable-pip", "--format", "json"]
    argv += ["--vulnerability-service", given.service, "--progress-spinner", "off", "--timeout", "15"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=900)  # noqa: S603
        found = json.loads(done.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired) as error:
        return unknown(f"{given.tool}: {error}")
    except (ValueError, KeyError, TypeError):
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        return unknown(lines[-1][:300] if lines else f"{given.tool} gave no answer")
    seen = {str(d["name"]).lower() for d in found if "skip_reason" not in d}
    # packages of other platforms than this one are not looked up by every version of the tool
    missing = sorted({re.sub(r"[-_.]+", "-", n) for n in pinned} - {re.sub(r"[-_.]+", "-", n) for n in seen})
    bad = [d for d in found if d.get("vulns")]
    for d in bad:
        for v in d["vulns"]:
            mended = ", ".join(v.get("fix_versions") or ()) or "no version yet"
            print(f"{d['name']} {d.get('version', '')}: {v['id']}; mended in {mended}")
    if bad:
        return 1
    if len(missing) > len(pinned) // 20:
        return unknown(f"{len(missing)} of {len(pinned)} packages were not looked up, {missing[0]} for one")
    print(f"{len(seen)} packages were looked up, and none has a known vulnerability")
    for name in missing:
        print(f"not looked up here (of another platform): {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
