"""Makes a candidate version of an ONNX file that was trained elsewhere."""

import time
from collections.abc import Callable
from pathlib import Path

from babbitt.contracts.evaluations import Lineage, Parity
from babbitt.contracts.training_requests import ImportRequested
from babbitt.training.fitting.bases import Bases
from babbitt.training.fitting.build import code_digests, commit, lock_sha256
from babbitt.training.fitting.champion import champion_result
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.evaluating.labelled import labelled
from babbitt.training.fitting.evaluating.onnx_answering import OnnxAnswering
from babbitt.training.fitting.export import write_metadata
from babbitt.training.fitting.files import described
from babbitt.training.fitting.foreign_model import check_classes, check_model, check_windows
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.layout import MODEL
from babbitt.training.fitting.progress import Completed, Progress, Progressed
from babbitt.training.fitting.served_spec import served_spec
from babbitt.training.fitting.tested_version import check_data, tested
from babbitt.training.fitting.testing import Testing

FITTED = ("calibration", "novelty")
"""What validation tells of a file that does not say it; the ranges that learning saw are the importer's to tell."""
NO_MODULE = Parity(max_abs_difference=0.0, bound=0.0, windows=0)


class ModelImport:
    """Answers an ImportRequested: the file is held against its specifications, calibrated where it is not, and tested.

    Args:
        request: see there.
        dataset: whose validation split calibrates it, and on whose test split it is tested.
        bases: holds the file, and the champion where there is one.
        out: folder of what comes out.
        tell: hears of all that happens.

    Raises:
        BadRequest: the file is not what its specifications say, or names other classes than the dataset.
        DatasetUnusable: it reads other data.
    """

    def __init__(
        self,
        request: ImportRequested,
        dataset: DatasetFolder,
        bases: Bases,
        out: Path,
        tell: Callable[[Progress], None],
    ) -> None:
        self._request, self._dataset, self._out, self._tell = request, dataset, out, tell
        version = tested(bases)
        self._file, self._bases = bases.path(version), bases
        data = dataset.manifest.data_spec
        check_data(version, data)
        check_classes(data, request.model_spec)
        check_windows(dataset.manifest, request.model_spec)
        check_model(self._file, data, request.model_spec)
        self._labelling = Labelling.for_version(data, request.model_spec, {})

    def run(self, threads: int) -> None:
        """Do it, and tell that there is a candidate.

        Raises:
            FitError: the dataset cannot be read.
        """
        began = time.monotonic()
        self._tell(Progressed(phase="preparing"))
        self._dataset.verify()
        self._out.mkdir(parents=True, exist_ok=True)
        data, spec = self._labelling.data_spec(self._dataset.manifest.data_spec), self._request.model_spec
        model = self._out / MODEL
        model.write_bytes(self._file.read_bytes())
        if unsaid := [name for name in FITTED if getattr(spec, name) is None]:
            held_out = labelled(self._dataset.records("validation"), data, spec, self._labelling)
            found = served_spec(spec, data, held_out, held_out, held_out.answered(OnnxAnswering(model, threads), spec))
            spec = spec.model_copy(update={name: getattr(found, name) for name in unsaid})
        metadata = {
            **code_digests(),
            "dataset_sha256": self._dataset.manifest.dataset_id,
            "data_spec": data.model_dump_json(),
            "model_spec": spec.model_dump_json(),
        }
        write_metadata(model, metadata | {"classes": "\n".join(spec.class_names)})
        self._tell(Progressed(phase="evaluating"))
        testing = Testing(self._dataset, self._out, spec, self._labelling, threads)
        found = testing.test(model, data)
        request = self._request.model_dump(mode="json")
        files = testing.write(found, preset=spec.family, data=data, request=request, parity=NO_MODULE)
        self._tell(
            Completed(
                artifact=described(model),
                report=files.report,
                predictions=files.predictions,
                figures=files.figures,
                data_spec=data,
                model_spec=spec,
                evaluation=found.summary,
                parity=NO_MODULE,
                champion=champion_result(self._bases, testing, data, spec),
                epochs=0,
                seconds=time.monotonic() - began,
                device="cpu",
                lineage=Lineage(commit=commit(), lock_sha256=lock_sha256(), threads=threads),
            )
        )
