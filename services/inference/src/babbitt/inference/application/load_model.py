"""Fetch, verify, load and warm up a model."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.contracts.models import AliasAssigned
from babbitt.inference.domain.question import Model
from babbitt.inference.metrics import LOAD_SECONDS


class Artifacts(Protocol):
    """Where ONNX files are from."""

    async def read(self, reference: ObjectReference) -> bytes:
        """A file's content, verified.

        Raises:
            ModelUnusable: there is none, or it is not what its digest says.
            Unavailable: the store is away.
        """
        ...


class Engine(Protocol):
    """What runs models.

    Attributes:
        needs_weights: whether it needs the module's tensors beside the ONNX file.
    """

    needs_weights: bool

    def load(self, content: bytes, data: DataSpec, spec: ModelSpec, weights: bytes | None = None) -> Model:
        """A warm model of an ONNX file; blocks, so it runs in a thread.

        Raises:
            ModelUnusable: it cannot be served by this engine.
        """
        ...


@dataclass(frozen=True, slots=True)
class LoadModel:
    """Makes what an alias points at ready to run. The event loop goes on meanwhile.

    Attributes:
        artifacts: where ONNX files are from.
        engine: loads and warms up.
        threads: where it does.
    """

    artifacts: Artifacts
    engine: Engine
    threads: Executor

    async def __call__(self, assigned: AliasAssigned) -> Model:
        """Load it.

        Raises:
            ModelUnusable: the artifact cannot be served.
            Unavailable: the store is away.
        """
        with LOAD_SECONDS.time():
            content = await self.artifacts.read(assigned.artifact)
            weights = None
            if self.engine.needs_weights and assigned.weights is not None:
                weights = await self.artifacts.read(assigned.weights)
            loop, specs = asyncio.get_running_loop(), (assigned.data_spec, assigned.model_spec)
            return await loop.run_in_executor(self.threads, self.engine.load, content, *specs, weights)
