"""Digits with separators: what «3,5»، «3٬500» and «3.500» come to."""

from __future__ import annotations


def digits_value(text: str, point: str | None = None) -> float | None:
    """The value of digits with separators, or None where they are no number (a date, an address).

    «3,5» and «3٫5» are decimals; «3,500» and «3٬500» are thousands; so is «3.500», which the
    Maghreb writes, unless the whole part is 0.

    Args:
        point: the sign that the text uses for decimals elsewhere, «.» or «,»: with it «3.500» is three and a half.
    """
    plain = text.replace("٫", "." if point is None else point).replace("٬", ",")
    parts = plain.replace(",", ".").split(".")
    if len(parts) == 1:
        return float(plain) if len(plain) <= 15 else None
    grouped = all(len(p) == 3 for p in parts[1:]) and 1 <= len(parts[0]) <= 3 and parts[0].strip("0") != ""
    if len(parts) == 2 and (not grouped or (point is not None and point in plain)):
        return float(f"{parts[0]}.{parts[1]}") if len(plain) <= 15 else None
    if not grouped:
        whole = plain.rsplit(".", 1)
        if len(whole) == 2 and "," in whole[0] and "." not in whole[0] and len(plain) <= 20:
            return float(whole[0].replace(",", "") + "." + whole[1])  # 1,250,000.75
        return None
    return float("".join(parts)) if len(plain) <= 20 else None
