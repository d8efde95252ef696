"""Arabic words as search compares them, in Python and as SQL functions that say the same.

Folding is that of :mod:`marsad.curate.shingles`: alef and hamza forms, ya and alef maqsura, ta marbuta, tashkeel,
tatweel, digits, presentation forms. Then from each word goes the article with what is joined before it
(``ال وال فال بال كال لل ولل …``), as often as it stands there, where three letters are left; the bare article also
where two are. So «والوزير», «للوزير» and «وزير» meet, and «والي», «بالي», «الو» and «الف» stay what they are. A lone
و or ف stays: nobody can tell «وقال» from «وزير» without a dictionary.
"""

from __future__ import annotations

import re
import unicodedata

from marsad.curate.shingles import VARIANTS, fold

MAX_CHARACTERS = 250_000
"""Of a body, what search reads: PostgreSQL's tsvector holds 1 MB of words, and Arabic letters are two bytes."""

_SEPARATORS = (
    (0x01, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0xA9), (0xAB, 0xB1), (0xB4, 0xB4), (0xB6, 0xB8), (0xBB, 0xBB),
    (0xBF, 0xBF), (0xD7, 0xD7), (0xF7, 0xF7), (0x600, 0x60F), (0x61B, 0x61F), (0x66A, 0x66D), (0x6D4, 0x6D4),
    (0x6DD, 0x6DE), (0x6E9, 0x6E9), (0x6FD, 0x6FE), (0x2000, 0x206F), (0x20A0, 0x20CF), (0x2190, 0x2BFF),
    (0x2E00, 0x2E7F), (0x3000, 0x3004), (0x3008, 0x3020), (0xE000, 0xF8FF), (0xFD3E, 0xFD4F), (0xFDFC, 0xFE1F),
    (0xFE30, 0xFE6F), (0xFEFF, 0xFF0F), (0xFFE0, 0xFFFD), (0x1F000, 0x1FAFF),
)  # fmt: skip
"""Between words, as code points: written out, because an engine's idea of a letter depends on its locale."""

_MARKS = ((0x300, 0x36F), (0x483, 0x487), (0x591, 0x5BD), (0x610, 0x61A), (0x64B, 0x65F), (0x670, 0x670),
          (0x6D6, 0x6DC), (0x6DF, 0x6E4), (0x6E7, 0x6E8), (0x6EA, 0x6ED), (0x8D3, 0x8E1), (0x8E3, 0x8FF),
          (0x1DC0, 0x1DFF), (0x20D0, 0x20DC), (0xFE20, 0xFE2F))  # fmt: skip

_WHOLE = "الله|الان|التي|الذي"
_KEPT = rf"^[وفبكت]?(?:{_WHOLE})$"
"""Words whose ال is their own, or whose rest is another word (الان without it is ان)."""
_GOD = ("لله", "ولله", "فلله")
_JOINED = r"^(?:[وف]?[بك]?ال|[وف]?لل)+(.{3,})$"
_ARTICLE = r"^ال(..)$"

_SPLIT = re.compile("[\\x00" + "".join(f"{chr(a)}-{chr(b)}" if a != 0x5B else "\\[-`" for a, b in _SEPARATORS) + "]+")
_KEPT_RE, _JOINED_RE, _ARTICLE_RE = re.compile(_KEPT), re.compile(_JOINED, re.S), re.compile(_ARTICLE, re.S)


def bare(word: str) -> str:
    """A folded word without the article and what is joined before it.

    >>> [bare(w) for w in ("والوزير", "للوزير", "وزير", "والله", "والي", "الحج")]
    ['وزير', 'وزير', 'وزير', 'الله', 'والي', 'حج']
    """
    if word in _GOD:
        return "الله"
    if _KEPT_RE.match(word):
        return word[-4:]
    return _ARTICLE_RE.sub(r"\1", _JOINED_RE.sub(r"\1", word))


class _Bare(dict[str, str]):
    """Words already seen: news says the same few again and again."""

    def __missing__(self, word: str) -> str:
        if len(self) > 500_000:
            self.clear()
        found = self[word] = bare(word)
        return found


