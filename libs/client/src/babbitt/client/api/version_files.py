"""The files of a version: its report, its card, figures, paired predictions and the ONNX file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import httpx
from pydantic import ValidationError

from babbitt.client.calls import Call, Reader, nothing, path_of
from babbitt.client.errors import unexpected
from babbitt.client.frames import axes_for, frame_of
from babbitt.client.report_plots import draw_part
from babbitt.contracts.evaluations import SeedResult, Variant
from babbitt.contracts.model_reports import CurvePoint, EpochPoint, ModelReport
from babbitt.contracts.model_scores import ClassScore, GroupScore, ReliabilityBin
from babbitt.contracts.paired import PairedPredictions

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

HALF = 0.5
"""Of the shades: darker cells are written on in white."""

type ReportPart = Literal[
    "classes", "confusion", "groups", "severities", "reliability", "curves", "epochs", "variants", "seeds"
]
INDEX: dict[ReportPart, str] = {
    **dict.fromkeys(("classes", "groups", "severities", "variants"), "name"),
    "confusion": "truth",
    "seeds": "seed",
}
COLUMNS: dict[ReportPart, tuple[str, ...]] = {
    "classes": (*ClassScore.model_fields,),
    "groups": (*GroupScore.model_fields,),
    "severities": (*GroupScore.model_fields,),
    "reliability": (*ReliabilityBin.model_fields,),
    "confusion": ("truth",),
    "curves": ("kind", *CurvePoint.model_fields),
    "epochs": ("run", *(name for name in EpochPoint.model_fields if name != "metrics")),
    "variants": (*(name for name in Variant.model_fields if name != "artifact"),),
    "seeds": (*SeedResult.model_fields,),
}
"""Of a part that a report has nothing for: of 8 groups and more there is no row a group, of an import no epoch."""


class Report(ModelReport):
    """The evaluation of a version in full."""

    def to_frame(self, part: ReportPart = "classes") -> "DataFrame":
        """One part of it as a data frame, a row a class, group, point, epoch, variant or seed; it may have none.

        Raises:
            MissingExtra: pandas is not installed.
        """
        return frame_of(self._rows(part), INDEX.get(part), COLUMNS[part])

    def plot(self, part: ReportPart = "classes", axes: "Axes | None" = None) -> "Axes":
        """Likewise, drawn; of a part without rows it is said that there are none.

        Raises:
            MissingExtra: pandas or matplotlib is not installed.
        """
        frame, axes = self.to_frame(part), axes_for(part, axes)
        draw_part(part, frame, axes)
        return axes

    def _rows(self, part: ReportPart) -> Iterator[dict[str, Any]]:
        test = self.test
        match part:
            case "classes":
                yield from (one.model_dump() for one in test.classes)
            case "groups":
                yield from (one.model_dump() for one in test.by_group)
            case "severities":
                yield from (one.model_dump() for one in self.by_severity)
            case "reliability":
                yield from (one.model_dump() for one in test.reliability)
            case "confusion":
                names = test.confusion_names
                yield from (
                    {"truth": truth, **dict(zip(names, row, strict=True))}
                    for truth, row in zip(names, test.confusion or (), strict=False)
                )
            case "variants":
                yield from (one.model_dump(exclude={"artifact"}) for one in self.variants)
            case "seeds":
                yield from (one.model_dump() for one in self.seeds)
            case "curves":
                yield from ({"kind": one.kind, **point.model_dump()} for one in self.curves for point in one.points)
            case "epochs":
                yield from (
                    {"run": run.name, **point.model_dump(exclude={"metrics"}), **point.metrics}
                    for run in self.runs
                    for point in run.epochs
                )


class Predictions(PairedPredictions):
    """What a version answered for each record of the test split."""

    def to_frame(self) -> "DataFrame":
        """A row a record: group, label, answer, whether that is right, and the probability of each class.

        Raises:
            MissingExtra: pandas is not installed.
        """
        rows = (
            one.model_dump(exclude={"probabilities", "faults"})
            | {f"p_{name}": value for name, value in zip(self.class_names, one.probabilities, strict=True)}
            for one in self.records
        )
        return frame_of(rows, "record")


def model_report(name: str, number: int) -> Call[Report]:
    """The evaluation of a version in full."""
    return _file(name, number, "report", read=_document(Report))


def training_report(job_id: UUID | str) -> Call[Report]:
    """What a training, evaluation or import found, in full."""
    return Call("GET", path_of("training-jobs", job_id, "report"), _document(Report), repeatable=True)


def paired_predictions(name: str, number: int) -> Call[Predictions]:
    """What a version answered for each record of the test split."""
    return _file(name, number, "predictions", read=_document(Predictions))


def model_card(name: str, number: int) -> Call[str]:
    """What to know of a version before it is relied on: Markdown."""
    return _file(name, number, "card", read=lambda response: response.text)


def model_figure(name: str, number: int, figure: str) -> Call[bytes]:
    """A figure of the report: a PNG file's bytes."""
    return _file(name, number, "figures", figure, read=lambda response: response.content)


def model_artifact(name: str, number: int) -> Call[bytes]:
    """The ONNX file's bytes; their SHA-256 is `version(…).artifact.sha256`."""
    return _file(name, number, "artifact", read=lambda response: response.content)


def version_file(name: str, number: int, kind: Literal["artifact", "weights", "train-records"]) -> Call[None]:
    """A file of a version, to be streamed."""
    return _file(name, number, kind, read=nothing)


def _file[T](name: str, number: int, *place: str, read: Reader[T]) -> Call[T]:
    return Call("GET", path_of("models", name, "versions", number, *place), read, repeatable=True)


def _document[T: (Report, Predictions)](kind: type[T]) -> Reader[T]:
    def read(response: httpx.Response) -> T:
        try:
            return kind.read(response.content)
        except ValidationError as error:
            raise unexpected(response, str(error).partition("\n")[0]) from error

    return read
