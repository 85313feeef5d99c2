"""What a signature of a version is over: training signs it, the registry makes it anew and verifies."""

import hashlib
import json
from dataclasses import dataclass

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec, Spec

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Statement:
    """That these files, read in this way, are a version of this model.

    Attributes:
        artifact: the ONNX file; where it lies is not said, as the registry copies it.
        weights: what a later training may go on from; None: there are none.
    """

    model: str
    artifact: ObjectReference
    weights: ObjectReference | None
    data_spec: DataSpec
    model_spec: ModelSpec

    def content(self) -> bytes:
        """What is signed: canonical JSON (sorted keys, no spaces, ASCII)."""
        return _canonical(
            {
                "format": FORMAT,
                "model": self.model,
                "artifact_sha256": self.artifact.sha256,
                "weights_sha256": self.weights.sha256 if self.weights else None,
                "data_spec_sha256": _digest(self.data_spec),
                "model_spec_sha256": _digest(self.model_spec),
            }
        )


def _digest(spec: Spec) -> str:
    """SHA-256 of a specification as a reader has it; a field of a later version changes nothing until it is set."""
    read = type(spec).model_validate_json(spec.model_dump_json())  # 1000 where a float belongs comes back as 1000.0
    return hashlib.sha256(_canonical(read.model_dump(mode="json", exclude_defaults=True))).hexdigest()


def _canonical(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
