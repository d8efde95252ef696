"""A simulated news site: its days, its stories and its pages, the same bytes for the same seed."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

WHO = (
    "وزير الأشغال", "رئيس البلدية", "مدير المستشفى", "قائد الدفاع المدني", "رئيسة الجامعة", "محافظ الإقليم",
    "الناطق باسم الوزارة", "رئيس اتحاد المزارعين", "مديرة المتحف", "رئيس غرفة التجارة", "أمين المكتبة العامة",
    "رئيس نادي الساحل", "مدير المرفأ", "نقيب الصيادلة", "رئيسة الجمعية", "مدير محطة القطار",
)  # fmt: skip
DID = (
    "افتتح", "أعلن تأجيل", "تفقد", "دشن", "وقع اتفاق", "كشف خطة", "أطلق حملة", "ناقش مشروع", "أوقف العمل في",
    "أعاد ترميم", "سلم", "وسع", "أغلق مؤقتا", "جهز", "مول", "نقل إدارة",
)  # fmt: skip
WHAT = (
    "الجسر القديم", "سوق الخضار", "محطة المياه", "مدرسة الحي الشرقي", "مستوصف القرية", "الملعب البلدي", "خط القطار",
    "معرض الكتاب", "حديقة النهر", "مصنع النسيج", "مركز التدريب", "طريق الجبل", "ميناء الصيد", "سد الوادي",
    "مكتبة الأطفال", "شبكة الإنارة",
)  # fmt: skip
WHERE = (
    "في طرابلس", "في صنعاء", "في نواكشوط", "في البصرة", "في حلب", "في وهران", "في أسوان", "في صلالة", "في العقبة",
    "في بنغازي", "في صفاقس", "في أم درمان", "في المنامة", "في جدة", "في رام الله", "في طنجة",
)  # fmt: skip
REST = (
    "وقال إن الأعمال تنتهي قبل نهاية العام الحالي.", "وأضاف أن الكلفة بلغت نحو مليوني دولار.",
    "وحضر الاحتفال عدد من أهالي المنطقة وممثلي الهيئات المحلية.", "ويعمل في المشروع أكثر من مئتي عامل ومهندس.",
    "وكانت الأعمال قد توقفت في الشتاء الماضي بسبب الأمطار.", "وأشار إلى أن المرحلة الثانية تبدأ في الصيف المقبل.",
    "وطالب السكان بتحسين الطرق المؤدية إلى المكان.", "وأوضح أن اللجنة ستجتمع مرة كل أسبوع حتى إنجاز العمل.",
    "وتعد المنطقة من أكثر مناطق البلاد كثافة في السكان.", "ولم تعلن الجهات المعنية بعد موعد الافتتاح الرسمي.",
    "ودعا إلى مشاركة القطاع الخاص في التمويل والصيانة.", "وتابع أن التجربة ستعمم على مدن أخرى إن نجحت.",
    "ورحب التجار بالقرار وقالوا إنه تأخر سنوات.", "وتسلم المقاول الموقع يوم الخميس بعد توقيع العقد.",
)  # fmt: skip


@dataclass(frozen=True)
class Story:
    """One story of a day."""

    number: int
    at: datetime
    title: str
    paragraphs: tuple[str, ...]
    author: str

    @property
    def path(self) -> str:
        return f"/news/{self.at.toordinal() * 10_000 + self.number}"


@dataclass(frozen=True)
class Site:
    """A site's habits."""

    name: str
    per_day: tuple[int, ...]
    """Stories it writes on a usual Monday, Tuesday, …"""
    spread: float = 0.15
    """How much a day differs from the usual one, as a share."""
    paywalled: float = 0.0
    with_lead: float = 0.9

    @property
    def host(self) -> str:
        return f"{self.name}.example"


SITES = (
    Site("saghir", (9, 9, 10, 9, 7, 5, 8)),
    Site("wasat", (22, 24, 23, 24, 14, 10, 21), spread=0.2),
    Site("kabir", (45, 46, 48, 44, 40, 30, 42), spread=0.1),
    Site("mutaqallib", (16, 18, 15, 20, 9, 6, 15), spread=0.35, paywalled=0.2, with_lead=0.5),
)
FIRST = date(2026, 1, 5)
"""A Monday."""


