"""What a byline names: people and desks, without roles, places, agencies and furniture.

A byline is free text («إعداد وتحرير: ليلى منصور - بيروت / وكالات»): it is cut at its
separators, and each piece is a role, a place, an agency, furniture or a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

import yaml

from marsad.clean.cues import folded, is_agency, is_line_of
from marsad.clean.text import fold, pattern_of, tidy, word_set

_ROLES = (
    "كتب", "كتبت", "كتبه", "كتبها", "كتبته", "بقلم", "إعداد", "أعد", "أعدت", "أعده", "أعدته", "أعدها", "تحرير", "حرره",
    "حررته",
    "تقرير", "تحقيق", "حوار", "حاوره", "حاورته", "حاورها", "حاورتها", "أجرى الحوار", "أجرت الحوار", "ترجمة", "ترجمها",
    "متابعة", "مراسل", "مراسلة", "مراسلنا", "مراسلتنا", "موفد", "موفدنا", "المراسل", "المراسلة", "المحرر", "المحررة",
    "الكاتب", "الكاتبة", "الصحفي", "الصحفية", "الصحافي", "الصحافية", "محرر", "محررة", "written by", "reported by",
    "posted by", "بواسطة", "كتب بواسطة", "نشر بواسطة", "نشرت بواسطة", "أرسلت بواسطة", "by", "par", "por", "von",
)  # fmt: skip
_OTHER_ROLES = (
    "تصوير", "صور", "صورة", "عدسة", "كاريكاتير", "رسوم", "رسم", "غرافيك", "جرافيك", "إنفوغراف", "مونتاج", "إخراج",
    "تدقيق", "photo", "photos", "photography", "image", "images", "graphics", "video", "illustration", "picture",
)  # fmt: skip
_DESK_ROLES = word_set("تحرير مراسل مراسله محرر محرره متابعه")
_DESKS = word_set("هييه قسم وحده فريق مكتب اداره تحرير محررو شبكه مركز دايره غرفه رييس اسره")


def _either(phrases: Iterable[str]) -> str:
    return "|".join(pattern_of(p) for p in sorted(phrases, key=lambda p: (-len(p), p)))


_ROLE = re.compile(rf"^(?:و\s?)?(?P<role>{_either(_ROLES)})(?!\w)(?P<sep>\s*[:：\-–—ـ|/.]*\s*)", re.I)
_OTHER_ROLE = re.compile(rf"^\W*(?:{_either(_OTHER_ROLES)})(?!\w)", re.I)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|@\w+")
_SPLIT = re.compile(r"\s*[،,;؛|&+•·\n]\s*|\s*/\s*|\s+[-–—ـ]+\s*|\s*[-–—]+\s+|\s+(?:and|with|و|مع)\s+", re.I)
_BRACKETS = re.compile(r"(?<=.)[(\[][^()\[\]]{0,60}[)\]]")
_DOMAIN = re.compile(r"\w\.(?:com|net|org|info|tv)\b", re.I)
_QUOTED = re.compile(r"«[^«»]{2,40}»")
"""Beside a place or a name, in quotation marks: the newspaper's own name."""
_SUBJECT = re.compile(r"(?<=\w)\s+(?:عن\s+(?:ال\w+|صحيفة|موقع|مجلة)|أستاذ|باحث|كاتب|محلل|خبير|مدير|رئيس)\b.*$")
"""After a name: what it was translated from, or who he is."""
_EDGES = " .:،-–—ـ|()[]«»\"'*•"
# Words no name and no desk has: counts, buttons, dates told by distance, accounts of a CMS.
_NEVER = word_set(
    "مشاهده مشاهدات قراءه قراءات تعليق تعليقات مشاركه مشاركات شارك دقيقه دقايق ساعه ساعات منذ قبل نشر تحديث "
    "الساعه تاريخ محفوظه المزيد تابعنا تابعونا اقرا نسخ طباعه اعلان اشترك فيسبوك تويتر واتساب تلغرام انستغرام "
    "يوتيوب facebook twitter instagram youtube whatsapp telegram views comments comment share min read ago "
    "updated published getty images istockphoto shutterstock copyright rights reserved اليوم امس غدا "
    "السبت الاحد الاثنين الثلاثاء الاربعاء الخميس الجمعه"
)
_ACCOUNTS = word_set(
    "admin administrator root user superuser webmaster guest unknown anonymous null undefined none editor author "
    "moderator wordpress test support info كاتب محرر المحرر مدير مشرف ضيف زاير مجهول الاداره الادمن ادمن "
    "خاص خاصه متابعات متابعه تقارير مقالات اخبار ترجمات راي وكالات"
)
_ACCOUNT_LINES = frozenset(
    {"super user", "مدير الموقع", "اداره الموقع", "غير معروف", "لا يوجد", "site admin", "web editor"}
)
_JOBS = word_set(
    "كاتب كاتبه صحفي صحفيه صحافي صحافيه باحث باحثه اكاديمي اكاديميه استاذ استاذه خبير خبيره محلل محلله رييس "
    "رييسه مدير مديره محرر محرره مراسل مراسله نايب وزير سفير اعلامي اعلاميه محام محاميه محامي عضو مستشار مستشاره "
    "ناشط ناشطه شاعر روايي journalist editor reporter correspondent writer columnist professor director analyst"
)
_NAMES_WITH_WAW = word_set(
    "وليد وايل وسام وسيم وسن وفاء وفيق وفي ورد ورده وداد وديع وجدي وجدان وجيه وحيد وهيب وهبه وهبي وهاب وضاح وعد "
    "وصال وصفي ونيس ويام وليم ويليام وودي وينستون والتر واصف واصل وارف وهدان وهدي ولاء ولي ولد وحدة وحده وكاله "
    "وكالات وطني وطنيه"
)


