"""Settings of `inference`. It has no database: what it serves stands on the alias topic."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from babbitt.chassis.settings import Settings


class InferenceSettings(Settings):
    """What `inference` reads from the environment.

    Attributes:
        cache_folder: where artifacts are kept between starts; absent: a temporary folder of this process.
        cached_artifacts: how many lie there at most.
        versions_kept: sessions held open beside those that aliases point at: versions asked for by number, and the
            champions just replaced, so that a rollback is a swap.
        engine: what runs models. `onnxruntime`: on the processor; `cuda`, `tensorrt`: ONNX Runtime on an NVIDIA GPU;
            `pytorch`: the trained module itself, where babbitt-training is installed. What is not to be had here is
            refused at start.
        runners: micro-batches that run at once, each in a thread of its own.
        intra_op_threads: threads that ONNX Runtime uses for one run.
        batch_requests: requests in one micro-batch at most; it never waits to fill up. On a processor many windows take
            one run as long as many runs, and of small batches the first answers leave while the next is worked on.
        batch_windows: windows in one run of a model at most; more are run in turn.
        unfinished_requests: requests taken from Kafka and not yet answered, at most.
        commit_interval_ms: offsets of answered requests are committed this often.
        claim_limit_bytes: samples in the object store are read up to this size.
        claims_held: so many of them are in memory at once, at most.
    """

    service: ClassVar[str] = "inference"

    cache_folder: Path | None = None
    cached_artifacts: Annotated[int, Field(ge=1)] = 32
    versions_kept: Annotated[int, Field(ge=1)] = 4
    engine: Literal["onnxruntime", "cuda", "tensorrt", "pytorch"] = "onnxruntime"
    runners: Annotated[int, Field(ge=1, le=256)] = 1
    intra_op_threads: Annotated[int, Field(ge=1, le=256)] = 1
    batch_requests: Annotated[int, Field(ge=1)] = 4
    batch_windows: Annotated[int, Field(ge=1)] = 64
    unfinished_requests: Annotated[int, Field(ge=1)] = 256
    commit_interval_ms: Annotated[int, Field(ge=1)] = 50
    claim_limit_bytes: Annotated[int, Field(ge=1)] = 64 * 1024 * 1024
    claims_held: Annotated[int, Field(ge=1)] = 8
