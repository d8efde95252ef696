"""Who is named: the noun phrase at a place in a sentence, and the proper name within it.

A paragraph is read as items: words and signs outside quotation marks, and each marked text as
one item. A speaker is a phrase that stands where a cue verb's subject stands; where its words
open with a title and close with a proper name, the name alone is the speaker («الرئيس الروسي
فلاديمير بوتين» gives فلاديمير بوتين), and where there is only the title, the whole of it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marsad.extract.data import names, nationalities, words
from marsad.extract.items import Item
from marsad.extract.speakers import (
    STOPS,
    common_heads,
    folded,
    is_audience,
    is_title,
    name_heads,
    people,
    plain_titles,
)
from marsad.extract.tokens import bare, is_word

MAX_PHRASE = 14
"""Words of the longest phrase taken as a speaker; longer ones are not names but sentences."""

_SKIPS = words("grammar", "skips")
_NOT_FIRST = words("grammar", "not_first")
_COUNTERPARTS = folded("نظيره نظيرته نظيرها نظيرتها")
_CALLED = folded("اسمه اسمها يدعى تدعى")
_SELF = folded("ذاته ذاتها نفسه نفسها")
_NAME_LINKS = folded("عبد أبو أبي ابن بن بنت أم آل سيف نصر سعد ذو")
_NAME_TAILS = folded("الدين الله الإسلام")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Items ``[first, past)`` that name someone, and where the name itself stands."""

    first: int
    past: int
    start: int
    end: int


def _attached(word: str) -> bool:
    """Whether a word carries a preposition that is surely one: للـ، بالـ، كالـ، لوكالة."""
    if word.startswith(("لل", "بال", "كال", "فال")) and len(word) > 4:
        return word not in people()
    if word[0] in "لب" and len(word) > 3 and word not in people() and not names().starting(word):
        rest = word[1:]
        return rest in common_heads() or rest in nationalities() or is_title(rest) or bool(names().starting(rest))
    return False


def _is_verbal_noun(word: str) -> bool:
    # توسيع، تعزيز; إطلاق، إرسال: what is proposed or announced, not who does it
    if word in people() or len(word) != 5:
        return False
    return (word[0] == "ت" and word[3] == "ي") or (word[0] == "ا" and word[3] == "ا" and word[1] != "ل")


def _is_no_subject(items: Sequence[Item], i: int, past: int) -> bool:
    """Whether the word behind a verb cannot open its subject: an object, an adverb, a preposition."""
    word = items[i].word
    if word in _NOT_FIRST or _is_and(word) or _attached(word) or _is_adverb(word) or _is_with(word):
        return True
    if word in words("grammar", "speaking_nouns"):
        return False
    return _is_verbal_noun(word) and i + 1 < past and _is_object(items[i + 1])


def _is_with(word: str) -> bool:
    """Whether a word is ب and a noun: «هدد بانسحاب فرقه»، «طالب بإعدام»."""
    if word[0] != "ب" or len(word) < 5 or word in people() or word in words("grammar", "own_ba"):
        return False
    rest = word[1:]
    if rest.startswith(("است", "ان", "ال", "م")) or (rest[0] == "ا" and "ا" in rest[2:]):
        return True
    return len(rest) > 3 and _is_verbal_noun(rest)


def _points(items: Sequence[Item], i: int, past: int) -> bool:
    """Whether هذه stands between a title and what it is the title of."""
    return not items[i - 1].word.startswith("ال") and i + 1 < past and items[i + 1].word.startswith("ال")


def _is_and(word: str) -> bool:
    return word.startswith("وا") and word not in words("grammar", "own_waw") and word not in people()


def _is_manner(word: str, before: str) -> bool:
    """«قالت المعمري مبتسمة»: an indefinite participle behind a defined noun says how."""
    return len(word) > 4 and word[0] == "م" and word.endswith("ه") and before.startswith("ال") and word not in people()


