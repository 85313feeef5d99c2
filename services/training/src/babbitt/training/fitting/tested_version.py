"""Tests a version that exists on a dataset's test split, by the file that serves."""

import time
from collections.abc import Callable
from pathlib import Path

from babbitt.contracts.dataspec import DataSpec, same_rate
from babbitt.contracts.training_requests import EvaluationRequested
from babbitt.training.fitting.bases import Bases
from babbitt.training.fitting.dataset_folder import DatasetFolder
from babbitt.training.fitting.errors import BadRequest, DatasetUnusable
from babbitt.training.fitting.labelling import Labelling
from babbitt.training.fitting.laid_out import LaidOut
from babbitt.training.fitting.progress import Evaluated, Progress, Progressed
from babbitt.training.fitting.testing import Testing


class VersionTest:
    """Answers an EvaluationRequested.

    Args:
        request: which classes are told how.
        dataset: whose test split.
        bases: holds the version.
        out: folder of what comes out.
        tell: hears of all that happens.

    Raises:
        BadRequest: there is no version, or it names other classes.
        DatasetUnusable: it reads other data.
    """

    def __init__(
        self,
        request: EvaluationRequested,
        dataset: DatasetFolder,
        bases: Bases,
        out: Path,
        tell: Callable[[Progress], None],
    ) -> None:
        self._request, self._dataset, self._bases, self._out, self._tell = request, dataset, bases, out, tell
        self._version = tested(bases)
        data = dataset.manifest.data_spec
        check_data(self._version, data)
        self._labelling = Labelling.for_version(data, self._version.model_spec, request.class_map)

    def run(self, threads: int) -> None:
        """Do it, and tell how the version did.

        Raises:
            FitError: the test split cannot be read.
        """
        began = time.monotonic()
        self._tell(Progressed(phase="preparing"))
        self._dataset.verify()
        self._out.mkdir(parents=True, exist_ok=True)
        self._tell(Progressed(phase="evaluating"))
        version, data = self._version, self._labelling.data_spec(self._dataset.manifest.data_spec)
        testing = Testing(self._dataset, self._out, version.model_spec, self._labelling, threads)
        found = testing.test(self._bases.path(version), data)
        request = self._request.model_dump(mode="json")
        files = testing.write(found, preset=version.model_spec.family, data=data, request=request)
        self._tell(
            Evaluated(
                evaluation=found.summary,
                report=files.report,
                predictions=files.predictions,
                figures=files.figures,
                seconds=time.monotonic() - began,
            )
        )


def tested(bases: Bases) -> LaidOut:
    """The version that is to be tested.

    Raises:
        BadRequest: there is none.
    """
    version = next(iter(bases.of("tested")), None)
    if version is None:
        raise BadRequest("bases: a version with the role 'tested' is needed")
    return version


def check_data(version: LaidOut, data: DataSpec) -> None:
    """Whether a version reads such data.

    Raises:
        DatasetUnusable: it does not, and why.
    """
    reads = version.data_spec
    if reads.channels != data.channels:
        theirs, ours = (", ".join(f"{one.name} in {one.unit}" for one in spec.channels) for spec in (data, reads))
        raise DatasetUnusable(f"its channels are {theirs}; the version reads {ours}")
    if not same_rate(data.sampling_rate_hz, reads.sampling_rate_hz):
        raise DatasetUnusable(
            f"it is sampled at {data.sampling_rate_hz:g} Hz; the version reads {reads.sampling_rate_hz:g}"
        )
