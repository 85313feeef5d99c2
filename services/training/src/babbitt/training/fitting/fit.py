"""A whole fit: folder in, model, report and predictions out, told as it goes."""

import time
from collections.abc import Callable
from pathlib import Path

import torch

from babbitt.contracts.training import TrainRequested
from babbitt.training.families.errors import UnknownPreset, UnsuitableData
from babbitt.training.families.registry import Presets
from babbitt.training.fitting import checkpoint as checkpoints
from babbitt.training.fitting.checkpoint import Checkpoint
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest, DatasetUnusable
from babbitt.training.fitting.evaluation import evaluate
from babbitt.training.fitting.export import measured_parity, write_metadata, write_onnx
from babbitt.training.fitting.layout import CHECKPOINTS, MODEL, PREDICTIONS, REPORT
from babbitt.training.fitting.progress import CheckpointWritten, Completed, Epoch, Progress, Started
from babbitt.training.fitting.report import described, predictions, report, write_json
from babbitt.training.fitting.request import recipe_of, weights_digest
from babbitt.training.fitting.seeding import seed_torch
from babbitt.training.fitting.trainer import EpochFigures, Trainer
from babbitt.training.fitting.validation import Validation
from babbitt.training.fitting.views import Views
from babbitt.training.fitting.windows import Windows


class Fit:
    """Trains, exports and evaluates one model.

    Args:
        presets: what there is.
        request: what is asked for.
        dataset: what it learns from; the test split is read when the model is there, not before.
        out: folder of what comes out.
        tell: hears of all that happens.

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
    ) -> None:
        manifest = dataset.manifest
        if manifest.dataset_id != request.dataset:
            raise BadRequest(f"dataset: the request names {request.dataset}, the folder holds {manifest.dataset_id}")
        try:
            preset = presets.named(request.preset)
            self._spec = preset.config.model_spec(preset.name, manifest.data_spec)
            seed_torch(request.seed, "weights")
            self._model = preset.config.build(manifest.data_spec, self._spec)
        except UnknownPreset as error:
            raise BadRequest(f"preset: {error}") from error
        except UnsuitableData as error:
            raise DatasetUnusable(str(error)) from error
        self._recipe = recipe_of(request, preset.recipe)
        self._request, self._dataset, self._out, self._tell = request, dataset, out, tell
        self._started = time.monotonic()

    def run(self, *, resume: bool, threads: int, device: torch.device) -> None:
        """Do it all. With `resume`, from the last checkpoint in the output folder, where there is one.

        Raises:
            FitError: it cannot be done, and trying again would not help.
        """
        self._dataset.verify()
        saved = self._saved() if resume else None
        if saved is None:
            checkpoints.discard_all(self._out / CHECKPOINTS)
        threads = saved.threads if saved else threads
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(mode=True)
        self._out.mkdir(parents=True, exist_ok=True)
        training = Windows.of(self._dataset.records("train"), self._spec)
        validation = Windows.of(self._dataset.records("validation"), self._spec)
        trainer = self._trainer(training, validation, device)
        if saved:
            trainer.restore(saved.trainer)
        self._tell(
            Started(
                epochs=self._recipe.epochs,
                resumes_from_epoch=saved.epoch if saved else 0,
                device=device.type,
                threads=threads,
                windows=len(training.labels),
                parameters=sum(weight.numel() for weight in self._model.parameters()),
            )
        )
        trainer.fit(lambda figures: self._after_epoch(figures, trainer, threads))
        self._finish(trainer, validation, threads, device)

    def _trainer(self, training: Windows, validation: Windows, device: torch.device) -> Trainer:
        self._model.to(device)
        views = Views(self._model, training, self._recipe, self._request.seed, device)
        judge = Validation(views, validation, self._recipe.label_smoothing)
        return Trainer(self._model, views, judge, self._recipe, self._request.seed, device)

    def _saved(self) -> Checkpoint | None:
        path = checkpoints.latest(self._out / CHECKPOINTS)
        return checkpoints.load(path, request_sha256=weights_digest(self._request)) if path else None

    def _after_epoch(self, figures: EpochFigures, trainer: Trainer, threads: int) -> None:
        self._tell(Epoch(**{name: getattr(figures, name) for name in figures.__slots__}))
        state = Checkpoint(weights_digest(self._request), figures.epoch, threads, trainer.state())
        file = described(checkpoints.save(state, self._out / CHECKPOINTS))
        file = file.model_copy(update={"file": f"{CHECKPOINTS}/{file.file}"})
        self._tell(CheckpointWritten(epoch=figures.epoch, checkpoint=file))

    def _finish(self, trainer: Trainer, validation: Windows, threads: int, device: torch.device) -> None:
        manifest, class_names = self._dataset.manifest, self._spec.class_names
        model = self._out / MODEL
        write_onnx(self._model, validation, model)
        parity = measured_parity(self._model, model, validation, threads)
        write_metadata(model, self._metadata(parity.model_dump_json()))
        test_windows = Windows.of(self._dataset.records("test"), self._spec)
        test = evaluate(model, test_windows, "test", class_names, threads)
        held_out = evaluate(model, validation, "validation", class_names, threads)
        content = report(
            self._request, manifest, test, held_out, parity, trainer.history, trainer.kept_epoch, threads, device.type
        )
        self._tell(
            Completed(
                artifact=described(model),
                report=write_json(content, self._out / REPORT),
                predictions=write_json(predictions(manifest, test), self._out / PREDICTIONS),
                data_spec=manifest.data_spec,
                model_spec=self._spec,
                evaluation=test.summary(manifest),
                parity=parity,
                epochs=len(trainer.history),
                seconds=time.monotonic() - self._started,
                device=device.type,
            )
        )

    def _metadata(self, parity: str) -> dict[str, str]:
        manifest = self._dataset.manifest
        return {
            "data_spec": manifest.data_spec.model_dump_json(),
            "model_spec": self._spec.model_dump_json(),
            "classes": "\n".join(self._spec.class_names),
            "dataset_sha256": manifest.dataset_id,
            "train_split_sha256": manifest.split_digest("train"),
            "test_split_sha256": manifest.split_digest("test"),
            "request_sha256": weights_digest(self._request),
            "parity": parity,
        }
