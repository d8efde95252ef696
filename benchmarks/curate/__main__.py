"""Duplicates among many stories: time, memory, recall and precision, beside datasketch and rensa.

    benchmarks/curate/install_peers.sh
    python -m benchmarks.curate [--documents 100000] [--peers PYTHON] [--texts FILE.jsonl.gz] [--readme README.md]

The stories are generated: words of a vocabulary with the frequencies of a language (Zipf), 200 to a story in the
mean; every fifth is a copy of an earlier one with a share of its words edited, cut or moved. Each engine gets the same
texts in a process of its own and prints the pairs it calls near duplicates; what is right is the Jaccard similarity of
three-word shingles, counted exactly for all planted pairs and for all that any engine names. With --texts, real stories
(JSON lines with a ``text``) are syndicated in the same way: credits added, words edited, ends cut, passages moved.

The peers are given words already folded as ours are: their own tokenisers drop Arabic letters.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.readme import put

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv-bench-curate" / "bin" / "python"
ENGINES = {"marsad": "Marsad", "datasketch": "datasketch", "rensa": "rensa"}


def generate(count: int) -> tuple[list[str], list[tuple[int, int]]]:
    """Stories, every fifth a copy of an earlier one, and which are copies of which."""
    rng = random.Random(20260303)
    letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
    vocabulary = ["".join(rng.choices(letters, k=rng.randint(2, 8))) for _ in range(60_000)]
    weights = [1 / (rank + 10) for rank in range(len(vocabulary))]
    total, cumulative = 0.0, []
    for weight in weights:
        total += weight
        cumulative.append(total)
    texts: list[str] = []
    planted = []
    for n in range(count):
        if n % 5 == 4:
            planted.append((rng.randrange(max(0, n - 5000), n), n))
            texts.append(" ".join(edit(texts[planted[-1][0]].split(), vocabulary, rng)))
        else:
            length = max(30, int(rng.gauss(200, 80)))
            texts.append(" ".join(rng.choices(vocabulary, cum_weights=cumulative, k=length)))
    return texts, planted


def syndicate(path: Path, count: int = 4000) -> list[str]:
    """Real stories, each followed by what another paper would print of it."""
    rng = random.Random(20260303)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line)["text"] for line in lines]
    texts: list[str] = []
    vocabulary = sorted({word for text in found[:500] for word in text.split()})
    for text in found[:count]:
        words = edit(text.split(), vocabulary, rng)
        texts += [text, " ".join(["وكالات", *words, "انتهى"])]
    return texts


def edit(words: list[str], vocabulary: list[str], rng: random.Random) -> list[str]:
    """As editors do: words replaced, an end cut off, a passage moved to the front."""
    share = rng.uniform(0, 0.2)
    words = [rng.choice(vocabulary) if rng.random() < share else word for word in words]
    if rng.random() < 0.5:
        words = words[: int(len(words) * rng.uniform(0.6, 1))]
    if rng.random() < 0.3:
        at = rng.randrange(len(words))
        words = words[at:] + words[:at]
    return words


def truth(texts: list[str], named: list[set[tuple[int, int]]], planted: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Of all pairs planted or named, those with a Jaccard similarity of .5 and more."""
    from marsad.curate.prints import shingle_sets
    from marsad.curate.shingles import overlap

    pairs = sorted(set(planted).union(*named))
    needed = sorted({m for pair in pairs for m in pair})
    sets = dict(zip(needed, shingle_sets([texts[m] for m in needed]), strict=True))
    return {(a, b) for a, b in pairs if overlap(sets[a], sets[b])[0] >= 0.5}


def measure(
    texts: list[str], folder: Path, peers: str | None
) -> Iterator[tuple[str, dict[str, float], set[tuple[int, int]]]]:
    """Each engine's figures and pairs."""
    source = folder / "texts.json"
    source.write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
    for engine in ENGINES:
        python = sys.executable if engine == "marsad" else peers
        if python is None:
            continue
        words = [python, str(Path(__file__).parent / "engine.py"), engine, str(source), str(folder / engine)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{engine}: {(done.stderr.strip().splitlines() or ['it failed'])[-1]}", file=sys.stderr)
            continue
        pairs = {(a, b) for a, b in json.loads((folder / engine).read_text())}
        yield engine, json.loads(done.stdout), pairs


def table(title: str, texts: list[str], planted: list[tuple[int, int]], peers: str | None) -> list[str]:
    """The rows of one set of texts."""
    with tempfile.TemporaryDirectory() as folder:
        found = list(measure(texts, Path(folder), peers))
    right = truth(texts, [pairs for *_, pairs in found], planted)
    ours = found[0][1]["seconds"]
    rows = []
    for engine, figures, pairs in found:
        hit = len(pairs & right)
        ratio = f"{figures['seconds'] / ours:.1f}"
        rows.append(
            f"| {title} | {ENGINES[engine]} | {figures['seconds']:.1f} s | {ratio} | {figures['mb']:.0f} "
            f"| {hit / len(right):.3f} | {hit / max(1, len(pairs)):.3f} |"
        )
    return rows


def main() -> None:
    """Measure and print the table; write it into the README where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--peers", help="a Python that has datasketch and rensa; install_peers.sh makes one")
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--readme", type=Path)
    options = parser.parse_args()
    if options.peers is None and PEERS.exists():
        options.peers = str(PEERS)
    lines = [
        "| stories | engine | time | × Marsad's | MB above the texts | recall at Jaccard ≥ .5 | precision |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    texts, planted = generate(options.documents)
    lines += table(f"{len(texts):,} generated", texts, planted, options.peers)
    if options.texts:
        texts = syndicate(options.texts)
        planted = [(n, n + 1) for n in range(0, len(texts), 2)]
        lines += table(f"{len(texts):,} real ones and their copies", texts, planted, options.peers)
    text = "\n".join(lines)
    print(text)
    if options.readme:
        put(options.readme, "curate", text)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "include"))
    main()
