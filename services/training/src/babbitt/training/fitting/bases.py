"""Other versions that a job needs, as files: what it goes on from, asks, is compared with, or is to test."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError
from torch import Tensor

from babbitt.contracts.learnt import LearntRecords
from babbitt.contracts.manifests import RecordEntry
from babbitt.training.domain.known_reference import Role
from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.preset import BaseModel
from babbitt.training.fitting.errors import BadRequest
from babbitt.training.fitting.laid_out import LIST, LaidOut
from babbitt.training.fitting.layout import BASES_LIST

NOVELTY = "novelty."


class Bases:
    """What `bases.json` in a folder lists; none where there is no such folder.

    Raises:
        BadRequest: it cannot be read.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder or Path()
        self.all: tuple[LaidOut, ...] = ()
        if folder is None:
            return
        try:
            self.all = LIST.validate_json((folder / BASES_LIST).read_bytes())
        except OSError as error:
            raise BadRequest(f"{folder / BASES_LIST}: {error.strerror}") from error
        except ValidationError as error:
            raise BadRequest(f"{folder / BASES_LIST}: {error.errors(include_url=False)[0]['msg']}") from error

    def of(self, role: Role) -> tuple[LaidOut, ...]:
        """Those that are needed for this."""
        return tuple(one for one in self.all if one.role == role)

    def path(self, one: LaidOut) -> Path:
        """Its ONNX file."""
        return self._folder / one.file

    def built_from(self) -> tuple[BaseModel, ...]:
        """The version that is gone on from, or the members of an ensemble."""
        return tuple(
            BaseModel(
                version=one.version,
                onnx=self.path(one),
                data_spec=one.data_spec,
                model_spec=one.model_spec,
                weights=self._folder / one.weights if one.weights else None,
            )
            for one in (*self.of("base"), *self.of("member"))
        )

    def train_records(self) -> set[str] | None:
        """Digests of all records that the base or the members learnt from; None: of one of them nobody knows."""
        found: set[str] = set()
        for one in (*self.of("base"), *self.of("member")):
            if one.train_records is None:
                return None
            found |= set(LearntRecords.read((self._folder / one.train_records).read_bytes()).blake3)
        return found

    def may_know(self, entries: Iterable[RecordEntry]) -> bool:
        """Whether the base or a member learnt from one of these records, as far as that is known."""
        known = self.train_records()
        return known is None or any(entry.blake3 in known for entry in entries)


def go_on_from(
    model: WaveformClassifier, weights: dict[str, Tensor], base_classes: Sequence[str], classes: Sequence[str]
) -> None:
    """Give a module another version's weights; rows of classes go by name, new ones stay as they are.

    What that version knew, by which it told what is novel, it does not get: it is taught that when it has learnt.

    Raises:
        BadRequest: a tensor is of another shape, so the configuration is another.
    """
    own = _without_novelty(model.state_dict())
    weights = _without_novelty(weights)
    if own.keys() != weights.keys():
        raise BadRequest("base_version: it is of another configuration: its weights do not fit")
    known = [(row, base_classes.index(name)) for row, name in enumerate(classes) if name in base_classes]
    for name, value in weights.items():
        target = own[name]
        by_class = value.shape[:1] == (len(base_classes),) and target.shape == (len(classes), *value.shape[1:])
        if by_class and tuple(base_classes) != tuple(classes) and _of_classes(model, name):
            for row, base_row in known:
                target[row] = value[base_row]
        elif target.shape == value.shape:
            target.copy_(value)
        else:
            raise BadRequest(f"base_version: {name} is {list(value.shape)} there and {list(target.shape)} here")
    model.load_state_dict(own)


def _without_novelty(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in weights.items() if not name.startswith(NOVELTY)}


def _of_classes(model: WaveformClassifier, name: str) -> bool:
    """Whether a tensor belongs to the last layer, which every family calls `classes`."""
    del model
    return name.startswith("classes.")
