"""Towns and the one country each can be in: names that GeoNames has in one country only, and that are no common words.

python -m training.names.towns --packages SITE_PACKAGES --out FOLDER
"""

from __future__ import annotations

import argparse
import gzip
import io
from pathlib import Path

from marsad.extract.data import names, nationalities, words
from marsad.extract.speakers import people
from training.names.lexicon import Lexicon

_LEAST = 20_000
"""Inhabitants of the largest town of the name: of smaller ones other countries have unlisted namesakes."""


def towns(packages: Path) -> dict[str, str]:
    """ISO country by folded name."""
    book = Lexicon(packages)
    found: dict[str, str] = {}
    for name, countries in book.countries.items():
        if len(countries) != 1 or len(name) < 4 or max(countries.values()) < _LEAST:
            continue
        first = name.split()[0]
        is_word = name in people() or name in nationalities() or name in words("grammar", "stops")
        person = any(flag[0] == "g" or flag in ("s3", "s4") for flag in book.flags.get(name, ()))
        if not is_word and not person and not any(e[0][0] == name for e in names().starting(first)):
            found[name] = next(iter(countries))
    return found


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as file:
        for name, country in sorted(towns(options.packages).items()):
            file.write(f"{name}\t{country}\n".encode())
    (options.out / "towns.tsv.gz").write_bytes(packed.getvalue())


if __name__ == "__main__":
    main()
