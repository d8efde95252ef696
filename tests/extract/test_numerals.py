"""Number words there and back, in the spellings that news pages use."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.extract.digits import digits_value
from marsad.extract.numerals import read_number
from marsad.extract.tokens import Tokens

ONES = ["", "واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة"]
TENS = ["", "عشرة", "عشرون", "ثلاثون", "أربعون", "خمسون", "ستون", "سبعون", "ثمانون", "تسعون"]
HUNDREDS = ["", "", "", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثماني", "تسع"]
# after a preposition or as an object; before a feminine noun
CASES = {"ون": "ين"}
FEMININE = {
    "واحد": "إحدى", "اثنان": "اثنتان", "ثلاثة": "ثلاث", "أربعة": "أربع", "خمسة": "خمس", "ستة": "ست", "سبعة": "سبع",
    "ثمانية": "ثماني", "تسعة": "تسع", "عشرة": "عشر",
}  # fmt: skip


class Speller:
    """Writes a whole number below a million in words."""

    def __init__(self, hundred: str, *, is_apart: bool, is_genitive: bool, is_feminine: bool) -> None:
        self.hundred, self.is_apart, self.is_genitive, self.is_feminine = hundred, is_apart, is_genitive, is_feminine

    def _case(self, word: str) -> str:
        if not self.is_genitive:
            return word
        if word.endswith("ون"):
            return word[:-2] + "ين"
        return word[:-2] + "ين" if word in ("اثنان", "اثنتان") or word.endswith("تان") or word == "ألفان" else word

    def _gender(self, word: str) -> str:
        return FEMININE[word] if self.is_feminine else word

    def below_hundred(self, n: int) -> str:
        if n == 1 and self.is_feminine:
            return "واحدة"
        if n <= 10:
            return self._case(self._gender((ONES + TENS[1:2])[n]))
        if n < 20:
            tail = "عشرة" if self.is_feminine else "عشر"
            if n == 11:
                return ("إحدى " if self.is_feminine else "أحد ") + tail
            if n == 12:
                stem = "اثنت" if self.is_feminine else "اثن"
                return stem + ("ي " if self.is_genitive else "ا ") + tail
            return f"{self._gender(ONES[n - 10])} {tail}"
        ones = self._case(self._gender(ONES[n % 10])) if n % 10 else ""
        return (f"{ones} و" if ones else "") + self._case(TENS[n // 10])

    def below_thousand(self, n: int) -> str:
        parts = []
        hundreds, rest = divmod(n, 100)
        if hundreds == 1:
            parts.append(self.hundred)
        elif hundreds == 2:
            parts.append(self._case(self.hundred[:-1] + "تان"))
        elif hundreds:
            parts.append(HUNDREDS[hundreds] + (" " if self.is_apart else "") + self.hundred)
        if rest:
            parts.append(self.below_hundred(rest))
        return " و".join(parts)

    def spell(self, n: int) -> str:
        if n == 0:
            return "صفر"
        thousands, rest = divmod(n, 1000)
        parts = []
        if thousands == 1:
            parts.append("ألف")
        elif thousands == 2:
            parts.append(self._case("ألفان"))
        elif thousands:
            plain = Speller(self.hundred, is_apart=self.is_apart, is_genitive=self.is_genitive, is_feminine=False)
            noun = "آلاف" if 3 <= thousands % 100 <= 10 else "ألفا" if thousands % 100 > 10 else "ألف"
            parts.append(f"{plain.below_thousand(thousands)} {noun}")
        if rest:
            parts.append(self.below_thousand(rest))
        return " و".join(parts)


SPELLERS = st.builds(
    Speller,
    st.sampled_from(["مئة", "مائة"]),
    is_apart=st.booleans(),
    is_genitive=st.booleans(),
    is_feminine=st.booleans(),
)


def value_of(text: str) -> tuple[float | None, bool]:
    """What the words come to, and whether all of them were read."""
    tokens = Tokens(text)
    number = read_number(tokens, 0)
    assert number is not None, text
    return number.value, number.past == len(tokens)


@settings(max_examples=1500, deadline=None)
@given(st.integers(min_value=0, max_value=999_999), SPELLERS)
def test_number_words_there_and_back(n: int, speller: Speller) -> None:
    assert value_of(speller.spell(n)) == (n, True)


@pytest.mark.parametrize("is_feminine", [False, True])
@pytest.mark.parametrize("is_genitive", [False, True])
def test_every_number_below_two_thousand(*, is_genitive: bool, is_feminine: bool) -> None:
    speller = Speller("مئة", is_apart=False, is_genitive=is_genitive, is_feminine=is_feminine)
    wrong = [n for n in range(2000) if value_of(speller.spell(n)) != (n, True)]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ثلاثة وعشرون", 23),
        ("ألفان وخمسمئة", 2500),
        ("مليونا", 2_000_000),
        ("3,5 ملايين", 3_500_000),
        ("٤٠", 40),
        ("مليارين وخمس مئة مليون", 2_500_000_000),
        ("38 ألف", 38_000),
        ("اثني عشر ألفا", 12_000),
        ("مئة وعشرون ألفا", 120_000),
        ("ثلاثمئة وخمسة وعشرون ألفا وأربعمئة", 325_400),
        ("نصف مليون", 500_000),
        ("مليون ونصف", 1_500_000),
        ("مليون ونصف المليون", 1_500_000),
        ("3 ملايين و200 ألف", 3_200_000),
        ("4 مليارات و842 مليونا و917 ألف", 4_842_917_000),
        ("مليونا و140 ألف", 1_140_000),
        ("مليونا ونصف مليون", 1_500_000),
        ("ألفا وخمسمئة", 1500),
        ("مئتي ألف", 200_000),
        ("مئة ألف", 100_000),
        ("ثلث مليون", 1_000_000 / 3),
        ("2.500 مليون", 2_500_000),
        ("ثلاثة تريليونات", 3e12),
    ],
)
def test_numbers_in_words_and_digits(text: str, value: float) -> None:
    assert value_of(text) == (value, True)


@pytest.mark.parametrize(
    ("text", "low"),
    [("المئات", 100), ("عشرات الآلاف", 10_000), ("عشرات آلاف", 10_000), ("مئات الملايين", 1e8), ("بضعة آلاف", 1000), ("للمئات", 100)],
)  # fmt: skip
def test_masses_have_a_lower_bound_only(text: str, low: float) -> None:
    number = read_number(Tokens(text), 0)
    assert number is not None
    assert (number.value, number.low, number.is_vague) == (None, low, True)


@pytest.mark.parametrize(
    ("text", "first"), [("خمسة وستة", 5), ("عشرون وثلاثة", 20), ("ألف وألف", 1000), ("مئة ومئتان", 100)]
)
def test_two_numbers_joined_by_and_are_two(text: str, first: int) -> None:
    value, is_all = value_of(text)
    assert (value, is_all) == (first, False)


@pytest.mark.parametrize("text", ["أحد المسؤولين", "كتاب", "الرابعة", "إحدى المدن"])
def test_what_is_no_number(text: str) -> None:
    assert read_number(Tokens(text), 0) is None


@pytest.mark.parametrize(
    ("text", "point", "value"),
    [("3,5", None, 3.5), ("3٫5", None, 3.5), ("3,500", None, 3500), ("3٬500", None, 3500), ("3.500", None, 3500),
     ("3.500", ".", 3.5), ("3,500", ",", 3.5), ("3,500", ".", 3500), ("0.500", None, 0.5), ("1,250,000.75", None, 1250000.75),
     ("1.250.000", None, 1250000), ("192.168.1.1", None, None), ("9" * 40, None, None), ("2.050.27", None, None)],
)  # fmt: skip
def test_separators(text: str, point: str | None, value: float | None) -> None:
    assert digits_value(text, point) == value
