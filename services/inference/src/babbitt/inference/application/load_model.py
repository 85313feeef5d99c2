"""Fetch, verify, load and warm up a model."""

import asyncio
from collections.abc import Callable
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


type Load = Callable[[bytes, DataSpec, ModelSpec], Model]
"""Makes a warm model of an ONNX file; blocks; raises ModelUnusable."""


@dataclass(frozen=True, slots=True)
class LoadModel:
    """Makes what an alias points at ready to run. The event loop goes on meanwhile.

    Attributes:
        artifacts: where ONNX files are from.
        load: loads and warms up.
        threads: where it does.
    """

    artifacts: Artifacts
    load: Load
    threads: Executor

    async def __call__(self, assigned: AliasAssigned) -> Model:
        """Load it.

        Raises:
            ModelUnusable: the artifact cannot be served.
            Unavailable: the store is away.
        """
        with LOAD_SECONDS.time():
            content = await self.artifacts.read(assigned.artifact)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self.threads, self.load, content, assigned.data_spec, assigned.model_spec)