def stories_of(site: Site, day: date) -> list[Story]:
    """What a site writes on a day; one day in thirty is a big one."""
    rng = random.Random(f"{site.name} {day}")
    factor = max(0.3, rng.gauss(1, site.spread)) * (1.8 if rng.random() < 1 / 30 else 1)
    count = max(3, round(site.per_day[day.weekday()] * factor))
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    minutes = sorted(rng.sample(range(4 * 60, 23 * 60 + 30), count))
    return [make_story(rng, number, midnight + timedelta(minutes=m)) for number, m in enumerate(minutes, 1)]


def make_story(rng: random.Random, number: int, at: datetime) -> Story:
    """A story that no other is like."""
    who, did, what, where = (rng.choice(words) for words in (WHO, DID, WHAT, WHERE))
    size = max(2, round(rng.lognormvariate(1.5, 0.4)))
    first = f"{did} {who} {what} {where} بعد {rng.randint(2, 90)} يوما من الانتظار، وفق بيان صدر "
    first += f"يوم الافتتاح برقم {rng.randint(100, 9999)}."
    rest = [" ".join(rng.sample(REST, 3)) + f" والرقم المرجعي {rng.randint(1000, 99999)}." for _ in range(size)]
    title = f"{who} {did} {what} {where} للمرة {rng.randint(2, 40)}"
    return Story(number, at, title, (first, *rest), rng.choice(("ليلى منصور", "سامي حداد", "نور الخطيب", "هدى العلي")))


def page(site: Site, story: Story, *, walled: bool = False, led: bool = True) -> bytes:
    """The page of a story, as the site usually makes it."""
    said = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title,
        "datePublished": story.at.isoformat(), "author": {"@type": "Person", "name": story.author},
        "isAccessibleForFree": not walled, "articleSection": "محليات", "keywords": "مدن، خدمات",
        "image": f"http://{site.host}/images/{story.number}.jpg",
    }  # fmt: skip
    lead = f'<p class="lead standfirst">{html.escape(story.title)} وتفاصيل أخرى من المكان نفسه.</p>' if led else ""
    return f"""<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">
<title>{html.escape(story.title)} | {site.name}</title>
<meta property="og:title" content="{html.escape(story.title)}"><meta property="og:type" content="article">
<meta property="og:description" content="{html.escape(story.title)} وتفاصيل أخرى من المكان نفسه.">
<meta property="og:image" content="http://{site.host}/images/{story.number}.jpg">
<meta property="article:published_time" content="{story.at.isoformat()}">
<script type="application/ld+json">{json.dumps(said, ensure_ascii=False)}</script></head><body>
<header><nav><a href="/">الرئيسية</a> <a href="/sport">رياضة</a> <a href="/economy">اقتصاد</a></nav></header>
<article><h1>{html.escape(story.title)}</h1><div class="byline">{story.author}</div>{lead}
<div class="article-body">{paragraphs(story.paragraphs)}</div></article>
<footer>جميع الحقوق محفوظة</footer></body></html>""".encode()


def paragraphs(texts: Sequence[str]) -> str:
    """Texts as HTML paragraphs."""
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts)


@dataclass(frozen=True)
class Answer:
    """What a path answers."""

    body: bytes
    status: int = 200


@dataclass(frozen=True)
class Served:
    """A day as a site serves it."""

    pages: dict[str, Answer]
    listed: tuple[str, ...]
    """Paths in the day's sitemap."""


def serve_day(site: Site, day: date, stories: Sequence[Story] | None = None) -> Served:
    """A sound day: a few pages vanish, fail or are walled, as always."""
    rng = random.Random(f"pages {site.name} {day}")
    pages: dict[str, Answer] = {}
    for story in stories if stories is not None else stories_of(site, day):
        answer = Answer(page(site, story, walled=rng.random() < site.paywalled, led=rng.random() < site.with_lead))
        if rng.random() < 0.01:
            answer = Answer(b"", 404)
        pages[story.path] = answer
    return Served(pages, tuple(pages))


Breaking = Callable[[Site, date, list[Story], Served], Served]


def sitemap(site: Site, served: Served) -> bytes:
    """The day's sitemap."""
    urls = "".join(f"<url><loc>http://{site.host}{path}</loc></url>" for path in served.listed)
    return f"<urlset>{urls}</urlset>".encode()


def with_pages(served: Served, **changed: Answer) -> Served:
    """A day with other pages."""
    return replace(served, pages={**served.pages, **changed})
