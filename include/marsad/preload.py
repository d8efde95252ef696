"""What a process that forks tasks reads once for all of them, and when its children have to read it again.

Airflow's LocalExecutor and Celery's workers fork a process for each task. To import the stages, read the model of names
and compile the gates' templates costs each of them half a second of CPU; where the parent has done it the child finds
it, in shared memory. A task shall run the code that is on disk when it starts: a child whose parent read other files
forgets what it inherited.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

MODULES = (
    "marsad.gx",
    "marsad.claims",
    "marsad.layout",
    "marsad.late",
    "marsad.pipeline",
    "marsad.parse",
    "marsad.scrape.stage",
    "marsad.scrape.discover",
    "marsad.scrape.revisits",
    "marsad.clean.stage",
    "marsad.extract.stage",
    "marsad.validate.stage",
    "marsad.publish.stage",
    "marsad.curate.stage",
    "marsad.curate.stories",
    "marsad.scrape.suite",
    "marsad.clean.suite",
    "marsad.extract.suite",
    "marsad.validate.suite",
    "marsad.curate.suite",
    "marsad.gate.docs",
    "marsad.report.page",
    "marsad.warehouse.duckdb",
    "marsad.operate.compaction",
    "marsad.operate.retention",
    "marsad.operate.verify",
)
_ROOT = Path(__file__).parent
_PAGE = """<!doctype html><html lang="ar"><head><title>المجلس البلدي يفتح الجسر الجديد</title>
<meta property="article:published_time" content="2026-03-03T09:00:00+02:00"></head><body><article>
<h1>المجلس البلدي يفتح الجسر الجديد</h1><p>نشر في: 3 مارس 2026 - 14:30</p><p>آخر تحديث: 4 مارس 2026</p>
<p>قال رئيس المجلس سالم الحداد يوم الثلاثاء: «فُتح الجسر أمام نحو 300 سيارة».</p>
<p>وأضاف أن الأعمال كلفت مليوني دولار واستمرت ثلاثة أشهر في حي المرفأ.</p>
<p>إقرأ المزيد: افتتاح السوق القديمة</p><p>المصدر: وكالة الساحل</p><p>كلمات دلالية: جسر، مرفأ</p><p>وسوم: جسر</p>
<h2>إقرأ أيضاً</h2><h2>مقالات مشابهة</h2><h2>الأكثر قراءة</h2>
<p>تصوير: ليلى مراد</p><p>كتب: سامي نعمة</p><p>تابعونا على تويتر</p><p>عاجل</p>
</article></body></html>"""
"""A page that has what readers look for: their vocabularies are read, and their patterns made, when first needed."""


def preload() -> None:
    """Import what tasks import, and read what they read of the package's own data."""
    for name in MODULES:
        importlib.import_module(name)
    from marsad.curate.terms import base_form
    from marsad.gate.audit import open_pandas_source
    from marsad.gate.docs import page_view
    from marsad.parse import parse_page

    parse_page(_PAGE.encode())
    base_form("الكتب")
    open_pandas_source()
    page_view()


def stamp(root: Path = _ROOT) -> int:
    """A number that changes when a file of the package is changed, added or removed; some 10 ms."""
    return hash(tuple(sorted(_files(str(root)))))


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                state = entry.stat()
                yield entry.path, state.st_mtime_ns, state.st_size
