"""Dates: Marsad against dateparser over the same phrases, alone and in a sentence, each in a process of its own.

    python benchmarks/extract/dates.py [--phrases FILE] [--repeat N] [--peers PYTHON] [--errors]

The phrases (``dates.json``: groups of [phrase, value or null] and the publication day) are by us; a file of the
same form may be given. A value is right where it is the only one found and the same; of a month or a year
dateparser's day is taken as far as the phrase goes (it fills the rest in), which is to its advantage. Null is right
where no value is given. dateparser comes from ``.venv-bench`` (``benchmarks/clean/install_peers.sh`` makes it).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_PEERS = _HERE.parents[1] / ".venv-bench" / "bin" / "python"
_SENTENCE = "وأوضحت الوزارة في بيان لها أن المشروع الجديد، {} ، يخدم سكان المناطق الريفية في البلاد."


def ask(name: str, python: Path, order: dict[str, Any]) -> dict[str, Any]:
    """Let one reader read the phrases; ``missing`` in the answer where it is not installed."""
    if not python.exists():
        return {"missing": f"no {python} (benchmarks/clean/install_peers.sh makes it)"}
    done = subprocess.run(
        [str(python), str(_HERE / "dates_worker.py"), name],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    return dict(json.loads(done.stdout)) if done.stdout else {"missing": done.stderr.strip().rsplit("\n", 1)[-1]}


def is_right(name: str, values: list[str | None], wanted: str | None) -> bool:
    """Whether what a reader found is the one value wanted."""
    given = [value for value in values if value is not None]
    if wanted is None or len(given) != 1:
        return wanted is None and not given
    if name == "dateparser" and "/" not in wanted and "W" not in wanted:
        return given[0].startswith(wanted)
    return given[0] == wanted


def race(book: dict[str, Any], options: argparse.Namespace, *, is_text: bool) -> None:
    """Print one table."""
    groups = {name: listed for name, listed in book.items() if isinstance(listed, list)}
    wanted = [(name, *pair) for name, listed in groups.items() for pair in listed]
    phrases = [_SENTENCE.format(phrase) if is_text else phrase for _, phrase, _ in wanted]
    print(
        f"{'in a sentence' if is_text else 'alone':<22}"
        + "".join(f"{name:>11}" for name in groups)
        + f"{'all':>10}{'ms':>10}"
    )
    order = {"anchor": book["anchor"], "phrases": phrases, "repeat": options.repeat, "is_text": is_text}
    for name, python in (("marsad", Path(sys.executable)), ("dateparser", options.peers)):
        answer = ask(name, python, order)
        if "missing" in answer:
            print(f"{name}: left out, {answer['missing']}", file=sys.stderr)
            continue
        right = [is_right(name, values, gold) for values, (_, _, gold) in zip(answer["values"], wanted, strict=True)]
        row = f"{name + ' ' + answer['version']:<22}"
        for group in groups:
            hits = [ok for ok, (of, _, _) in zip(right, wanted, strict=True) if of == group]
            row += f"{sum(hits):>8}/{len(hits):<2}"
        each = statistics.median(answer["passes"]) / len(phrases) * 1e3
        print(row + f"{sum(right):>7}/{len(right)}{each:>10.4f}")
        for ok, values, (_, phrase, gold) in zip(right, answer["values"], wanted, strict=True):
            if options.errors and not ok:
                print(f"    {phrase}: wanted {gold}, read {values}")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phrases", type=Path, default=_HERE / "dates.json")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--peers", type=Path, default=_PEERS, help="the Python that has dateparser")
    parser.add_argument("--errors", action="store_true", help="list what each read wrongly")
    options = parser.parse_args()
    book = json.loads(options.phrases.read_text(encoding="utf-8"))
    race(book, options, is_text=False)
    race(book, options, is_text=True)


if __name__ == "__main__":
    main()
