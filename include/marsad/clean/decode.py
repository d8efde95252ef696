"""Bytes to text: what the page declares is a claim, and Arabic letters are the evidence.

Order: a byte-order mark; UTF-16 by its zero bytes; strict UTF-8, which does not happen by
accident; then what was declared (HTTP header, meta tag) against the encodings Arabic pages
are written in. Two readings are compared by how many of their letters are common Arabic
letters in plausible company: the wrong code page turns ا, ل, ي into rare letters and
symbols. Last, damage done before the page was saved is undone (``mojibake``).

The name of the encoding tells what was done:

=====================  ==================================================================
``utf-8``              what Python calls the encoding
``utf-8+cp1252``       UTF-8 that was misread as windows-1252 before and saved so, repaired;
                       of the whole page or of the stretches that were damaged
``utf-8+cp1256+cp1252``  the page holds windows-1256 misread as windows-1252, repaired
``utf-8/cp1256``       UTF-8 with stretches of windows-1256 among it
=====================  ==================================================================
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter

from marsad.clean.mojibake import repair
from marsad.errors import UnreadablePage

MAX_BYTES = 10_000_000
_SAMPLE = 60_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(rb"""<meta[^>]{0,400}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_:.-]{2,40})""", re.I)
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_XML = re.compile(rb"""^\s{0,99}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9_:.-]{2,40})""", re.I)

# What browsers make of labels (WHATWG Encoding Standard): pages that say latin-1 mean windows-1252.
_ALIASES = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "windows-1252": "cp1252", "windows-1256": "cp1256", "x-cp1256": "cp1256", "cp-1256": "cp1256",
    "arabic": "iso8859-6", "asmo-708": "iso8859-6", "iso-8859-6-i": "iso8859-6", "iso-8859-6-e": "iso8859-6",
    "x-mac-arabic": "mac-arabic", "utf8": "utf-8", "unicode": "utf-16-le", "utf-16": "utf-16-le",
}  # fmt: skip

_MAGIC = (
    b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\x7fELF",
    b"RIFF", b"OggS", b"ID3", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"wOFF", b"wOF2", b"\x00\x00\x01\x00", b"Rar!",
)  # fmt: skip

# The letters of Arabic prose by frequency (share of letters in newspaper text, rounded, in per mille).
_COMMON = {
    "ا": 140, "ل": 115, "ي": 75, "م": 60, "و": 58, "ن": 57, "ر": 52, "ت": 45, "ة": 38, "ب": 38, "ع": 36,
    "د": 33, "أ": 32, "ه": 30, "س": 29, "ف": 27, "ق": 24, "ح": 21, "ك": 20, "إ": 14, "ج": 14, "ش": 12,
    "ى": 12, "ص": 12, "ط": 10, "خ": 9, "ض": 8, "ذ": 6, "ث": 6, "ز": 7, "ئ": 5, "ء": 5, "غ": 5, "ظ": 3,
    "آ": 2, "ؤ": 2,
}  # fmt: skip
_ODD = re.compile("[\u0080-\u009f\ufffd¤¦§¨©¬®¯°±²³´µ¶¸¹º¼½¾¿À-ÿŒœˆ˜†‡‰ŠšŽžŸƒ]")


_MIXED = re.compile("[A-Za-z][\u0621-\u0652]|[\u0621-\u0652][A-Za-z]")
_ACCENTED = re.compile("[A-Za-z][À-ÿ]|[À-ÿ][a-z]")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufffd]")


def plausibility(text: str) -> float:
    """How much a reading looks like Arabic (or other real) prose; higher is better.

    Each Arabic letter earns by its frequency in newspaper text, each odd symbol, Latin
    letter with accent or C1 control costs. Plain ASCII is neutral: it reads the same in
    every encoding considered here.
    """
    sample = text[:_SAMPLE]
    score, seen = 0.0, 0
    for char, times in Counter(sample).items():
        if char < "\u0080":
            continue
        seen += times
        weight = _COMMON.get(char)
        if weight is not None:
            score += times * min(weight, 60) / 30
        elif "\u064b" <= char <= "\u0652" or char in "،؛؟«»“”‘’–—…•ـ\u00a0\u200c\u200f\u200e٪":
            score += times * 0.3
        elif _ODD.match(char):
            score -= times * 1.5
    # no script mixes inside a word: Gِdel is Gödel read wrongly, and the other way round
    score += 2.0 * len(_ACCENTED.findall(sample)) - 3.0 * len(_MIXED.findall(sample))
    return score / seen if seen else 0.0


def _declared(content: bytes, charset: str | None, content_type: str | None) -> list[str]:
    labels: list[str] = []
    if charset:
        labels.append(charset)
    if content_type and (m := re.search(r"charset\s*=\s*[\"']?([\w:.-]{2,40})", content_type, re.I)):
        labels.append(m[1])
    head = _COMMENT.sub(b"", content[:8192])  # a tag that is commented out declares nothing
    labels += [found_in[1].decode("ascii") for pattern in (_META, _XML) if (found_in := pattern.search(head))]
    found: list[str] = []
    for label in labels:
        name = _ALIASES.get(label.strip().lower().replace("_", "-"), label.strip().lower())
        try:
            codec = codecs.lookup(name)
        except (LookupError, ValueError):
            continue
        if getattr(codec, "_is_text_encoding", True) and codec.name not in ("utf-7", "idna", "punycode"):
            found.append(codec.name)
    return list(dict.fromkeys(found))


def _utf16_without_mark(content: bytes) -> str | None:
    """UTF-16 gives itself away: the high bytes of ASCII are 00 and those of Arabic 06."""
    head = content[:4000]
    if len(head) < 8:
        return None
    half = len(head) // 2
    even, odd = head[0::2], head[1::2]
    if sum(odd.count(b) for b in (b"\0", b"\x06")) > 0.7 * half:
        return "utf-16-le"
    if sum(even.count(b) for b in (b"\0", b"\x06")) > 0.7 * half:
        return "utf-16-be"
    return None


def _try(content: bytes, encoding: str, errors: str = "strict") -> str | None:
    try:
        return content.decode(encoding, errors)
    except (UnicodeDecodeError, UnicodeError, LookupError):
        return None


_HIGH = re.compile(rb"[\x80-\xff]")
_STRETCH = re.compile(rb"[^<>\n]+")
_BEYOND = re.compile("[^\0-\x7f]")


def _evidence(content: bytes) -> bytes:
    """The stretches between tags that are not ASCII, as many as a decision needs."""
    found: list[bytes] = []
    size = 0
    for stretch in _STRETCH.finditer(content):
        if not stretch[0].isascii():
            found.append(stretch[0])
            size += len(stretch[0])
            if size > _SAMPLE:
                break
    return b"\n".join(found)[: 2 * _SAMPLE]


def _nearly_utf8(content: bytes) -> tuple[str, str] | None:
    """UTF-8 with a few broken bytes (a cut-off tail, one bad include) is still UTF-8.

    Where whole stretches are broken, an include is in another encoding: they are windows-1256.
    """
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = len(_BEYOND.findall(text)) - broken
    if sound < 4:
        return None
    if broken <= max(3, sound // 50):
        return text, "utf-8"
    if broken > 20 * sound:
        return None
    kinds = [0, 0]

    def stretch(found: re.Match[bytes]) -> bytes:
        part = found[0]
        if part.isascii():
            return part
        read = part.decode("utf-8", "replace")
        lost = read.count("\ufffd")
        if 4 * lost <= len(_BEYOND.findall(read)):
            kinds[0] += 1
            return read.encode()
        kinds[1] += 1
        return part.decode("cp1256").encode()

    mixed = _STRETCH.sub(stretch, content).decode("utf-8", "replace")
    # an accident of windows-1256 makes a short stretch valid here and there
    return (mixed, "utf-8/cp1256") if sound > 20 and 4 * kinds[0] >= kinds[1] else None


def decode(content: bytes, *, charset: str | None = None, content_type: str | None = None) -> tuple[str, str]:
    """The text of a page, and the name of the encoding it was read with.

    Args:
        content: the bytes, decompressed.
        charset: the encoding the server declared, if any.
        content_type: the Content-Type header; its charset parameter counts as declared.

    Raises:
        UnreadablePage: empty, larger than ``MAX_BYTES``, or not text; ``reason`` is
            ``empty``, ``too_large`` or ``binary``.
    """
    if len(content) > MAX_BYTES:
        raise UnreadablePage(f"page of {len(content)} bytes; {MAX_BYTES} is the most that is read", reason="too_large")
    if not content.strip(b" \t\r\n\f\0"):
        raise UnreadablePage("the page is empty", reason="empty")
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _finished(_whole(content[len(mark) :], encoding), encoding)
    if content.startswith(_MAGIC):
        raise UnreadablePage("the page is a binary file, not text", reason="binary")
    if encoding16 := _utf16_without_mark(content):
        return _finished(_whole(content, encoding16), encoding16)
    if content.isascii():
        return _finished(content.decode("ascii"), "utf-8")
    # strict UTF-8 with many multi-byte letters does not happen by accident, whatever is declared
    text = _try(content, "utf-8")
    if text is not None:
        return _finished(text, "utf-8")
    return _finished(*(_nearly_utf8(content) or _by_plausibility(content, _declared(content, charset, content_type))))


_LEGACY = ("cp720", "cp864", "mac-arabic")
"""Code pages of DOS and of old Macintoshes: asked only where nothing else reads well."""
_READS_WELL = 1.0
_USUAL = ("cp1256", "iso8859-6", "cp1252")


def _whole(content: bytes, encoding: str) -> str:
    """Decode what says its encoding itself; half a character at the end is none."""
    width = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}.get(encoding, 1)
    return content[: len(content) // width * width].decode(encoding, "replace").removeprefix("\ufeff")


def _by_plausibility(content: bytes, declared: list[str]) -> tuple[str, str]:
    candidates = dict.fromkeys([*declared, *_USUAL, *_LEGACY])
    evidence = _evidence(content)
    best: tuple[float, str] | None = None
    for rank, encoding in enumerate(candidates):
        if encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            continue  # ruled out above
        is_legacy = encoding in _LEGACY and encoding not in declared
        if is_legacy and best is not None and best[0] > _READS_WELL:
            break
        text = _try(evidence, encoding, "replace")
        if text is None:
            continue
        if encoding == "cp864":  # glyphs
            text = unicodedata.normalize("NFKC", text)
        # a declaration is worth a little: it wins where the letters do not decide; who declares
        # what no server says by default knows why
        bonus = 0.0 if encoding not in declared else 0.25 if encoding in _USUAL else _READS_WELL
        score = plausibility(text) + bonus - rank * 0.05
        if (best is None or score > best[0]) and (not is_legacy or score > _READS_WELL):
            best = (score, encoding)
    if best is None:
        raise UnreadablePage("no encoding makes text of the page", reason="binary")
    if best[0] < 0:  # neither Arabic nor what was declared: ask a general detector
        from charset_normalizer import from_bytes

        guess = from_bytes(evidence[:_SAMPLE]).best()
        if guess is not None and (text := _try(content, guess.encoding)) is not None:
            return text, guess.encoding
    return content.decode(best[1], "replace"), best[1]


_NUMERIC = re.compile(r"&(?:amp;)?#(?:(1(?:5[4-9]|6\d|7[0-8])\d)|x(0?6[0-9a-f]{2}));?", re.I)
_FEWEST_NUMERIC = 20


def _letter(found: re.Match[str]) -> str:
    return chr(int(found[1]) if found[1] else int(found[2], 16))


def _finished(text: str, encoding: str) -> tuple[str, str]:
    """Refuse what decodes but is not text (too many controls for anything a person wrote); undo what was done to it."""
    sample = text[:_SAMPLE]
    controls = len(_NOT_TEXT.findall(sample))
    if controls > 8 and controls > len(sample) // 20:
        raise UnreadablePage("the page is a binary file, not text", reason="binary")
    if "\0" in text:
        text = text.replace("\0", "")
    # every Arabic letter written as a number: no parser sees those of plain text, nor those escaped twice
    if ("#1" in text or "#x" in text) and len(_NUMERIC.findall(text)) >= _FEWEST_NUMERIC:
        text = _NUMERIC.sub(_letter, text)
    text, undone = repair(text)
    return text, encoding + undone
