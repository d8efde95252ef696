"""One reader in a process of its own: read all pages once for what it finds, then again for the time it takes.

Speaks JSON lines on stdin and stdout: ``"read"`` → the readings; ``"time"`` → CPU seconds of one more pass;
end of input ends it. Started by ``race.py`` with the interpreter that has the reader.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import resource
import sys
import time
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from readers import READERS

_TIMED = 0.5
"""CPU seconds that a timed turn takes at least."""


def _resident() -> int:
    """Peak resident set in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # the kernel's other figure starts from what the parent process had
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def main() -> None:
    """Serve one reader: its name is the only argument."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a reader prints is not an answer
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    baseline = _resident()
    distribution, make = READERS[sys.argv[1]]

    def answer(value: Any) -> None:
        out.write(json.dumps(value) + "\n")
        out.flush()

    try:
        reader = make()
        found = version(distribution)
    except (ImportError, PackageNotFoundError) as error:
        answer({"missing": str(error)})
        return
    answer({"version": found, "python": sys.version.split()[0]})
    pages: list[dict[str, Any]] = []

    def pass_over() -> tuple[list[Any], float]:
        readings, seconds = [], 0.0
        for page in pages:
            content = Path(page["path"]).read_bytes()
            started = time.process_time()
            try:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    found = reader(content, page["url"], page["language"])
            except Exception as error:  # a page that a reader fails on is a page it read nothing of
                found = {"text": "", "error": f"{type(error).__name__}: {error}"[:200]}
            seconds += time.process_time() - started
            readings.append(found)
        return readings, seconds

    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "pages":
            pages = order["pages"]
            answer({"pages": len(pages)})
        elif order["do"] == "read":
            answer({"readings": pass_over()[0]})
        else:
            total, passes = 0.0, 0
            while total < _TIMED and passes < 100:  # a few small pages are over before a clock can tell
                total += pass_over()[1]
                passes += 1
            answer({"seconds": total / passes, "memory": _resident() - baseline})


if __name__ == "__main__":
    main()
