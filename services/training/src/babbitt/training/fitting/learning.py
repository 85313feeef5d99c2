"""All runs of a job, one after the other: folds, then seeds."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from babbitt.training.domain.place import Place
from babbitt.training.families.classifier import LearnsAtOnce, WaveformClassifier
from babbitt.training.fitting.checkpoint import Checkpoint
from babbitt.training.fitting.dataset_folder import Records
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.files import described
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.layout import CHECKPOINTS
from babbitt.training.fitting.plan import Plan, Run
from babbitt.training.fitting.plugins.checkpointing import Checkpointing
from babbitt.training.fitting.plugins.plugin import Plugin, Training
from babbitt.training.fitting.plugins.progress import StepProgress
from babbitt.training.fitting.progress import CheckpointWritten, Epoch, Progress, Progressed
from babbitt.training.fitting.run import answered, trainer_of
from babbitt.training.fitting.run_result import RunResult
from babbitt.training.fitting.subject import Subject
from babbitt.training.fitting.teach_novelty import teach_novelty
from babbitt.training.fitting.windows import Windows

type Save = Callable[[Place, dict[str, Any], list[dict[str, Any]]], Path]
FINISH_SHARE = 0.15
"""Of the time that is left at the beginning: what export and evaluation are given."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of all runs.

    Attributes:
        model: with the weights of the run that was chosen.
        chosen: that run: of the lowest validation loss, or after folds, which leave nothing to choose by, the first.
        finals: the runs whose weights might have been chosen.
        folds: the others.
    """

    model: WaveformClassifier
    chosen: RunResult
    finals: tuple[RunResult, ...]
    folds: tuple[RunResult, ...]


class Learning:
    """Learns in the runs of a plan.

    Args:
        subject: what is trained.
        training, validation: records of the two splits.
        hardware: where.
        tell: hears of epochs, steps and checkpoints.
        save: writes a checkpoint; None: another process does.
        left_s: seconds that are left of the budget.
        watching: plug-ins that look on; they come before those that tell and save.
        tells_novelty: whether modules are asked for it when they have learnt; of a trial nobody asks.

    Attributes:
        pool: windows of all those records, training first.
        plan: the runs.
        parameters: numbers that are learnt.
        at_once: whether there are no steps that could be spread: the first process learns by itself.
    """

    def __init__(
        self,
        subject: Subject,
        training: Records,
        validation: Records,
        hardware: Hardware,
        tell: Callable[[Progress], None],
        save: Save | None,
        left_s: Callable[[], float],
        watching: Sequence[Plugin] = (),
        *,
        tells_novelty: bool = True,
    ) -> None:
        self._subject, self._tell, self._save = subject, tell, save
        self._watching, self._tells_novelty = tuple(watching), tells_novelty
        reserve = FINISH_SHARE * left_s()
        self._left_s = lambda: left_s() - reserve
        keeps = subject.labelling.keeps
        entries = [[one for one in records.entries if keeps(one)] for records in (training, validation)]
        self.pool = Windows.of(training.joined(validation), subject.data, subject.spec, subject.labelling)
        module = subject.module(subject.request.seed)
        at_once = isinstance(module, LearnsAtOnce)
        self.plan = Plan(subject.request, *entries, labelling=subject.labelling, at_once=at_once)
        if subject.data.targets.severity and not bool((self.pool.severity_levels() >= 0).any()):
            raise BadRequest("overrides/severity_weight: no record of the dataset tells how far its fault has gone")
        self.parameters = sum(weight.numel() for weight in module.parameters())
        self.at_once = isinstance(module, LearnsAtOnce)
        self._hardware = hardware.alone() if self.at_once else hardware

    def learn(self, saved: Checkpoint | None) -> Learnt:
        """Do all runs, from a checkpoint on where there is one, together with the other processes."""
        with self._hardware.joined():
            return self._learn(saved)

    def _learn(self, saved: Checkpoint | None) -> Learnt:
        results = [RunResult.unpacked(one) for one in saved.finished] if saved else []
        folds = len(self.plan.folds)
        for number in range(len(results), folds):
            results.append(self._run(number + 1, self.plan.folds[number], results, saved))
        finals = self.plan.final([result.kept_epoch for result in results[:folds]])
        for number in range(len(results), folds + len(finals)):
            results.append(self._run(number + 1, finals[number - folds], results, saved))
        chosen = min(results[folds:], key=lambda result: math.inf if result.loss is None else result.loss)
        model = self._subject.module(chosen.seed)
        model.load_state_dict(chosen.weights)
        return Learnt(model.eval(), chosen, tuple(results[folds:]), tuple(results[:folds]))

    def _run(self, number: int, run: Run, before: list[RunResult], saved: Checkpoint | None) -> RunResult:
        model = self._subject.module(run.seed)
        told = StepProgress(partial(self._tell_step, number, run)), Checkpointing(self._saver(number, run, before))
        trainer = trainer_of(
            model,
            run,
            self.pool,
            self._subject.recipe,
            self._hardware,
            (*self._watching, *told),
            self._share(number, run),
            begins_anew=not self._subject.goes_on,
        )
        if saved and saved.place.run == number:
            trainer.restore(saved.trainer)
        trainer.fit()
        if self._tells_novelty and self._hardware.leads:
            teach_novelty(model, trainer.examples)
        asked, novelty = (None, None)
        if run.held_out and self._hardware.leads:
            asked, novelty = answered(model, self.pool.chosen(run.asked), self._hardware.device)
        return RunResult(
            seed=run.seed,
            name=run.name,
            loss=trainer.kept_loss,
            kept_epoch=trainer.kept_epoch,
            history=trainer.history,
            stopped=trainer.stopped,
            weights={} if run.held_out else _on_processor(model.state_dict()),
            asked=asked,
            novelty=novelty,
        )

    def _share(self, number: int, run: Run) -> Callable[[], float]:
        """Seconds that are left for a run: by how much it learns from, of what it and those after it have together.

        The last one learns from the most, and is the version: it must not be left with what folds and seeds spare.
        """
        to_come = self._after(number)
        left_s = self._left_s()
        later_s = left_s * sum(len(one.train) for one in to_come) / sum(len(one.train) for one in (run, *to_come))
        return lambda: self._left_s() - later_s

    def _after(self, number: int) -> tuple[Run, ...]:
        return (*self.plan.folds, *self.plan.final([1]))[number:]

    def _saver(self, number: int, run: Run, before: list[RunResult]) -> Callable[[Training, int, int], None]:
        def save(training: Training, epoch: int, step: int) -> None:
            if step == 0:
                figures = training.history[-1]
                fields = {name: getattr(figures, name) for name in figures.__slots__}
                left, steps = (training.steps_from(one) for one in (epoch + 1, 1))
                fields["eta_s"] = self._eta_s(number, run, left, steps, figures.seconds / training.steps)
                self._tell(Epoch(run=number, runs=self.plan.runs, run_name=run.name, **fields))
            if self._save is None:
                return
            written = self._save(Place(number, epoch, step), training.state(), [one.packed() for one in before])
            file = described(written)
            file = file.model_copy(update={"file": f"{CHECKPOINTS}/{file.file}"})
            best = step == 0 and training.kept_epoch == epoch
            self._tell(CheckpointWritten(run=number, epoch=epoch, step=step, best=best, checkpoint=file))

        return save

    def _tell_step(self, number: int, run: Run, training: Training, a_step_s: float) -> None:
        left = training.steps_from(training.epoch) - training.step
        self._tell(
            Progressed(
                run=number,
                epoch=training.epoch,
                step=training.step,
                steps=training.steps,
                train_loss=training.train_loss,
                samples_per_second=training.recipe.batch_size / a_step_s,
                eta_s=self._eta_s(number, run, left, training.steps_from(1), a_step_s),
            )
        )

    def _eta_s(self, number: int, run: Run, left: int, steps: int, a_step_s: float) -> float:
        """Seconds until learning ends, of so many steps that a run has and has left; those after it have as many.

        By how much each learns from, and no more than the budget allows.
        """
        runs_to_come = sum(len(one.train) for one in self._after(number)) / len(run.train)
        return min((left + runs_to_come * steps) * a_step_s, max(0.0, self._left_s()))


def _on_processor(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().to(torch.device("cpu"), copy=True) for name, value in weights.items()}
