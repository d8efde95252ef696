"""A text as the readers of time see it: its words, the publication day, and whether a clause looks ahead."""

from __future__ import annotations

from datetime import date
from functools import cache

from marsad.extract.data import words
from marsad.extract.tokens import BREAK, Tokens, is_number, is_word

_PADDING = 24
"""No reader looks further than this behind or ahead of its word without asking for the length."""
_REACH = 14
"""Words before a day in which the verb of its clause is looked for."""


class Lexicon:
    """The lists of ``calendar.yaml`` that are asked for again and again, folded."""

    def __init__(self) -> None:
        self.past = words("calendar", "past")
        self.future = words("calendar", "future")
        self.present = words("calendar", "present")
        self.gone = words("calendar", "gone")
        self.edges = words("calendar", "edges")
        self.about = words("calendar", "about")
        self.lasting = words("calendar", "lasting")
        self.not_today_after = words("calendar", "not_today_after")
        self.not_today_before = words("calendar", "not_today_before")
        self.not_weekday_before = words("calendar", "not_weekday_before")
        self.not_weekday_after = words("calendar", "not_weekday_after")
        self.first_names = words("calendar", "first_names")
        self.before_month = words("calendar", "before_month")
        self.ambiguous_months = words("calendar", "ambiguous_months")
        self.strict_months = words("calendar", "strict_months")
        self.month_names_after = words("calendar", "month_names_after")
        self.month_events_after = words("calendar", "month_events_after")
        self.before_year = words("calendar", "before_year")
        self.only_year = words("calendar", "only_year")
        self.year_words = words("calendar", "year_words")
        self.year_pairs = words("calendar", "year_pairs")
        self.not_year_before = words("calendar", "not_year_before")
        self.ages_after = words("calendar", "ages_after")
        self.future_signs = words("calendar", "future_signs")
        self.awaited = words("calendar", "awaited")
        self.fixtures = words("calendar", "fixtures")
        self.scheduled = words("calendar", "scheduled")
        self.past_signs = words("calendar", "past_signs")
        self.clause_breaks = words("calendar", "clause_breaks")
        self.not_future = words("calendar", "not_future")

    def shift(self, word: str) -> int | None:
        """-1 for «الماضي», 1 for «المقبل», 0 for «الجاري», else None."""
        return -1 if word in self.past else 1 if word in self.future else 0 if word in self.present else None


@cache
def lexicon() -> Lexicon:
    """The one lexicon of the process."""
    return Lexicon()


class Context:
    """One text for the readers: ``w`` are its folded words with room at both ends, so that ``w[i - 1]`` always is."""

    __slots__ = ("anchor", "lex", "tokens", "w")

    def __init__(self, tokens: Tokens, anchor: date | None) -> None:
        self.tokens, self.anchor, self.lex = tokens, anchor, lexicon()
        self.w = [*tokens.word, *[BREAK] * _PADDING]

    def begins(self, k: int, phrase: tuple[str, ...]) -> bool:
        """Whether a phrase stands at ``k``."""
        return self.w[k] == phrase[0] and all(self.w[k + n] == word for n, word in enumerate(phrase))

    def looks_ahead(self, i: int, *, is_today: bool = False) -> bool:
        """Whether the clause before ``i`` speaks of the future: see :meth:`tense`."""
        return self.tense(i, is_today=is_today) > 0

    def tense(self, i: int, *, is_today: bool = False) -> int:
        """1 where the clause before ``i`` speaks of the future, -1 of the past, else 0.

        «سيصل … الخميس»، «تشهد تركيا، الأحد، انتخابات».

        Args:
            is_today: the day in question may be the day of publication; then a present tense proves nothing.
        """
        lex, w = self.lex, self.w
        last = i - 2 if w[i - 1] in "،(" and i > 1 else i - 1
        for k in range(last, max(last - _REACH, -1), -1):
            word = w[k]
            if word in ("الذي", "التي") and not is_today and _is_present(word, w[k + 1]):
                return 1  # «القمة التي تلتئم الجمعة»
            if (not is_word(word) and not is_number(word)) or word in lex.clause_breaks:
                return 0
            stem = word[1:] if word[0] in "وف" and len(word) > 2 else word
            if word in lex.future_signs or stem in lex.future_signs:
                return 1
            if stem[0] == "س" and len(stem) > 3 and stem not in lex.not_future and self._is_future(k, stem):
                return 1
            if stem in ("المتوقع", "يتوقع", "متوقع") and w[k + 1] in ("ان", "له", "لها"):
                return 1
            if stem in lex.past_signs or word in lex.past_signs:
                return -1
            if (word in lex.scheduled or (word[0] == "و" and stem in lex.scheduled)) and not is_today:
                return 1
        return 0

    def _is_future(self, k: int, stem: str) -> bool:
        """Whether a word with س begins like a verb of the future: «سيصل»، «سأتحدث»."""
        if stem[1] == "ا":  # only the spelling with hamza tells «سأصل» from «ساحة»
            return "سأ" in self.tokens.body[self.tokens.start[k] : self.tokens.end[k]]
        return stem[1] in "يتن"


def _is_present(relative: str, verb: str) -> bool:
    """Whether the verb of a relative clause is in the present: «الذي يصل»، «التي تصل», not «التي تمكنت»."""
    if len(verb) < 4:
        return False
    return verb[0] == "ي" if relative == "الذي" else verb[0] == "ت" and verb[-1] != "ت"