def _is_deed(word: str) -> bool:
    """A verbal noun behind a name is what he speaks of: «انتقد سامي حداد ارتفاع الأسعار»."""
    if word in people() or word.startswith("ال"):
        return False
    if len(word) == 7 and word.startswith("است") and word[5] == "ا":
        return True
    return _is_verbal_noun(word) or (len(word) == 6 and word[0] == "ا" and word[2] == "ت" and word[4] == "ا")


def _is_described(items: Sequence[Item], i: int, past: int) -> bool:
    """«إرنستو الطبيب السابق»: a title with an adjective behind it describes the name before it."""
    following = items[i + 1].word if i + 1 < past else ""
    return following in words("gazetteer", "title_adjectives") or following in nationalities()


def _is_its_own(word: str) -> bool:
    return len(word) > 4 and word.endswith(("ها", "هم")) and word not in people()


def _is_whole(word: str) -> bool:
    """Whether a word needs no noun behind it: it has the article, or is a known name."""
    return word.startswith("ال") or word in people()


def _is_with_act(word: str) -> bool:
    """ب and a verbal noun: «بتصاعد»، «بانسحاب»، «باستخدام», which go on with no title."""
    if word[0] != "ب" or len(word) != 6:
        return len(word) > 6 and word.startswith(("باست", "بان"))
    return word[1:3] != "ال" and (_is_verbal_noun(word[1:]) or (word[1] == "ت" and word[3] == "ا"))


def _is_named(items: Sequence[Item], i: int, begin: int) -> bool:
    """Whether a whole name ends before item ``i``: وليد alone wants المعلم, جوزيف عون wants no السفير."""
    before = items[i - 1].word
    if before in words("gazetteer", "surnames") and before not in words("gazetteer", "given_names"):
        return True
    return before in people() and i - 2 >= begin and items[i - 2].word in people()


def _is_object(item: Item) -> bool:
    return is_word(item.word) and item.word not in STOPS


def _opens_name(word: str) -> bool:
    """Whether علي behind this word is the name, not the preposition of a text that writes على with ي."""
    return word in people() or word in _NAME_LINKS or is_title(word) or word == "ايت"


def _joins(word: str, before: str) -> bool:
    """Whether a word behind a name is «and …» rather than a word that begins with و of its own."""
    if word[0] != "و" or len(word) < 4 or word[1] == "و" or word in words("grammar", "own_waw"):
        return False
    if word in people() or names().starting(word):
        return False
    rest = word[1:]
    known = rest in people() or is_title(rest) or rest.startswith("ال") or bool(names().starting(rest))
    return known or before not in words("gazetteer", "given_names")  # دانا وايت


def _is_adverb(word: str) -> bool:
    # متحدثا، معلقا، طالبا، نظرا: indefinite accusatives describe, they do not name
    if len(word) < 5 or not word.endswith("ا") or word in people() or names().starting(word):
        return False
    return word[0] in "مت" or (len(word) == 5 and word[1] == "ا" and word[3] != "ي")


