"""Compare the samples of records that look alike: only they tell whether a dataset leaks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.quality import Leakage
from babbitt.signals.application.ports import Shards, Worker
from babbitt.signals.domain.leakage import PAIRS_COMPARED, PAIRS_TOLD, Pair
from babbitt.signals.domain.records import MadeShard
from babbitt.signals.domain.runs import share_a_run


@dataclass(frozen=True, slots=True)
class FindLeakage:
    """Reads the shards of at most `PAIRS_COMPARED` pairs, two at a time."""

    shards: Shards
    worker: Worker

    async def __call__(
        self, made: Sequence[MadeShard], identical: Sequence[Pair], alike: Sequence[Pair], accepted: str | None
    ) -> Leakage:
        """What there is; `leaking` where nobody has accepted it.

        Args:
            made: all shards, by their index.
            identical: pairs of records that are known to be identical.
            alike: pairs to compare, the most suspicious first.
            accepted: the reason why splits may share samples.
        """
        compared = alike[:PAIRS_COMPARED]
        told = [(pair, "record") for pair in identical]
        told += [(pair, "run") for pair in await self._sharing(made, compared)]
        across = [pair.told(shared) for pair, shared in told if pair.across]
        within = [pair.told(shared) for pair, shared in told if not pair.across]
        not_compared = sum(pair.across for pair in alike[PAIRS_COMPARED:])
        outcome = "none" if not across and not not_compared else "accepted" if accepted else "leaking"
        return Leakage(
            outcome=outcome,
            runs_looked_for=any(hashes.size for shard in made for hashes in shard.fingerprints),
            reason=accepted,
            across=tuple(across[:PAIRS_TOLD]),
            across_count=len(across),
            within=tuple(within[:PAIRS_TOLD]),
            within_count=len(within),
            compared=len(compared),
            not_compared=not_compared,
        )

    async def _sharing(self, made: Sequence[MadeShard], pairs: Sequence[Pair]) -> list[Pair]:
        """Those that share a run of samples."""
        found: list[Pair] = []
        for shards, together in groupby(sorted(pairs, key=_shards), key=_shards):
            held = list(together)
            ones = await self._rows(made[shards[0]], {pair.one.made.row for pair in held})
            others = await self._rows(made[shards[1]], {pair.other.made.row for pair in held})
            found += [
                pair
                for pair in held
                if await self.worker(share_a_run, ones[pair.one.made.row], others[pair.other.made.row])
            ]
        return found

    async def _rows(self, shard: MadeShard, rows: Collection[int]) -> Mapping[int, NDArray[np.float32]]:
        """The samples of some of a shard's records, by row: at most all of the shard, which is 64 MB."""
        return dict(zip(rows, await self.shards.read(shard, list(rows)), strict=True))


def _shards(pair: Pair) -> tuple[int, int]:
    return pair.one.shard, pair.other.shard
