"""A whole fit: folder in, model, report and predictions out, told as it goes."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.domain.place import Place
from babbitt.training.families.errors import UnknownPreset, UnsuitableBase, UnsuitableData
from babbitt.training.families.registry import Presets
from babbitt.training.fitting import checkpoint as checkpoints
from babbitt.training.fitting.bases import Bases
from babbitt.training.fitting.checkpoint import Checkpoint
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest, CheckpointUnusable, DatasetUnusable
from babbitt.training.fitting.finish import Finish, Outcome
from babbitt.training.fitting.hardware import Hardware
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.layout import CHECKPOINTS
from babbitt.training.fitting.learning import Learning, Save
from babbitt.training.fitting.plugins.profiling import Profiling
from babbitt.training.fitting.progress import Progress, Progressed, Started, Tried
from babbitt.training.fitting.request import check_settings, config_of, recipe_of, weights_digest
from babbitt.training.fitting.subject import Subject

KNOWN_TO_BASE = (
    "folds: what base_version learnt from no fold can hold out; accepted with one that is known to have learnt from no "
    "record of this dataset"
)


class Fit:
    """Trains, exports and evaluates one model.

    Args:
        presets: what there is.
        request: what is asked for.
        dataset: what it learns from; the test split is read when the model is there, not before.
        out: folder of what comes out.
        tell: hears of all that happens.
        bases: the other versions that it needs.
        budget_s: seconds that all of it may take; learning ends in time for the rest.

    Raises:
        BadRequest: the preset is unknown, or the dataset is another than the request names.
        DatasetUnusable: the preset cannot read such data.
    """

    def __init__(
        self,
        presets: Presets,
        request: TrainRequested,
        dataset: DatasetFolder,
        out: Path,
        tell: Callable[[Progress], None],
        bases: Bases | None = None,
        budget_s: float | None = None,
    ) -> None:
        manifest = dataset.manifest
        if manifest.dataset_id != request.dataset:
            raise BadRequest(f"dataset: the request names {request.dataset}, the folder holds {manifest.dataset_id}")
        self._bases = bases or Bases(None)
        if request.folds and self._bases.may_know((*manifest.split("train"), *manifest.split("validation"))):
            raise BadRequest(KNOWN_TO_BASE)
        built_from = self._bases.built_from()
        labelling = Labelling.of(manifest.data_spec, request.task, request.class_map)
        try:
            preset = presets.named(request.preset)
            check_settings(request, preset)
            recipe = recipe_of(request, preset.recipe, manifest.data_spec)
            data = labelling.data_spec(manifest.data_spec, severity=recipe.severity_weight > 0)
            config = config_of(request, preset.config)
            spec = config.model_spec(preset.name, data, built_from)
        except UnknownPreset as error:
            raise BadRequest(f"preset: {error}") from error
        except UnsuitableBase as error:
            raise BadRequest(f"base_version: {error}") from error
        except UnsuitableData as error:
            raise DatasetUnusable(str(error)) from error
        self._subject = Subject(request, preset.family, config, recipe, data, spec, labelling, built_from)
        self._request, self._dataset, self._out, self._tell = request, dataset, out, tell
        self._began = time.monotonic()
        self._ends = self._began + (request.minutes * 60.0 if budget_s is None else budget_s)

    def run(
        self,
        *,
        resume: bool,
        threads: int,
        hardware: Hardware,
        trial: bool = False,
        profiled_steps: int = 0,
        or_anew: bool = False,
    ) -> None:
        """Do it all. With `resume`, from the last checkpoint in the output folder, where there is one; with `or_anew`,
        from the beginning where that is of no use.

        A trial ends with its validation loss: nothing is exported, and the test split is not read. Where the time of
        `profiled_steps` of the first run goes is written beside what comes out.

        Raises:
            FitError: it cannot be done, and trying again would not help.
        """
        self._tell(Progressed(phase="preparing"))
        if hardware.leads:
            self._dataset.verify()
        saved = self._saved(hardware, or_anew=or_anew) if resume else None
        if saved is None and hardware.leads:
            checkpoints.discard_all(self._out / CHECKPOINTS)
        threads = saved.threads if saved else threads
        makers = tuple(dict.fromkeys((*(saved.makers if saved else ()), checkpoints.maker())))
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(mode=True)
        self._out.mkdir(parents=True, exist_ok=True)
        subject = self._subject
        training, validation = self._dataset.records("train"), self._dataset.records("validation")
        learning = Learning(
            subject,
            training,
            validation,
            hardware,
            self._tell,
            self._save(threads, hardware, makers) if hardware.leads else None,
            self._left_s,
            [Profiling(profiled_steps, self._out)] if profiled_steps and hardware.leads else [],
            tells_novelty=not trial,
        )
        place = saved.place if saved else Place()
        self._tell(
            Started(
                epochs=subject.recipe.epochs,
                runs=learning.plan.runs,
                resumes_from_run=place.run,
                resumes_from_epoch=place.epoch,
                device=hardware.device.type,
                threads=threads,
                windows=len(learning.pool),
                parameters=learning.parameters,
            )
        )
        if learning.at_once and not hardware.leads:
            return
        learnt = learning.learn(saved)
        if trial:
            assert learnt.chosen.loss is not None, "a trial has no folds"
            self._tell(Tried(validation_loss=learnt.chosen.loss))
        elif hardware.leads:
            finish = Finish(subject, self._dataset, self._bases, self._out, self._tell)
            finish(
                Outcome(
                    learnt=learnt,
                    records=training.joined(validation),
                    pool=learning.pool,
                    plan=learning.plan,
                    threads=threads,
                    device=hardware.device.type,
                    began=self._began,
                    left_s=self._left_s,
                    makers=makers,
                )
            )

    def _saved(self, hardware: Hardware, *, or_anew: bool) -> Checkpoint | None:
        path = checkpoints.latest(self._out / CHECKPOINTS)
        if path is None:
            return None
        try:
            return self._loaded(path, hardware)
        except CheckpointUnusable as error:
            if not or_anew:
                raise
            sys.stderr.write(f"learning begins anew: {error}\n")
            return None

    def _loaded(self, path: Path, hardware: Hardware) -> Checkpoint:
        saved = checkpoints.load(path, request_sha256=self._digest())
        if saved.ranks != hardware.ranks and hardware.exact:
            raise CheckpointUnusable(f"{path.name}: was made by {saved.ranks} processes; these are {hardware.ranks}")
        return saved

    def _save(self, threads: int, hardware: Hardware, makers: tuple[str, ...]) -> Save:
        def save(place: Place, trainer: dict[str, Any], finished: list[dict[str, Any]]) -> Path:
            state = Checkpoint(self._digest(), place, threads, trainer, finished, hardware.ranks, makers)
            return checkpoints.save(state, self._out / CHECKPOINTS)

        return save

    def _left_s(self) -> float:
        return self._ends - time.monotonic()

    def _digest(self) -> str:
        return weights_digest(self._request, self._subject.bases)
