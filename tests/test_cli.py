"""The command line as a person meets it: real processes, exit codes, one clear line, no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from forks import Marsad, clean_environment
from marsad.curate.record import DUPLICATES

STORY = """أعلنت وزارة المياه في مدينة الساحل أن العمل في محطة التحلية الجديدة بدأ صباح اليوم بعد تأخير دام شهرين.

وقالت الوزارة في بيان: "المحطة ستزود ثلاثمئة ألف نسمة بالماء العذب قبل نهاية الصيف المقبل".

وأوضح مدير المشروع سامي الخطيب أن كلفة المحطة بلغت 12 مليون دولار، وأن التشغيل التجريبي استمر أسبوعين كاملين.

المصدر: وكالة الساحل

إقرأ أيضاً:

افتتاح معرض الكتاب في مدينة الجبل بمشاركة خمسين دارا

افتتح في مدينة الجبل أمس معرض الكتاب السنوي بمشاركة خمسين دار نشر من عشر دول، ويستمر المعرض أسبوعا كاملا في القاعة الكبرى.

وقال مدير المعرض حسان العلي إن عدد الزوار في اليوم الأول تجاوز ألفي زائر، وهو رقم لم تشهده دورات المعرض السابقة.
"""


def marsad(
    *words: str, cwd: Path, env: dict[str, str] | None = None, stdin: bytes | None = None
) -> tuple[int, str, str]:
    """Run the command line as its own process: exit code, standard output, standard error."""
    command = Marsad(*words, cwd=cwd, env={"COLUMNS": "200", **(env or {})}, stdin=stdin)
    return command.wait(), command.stdout, command.stderr


def marsad_from_nothing(
    *words: str, cwd: Path, env: dict[str, str] | None = None, stdin: bytes | None = None
) -> tuple[int, str, str]:
    """The same in a Python that has read nothing yet, as a person has it."""
    done = subprocess.run(
        [sys.executable, "-m", "marsad", *words],
        cwd=cwd,
        env=clean_environment({"COLUMNS": "200", **(env or {})}),
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "--source", "nonesuch", "--date", "2026-03-03"], "unknown source 'nonesuch'"),
        (["run", "--source", "fles", "--date", "2026-03-03"], "did you mean files"),
        (["run", "--source", "files", "--date", "2026-13-45"], "is not a date"),
        (["run", "--source", "files", "--date", "3/3/2026"], "write it as YYYY-MM-DD"),
        (["run", "--source", "files", "--date", "2199-01-01", "--path", "."], "has not begun"),
        (["run", "--source", "files", "--date", "2026-03-03", "--to", "2026-03-01"], "is before"),
        (["run", "--source", "files", "--date", "2026-03-03"], "MARSAD_FILES_PATH"),
        (
            ["run", "--source", "files", "--date", "2026-03-03", "--path", ".", "--stage", "bake"],
            "unknown stage 'bake'",
        ),
        (["run", "--source", "rt_arabic", "--date", "2026-03-03", "--path", "."], "go with --source files"),
        (["parse", "absent.html"], "no such file"),
        (["parse", "a.html", "b.html"], "--out"),
        (["parse", "page.txt", "--index", "absent.csv"], "index absent.csv"),
        (["load", "--date", "yesterday"], "is not a date"),
        (["load", "--date", "2026-03-03", "--warehouse", "oracle://x"], "duckdb:///"),
        (["report", "--date", "2026-02-30"], "is not a date"),
        (["quarantine", "list", "--date", "03-03-2026"], "is not a date"),
        (["sources", "show", "nonesuch"], "unknown source"),
        (["backfill", "--source", "nonesuch", "--from", "2026-03-02", "--to", "2026-03-04"], "unknown source"),
        (["backfill", "--from", "2026-03-02", "--to", "2026-03-04"], "--all-enabled"),
        (["backfill", "--source", "files", "--all-enabled", "--from", "2026-03-02", "--to", "2026-03-04"], "--source"),
        (["backfill", "--source", "files", "--from", "2026-03-02"], "--from YYYY-MM-DD --to"),
        (["backfill", "--source", "files", "--from", "2026-03-02", "--to", "2026-03-01"], "is before"),
        (["backfill", "--source", "files", "--from", "2026-03-02", "--to", "2026-03-04", "--json"], "--dry-run"),
        (["backfill", "--source", "files", "--from", "2026-03-02", "--to", "2026-03-04", "--reprocess", "x"], "failed"),
        (
            ["backfill", "--source", "files", "--from", "2026-03-02", "--to", "2026-03-04", "--max-active", "0"],
            "--max-active",
        ),
        (["backfill", "--source", "files", "--cancel", "many"], "--cancel"),
        (["schema", "nonesuch"], "unknown dataset 'nonesuch'; the datasets are articles"),
        (["schema", "--format", "arrow"], "name it"),
        (["nonsense"], "nonsense"),
        (["run"], "--source"),
        (["replay"], "--date"),
        (["diff", "--date", "2026-03-03", "--to", "2026-03-01"], "is before"),
        (["diff", "--date", "2026-03-03", "--source", "nonesuch"], "unknown source"),
    ],
)
def test_bad_words_get_one_line_and_code_2(tmp_path: Path, words: list[str], says: str) -> None:
    (tmp_path / "page.txt").write_text(STORY, "utf-8")
    code, shown, error = marsad(*words, cwd=tmp_path)
    assert says in error
    assert "Traceback" not in error
    assert len(error.strip().splitlines()) == 1
    assert (code, shown) == (2, "")


def test_replay_of_a_day_without_captures_fails_with_code_1(tmp_path: Path) -> None:
    code, shown, error = marsad("replay", "--date", "2026-03-03", cwd=tmp_path)
    assert (code, shown) == (1, "")
    assert "no captures from 2026-03-03" in error
    assert "Traceback" not in error


def test_load_of_an_unpublished_day_fails_with_code_1(tmp_path: Path) -> None:
    code, _, error = marsad_from_nothing("load", "--date", "2026-03-03", cwd=tmp_path)
    assert code == 1
    assert "nothing is published for 2026-03-03" in error


@pytest.mark.parametrize("lake", ["afile/below", "/proc/nonesuch/lake"])
def test_a_lake_that_cannot_be_written_is_named(tmp_path: Path, lake: str) -> None:
    (tmp_path / "afile").write_text("x")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text(STORY, "utf-8")
    words = ("run", "--source", "files", "--date", "2026-03-03", "--path", "pages")
    code, _, error = marsad(*words, cwd=tmp_path, env={"MARSAD_LAKE": lake})
    assert code == 1
    assert "cannot" in error
    assert lake in error
    assert "Traceback" not in error


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    code, _, error = marsad("sources", "list", cwd=tmp_path, env={"MARSAD_MAX_PAGE_BYTES": "big"})
    assert code == 2
    assert "MARSAD_MAX_PAGE_BYTES" in error


def test_a_bad_source_file_is_named_by_file_line_and_key(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "name: mine\ntitle: موقعي\nhomepage: https://mine.example\ncolour: red\n", "utf-8"
    )
    code, _, error = marsad("sources", "list", cwd=tmp_path, env={"MARSAD_SOURCES": str(tmp_path)})
    assert code == 2
    assert "mine.yaml:4: key colour: unknown key" in error


def test_parse_prints_one_json_object(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(STORY, "utf-8")
    code, shown, _ = marsad("parse", "page.txt", "--date", "2026-03-03", cwd=tmp_path)
    assert code == 0
    found = json.loads(shown)
    main, embedded = found["articles"]
    assert (main["role"], embedded["role"]) == ("main", "embedded")
    assert len(main["paragraphs"]) == 3
    assert embedded["title"] == "افتتاح معرض الكتاب في مدينة الجبل بمشاركة خمسين دارا"
    assert main["attributions"] == ["وكالة الساحل"]
    assert main["published_at"] is None
    assert [q["speaker"] for q in main["quotations"] if q["kind"] == "direct"] == ["الوزارة"]
    body = "\n\n".join(main["paragraphs"])
    for q in main["quotations"]:
        assert body[q["start"] : q["end"]] == q["text"]


def test_parse_reads_standard_input_and_stops_after_clean(tmp_path: Path) -> None:
    code, shown, _ = marsad_from_nothing("parse", "-", "--no-extract", cwd=tmp_path, stdin=STORY.encode("cp1256"))
    assert code == 0
    found = json.loads(shown)
    assert found["articles"][0]["paragraphs"][0].startswith("أعلنت وزارة المياه")
    assert "quotations" not in found["articles"][0]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\x03" * 100, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"])
def test_parse_of_what_is_no_page_fails_with_code_1(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "page.html").write_bytes(content)
    code, shown, error = marsad("parse", "page.html", cwd=tmp_path)
    assert code == 1
    assert "page.html" in error
    assert (shown, "Traceback" in error) == ("", False)


def test_parse_a_folder_with_an_index(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "one.txt").write_text(STORY, "utf-8")
    (pages / "two.txt").write_text(STORY, "utf-8")
    (pages / "index.csv").write_text("file,url,date\none.txt,https://site.example/1,2026-03-03\n", "utf-8")
    code, _, error = marsad("parse", "pages", "--out", "out", "--index", "pages/index.csv", cwd=tmp_path)
    assert (code, error) == (0, "")
    assert json.loads((tmp_path / "out" / "one.json").read_text("utf-8"))["url"] == "https://site.example/1"
    assert json.loads((tmp_path / "out" / "two.json").read_text("utf-8"))["url"] is None


def test_files_run_from_folder_to_parquet_load_and_report(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "one.txt").write_text(STORY, "utf-8")
    env = {"MARSAD_WAREHOUSE": "duckdb:///w.duckdb"}
    words = ("run", "-s", "files", "-d", "2026-03-03", "--path", "pages")
    code, shown, error = marsad_from_nothing(*words, cwd=tmp_path, env=env)
    assert code == 0, error
    assert "publish" in shown
    published = tmp_path / ".lake/published/articles/date=2026-03-03/source=files/part-0.parquet"
    first = published.read_bytes()
    assert marsad(*words, cwd=tmp_path, env=env)[0] == 0
    assert published.read_bytes() == first
    code, shown, error = marsad("load", "-d", "2026-03-03", cwd=tmp_path, env=env)
    assert code == 0, error
    code, again, _ = marsad("load", "-d", "2026-03-03", cwd=tmp_path, env=env)
    assert code == 0
    assert "already" in again
    code, shown, error = marsad("report", "-d", "2026-03-03", cwd=tmp_path, env=env)
    assert code == 0, error
    assert "files" in shown
    code, shown, error = marsad("replay", "-d", "2026-03-03", cwd=tmp_path, env=env)  # needs the folder no more
    assert (code, error) == (0, "")
    assert published.read_bytes() == first
    assert marsad("diff", "-d", "2026-03-03", cwd=tmp_path, env=env)[0] == 0


def test_help_names_every_command(tmp_path: Path) -> None:
    code, shown, _ = marsad_from_nothing("--help", cwd=tmp_path)
    assert code == 0
    for name in (
        "run",
        "parse",
        "sources",
        "load",
        "curate",
        "report",
        "backfill",
        "quarantine",
        "poll",
        "replay",
        "diff",
    ):
        assert name in shown


def test_a_dry_run_of_a_backfill_says_what_each_day_would_do(tmp_path: Path) -> None:
    """Without Airflow, lake or network."""
    words = ("backfill", "--source", "aljazeera", "--from", "2026-03-02", "--to", "2026-03-03", "--dry-run")
    env = {"MARSAD_AIRFLOW_URL": "http://127.0.0.1:9"}
    code, shown, error = marsad(*words, "--json", cwd=tmp_path, env=env)
    found = json.loads(shown)
    assert [d["date"] for d in found["days"]] == ["2026-03-02", "2026-03-03"]
    assert "no Airflow answers" in found["runs_unknown"]
    assert (code, error) == (0 if found["is_whole"] else 1, "")
    code, shown, _ = marsad(*words, cwd=tmp_path, env=env)
    assert shown.count("aljazeera  2026-03-0") == 2
    assert "aljazeera: at least" in shown
    assert not (tmp_path / ".lake").exists()


def test_days_that_can_have_no_partition_are_not_given_to_airflow(tmp_path: Path) -> None:
    words = ("backfill", "--source", "aljazeera", "--from", "2199-03-02", "--to", "2199-03-04")
    code, shown, error = marsad(*words, cwd=tmp_path, env={"MARSAD_AIRFLOW_URL": "http://127.0.0.1:9"})
    assert (code, shown) == (2, "")
    assert "refused aljazeera 2199-03-02 to 2199-03-04: the day has not begun" in error


def test_schemas_are_printed_for_people_and_programs(tmp_path: Path) -> None:
    code, shown, _ = marsad("schema", "duplicates", cwd=tmp_path)
    assert code == 0
    assert "containment" in shown
    assert "schema version 2" in shown
    code, shown, _ = marsad("schema", "--format", "json", cwd=tmp_path)
    assert json.loads(shown)["duplicates"]["properties"]["containment"]["x-since"] == 2
    words = [sys.executable, "-m", "marsad", "schema", "duplicates", "--format", "arrow"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, timeout=120, check=True)
    assert pa.ipc.read_schema(pa.BufferReader(done.stdout)).equals(DUPLICATES.schema, check_metadata=True)
