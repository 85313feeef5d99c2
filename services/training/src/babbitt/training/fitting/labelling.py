"""What is to be told of each record: the dataset's labels after the request's class map, for the task asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from babbitt.contracts.answers import HEALTHY_LABELS
from babbitt.contracts.dataspec import DataSpec, ModelSpec, Targets
from babbitt.contracts.manifests import RecordEntry
from babbitt.contracts.training_requests import Task
from babbitt.training.fitting.errors import BadRequest

HEALTHY = "healthy"

type Mapped = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Labelling:
    """From labels to targets.

    Attributes:
        task: what is told.
        class_names: of the columns of targets; of `one_class` health alone.
        columns: by label of the dataset, the columns that are 1; None: records of it are left out.
    """

    task: Task
    class_names: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...] | None]

    @classmethod
    def of(cls, data: DataSpec, task: Task | None, class_map: Mapping[str, Mapped]) -> Self:
        """What becomes of a dataset's classes.

        Raises:
            BadRequest: the map names classes that the dataset has not, or leaves too few.
        """
        if unknown := sorted(class_map.keys() - set(data.class_names)):
            accepted = ", ".join(data.class_names)
            raise BadRequest(f"class_map: the dataset has no class {', '.join(unknown)}; it has {accepted}")
        asked = task or _task(data)
        mapped: dict[str, Mapped] = {name: class_map.get(name, name) for name in data.class_names}
        match asked:
            case "multiclass":
                if several := sorted(label for label, to in class_map.items() if isinstance(to, tuple)):
                    raise BadRequest(f"class_map/{several[0]}: several faults for a class are of multilabel models")
                names = _distinct(to for to in mapped.values() if isinstance(to, str))
                least = 2
            case "multilabel":
                mapped |= dict.fromkeys(HEALTHY_LABELS & mapped.keys() - class_map.keys(), ())
                names = _distinct(fault for to in mapped.values() for fault in _faults(to))
                least = 1
            case "one_class":
                return cls(asked, (HEALTHY,), _healthy(mapped))
        if len(names) < least:
            raise BadRequest(f"class_map: it leaves {len(names)} classes; a {asked} model needs {least}")
        place = {name: column for column, name in enumerate(names)}
        return cls(
            asked,
            names,
            {label: None if to is None else tuple(place[name] for name in _faults(to)) for label, to in mapped.items()},
        )

    @classmethod
    def for_version(cls, data: DataSpec, spec: ModelSpec, class_map: Mapping[str, Mapped]) -> Self:
        """What a version that exists has to tell of a dataset's classes.

        Raises:
            BadRequest: the dataset has classes that the version does not name.
        """
        found = cls.of(data, spec.task, class_map)
        if unknown := [name for name in found.class_names if name not in spec.class_names]:
            raise BadRequest(
                f"class_map: the version does not name {', '.join(unknown)}; rename them to one of "
                f"{', '.join(spec.class_names)}, or drop them by null"
            )
        place = [spec.class_names.index(name) for name in found.class_names]
        columns = {
            label: None if to is None else tuple(place[column] for column in to) for label, to in found.columns.items()
        }
        return cls(spec.task, spec.class_names, columns)

    def data_spec(self, data: DataSpec, *, severity: bool | None = None) -> DataSpec:
        """The dataset's, with what is told instead of its own classes; `severity`: instead of what it says itself."""
        targets = Targets(fault=self.task, severity=data.targets.severity if severity is None else severity)
        return data.model_copy(update={"class_names": self.class_names, "targets": targets})

    def keeps(self, entry: RecordEntry) -> bool:
        """Whether a record is looked at."""
        return self.columns[entry.label] is not None

    def told(self, entry: RecordEntry) -> tuple[str, ...]:
        """What is told of a record: its class, or its faults; nothing of one that is left out."""
        return tuple(self.class_names[column] for column in self.columns[entry.label] or ())

    def learns(self, entry: RecordEntry) -> bool:
        """Whether a record of the training split is learnt from: of `one_class` a healthy one alone."""
        return self.task != "one_class" or self.columns[entry.label] == (0,)

    def targets(self, entries: Sequence[RecordEntry]) -> NDArray[np.float32]:
        """Of records that are kept: 1 in the columns of what they have, else 0 [record, class]."""
        found = np.zeros((len(entries), len(self.class_names)), dtype=np.float32)
        for row, entry in enumerate(entries):
            found[row, list(self.columns[entry.label] or ())] = 1.0
        return found


def _task(data: DataSpec) -> Task:
    match data.targets.fault:
        case "multiclass" | "multilabel" | "one_class" as known:
            return known
        case other:
            raise BadRequest(f"task: the dataset is for {other!r}; multiclass, multilabel, one_class are accepted")


def _healthy(mapped: Mapping[str, Mapped]) -> dict[str, tuple[int, ...] | None]:
    healthy = {label for label, to in mapped.items() if to in HEALTHY_LABELS}
    if not healthy:
        raise BadRequest(f"class_map: a one_class model needs a class that is mapped to {HEALTHY!r}")
    return {label: None if to is None else (0,) if label in healthy else () for label, to in mapped.items()}


def _faults(to: Mapped) -> tuple[str, ...]:
    return (to,) if isinstance(to, str) else to or ()


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
