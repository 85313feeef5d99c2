"""Figures of how right answers are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from babbitt.contracts.evaluations import Variant
from babbitt.contracts.model_scores import SplitScores
from babbitt.training.fitting.evaluating.drawing.style import COLOURS, MARKERS, SHADES, figure, shares

CELL_IN = 0.38


def confusion(scores: SplitScores, path: Path) -> None:
    """Counts of records by truth and answer, shaded by share of the truth's row."""
    assert scores.confusion is not None
    counts, names = np.array(scores.confusion), scores.confusion_names
    side = 1.8 + CELL_IN * len(names)
    with figure(path, "Records by truth and answer", width_in=side, height_in=side) as axes:
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(share, cmap=SHADES, vmin=0.0, vmax=1.0)
        axes.grid(visible=False)
        axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel("answer")
        axes.set_ylabel("truth")
        for (row, column), count in np.ndenumerate(counts):
            if count:
                light = share[row, column] > 0.5  # noqa: PLR2004 - of the palette's range
                axes.text(column, row, str(count), ha="center", va="center", color="white" if light else "black")


def per_class(scores: SplitScores, path: Path) -> None:
    """Precision, recall and F1 of each class."""
    tested = [one for one in scores.classes if one.support]
    with figure(path, "By class, records", width_in=max(4.5, 1.5 + 0.6 * len(tested))) as axes:
        places = np.arange(len(tested))
        columns = {
            "precision": [one.precision for one in tested],
            "recall": [one.recall for one in tested],
            "F1": [one.f1 for one in tested],
        }
        for offset, (name, values) in enumerate(columns.items()):
            axes.bar(places + 0.26 * (offset - 1), values, width=0.24, label=name, color=COLOURS[offset])
        axes.set_xticks(places, [f"{one.name}\n{one.support}" for one in tested], rotation=45, ha="right")
        shares(axes)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def reliability(scores: SplitScores, path: Path) -> None:
    """How often answers were right, over how sure they were; the area of a point is its number of answers."""
    error = (
        f", expected calibration error {scores.calibration_error:.1%}" if scores.calibration_error is not None else ""
    )
    with figure(path, f"Reliability{error}", width_in=3.6, height_in=3.4) as axes:
        axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle="--")
        most = max(one.answers for one in scores.reliability)
        axes.scatter(
            [one.confidence for one in scores.reliability],
            [one.accuracy for one in scores.reliability],
            s=[8 + 72 * one.answers / most for one in scores.reliability],
            color=COLOURS[0],
            clip_on=False,
        )
        axes.set_xlim(0, 1)
        axes.set_xlabel("confidence")
        axes.set_ylabel("right")
        shares(axes)


def variants(forms: Sequence[Variant], path: Path) -> None:
    """Record accuracy over latency of every form that was measured; the one that serves is filled."""
    with figure(path, "Forms of the file, validation records") as axes:
        for colour, marker, one in zip(COLOURS, MARKERS, forms, strict=False):
            if one.latency_ms is not None and one.record_accuracy is not None:
                name, face = (f"{one.name}, serves", colour) if one.chosen else (one.name, "none")
                axes.plot(
                    [one.latency_ms], [one.record_accuracy], marker, color=colour, markerfacecolor=face, label=name
                )
        axes.set_xlim(left=0.0)
        axes.set_xlabel("a record on one CPU thread, ms")
        axes.set_ylabel("record accuracy")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.1%}")
        axes.legend()


def by_group(scores: SplitScores, path: Path) -> None:
    """A table with a row a group."""
    rows = [
        [one.name, ", ".join(one.labels), str(one.records), f"{one.record_accuracy:.1%}"] for one in scores.by_group
    ]
    with figure(path, "By group", height_in=0.8 + 0.25 * len(rows)) as axes:
        axes.axis("off")
        table = axes.table(cellText=rows, colLabels=["group", "classes", "records", "right"], loc="center")
        table.auto_set_font_size(value=False)
        table.set_fontsize(7)
        table.auto_set_column_width([0, 1, 2, 3])