_seen = _Bare()


def search_words(text: str | None) -> str:
    """A text as search compares it: its words folded and bare, one space between; empty for none."""
    if not text:
        return ""
    return " ".join(_seen[word] for word in _SPLIT.split(fold(text)) if word)


# the same in SQL

_CHANGED = {k: v for k, v in VARIANTS.items() if v is not None}
_REMOVED = [k for k, v in VARIANTS.items() if v is None]
_FROM, _TO = "".join([*_CHANGED, *_REMOVED]), "".join(_CHANGED.values())


def _class(ranges: tuple[tuple[int, int], ...], escape: str) -> str:
    """A bracket expression of code points, in an engine's escapes."""
    return "[" + "".join(f"{escape.format(a)}-{escape.format(b)}" for a, b in ranges) + "]"


def _compatible() -> dict[str, str]:
    """Presentation forms, full-width letters and the like, with what they fold to: DuckDB does not decompose them."""
    points = [
        *range(0xA0, 0x180),
        *range(0x675, 0x679),
        *range(0xFB50, 0xFE00),
        *range(0xFE70, 0xFEFD),
        *range(0xFF01, 0xFF5F),
    ]
    found = {}
    for c in map(chr, points):
        loose = unicodedata.normalize("NFKD", c)
        if loose not in (c, unicodedata.normalize("NFD", c)):
            found[c] = fold(c)
    return found


def postgres_function() -> str:
    """``marsad_fold(text)`` for PostgreSQL, in the schema of the search path."""
    folded = (
        f"translate(regexp_replace(normalize(translate(value, '{_FROM}', '{_TO}'), NFKD), "
        f"'{_class(_MARKS, chr(92) + 'U{:08x}')}', '', 'g'), '{_FROM}', '{_TO}')"
    )
    return (
        "CREATE OR REPLACE FUNCTION marsad_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$\n"
        f"SELECT coalesce(string_agg({_bare_sql('word', '~')}, ' ' ORDER BY n), '')\n"
        f"FROM regexp_split_to_table(lower({folded}), '{_class(_SEPARATORS, chr(92) + 'U{:08x}')}+')\n"
        "WITH ORDINALITY AS words(word, n) WHERE word <> ''\n$$"
    )


def duckdb_macro() -> str:
    """``marsad_fold(value)`` for DuckDB."""
    table = _compatible()
    keys = ", ".join(f"'{c}'" for c in table)
    values = ", ".join("'" + c.replace("'", "''") + "'" for c in table.values())
    spelt = f"coalesce(list_extract([{values}], list_position([{keys}], c)), c)"
    whole = f"array_to_string(list_transform(string_split(value, ''), lambda c: {spelt}), '')"
    loose = "".join(table)
    spread = f"CASE WHEN regexp_matches(value, '[{loose}]') THEN {whole} ELSE value END"
    marks = _class(_MARKS, "\\x{{{:x}}}")
    separators = "[\\x00" + _class(_SEPARATORS, "\\x{{{:x}}}")[1:]
    folded = f"lower(translate(regexp_replace(strip_accents({spread}), '{marks}', '', 'g'), '{_FROM}', '{_TO}'))"
    words = f"list_filter(string_split_regex({folded}, '{separators}+'), lambda w: w <> '')"
    return (
        "CREATE OR REPLACE MACRO marsad_fold(value) AS coalesce("
        f"array_to_string(list_transform({words}, lambda w: {_bare_sql('w', None)}), ' '), '')"
    )


def _bare_sql(word: str, match: str | None) -> str:
    """:func:`bare` as an SQL expression."""
    kept = f"{word} {match} '{_KEPT}'" if match else f"regexp_matches({word}, '{_KEPT}')"
    gods = ", ".join(f"'{w}'" for w in _GOD)
    return (
        f"CASE WHEN {word} IN ({gods}) THEN 'الله' WHEN {kept} THEN right({word}, 4) "
        f"ELSE regexp_replace(regexp_replace({word}, '{_JOINED}', '\\1'), '{_ARTICLE}', '\\1') END"
    )