def read_phrase(items: Sequence[Item], first: int, past: int, is_cue: frozenset[str]) -> Phrase | None:
    """The noun phrase at ``first``, before ``past``, or None where none stands there.

    Args:
        is_cue: folded forms of cue verbs, which end a phrase.
    """
    i = first
    skipped = 0
    while i < past and items[i].word in _SKIPS and skipped < 4:
        if items[i].word == "من" and (i + 1 >= past or items[i + 1].word not in words("cues", "turns")):
            break  # «من جانبه», but not «انتقد من وصفهم»
        i += 1
        skipped += 1
    begin = i
    titled = False
    while i < past and i - begin < MAX_PHRASE:
        item = items[i]
        word = item.word
        if item.marked is not None:
            head = i > begin and bare(items[i - 1].word) in name_heads()
            alone = i == begin and item.count <= 3 and _goes_on(items, i + 1, past)
            if (head and item.count <= 5) or alone:
                i += 1
                continue
            break
        if word == "-" and i > begin and i + 1 < past and item.start == items[i - 1].end == items[i + 1].start - 1:
            i += 1  # تشونج-تشي
            continue
        if word in ("هذه", "هذا") and titled and _points(items, i, past):
            i += 1  # رئيس هذه اللجنة
            continue
        if item.is_ya and (i == begin or _opens_name(items[i - 1].word)):
            i += 1
            continue
        if word == "لي" and i > begin and not items[i - 1].word.startswith("ال") and items[i - 1].word not in is_cue:
            i += 1  # «السيناتور مايك لي»
            continue
        if not is_word(word) or word in STOPS or word in words("cues", "that") or (len(word) == 1 and word in "بلكوف"):
            break
        if i > begin:
            if word.startswith("ال") and is_title(word) and _is_named(items, i, begin):
                break  # «استقبل الرئيس جوزيف عون السفير»: the next title is another's
            if word in _NOT_FIRST or (not titled and _is_manner(word, items[i - 1].word)):
                break  # «أصدر النائب سامي حداد بيانا»
            if _is_deed(word) and i - begin >= 2 and (items[i - 1].word in people() or titled):
                break
            if word in _COUNTERPARTS:
                break  # «شكر الرئيس بوتين نظيره التركي»
            if (
                not titled
                and is_title(word)
                and (i - begin >= 2 + items[begin].word.startswith("ال") or _is_described(items, i, past))
            ):
                break  # «أشرف حداد المتحدث باسم …»: the name is over
            if (_is_with(word) and not titled) or _is_with_act(word):
                break  # «غرد ماكرون بمقطع»، «أفاد المصدر نفسه بتصاعد الغارات»
            if is_audience(word) and items[i - 1].word not in ("مراسل", "مراسله", "مدير", "محرر"):
                break
            if word in is_cue or (word[0] == "و" and word[1:] in is_cue):
                break
            if _is_adverb(word):
                break
            if _joins(word, items[i - 1].word):
                if not (titled and word.startswith("وال")):
                    break
            elif _attached(word) and not titled:
                break
        elif word in is_cue or _is_no_subject(items, i, past):
            break
        if is_title(word) or (bare(word) in common_heads() and word != "الله"):
            titled = True
        i += 1
    if i == begin or i - begin >= MAX_PHRASE or items[i - 1].word == "باسم":
        return None
    if i - begin > 1 and _is_its_own(items[i - 1].word) and _is_whole(items[i - 2].word):
        i -= 1  # «اختتمت اللجنة قراراتها»
    named, close = _name_within(items, begin, i)
    return Phrase(first, i, items[named].start - _mark(items[named]), items[close - 1].end + _mark(items[close - 1]))


def _goes_on(items: Sequence[Item], i: int, past: int) -> bool:
    """Whether behind a marked subject its report goes on: «قالت "سانا" إن»، «قال "العالمي" في بيان: "…"»."""
    if i >= past or items[i].word in ("ان", "انه", "انها"):
        return i < past
    if items[i].word not in ("في", "علي", "الذي", "التي", "عبر", "خلال"):
        return False
    return any(items[k].word == ":" for k in range(i, min(past, i + 16)))


def _mark(item: Item) -> int:
    """A marked text inside a name keeps its marks: وكالة "سانا"."""
    return 1 if item.marked is not None else 0


def _given_name_in(listed: Sequence[str]) -> int:
    """«الناشرة إيمان الودغيري»: where a given name follows defined nouns, the name begins there; else 0."""
    if not listed[0].startswith("ال") or bare(listed[0]) in common_heads() or listed[0] in people():
        return 0
    given = words("gazetteer", "given_names")
    second = listed[1] if len(listed) in (3, 4) else ""
    described = words("gazetteer", "title_adjectives")
    is_bare = second and not second.startswith(("ال", "لل", "و", "ب")) and second not in described | _SELF
    if is_bare and second not in STOPS and second not in nationalities() and not names().starting(second):
        return 1  # «الأثري زاهي حداد»: any defined noun and two words that are none
    for k in range(1, len(listed)):
        if listed[k] in given and 2 <= len(listed) - k <= 4:
            return k
        if not listed[k].startswith("ال"):
            return 0
    return 0


