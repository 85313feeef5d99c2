"""A prediction request on its way to its answer."""

from dataclasses import dataclass
from typing import Protocol

from babbitt.contracts.models import AliasAssigned
from babbitt.contracts.predictions import PredictionRequested
from babbitt.contracts.waveform import Encoding
from babbitt.inference.domain.outputs import Inputs, Outputs


class Model(Protocol):
    """A model that is loaded and warm."""

    def run(self, inputs: Inputs) -> Outputs:
        """What it says of windows; blocks, so it runs in a thread.

        Args:
            inputs: what its ModelSpec names, float32.

        Raises:
            ModelBroke: it failed, or what it gave is not finite.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """A reference that is answered for: what it points at, and the model behind it."""

    assigned: AliasAssigned
    model: Model


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A request that can be answered: its samples are here, its model is loaded."""

    request: PredictionRequested
    encoding: Encoding
    samples: bytes
    served: Served
