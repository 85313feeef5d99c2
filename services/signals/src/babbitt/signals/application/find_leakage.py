"""Compare the samples of records that look alike: only they tell whether a dataset leaks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.quality import Leakage
from babbitt.signals.application.ports import Shards, Worker
from babbitt.signals.domain.leakage import PAIRS_COMPARED, PAIRS_TOLD, Pair, rows_around
from babbitt.signals.domain.records import MadeShard
from babbitt.signals.domain.runs import share_a_run


@dataclass(frozen=True, slots=True)
class FindLeakage:
    """Reads the shards of at most `PAIRS_COMPARED` pairs, two at a time."""

    shards: Shards
    worker: Worker

    async def __call__(
        self,
        made: Sequence[MadeShard],
        identical: Sequence[Pair],
        alike: Sequence[Pair],
        accepted: str | None,
        *,
        not_looked_at: int = 0,
    ) -> Leakage:
        """What there is; `leaking` where nobody has accepted it.

        Args:
            made: all shards, by their index.
            identical: pairs of records that are known to be identical.
            alike: pairs to compare, the most suspicious first.
            accepted: the reason why splits may share samples.
            not_looked_at: recordings without fingerprints.
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
            not_looked_at=not_looked_at,
        )

    async def _sharing(self, made: Sequence[MadeShard], pairs: Sequence[Pair]) -> list[Pair]:
        """Those that share a run of samples."""
        found: list[Pair] = []
        for shards, together in groupby(sorted(pairs, key=_shards), key=_shards):
            held = list(together)
            ours = [rows_around(made[shards[0]], pair.one.made.row) for pair in held]
            theirs = [rows_around(made[shards[1]], pair.other.made.row) for pair in held]
            ones = await self._rows(made[shards[0]], {row for rows in ours for row in rows})
            others = await self._rows(made[shards[1]], {row for rows in theirs for row in rows})
            found += [
                pair
                for pair, our_rows, their_rows in zip(held, ours, theirs, strict=True)
                if await self.worker(share_a_run, _joined(ones, our_rows), _joined(others, their_rows))
            ]
        return found

    async def _rows(self, shard: MadeShard, rows: Collection[int]) -> Mapping[int, NDArray[np.float32]]:
        """The samples of some of a shard's records, by row: at most all of the shard, which is 64 MB."""
        return dict(zip(rows, await self.shards.read(shard, list(rows)), strict=True))


def _joined(samples: Mapping[int, NDArray[np.float32]], rows: Iterable[int]) -> NDArray[np.float32]:
    """[channels, samples] of successive rows."""
    return np.concatenate([samples[row] for row in rows], axis=1)


def _shards(pair: Pair) -> tuple[int, int]:
    return pair.one.shard, pair.other.shard
