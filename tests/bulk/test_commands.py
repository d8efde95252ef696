"""``marsad bulk`` as a person meets it: what it says, and one clear line for what cannot be."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bulk_pages import AT, story, write_warc
from marsad.__main__ import main
from marsad.context import Context
from marsad.lake import Lake

Make = Callable[[str], Context]
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Say:
    monkeypatch.setenv("MARSAD_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("MARSAD_DATA_DOCS", "false")

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["marsad", "bulk", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        return int(stop.value.code or 0), said.out, said.err

    return run


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("run", "--from DAY"),
        ("run --from 2026-03-04 --warc x.warc.gz", "--from DAY"),
        ("run --from 2026-03-04 --to 2026-03-03", "is before"),
        ("run --from yesterday", "yesterday"),
        ("run --from 2026-03-03 -s nobody", "nobody"),
        ("run --from 2026-03-03 --known-only", "goes with --warc"),
        ("run --from 2026-03-03", "no captures"),
        ("run --warc /nowhere/*.gz --name spring", "no such file"),
        ("run --warc @/nowhere/list --name spring", "cannot be read"),
        ("run --warc x.warc.gz", "needs --name"),
        ("run --warc x.warc.gz --name spring -s jarida", "go with --from"),
        ("run --warc x.warc.gz --name spring --engine spark", "local or ray"),
        ("run --warc x.warc.gz --name spring --address HEAD:6379", "--engine ray"),
        ("run --from 2026-03-03 --workers 0", "workers"),
        ("status --name nothing", "no bulk run"),
        ("status --name nothing --fate lost", "crashed"),
        ("status --name nothing --fate crashed", "no bulk run"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(bulk_context: Make, say: Say, words: str, named: str) -> None:
    bulk_context("unused")
    code, out, err = say(*words.split())
    assert code in (1, 2)
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert named in err


@pytest.mark.slow
def test_a_run_of_warcs_and_its_status(bulk_context: Make, say: Say, tmp_path: Path) -> None:
    bulk_context("unused")
    pages = [(f"https://jarida.example/{n}", story(n, AT)) for n in range(3)]
    warc = write_warc(Lake(tmp_path / "in"), "a.warc.gz", [*pages, ("https://jarida.example/x", b"<p>x</p>")])
    words = ("run", "--warc", warc, "--name", "spring", "--out", str(tmp_path / "out"), "--workers", "1")
    code, out, _ = say(*words, "--dry-run")
    assert (code, "1 of 1 shards to read" in out) == (0, True)
    assert not (tmp_path / "out" / "bulk").exists()
    code, out, err = say(*words)
    assert code == 0, err
    assert out.strip() == (
        "bulk spring: 1 shards, 1 read now, 1 partitions published; 4 captures: cleaned 3, rejected 1"
    )
    code, out, _ = say("status", "--name", "spring", "--out", str(tmp_path / "out"))
    assert out.split() == ["1", "shards", "read,", "1", "partitions", "published", "cleaned", "3", "rejected", "1"]
    code, out, _ = say("status", "--name", "spring", "--out", str(tmp_path / "out"), "--fate", "rejected")
    assert "https://jarida.example/x" in out
    assert f"{warc} at " in out
    assert out.strip().endswith("1 captures rejected")
