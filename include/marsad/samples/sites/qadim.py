"""qadim.example: a legacy site. windows-1256, tables, <font>, dates in the text alone, an archive page a day."""

from __future__ import annotations

from html import escape

from marsad.samples.sites import ARABIC_DIGITS, MONTHS, WEEKDAYS, Answer, robots
from marsad.samples.stories import DAYS, TITLES, SampleStory, load_stories

HOME = "http://qadim.example"
TITLE = TITLES["qadim"]


def url_of(story: SampleStory) -> str:
    """Where a story is."""
    return f"{HOME}/news-{story.id}.htm"


def printed_date(story: SampleStory) -> str:
    """The date as the page prints it: month names and digits differ from page to page."""
    at = story.published_at
    names = MONTHS["syriac" if story.months == "syriac" else "gregorian"]
    text = f"{WEEKDAYS[at.weekday()]} {at.day} {names[at.month - 1]} {at.year} - {at:%H:%M}"
    return text.translate(ARABIC_DIGITS) if story.months == "arabic_digits" else text


def answers() -> dict[str, Answer]:
    """Every path of the site."""
    stories = load_stories("qadim")
    found = {"/robots.txt": robots()}
    for day in DAYS:
        listed = [s for s in stories if (s.listed_on or s.day) == day]
        rows = "".join(
            f'<tr><td><a href="news-{s.id}.htm"><font color="#003366">{escape(s.title)}</font></a></td></tr>'
            for s in listed
        )
        text = f"<html><head><title>أرشيف {TITLE}</title></head><body><table>{rows}</table></body></html>"
        found[f"/archive-{day:%Y-%m-%d}.htm"] = _legacy(text)
    for story in stories:
        found[f"/news-{story.id}.htm"] = _page(story)
    return found


def _page(story: SampleStory) -> Answer:
    declared = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1256">' if story.meta else ""
    body = "<br><br>\n".join(escape(p, quote=False) for p in story.paragraphs)
    menu = "".join(f'<td><a href="s{n}.htm">{s}</a></td>' for n, s in enumerate(("محافظات", "حوادث", "ثقافة")))
    return _legacy(f"""<html><head>{declared}<title>{TITLE} - {escape(story.title)}</title></head>
<body bgcolor="#ffffff" dir="rtl"><table width="760" border="0"><tr>{menu}</tr></table>
<table width="760"><tr><td width="180" valign="top"><font size="2"><a href="poll.htm">استطلاع</a><br>
<a href="ads.htm">إعلانات</a></font></td><td valign="top">
<font size="5" color="#990000"><b>{escape(story.title, quote=False)}</b></font><br>
<font size="2">نشر في: {printed_date(story)}</font><br><br>
<font size="3">{body}</font></td></tr></table>
<table width="760"><tr><td align="center"><font size="1">جميع الحقوق محفوظة {TITLE}</font></td></tr></table></body></html>""")


def _legacy(text: str) -> Answer:
    # no charset in the header; characters the code page lacks (Arabic-Indic digits) as references
    return Answer(text.encode("cp1256", "xmlcharrefreplace"), "text/html")
