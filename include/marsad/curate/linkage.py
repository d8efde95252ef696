"""Group what is alike, without chains: average linkage over a sparse graph, within bounds.

Two groups are joined where the mean similarity over all pairs between them is the greatest of all and reaches the
threshold; pairs that are no candidates count as 0. A chain (each like the next, the first not like the last) therefore
does not hold. The order of what comes in does not matter: ties go to the smallest members.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

Pair = tuple[int, int]
May = Callable[[Sequence[int]], bool]


def link(
    count: int, pairs: Mapping[Pair, float], threshold: float, may: May, together: Iterable[Sequence[int]] = ()
) -> list[list[int]]:
    """Groups of the numbers 0 to ``count``, each sorted, in the order of their smallest.

    Args:
        pairs: similarities of (smaller, greater).
        threshold: the least mean similarity of two groups that are joined.
        may: whether these may be one group. What may not be must not be allowed again with more members.
        together: groups to begin with, disjoint; the rest stand alone.
    """
    members: dict[int, list[int]] = {n: [n] for n in range(count)}
    for group in together:
        first, *rest = sorted(group)
        members[first] = [first, *rest]
        for n in rest:
            del members[n]
    home = {n: key for key, group in members.items() for n in group}
    sums: dict[int, dict[int, float]] = defaultdict(dict)
    # sums of several are made in one order, so that they are the same to the last digit
    for (one, other), similarity in sorted(pairs.items()) if len(members) < count else pairs.items():
        a, b = home[one], home[other]
        if a != b:
            sums[a][b] = sums[b][a] = sums[a].get(b, 0.0) + similarity

    def entry(a: int, b: int) -> tuple[float, int, int, int]:
        a, b = min(a, b), max(a, b)
        size = len(members[a]) * len(members[b])
        return (-round(sums[a][b] / size, 6), a, b, len(members[a]) + len(members[b]))

    def may_reach(a: int, b: int) -> bool:
        """Whether two groups are alike enough, give or take what is rounded: most are not, and cost nothing more."""
        return sums[a][b] >= (threshold - 1e-6) * len(members[a]) * len(members[b])

    heap = [entry(a, b) for a, others in sums.items() for b in others if a < b and may_reach(a, b)]
    heap = [e for e in heap if -e[0] >= threshold]
    heapq.heapify(heap)
    while heap:
        _, a, b, size = heapq.heappop(heap)
        # groups only grow: an entry of other sizes is of groups that are no more
        if a not in members or b not in members or b not in sums[a] or len(members[a]) + len(members[b]) != size:
            continue
        joined = sorted(members[a] + members[b])
        if not may(joined):
            del sums[a][b], sums[b][a]
            continue
        members[a] = joined
        del members[b]
        for c, similarity in sums.pop(b).items():
            del sums[c][b]
            if c != a:
                sums[a][c] = sums[c][a] = sums[a].get(c, 0.0) + similarity
        least = (threshold - 1e-6) * len(joined)
        for c, similarity in sums[a].items():
            if similarity >= least * len(members[c]):
                made = entry(a, c)
                if -made[0] >= threshold:
                    heapq.heappush(heap, made)
    return [members[key] for key in sorted(members)]
