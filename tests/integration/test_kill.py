"""Killed with SIGKILL at random moments and run again: the published bytes are the same, and no URL is lost."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from forks import Marsad
from marsad.lake import Lake
from marsad.partition import Partition
from marsad.scrape.frontier import read_filed
from marsad.scrape.journal import read_segments
from marsad.scrape.record import CAPTURES, OUTCOMES
from marsad.warehouse.registry import CURATED_DATASETS, TABLES

SOURCES = Path(__file__).parents[2] / "include" / "marsad" / "samples" / "sources"
KILLS = 5


def published(root: Path) -> dict[str, str]:
    base = root / "published"
    return {
        str(p.relative_to(base)): hashlib.sha256(p.read_bytes()).hexdigest() for p in base.rglob("*") if p.is_file()
    }


def check_accounts(lake: Lake, partition: Partition) -> None:
    """Discovered = sum of outcomes, each URL once; and what was captured once was not asked for again."""
    rows = lake.read_table("raw", CAPTURES, partition).to_pylist()
    discovered = {sighting.url for sighting in read_filed(partition, lake)}
    outcomes = Counter(row["outcome"] for row in rows)
    assert discovered
    assert {row["url"] for row in rows} == discovered
    assert sum(outcomes.values()) == len(discovered)
    assert set(outcomes) <= set(OUTCOMES)
    written = Counter(row.url for row in read_segments(partition, lake) if row.outcome == "captured")
    assert set(written.values()) <= {1}


def start(lake: Path, sites: Any) -> Marsad:
    env = {
        "MARSAD_LAKE": str(lake),
        "MARSAD_SOURCES": str(SOURCES),
        "MARSAD_CONNECT_TO": sites.connect_to_env,
        # slow enough that a kill can fall between two fetches
        "MARSAD_DELAY_SCALE": "1",
        "MARSAD_RETRY_BASE_S": "0.01",
    }
    return Marsad("run", "-s", "mujammi", "-d", "2026-03-03", "--to", "2026-03-04", env=env)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_five_kills_at_random_moments(tmp_path: Path, sample_sites: Any) -> None:
    whole = start(tmp_path / "whole", sample_sites)
    began = time.monotonic()
    assert whole.wait(timeout=180) == 0, whole.stderr
    duration = time.monotonic() - began
    expected = published(tmp_path / "whole")
    assert expected
    seed = random.randrange(10**6)
    moments = random.Random(seed)
    lake = tmp_path / "killed"
    killed = 0
    for _ in range(KILLS):
        process = start(lake, sample_sites)
        try:
            process.wait(timeout=moments.uniform(0.05, 0.95) * duration)
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
    assert killed, f"seed {seed}: no kill fell within a run"
    last = start(lake, sample_sites)
    assert last.wait(timeout=180) == 0, last.stderr
    assert published(lake) == expected, f"seed {seed}"
    for day in (3, 4):
        check_accounts(Lake(lake), Partition("mujammi", date(2026, 3, day)))


SAMPLE = Path(__file__).parents[2] / "docs" / "sample" / "published"


def uncurated(root: Path) -> Path:
    """The published sample day of four sources, as it is before anything is made across them."""
    shutil.copytree(SAMPLE, root / "lake" / "published")
    (root / "lake/published/_manifests/date=2026-03-03/source=all.json").unlink()
    for dataset in CURATED_DATASETS:
        shutil.rmtree(root / "lake/published" / dataset.name)
    return root


def begin(word: str, root: Path) -> Marsad:
    env = {
        "MARSAD_LAKE": str(root / "lake"),
        "MARSAD_SOURCES": str(SOURCES),
        "MARSAD_WAREHOUSE": f"duckdb:///{root / 'warehouse.duckdb'}",
    }
    return Marsad(word, "-d", "2026-03-03", env=env)


def loaded(root: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(root / "warehouse.duckdb"), read_only=True) as connection:
        return {
            d.name: connection.execute(f"SELECT * FROM {d.name} ORDER BY ALL").fetchall()  # noqa: S608
            for d in TABLES
        }


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_curating_and_loading_killed_at_random_moments(tmp_path: Path) -> None:
    whole, killed = uncurated(tmp_path / "whole"), uncurated(tmp_path / "killed")
    seed = random.randrange(10**6)
    moments = random.Random(seed)
    for word in ("curate", "load"):
        sound = begin(word, whole)
        began = time.monotonic()
        assert sound.wait(timeout=180) == 0, sound.stderr
        duration = time.monotonic() - began
        kills = 0
        for _ in range(KILLS):
            process = begin(word, killed)
            try:
                process.wait(timeout=moments.uniform(0.05, 0.95) * duration)
            except subprocess.TimeoutExpired:
                process.kill()
                kills += 1
        assert kills, f"seed {seed}: no kill fell within {word}"
        last = begin(word, killed)
        assert last.wait(timeout=180) == 0, last.stderr
    assert published(killed / "lake") == published(whole / "lake"), f"seed {seed}"
    assert loaded(killed) == loaded(whole), f"seed {seed}"
    assert loaded(killed)["stories"]
