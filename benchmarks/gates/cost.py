"""What a gate costs: the import, each stage's gate, and its Data Docs, on a made-up day.

python benchmarks/gates/cost.py [STORIES]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

import example_rows as ex
from marsad.gate import gate_stage
from marsad.gate.audit import load_suite
from marsad.lake import Lake
from marsad.scrape.record import CAPTURES
from marsad.settings import Settings
from marsad.sources.health import SHARES
from marsad.validate.record import PROFILES, VERDICTS
from marsad.validate.rules import RULES

REPEATS = 5


def megabytes() -> int:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(stories: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(folder)
        ex.write_day(lake, stories=stories)
        ex.write_rows(lake, "staged", VERDICTS, [ex.verdict(rule.__name__) for rule in RULES])
        ex.write_rows(lake, "staged", PROFILES, [ex.profile(name) for name in SHARES])
        before, start = megabytes(), time.process_time()
        load_suite(CAPTURES)
        print(f"import: {time.process_time() - start:.1f} s of CPU, {megabytes() - before} MB, once a process")
        stages = {"scrape": (CAPTURES,), "clean": ex.STORIES, "extract": ex.FINDINGS, "validate": (VERDICTS, PROFILES)}
        totals = {}
        for data_docs in (False, True):
            settings = Settings(data_docs=data_docs)
            totals[data_docs] = 0.0
            for name, datasets in stages.items():
                taken = []
                for _ in range(REPEATS):
                    start = time.process_time()
                    gate_stage(datasets, ex.PARTITION, lake, settings=settings)
                    taken.append(time.process_time() - start)
                totals[data_docs] += sorted(taken)[REPEATS // 2]
                with_docs = " with Data Docs" if data_docs else ""
                print(f"{name} gate{with_docs}: {sorted(taken)[REPEATS // 2]:.2f} s ({len(datasets)} suites)")
        print(f"a partition of {stories} stories: {totals[False]:.2f} s, with Data Docs {totals[True]:.2f} s")
        print(f"at most {megabytes()} MB in all")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
