"""Bytes to text: marks, claims, and Arabic letters as the evidence."""

from __future__ import annotations

import pytest

from marsad.clean.decode import MAX_BYTES, decode
from marsad.errors import UnreadablePage

TEXT = (
    "<html><body><p>قالت وزارة الزراعة إن موسم القمح هذا العام أفضل من سابقه، وإن المخازن امتلأت قبل "
    "نهاية يونيو، وأكدت أنها ستشتري المحصول كله من المزارعين بسعر مجز.</p></body></html>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1256", "iso8859-6", "utf-16", "utf-16-le", "utf-16-be"])
def test_arabic_is_read_in_every_encoding_without_a_word_about_it(encoding: str) -> None:
    assert decode(TEXT.encode(encoding))[0].removeprefix("\ufeff") == TEXT


@pytest.mark.parametrize("claim", ["utf-8", "iso-8859-1", "windows-1252", "no-such-charset", "idna", "rot13"])
def test_a_wrong_claim_does_not_mislead(claim: str) -> None:
    assert decode(TEXT.encode("cp1256"), charset=claim)[0] == TEXT


def test_the_meta_tag_counts_as_a_claim() -> None:
    html = "<meta http-equiv=Content-Type content='text/html; charset=windows-1256'><p>خبر قصير</p>"
    assert decode(html.encode("cp1256")) == (html, "cp1256")


def test_a_cut_off_tail_is_still_utf8() -> None:
    text, encoding = decode(TEXT.encode()[:-30] + "ع".encode()[:1])
    assert encoding == "utf-8"
    assert "وزارة الزراعة" in text


def test_what_the_server_declares_wins_where_letters_do_not_decide() -> None:
    assert decode("Gödel".encode("latin-1"), content_type="text/html; charset=ISO-8859-1")[0] == "Gödel"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n\0 ", "empty"),
        (b"%PDF-1.7 ...", "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "binary"),
        (bytes(range(1, 32)) * 40, "binary"),
        (b"x" * (MAX_BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_text_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadablePage) as caught:
        decode(content)
    assert caught.value.reason == reason
