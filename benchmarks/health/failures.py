"""The labelled set: what breaks at real sites and readers, each put into one day of a simulated site.

Each failure names the rules or checks that may call it by its name; another alarm beside them is no fault,
another instead of them is.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from benchmarks.health.site import Answer, Served, Site, Story, make_story, page, paragraphs, serve_day, stories_of

Break = Callable[[Site, date], Served]


@dataclass(frozen=True)
class Failure:
    """One thing that breaks, and the alarms that are the right ones."""

    name: str
    breaks: Break
    expected: frozenset[str]


def _some(items: list[str], share: float, seed: str) -> set[str]:
    return set(random.Random(seed).sample(items, round(share * len(items))))


def _answering(share: float, answer: Answer) -> Break:
    def breaks(site: Site, day: date) -> Served:
        served = serve_day(site, day)
        hit = _some(list(served.pages), share, f"{site.name} {day}")
        return replace(served, pages={p: answer if p in hit else a for p, a in served.pages.items()})

    return breaks


def _written(render: Callable[[Site, Story], bytes], share: float = 1.0) -> Break:
    """Pages made in another way."""

    def breaks(site: Site, day: date) -> Served:
        stories = {s.path: s for s in stories_of(site, day)}
        served = serve_day(site, day, list(stories.values()))
        hit = _some(list(stories), share, f"{site.name} {day}")
        return replace(
            served, pages={p: Answer(render(site, stories[p])) if p in hit else a for p, a in served.pages.items()}
        )

    return breaks


def _empty(site: Site, day: date) -> Served:
    return Served({}, ())


def _few(site: Site, day: date) -> Served:
    served = serve_day(site, day)
    return replace(served, listed=served.listed[: max(1, len(served.listed) // 8)])


def _until_noon(site: Site, day: date) -> Served:
    stories = [s for s in stories_of(site, day) if s.at.hour < 10]
    return serve_day(site, day, stories)


def _last_week(site: Site, day: date) -> Served:
    old = stories_of(site, day - timedelta(days=1))
    moved = [replace(s, at=s.at + timedelta(days=1), number=s.number + 5000) for s in old]
    return serve_day(site, day, moved)


def _flood(site: Site, day: date) -> Served:
    rng = random.Random(f"flood {day}")
    stories = stories_of(site, day)
    more = [make_story(rng, 1000 + n, s.at) for n in range(6) for s in stories]
    return serve_day(site, day, [*stories, *(replace(s, number=2000 + i) for i, s in enumerate(more))])


def _menu(site: Site, story: Story) -> bytes:
    links = "".join(f'<li><a href="/section/{n}">قسم {n}</a></li>' for n in range(60))
    return f"<!doctype html><html lang=ar><title>{site.name}</title><body><ul>{links}</ul></body></html>".encode()


def _redesigned(site: Site, story: Story) -> bytes:
    """No metadata that anybody reads; the text in bare boxes."""
    texts = "".join(f"<div class=x7>{text}</div>" for text in story.paragraphs)
    return (
        f"<!doctype html><html lang=ar><head><title>{story.title}</title></head><body><div id=app><div class=q1>"
        f"{story.title}</div><div class=x2>{story.at:%Y-%m-%d %H:%M}</div>{texts}</div></body></html>"
    ).encode()


def _teaser(site: Site, story: Story) -> bytes:
    return page(site, replace(story, paragraphs=(story.paragraphs[0][:150] + "…",)), walled=True)


WALL = (
    "نستخدم ملفات تعريف الارتباط لتحسين تجربتكم على الموقع وقياس عدد الزيارات وعرض إعلانات تناسب اهتماماتكم.",
    "بالنقر على زر الموافقة توافقون على شروط الاستخدام وسياسة الخصوصية، ويمكنكم تغيير رأيكم في أي وقت من الإعدادات.",
    "إذا لم توافقوا فلن يكون بوسعكم متابعة القراءة على هذا الموقع قبل تسجيل الدخول بحساب مدفوع.",
)


def _walled(site: Site, story: Story) -> bytes:
    return page(site, replace(story, paragraphs=WALL))


def _english(site: Site, story: Story) -> bytes:
    text = (
        "The minister opened the new bridge on Tuesday after months of work, officials said in a statement.",
        "Residents welcomed the decision and asked the city to repair the roads that lead to the market.",
        f"Work on the second part of project {story.number} begins next summer, the mayor added.",
    )
    return page(site, replace(story, title=f"Mayor opens project {story.number} in the old town", paragraphs=text))


def _mojibake(site: Site, story: Story) -> bytes:
    def broken(text: str) -> str:
        """Lost for good: UTF-8 read as Latin-1 the reader mends."""
        return re.sub("[ء-ي]", "\ufffd", text)

    return page(site, replace(story, title=broken(story.title), paragraphs=tuple(map(broken, story.paragraphs))))


def _undated(site: Site, story: Story) -> bytes:
    body = page(site, story).decode()
    body = body.replace(f'"datePublished": "{story.at.isoformat()}", ', "")
    return body.replace(f'<meta property="article:published_time" content="{story.at.isoformat()}">', "").encode()


def _of_long_ago(site: Site, story: Story) -> bytes:
    return page(site, replace(story, at=story.at - timedelta(days=400)))


def _with_promo(site: Site, story: Story) -> bytes:
    # a line that asks for an app or a newsletter the reader cuts
    promo = "تنشر هذه المادة ضمن ملف خاص تعده أسرة التحرير عن أحوال المدن في المنطقة على مدى العام."
    return page(site, replace(story, paragraphs=(*story.paragraphs[:2], promo, *story.paragraphs[2:])))


def _with_slogan(site: Site, story: Story) -> bytes:
    return page(site, replace(story, title="الخبر كما هو من موقعه بلا زيادة"))


def _bare(site: Site, story: Story) -> bytes:
    """Fields lost, the text still there."""
    return (
        f'<!doctype html><html lang="ar"><head><title>{story.title}</title>'
        f'<meta property="article:published_time" content="{story.at.isoformat()}"></head><body><article>'
        f'<h1>{story.title}</h1><div class="article-body">{paragraphs(story.paragraphs)}</div></article></body></html>'
    ).encode()


LANGUAGE = frozenset({"not_arabic", "language_as_usual"})

FAILURES: tuple[Failure, ...] = (
    Failure("the feed is dead", _empty, frozenset({"something_discovered"})),
    Failure("the feed lists an eighth", _few, frozenset({"listing_as_long_as_usual"})),
    Failure("the feed stops at ten", _until_noon, frozenset({"day_goes_on_to_its_end", "listing_as_long_as_usual"})),
    Failure("yesterday's stories as today's", _last_week, frozenset({"stories_are_new"})),
    Failure("six times as many", _flood, frozenset({"no_flood"})),
    Failure("robots are refused (403)", _answering(0.6, Answer(b"", 403)), frozenset({"site_lets_us_in"})),
    Failure("an outage (503)", _answering(0.5, Answer(b"", 503)), frozenset({"site_answers"})),
    Failure("new addresses (404)", _answering(0.5, Answer(b"", 404)), frozenset({"addresses_lead_somewhere"})),
    Failure("all pages are menus", _written(_menu), frozenset({"something_found", "pages_give_stories"})),
    Failure("half the pages are menus", _written(_menu, 0.5), frozenset({"pages_give_stories", "share_quarantined"})),
    Failure("a redesign", _written(_redesigned), frozenset({"layout_as_before"})),
    Failure("fields are lost", _written(_bare), frozenset({"layout_as_before"})),
    Failure("teasers behind a paywall", _written(_teaser), frozenset({"stories_as_long_as_usual", "walls_as_usual"})),
    Failure("a cookie wall", _written(_walled), frozenset({"stories_differ"})),
    Failure("a wall for a third", _written(_walled, 0.35), frozenset({"stories_differ", "no_paragraph_everywhere"})),
    Failure("the English edition", _written(_english), LANGUAGE),
    Failure("half in English", _written(_english, 0.5), LANGUAGE),
    Failure("broken letters", _written(_mojibake), frozenset({"mojibake", "not_arabic", "something_found"})),
    Failure("no dates", _written(_undated), frozenset({"dates_as_usual", "days_are_known"})),
    Failure("all dated a year ago", _written(_of_long_ago), frozenset({"something_found"})),
    Failure("a promotion in each story", _written(_with_promo), frozenset({"no_paragraph_everywhere"})),
    Failure("the slogan as headline", _written(_with_slogan), frozenset({"titles_differ"})),
)  # fmt: skip
