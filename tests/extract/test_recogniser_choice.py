"""Which recogniser reads a story: the setting, the source's own word, and what the rows say of it."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from marsad.errors import UsageError
from marsad.extract.recogniser import RulesOnly, recogniser
from marsad.extract.stage import extract
from marsad.settings import load_settings
from marsad.sources import Source

BODY = "قال نادر مسعود، وهو تاجر من صيدا، إن السوق هادئة. ثم غادر مسعود إلى بيروت."


def methods(**options: object) -> set[str]:
    rows = [{"article_id": "a", "title": None, "body": BODY, "date": date(2026, 3, 3), "published_basis": "page"}]
    found = extract("here", date(2026, 3, 3), pa.Table.from_pylist(rows), **options)  # type: ignore[arg-type]
    return set(found.mentions.table["method"].to_pylist())


def test_the_stage_reads_with_the_model_unless_told_otherwise() -> None:
    assert "crf" in methods() or "given_name" in methods()
    assert methods(reader=RulesOnly()) <= {"gazetteer", "given_name", "title", "head_word", "nationality", "surname"}


def test_the_setting_and_the_source_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARSAD_RECOGNISER", "rules")
    assert load_settings().recogniser == "rules"
    source = Source.model_validate({"name": "a", "title": "ا", "homepage": "https://a.example", "recogniser": "crf"})
    assert source.recogniser == "crf"
    assert recogniser("rules").name == "rules"


def test_an_unknown_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARSAD_RECOGNISER", "magic")
    with pytest.raises(UsageError, match="MARSAD_RECOGNISER"):
        load_settings()
