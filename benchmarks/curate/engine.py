"""One engine over one file of texts: python engine.py NAME TEXTS.json PAIRS.json; prints seconds and MB as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "include"))
PERMUTATIONS = 128


def marsad(texts: list[str]) -> list[tuple[int, int]]:
    """What curating does with texts: prints, candidates, estimates, and the shingles of those that are left."""
    import numpy as np

    from marsad.curate.minhash import candidate_pairs, estimate
    from marsad.curate.prints import prints, shingle_sets
    from marsad.curate.shingles import overlap

    signatures = prints(texts).signatures
    pairs = candidate_pairs(signatures)
    pairs = pairs[estimate(signatures, pairs) >= 0.3]
    found = []
    for start in range(0, len(pairs), 2048):
        some = pairs[start : start + 2048]
        needed = np.unique(some).tolist()
        sets = dict(zip(needed, shingle_sets([texts[m] for m in needed]), strict=True))
        found += [(one, other) for one, other in some.tolist() if overlap(sets[one], sets[other])[0] >= 0.5]
    return found


def runs(text: str) -> list[str]:
    """Three words in a row, folded."""
    from marsad.curate.shingles import words

    found = words(text)
    return [" ".join(found[i : i + 3]) for i in range(max(1, len(found) - 2))]


def datasketch(texts: list[str]) -> list[tuple[int, int]]:
    """datasketch's MinHashLSH; pairs are kept where the signatures agree by half."""
    from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found]

    lsh, made, found = MinHashLSH(threshold=0.45, num_perm=PERMUTATIONS), [], []
    for n, text in enumerate(texts):
        minhash = MinHash(num_perm=PERMUTATIONS)
        minhash.update_batch([run.encode() for run in runs(text)])
        found += [(other, n) for other in lsh.query(minhash) if made[other].jaccard(minhash) >= 0.5]
        lsh.insert(n, minhash)
        made.append(minhash)
    return found


def rensa(texts: list[str]) -> list[tuple[int, int]]:
    """rensa's RMinHashLSH, in the same way."""
    from rensa import RMinHash, RMinHashLSH  # type: ignore[import-not-found]

    lsh, made, found = RMinHashLSH(threshold=0.45, num_perm=PERMUTATIONS, num_bands=32), [], []
    for n, text in enumerate(texts):
        minhash = RMinHash(num_perm=PERMUTATIONS, seed=42)
        minhash.update(runs(text))
        found += [(other, n) for other in set(lsh.query(minhash)) if made[other].jaccard(minhash) >= 0.5]
        lsh.insert(n, minhash)
        made.append(minhash)
    return found


def held(what: str) -> int:
    """A figure of this process's memory, in KB."""
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith(f"{what}:"))


def main() -> None:
    """Run and print."""
    engine: Callable[[list[str]], list[tuple[int, int]]] = globals()[sys.argv[1]]
    texts = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    engine(texts[:50])  # imports are not what is measured
    Path("/proc/self/clear_refs").write_text("5")  # the most it has held counts from here
    before = held("VmRSS")
    start = time.perf_counter()
    pairs = engine(texts)
    seconds = time.perf_counter() - start
    after = held("VmHWM")
    Path(sys.argv[3]).write_text(json.dumps(sorted(pairs)))
    print(json.dumps({"seconds": seconds, "mb": (after - before) / 1024}))


if __name__ == "__main__":
    main()
