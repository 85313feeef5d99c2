"""Judge what training made: by all gates, beside the champion."""

import asyncio
from dataclasses import dataclass

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.evaluations import ChampionTested
from babbitt.contracts.paired import PairedPredictions
from babbitt.registry.application.ports import FileUnreadable, TestFiles, TestSplits
from babbitt.registry.domain.gates.case import Case, Comparison, GateResult
from babbitt.registry.domain.gates.interface import interface_changes
from babbitt.registry.domain.judgement import judge
from babbitt.registry.domain.paired_difference import PairedDifference
from babbitt.registry.domain.pairs import NotComparable, pair
from babbitt.registry.domain.version import Candidate, Version


@dataclass(frozen=True, slots=True)
class JudgeVersion:
    """Runs inside the message's transaction, under the model's lock: the champion stays who it is."""

    files: TestFiles
    splits: TestSplits

    async def __call__(self, model: str, case: Case, tested: ChampionTested | None) -> tuple[GateResult, ...]:
        """Every gate's result.

        Args:
            model: its name.
            case: what is judged; its comparison is made here.
            tested: how the champion did on the version's split, where the job has tested that.

        Raises:
            Unavailable: the object store is away.
        """
        comparison = await self._compared(model, case.candidate, case.champion, tested)
        return await asyncio.to_thread(
            judge,
            Case(case.candidate, case.policy, case.files, case.signature, case.champion, comparison),
        )

    async def _compared(
        self, model: str, candidate: Candidate, champion: Version | None, tested: ChampionTested | None
    ) -> Comparison | str:
        if champion is None:
            return "there is no champion"
        if interface_changes(candidate, champion.candidate):
            return "channels, units, rate, inputs or classes have changed"
        split = candidate.evaluation.test_split_sha256
        theirs = champions_predictions(candidate, champion, tested)
        if candidate.predictions is None:
            return "what the version answered is not kept"
        if theirs is None:
            same = champion.candidate.evaluation.test_split_sha256 == split
            return "what the champion answered is not kept" if same else "the champion was tested on another split"
        try:
            ours, champions = [await self._predictions(file, split) for file in (candidate.predictions, theirs)]
            known = {f"version {champion.number}": champion.candidate, "this version": candidate}
            learnt, unknown = await self._learnt(known)
            pairs = await asyncio.to_thread(pair, ours, champions, learnt)
        except (FileUnreadable, NotComparable) as error:
            return str(error)
        difference = await asyncio.to_thread(PairedDifference.of, pairs)
        return Comparison(pairs, difference, await self.splits.decide(model, split), unknown)

    async def _predictions(self, file: ObjectReference, split: str) -> PairedPredictions:
        found = await self.files.predictions(file)
        if found.test_split_sha256 != split:
            raise FileUnreadable(f"{file.key} tells of another split than {split}")
        return found

    async def _learnt(self, versions: dict[str, Candidate]) -> tuple[set[str], tuple[str, ...]]:
        """The records that any of some versions learnt from, and of which of them nobody knows."""
        learnt, unknown = set[str](), list[str]()
        for name, version in versions.items():
            if (file := version.lineage.train_records) is None:
                unknown.append(name)
            else:
                learnt.update((await self.files.learnt(file)).blake3)
        return learnt, tuple(unknown)


def champions_predictions(
    candidate: Candidate, champion: Version, tested: ChampionTested | None
) -> ObjectReference | None:
    """What the champion answered on the candidate's test split; None: nobody has asked it.

    What the job has tested counts where it is this champion, by version and digest: it may have changed meanwhile.
    """
    split, own = candidate.evaluation.test_split_sha256, champion.candidate
    if own.predictions is not None and own.evaluation.test_split_sha256 == split:
        return own.predictions
    if tested is None:
        return None
    asked = (tested.version, tested.artifact_sha256, tested.evaluation.test_split_sha256)
    return tested.predictions if asked == (champion.number, own.artifact.sha256, split) else None
