"""What an article is compared by: the base forms of its words, its names, its figures.

A term is a text with a letter before it that says of what kind it is: ``w`` a word, ``n`` a word of a name, ``N`` a
whole name of several words, ``q`` a counted figure. Words are reduced to their base forms (simplemma knows broken
plurals: قتلى and القتيل are one word), and only then folded, since its dictionary is spelled in full.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import simplemma

from marsad.curate.shingles import fold

LEAD_WORDS = 250
"""Words of a body that are read: news tells what happened first; what comes later is often another event's."""
TITLE_WEIGHT = 3
"""A word of the headline counts as so many of the body."""
CASUALTIES = frozenset({"killed", "injured", "killed_or_injured", "missing", "displaced", "arrested"})

_WORD = re.compile(r"\d+(?:[.,٫]\d+)*|[^\W\d_]+")
_MARKS = dict.fromkeys([0x640, *(c for c in range(0x600, 0x700) if unicodedata.combining(chr(c)))])
_PREFIX = re.compile(r"^(?:[وف]?(?:ال|بال|كال|لل))(?=\w{3})")
_STOPS = frozenset(
    fold(
        "في من إلى على عن مع بعد قبل منذ حتى خلال بين عند لدى حول ضد دون غير أو أن إن أنه إنه ما لا لم لن قد كان كانت "
        "كما هذا هذه ذلك تلك الذي التي هو هي هم كل بعض أي ثم حين حيث إذا لكن بل فيما بينما أمس اليوم غدا أول ثان آخر "
        "عدد نحو أكثر أقل قال أعلن أكد أضاف أوضح ذكر أفاد صرح أشار وفق وفقا حسب بحسب عبر يوم ساعة صباح مساء فجر ليل "
        "ظهر عام سنة شهر أسبوع الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد اثنين ثلاثاء أربعاء خميس جمعة سبت "
        "أحد مئة ألف واحد اثنان عاجل مباشر رويترز وكالات جديد سبق تم جرى بدأ لدي يكون ليس ضمن لدن جاء"
    ).split()
)
"""Function words, verbs of saying, days: in every story, and evidence of none."""
_DATE_WORDS = frozenset(
    fold(
        "يناير فبراير مارس أبريل إبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر جانفي فيفري أفريل ماي جوان "
        "جويلية أوت كانون شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين محرم صفر ربيع جمادى رجب شعبان رمضان شوال"
    ).split()
)
_NAME_HEADS = frozenset(
    fold(
        "مدينة محافظة ولاية منطقة وزارة هيئة مؤسسة شركة مجلس حزب حركة جامعة نادي مطار مستشفى مركز جمهورية مملكة "
        "دولة بن أبو عبد آل محمد أحمد علي"
    ).split()
)
"""Words of names that tell nothing by themselves: heads, and the commonest given names."""


@dataclass(frozen=True)
class Terms:
    """An article's terms."""

    words: Counter[str]
    names: Counter[str]
    """Names and figures."""
    surface: dict[str, str]
    """Each term as it was first printed."""
    shape: str
    """The headline without figures, days and months: equal for the pieces of a daily series."""
    has_casualties: bool

    @property
    def vocabulary(self) -> frozenset[str]:
        """The distinct words of the part that was read, without figures."""
        return frozenset(t for t in self.words if not t[1].isdigit())


@functools.lru_cache(maxsize=500_000)
def base_form(word: str) -> str:
    """The folded base form of a word without marks; of one that no dictionary has, the word without its article."""
    if word[0].isdigit():
        return fold(word).replace("٫", ".").replace(",", ".")
    lemma = simplemma.lemmatize(word, lang="ar")
    return fold(_PREFIX.sub("", lemma) if lemma == word else lemma.removeprefix("ال") if len(lemma) > 4 else lemma)


def tokens(text: str) -> list[str]:
    """The words and figures of a text, without tashkeel and tatweel."""
    return _WORD.findall(text.translate(_MARKS))


def terms_of(
    title: str | None, body: str, names: Iterable[tuple[str, str]], figures: Iterable[tuple[str, float, str | None]]
) -> Terms:
    """The terms of an article.

    Args:
        title: its headline.
        body: its text, of which the first words are read.
        names: type and name of its mentions.
        figures: kind, value and unit of its quantities.
    """
    words: Counter[str] = Counter()
    surface: dict[str, str] = {}
    headline = tokens(title or "")
    lead = tokens(body)[:LEAD_WORDS]
    for weight, part in ((TITLE_WEIGHT, headline), (1, lead)):
        for token in part:
            term, printed = _word_term(token)
            if term:
                words[term] += weight
                surface.setdefault(term, printed)
    found: Counter[str] = Counter()
    for _, name in names:
        _count_name(name, found, surface)
    has_casualties = False
    for kind, value, unit in figures:
        has_casualties = has_casualties or kind in CASUALTIES
        term = f"q{kind}:{value:g}" if kind in CASUALTIES else f"q{value:g}:{fold(unit or '')}"
        found[term] += 1
        surface.setdefault(term, f"{kind} {value:g}" if kind in CASUALTIES else f"{value:g} {unit or ''}".strip())
    plain = [base_form(t) for t in headline if not t[0].isdigit()]
    shape = " ".join(f for f in plain if f not in _STOPS and f not in _DATE_WORDS)
    return Terms(words, found, surface, shape, has_casualties)


@functools.lru_cache(maxsize=500_000)
def _word_term(token: str) -> tuple[str, str]:
    """A word's term, empty for one that tells nothing, and the word; the same two texts for all articles."""
    form = base_form(token)
    tells = len(form) > 1 and form not in _STOPS and form not in _DATE_WORDS
    return (f"w{form}" if tells else "", token)


def _count_name(name: str, found: Counter[str], surface: dict[str, str]) -> None:
    parts = [t for t in tokens(name) if len(t) > 1]
    forms: Sequence[str] = [fold(_PREFIX.sub("", t)) for t in parts]
    if len(forms) > 1:
        whole = "N" + " ".join(forms)
        found[whole] += 1
        surface.setdefault(whole, name)
    for token, form in zip(parts, forms, strict=True):
        if form not in _NAME_HEADS and len(form) > 1:
            found[f"n{form}"] += 1
            surface.setdefault(f"n{form}", token)
