"""Lines of the site rather than of the story: sharing, following, counting, small print.

Each is a line of its own with the words for it *and* the form: «اشترك في نشرتنا» promotes a
newsletter, «اشترك في الوقفة مئات المحامين» is news. Where only the words fit, it is text.
"""

from __future__ import annotations

import re
from typing import Literal

from marsad.clean.cues import folded, heads_comments, holds, is_line_of, opens_with, vocabulary
from marsad.clean.text import MARKS, ends_sentence, fold, pattern_of

FurnitureLabel = Literal["furniture", "promotion", "paywall", "disclaimer", "comments", "separator"]

_LONGEST = 250
_SEPARATOR = re.compile(r"[\s*=_ـ~•·.#+\-–—−―☆★◆■●]{3,}")
_CONTACT = re.compile(
    r"(?:[\w.+-]+@[\w-]+\.[\w.]+|@\w+|(?:https?://)?(?:www\.)?(?:twitter|facebook|instagram|x)\.com/\S+)"
)
_COUNTER = re.compile(
    r"\W*(?:\d[\d.,٬]*\s*(?:تعليق|تعليقا|تعليقات|مشاهدة|مشاهدات|قراءة|قراءات|مشاركة|مشاركات|إعجاب"
    r"|دقيقة قراءة|دقائق قراءة|دقائق للقراءة|دقيقة للقراءة|views?|comments?|shares?|min(?:ute)?s? read)"
    r"|(?:زمن |مدة |وقت )?(?:ال)?قراءة\s*:?\s*(?:\d+\s*)?(?:دقيقة|دقيقتان|دقيقتين|دقائق))\W*",
    re.I,
)
_INITIALS = re.compile(r"[^\W\d_](?:[.\s][^\W\d_]){1,3}\.?(?:\s*[/|\-–]\s*[^\W\d_](?:[.\s][^\W\d_]){0,3}\.?)*")
_END_MARK = re.compile(r"\W*(?:انته[ىي]|يتبع|ان?تهى الخبر|ends?)\W*", re.I)
_COPYRIGHT = re.compile(r"©|\b(?:19|20)\d\d\b|محفوظة\s*(?:ل\w+(?:\s+\w+){0,3})?\s*[.]?$")


def _label_with_colon() -> re.Pattern[str]:
    either = "|".join(pattern_of(p) for p in sorted(vocabulary()["furniture_labels"], key=lambda p: (-len(p), p)))
    return re.compile(rf"[\s(\[]*(?:{either})(?![\w{MARKS}])\s*[:：/]", re.I)


_labels: re.Pattern[str] | None = None


def furniture_label(text: str, opened: frozenset[str], kind: str, link_share: float) -> FurnitureLabel | None:
    """What kind of furniture a line is, or None.

    Args:
        text: the line.
        opened: the lists of the vocabulary its first word may open (``cues.kinds_opened``).
        kind: the block's kind.
        link_share: how much of the line is links.
    """
    size = len(text)
    if size > _LONGEST:
        return "disclaimer" if size <= 600 and "disclaimer" in opened and _disclaims(text) else None
    if size <= 60 and _SEPARATOR.fullmatch(text):
        return "separator"
    if opened:
        if "disclaimer" in opened and _disclaims(text):
            return "disclaimer"
        if "comments" in opened and heads_comments(text):
            return "comments"
        if "share_words" in opened and _shares(text):
            return "furniture"
        if size <= 70 and is_line_of(text, "furniture"):
            return "furniture"
        if "furniture_labels" in opened and size <= 90 and _has_label(text) and not ends_sentence(text):
            return "furniture"
        if opens_with(text, "paywall") and (holds(text, "paid") or not ends_sentence(text)):
            return "paywall"
        if opens_with(text, "promotion") and _promotes(text, link_share):
            return "promotion"
        if opens_with(text, "rights") and (_COPYRIGHT.search(text) or not ends_sentence(text)):
            return "promotion"
    if size <= 120:
        return _short(text, size, kind)
    return None


def _short(text: str, size: int, kind: str) -> FurnitureLabel | None:
    if ("هنا" in text or "تعليق" in text) and not ends_sentence(text) and _calls(text):
        return "promotion"
    if size <= 40:
        if _COUNTER.fullmatch(text) or _END_MARK.fullmatch(text):
            return "furniture"
        if size <= 20 and kind != "heading" and _INITIALS.fullmatch(text) and ("." in text or "/" in text):
            return "furniture"
    if size <= 80 and ("@" in text or ".com/" in text) and _CONTACT.fullmatch(text):
        return "furniture"
    return None


def _shares(text: str) -> bool:
    """Whether a line is a row of share buttons: two words or more, and nothing but the words on them."""
    said = fold(text).split()
    return len(said) >= 2 and folded("share_words").issuperset(said)


def _has_label(text: str) -> bool:
    global _labels
    if _labels is None:
        _labels = _label_with_colon()
    return _labels.match(text) is not None


def _calls(text: str) -> bool:
    """Whether a line asks the reader to click or to comment."""
    inside = f" {fold(text)} "
    return any(f" {p} " in inside for p in ("اضغط هنا", "انقر هنا", "اضغطوا هنا", "اضف تعليقك", "اترك تعليقك"))


def _promotes(text: str, link_share: float) -> bool:
    """Whether what follows an invitation is a channel of the site's."""
    return link_share > 0.3 or holds(text, "channels")


def _disclaims(text: str) -> bool:
    if opens_with(text, "disclaimer") and holds(text, "disclaims") and holds(text, "disclaimers"):
        return True
    return fold(text[:40]).startswith(("اخلاء مسوولي", "اخلاء المسوولي")) and ":" in text[:25]
