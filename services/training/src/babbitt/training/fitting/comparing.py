"""A version beside its own other seeds, and the folds."""

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.dataspec import ModelSpec
from babbitt.contracts.evaluations import CrossValidation, Lineage, SeedResult
from babbitt.contracts.model_reports import Run
from babbitt.training.fitting.build import commit, lock_sha256
from babbitt.training.fitting.evaluating.answering import Answers
from babbitt.training.fitting.evaluating.intervals import accuracy_interval
from babbitt.training.fitting.evaluating.report import run_of
from babbitt.training.fitting.learning import Learnt
from babbitt.training.fitting.module_answering import ModuleAnswering
from babbitt.training.fitting.plan import Plan
from babbitt.training.fitting.subject import Subject
from babbitt.training.fitting.testing import Testing
from babbitt.training.fitting.validation import right
from babbitt.training.fitting.windows import Windows


class Comparing:
    """Compares on the test split that the version was tested on, or on what folds held out."""

    def __init__(self, subject: Subject, testing: Testing, learnt: Learnt, pool: Windows, plan: Plan) -> None:
        self._subject, self._testing, self._learnt, self._pool, self._plan = subject, testing, learnt, pool, plan

    def runs(self) -> list[Run]:
        """Every run's learning curve."""
        every = (*self._learnt.folds, *self._learnt.finals)
        return [run_of(run.name, run.kept_epoch, run.history, run.stopped) for run in every]

    def seeds(self) -> tuple[SeedResult, ...]:
        """How each seed's weights did, by the module: only the chosen ones become a file."""
        learnt = self._learnt
        if len(learnt.finals) == 1:
            return ()
        found: list[SeedResult] = []
        for run in learnt.finals:
            model = self._subject.module(run.seed)
            model.load_state_dict(run.weights)
            accuracy = self._testing.answered(ModuleAnswering(model), self._subject.data).scores.record_accuracy
            found.append(
                SeedResult(
                    seed=run.seed, validation_loss=run.loss, record_accuracy=accuracy, chosen=run is learnt.chosen
                )
            )
        return tuple(found)

    def pooled(self) -> CrossValidation | None:
        """How the folds' modules did on what each of them was not trained on."""
        if not self._plan.folds:
            return None
        answers: list[NDArray[np.bool_]] = []
        groups: list[str] = []
        for fold, result in zip(self._plan.folds, self._learnt.folds, strict=True):
            assert result.asked is not None
            truth = self._pool.chosen(fold.asked).record_targets()
            voted = self._pool.chosen(fold.asked).vote(result.asked)
            answers.append(right(voted, truth, self._subject.labelling.task).numpy())
            groups += self._pool.chosen(fold.asked).groups()
        every = np.concatenate(answers)
        return CrossValidation(
            folds=tuple(fold.held_out for fold in self._plan.folds),
            records=len(every),
            record_accuracy=float(every.mean()),
            record_accuracy_interval=accuracy_interval(every, groups),
            by_fold=tuple(float(one.mean()) for one in answers),
        )

    def lineage(self, threads: int) -> Lineage:
        """What the version is made of."""
        request = self._subject.request
        return Lineage(
            commit=commit(),
            lock_sha256=lock_sha256(),
            base_version=request.base_version,
            members=request.members,
            class_map={
                name: None if to is None else (to,) if isinstance(to, str) else to
                for name, to in request.class_map.items()
            },
            seed=self._learnt.chosen.seed,
            threads=threads,
            quick=request.quick,
        )


def answers_of_folds(learnt: Learnt, pool: Windows, plan: Plan, spec: ModelSpec) -> Answers:
    """What the folds' modules answered for what each of them was not trained on, fold after fold."""
    owners: list[NDArray[np.int64]] = []
    records = 0
    for fold in plan.folds:
        asked = pool.chosen(fold.asked)
        owners.append(asked.record.numpy() + records)
        records += asked.records
    probabilities = [run.asked.numpy() for run in learnt.folds if run.asked is not None]
    novelty = [run.novelty.numpy() for run in learnt.folds if run.novelty is not None]
    return Answers(
        spec, np.concatenate(probabilities), np.concatenate(novelty) if novelty else None, np.concatenate(owners)
    )