def clean_author(text: str, sites: frozenset[str]) -> list[str]:
    """The names in a byline: without «بقلم», addresses, share links, the site's own name, places, agencies, jobs."""
    text = _ADDRESS.sub(" ", tidy(text[:400])).strip()
    if "(" in text[1:] or "[" in text[1:]:
        text = _BRACKETS.sub(" ", text)  # a place, an agency, a job
    text = text.strip(_EDGES)
    names: list[str] = []
    is_other = False  # in the photographers' part
    for part in pieces(_QUOTED.sub(" ", text)):
        if _OTHER_ROLE.match(part):
            is_other = True
            continue
        name, has_role = _without_roles(part)
        is_other = is_other and not has_role
        if is_other or not _may_be_name(name, sites):
            continue
        parts = fold(name).split()
        if names and (parts[0].removeprefix("ال") in _JOBS or (parts[-1] in _JOBS and parts[-1].isascii())):
            continue  # «سعيد ناصر، كاتب وباحث»: who he is, not another
        names += _joined(name)
    if any(map(is_person, names)):
        # beside a person's name: the site's («الموقع - أحمد سالم»), a job («محرر الشؤون العربية – أحمد سالم»)
        names = [n for n in names if " " in n and fold(n).split()[0].removeprefix("ال") not in _JOBS]
    return names


def pieces(text: str) -> list[str]:
    """A byline cut at its separators."""
    return [p for piece in _SPLIT.split(text)[:40] if (p := piece.strip(_EDGES))]


def _without_roles(part: str) -> tuple[str, bool]:
    """A piece without its roles, and whether it had any; a desk keeps its name («تحرير الشؤون العربية»)."""
    has_role = False
    for _ in range(4):
        found = _ROLE.match(part)
        if found is None:
            break
        rest, colon = part[found.end() :], any(c in found["sep"] for c in ":：-–—")
        role = fold(found["role"])
        if not colon and role in _DESK_ROLES and rest.startswith("ال"):
            break
        if role in ("par", "por", "von", "by") and not rest[:1].isupper() and rest.lower() not in _ACCOUNTS:
            break
        part, has_role = rest, True
    part = _SUBJECT.sub("", part)
    if has_role and ":" in part:
        part = part.rpartition(":")[2]  # «مراسلنا في غزة: سعيد ناصر»
    return part.strip(_EDGES), has_role


def has_role(text: str) -> bool:
    """Whether a line opens with the role of a byline."""
    return _ROLE.match(text) is not None


def is_role(text: str) -> bool:
    """Whether a line is nothing but the label of a byline («الكاتب:», «بواسطة»)."""
    return len(text) <= 25 and (found := _ROLE.match(text)) is not None and found.end() == len(text)


@lru_cache(maxsize=1)
def given_names() -> frozenset[str]:
    """The given names of ``names.yaml``, folded."""
    text = files("marsad.clean").joinpath("names.yaml").read_text(encoding="utf-8")
    names = yaml.load(text, Loader=yaml.CSafeLoader)["given"].split("،")
    return frozenset(fold(n) for n in names)


_HONORIFICS = word_set("د دكتور الدكتور الدكتوره ا م المهندس الشيخ القاضي الاب")


def is_person(text: str) -> bool:
    """Whether a short text is the name of a person and nothing else: two to four words, the first a given name."""
    parts = fold(text).split()
    if parts and parts[0] in _HONORIFICS:
        del parts[0]
    if not 2 <= len(parts) <= 5 or parts[0] not in given_names():
        return False
    return len(text) <= 40 and all(len(p) >= 2 and p.isalpha() for p in parts) and _NEVER.isdisjoint(parts)


def _may_be_name(name: str, sites: frozenset[str]) -> bool:
    key = fold(name)
    parts = key.split()
    if len(key) < 3 or len(name) > 60 or not 1 <= len(parts) <= 7 or ":" in name:
        return False
    if key in sites or key in folded("places") or is_agency(name) or key in _ACCOUNT_LINES:
        return False
    if any(c.isdigit() for c in name) or not _NEVER.isdisjoint(parts) or _DOMAIN.search(name):
        return False
    if (len(parts) == 1 and (parts[0] in _ACCOUNTS or parts[0].endswith("admin"))) or parts[0] in (
        "في",
        "من",
        "عن",
        "الي",
    ):
        return False
    bare = [p.removeprefix("ال").removeprefix("و") for p in parts]
    if all(b in _JOBS or b in ("سياسي", "سياسيه", "جامعي", "اول", "عام") for b in bare):
        return False
    return not is_line_of(name, "furniture")


def _joined(name: str) -> list[str]:
    """«منى الشامي ورنا الأسمر» as two names; a desk, or a name that begins with waw, is not parted."""
    parts = name.split()
    if len(parts) < 4 or fold(parts[0]).removeprefix("ال") in _DESKS:
        return [name]
    for i in range(2, len(parts) - 1):
        word = parts[i]
        if word.startswith("و") and len(word) >= 4 and not word.startswith("وال") and fold(word) not in _NAMES_WITH_WAW:
            return [" ".join(parts[:i]), *_joined(" ".join([word[1:], *parts[i + 1 :]]))]
    return [name]


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names without repetitions, compared folded."""
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(fold(name), name)
    return tuple(seen.values())