def _name_within(items: Sequence[Item], first: int, past: int) -> tuple[int, int]:
    """The items ``[begin, past)`` of the proper name; all of them where there is none after the title."""
    for k in range(first + 3, past - 1):
        word, before = items[k].word, items[k - 1].word
        if word.startswith("ال") and is_title(word) and not before.startswith("ال") and not is_title(before):
            past = k  # «الدكتور سامي حداد الخبير في …»
            break
    begin = _name_begins(items, first, past)
    if begin > first:
        for k in range(begin + 2, past):
            # «رجل الأعمال بافل دوروف مؤسس الشركة»: behind the name another title describes him
            if is_title(items[k].word) and items[k].word not in people():
                return begin, k
        return begin, past
    for k in range(first + 3, past):
        if items[k].word.startswith("ال") and is_title(items[k].word) and items[k - 1].word in people():
            return first, k
    return first, past


def _name_begins(items: Sequence[Item], first: int, past: int) -> int:
    listed = [items[k].word for k in range(first, past)]
    if any(not w for w in listed):
        return first
    called = next((k for k, word in enumerate(listed) if word in _CALLED), None)
    if called is not None and called + 1 < len(listed):
        return first + called + 1  # مسافر اسمه كرار
    if not is_title(listed[0]):
        return first + _given_name_in(listed)
    adjectives = words("gazetteer", "title_adjectives")
    k = 0
    after_title = False  # directly after a title that needs no complement
    while k < len(listed):
        word = listed[k]
        if items[first + k].is_ya:
            break  # علي, not على
        if is_title(word):
            after_title = word in plain_titles()
            k += 1
            continue
        is_given = word in people() or word in words("gazetteer", "ambiguous_names")
        is_first_name = is_given and k + 1 < len(listed) and not word.startswith("ال")  # تركي المالكي
        if word in adjectives or word in _SELF or (word in nationalities() and not is_first_name):
            k += 1
            continue
        if word.startswith("ال") and after_title:
            if word.endswith(("ي", "يه", "ع", "ض", "عه", "ضه")) and k + 1 < len(listed) and word not in people():
                k += 1  # الخبير الزراعي قاسم العبيدي
                continue
            if word not in people() and k + 1 < len(listed) and not listed[k + 1].startswith("ال"):
                # «قائد اللواء الثالث عاصفة», unless a rank and a name follow: «… العميد صالح حداد»
                rank = next((m for m in range(k + 1, len(listed) - 1) if is_title(listed[m])), None)
                if rank is None:
                    return first
                k = rank
                continue
            if word.endswith("يه") and word not in people():
                return first  # الممثلة السامية
            break  # الرئيس الأسد
        place = next((e for e in names().starting(word) if tuple(listed[k : k + len(e[0])]) == e[0]), None)
        if place is not None and word not in people():
            k += len(place[0])
        elif (
            word.startswith(("ال", "وال", "لل", "بال"))
            or bare(word) in common_heads()
            or word in STOPS
            or _attached(word)
        ):
            k += 1
        else:
            break
        after_title = False
    # «رئيس نقابة عمال البناء كمال صقر»: a word with the article, not the last, is no part of a name
    for m in range(len(listed) - 2, k, -1):
        if listed[m].startswith("ال") and listed[m] not in _NAME_TAILS and listed[m - 1] not in _NAME_LINKS:
            k = m + 1
            break
    name = listed[k:]
    if name and name[0].startswith("وال"):
        return first
    is_known = any(w in people() for w in name)
    if not name or len(name) > 5 or (len(name) == 1 and not (after_title or is_known)):
        return first
    if not is_known and any(names().starting(w) for w in name):
        return first
    if name[0][0] == "ل" and not is_known and name[-1].startswith("ال"):
        return first  # رئيس الاتحاد لبائعي التجزئة
    if name[0] not in people() and any(bare(w) in common_heads() for w in name):
        return first  # مدير أمن محافظة البحيرة
    if any(w in adjectives or w in nationalities() for w in name[1:]) and not is_known:
        return first  # لاعب أرسنال الإنجليزي
    return first + k
