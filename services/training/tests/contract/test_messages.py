"""What training hears is read as its golden examples say; what it says is what was promised."""

from uuid import uuid4

import pytest

from babbitt.contracts.catalogue import messages_on
from babbitt.contracts.evaluations import Parity
from babbitt.contracts.topics import TRAINING_EVENTS
from babbitt.training.application.cancel_job import CancelJob
from babbitt.training.application.complete_job import CompleteJob
from babbitt.training.application.complete_trial import CompleteTrial
from babbitt.training.application.fail_job import FailJob
from babbitt.training.application.forget_dataset import ForgetDataset
from babbitt.training.application.lease_job import LeaseJob
from babbitt.training.application.note_dataset import NoteDataset
from babbitt.training.application.note_reference import NoteReference
from babbitt.training.application.record_checkpoint import RecordCheckpoint
from babbitt.training.application.record_epoch import RecordEpoch
from babbitt.training.application.record_start import RecordStart
from babbitt.training.domain.job import State
from babbitt.training.entrypoints.consumers import Consumers
from babbitt.training.fitting.progress import (
    CheckpointWritten,
    Completed,
    Epoch,
    Evaluated,
    OutputFile,
    Progressed,
    Started,
    Tried,
)

FILE = OutputFile(file="model.onnx", sha256="c" * 64, size_bytes=1)
SAID_BY_THE_CHASSIS = {"RequestRefused"}


@pytest.fixture
def hear(memory, golden):
    """A function that hears the golden example of a message, over the service's use cases in memory."""
    jobs, datasets, cancellations, outbox = memory.jobs, memory.datasets, memory.cancellations, memory.outbox
    consumers = Consumers(
        submit=lambda *_: memory.submit,
        tune=lambda *_: memory.tune,
        cancel=lambda *_: CancelJob(jobs, cancellations, outbox),
        note=lambda *_: NoteDataset(jobs, datasets, memory.readiness, memory.answering),
        forget=lambda *_: ForgetDataset(jobs, datasets, memory.answering),
        refer=lambda _: NoteReference(jobs, memory.references, memory.readiness, memory.answering),
    )
    handlers = {kind: handle for heard in consumers.by_topic().values() for kind, handle in heard.items()}

    async def hear(name, **fields):
        delivery = golden(name)
        message = delivery.message.model_copy(update=fields)
        await handlers[type(message)](type(delivery)(message, delivery.envelope, delivery.origin), None)
        return message

    return hear


async def test_a_request_is_a_job_and_a_cancel_ends_it(hear, memory):
    asked = await hear("TrainRequested")
    await hear("TrainCancelRequested", job_id=asked.job_id)
    job = memory.jobs.rows[asked.job_id]
    assert (job.request, job.state) == (asked, State.CANCELLED)


@pytest.mark.parametrize("end", ["DatasetFailed", "DatasetCancelled", "DatasetDeleted"])
async def test_a_dataset_is_known_until_it_is_gone(hear, memory, golden, end):
    dataset_id = golden(end).message.dataset_id
    ready = await hear("DatasetReady", dataset_id=dataset_id)
    assert await memory.datasets.manifest_of(dataset_id) == ready.manifest
    await hear(end)
    assert await memory.datasets.manifest_of(dataset_id) is None


async def test_all_that_is_said_of_a_job_is_what_was_promised(hear, memory, golden, promised):
    jobs, outbox, told = memory.jobs, memory.outbox, golden("TrainCompleted").message
    dataset = golden("DatasetReady").message.dataset_id
    lease_job = LeaseJob(jobs, memory.datasets, memory.references, memory.answering, "worker", 60.0, 3)
    figures = golden("EpochCompleted").message.model_dump(exclude={"job_id", "model"})
    completed = Completed(
        **told.model_dump(include={"data_spec", "model_spec", "evaluation", "epochs", "seconds", "device"}),
        **dict.fromkeys(("artifact", "report", "predictions"), FILE),
        parity=Parity(max_abs_difference=1e-6, bound=1e-3, windows=8),
    )

    await hear("TrainRequested", dataset=dataset)
    await hear("DatasetReady")
    lease = await lease_job()
    started = Started(epochs=5, resumes_from_epoch=0, device="cpu", threads=1, windows=8, parameters=9)
    await RecordStart(jobs, outbox)(lease, started)
    await RecordEpoch(jobs, outbox)(lease, Epoch(**figures))
    await RecordEpoch(jobs, outbox).partly(lease, Progressed(step=1, steps=2))
    await RecordCheckpoint(jobs, outbox)(lease, CheckpointWritten(epoch=1, checkpoint=FILE), told.artifact)
    await CompleteJob(jobs, outbox)(lease, completed, {"model.onnx": told.artifact})
    assigned = await hear("AliasAssigned")
    await hear("EvaluationRequested", model=assigned.model, version=None, dataset=dataset, job_id=uuid4())
    tested = Evaluated(evaluation=told.evaluation, report=FILE, predictions=FILE, seconds=1.0)
    await CompleteJob(jobs, outbox).evaluated(await lease_job(), tested, {"model.onnx": told.report})
    await hear("TrainRequested", dataset=dataset, job_id=uuid4())
    await FailJob(jobs, outbox)(await lease_job(), "training_error", "no")
    asked = golden("TuningRequested").message
    base = asked.base.model_copy(update={"dataset": dataset, "job_id": uuid4()})
    memory.sampler.settings = [{"learning_rate": 1e-3}]
    await hear("TuningRequested", base=base, trials=1)
    await CompleteTrial(jobs, memory.advance)(await lease_job(), Tried(validation_loss=0.5))
    another = await hear("TrainRequested", dataset=dataset, job_id=uuid4())
    await hear("TrainCancelRequested", job_id=another.job_id)
    assert promised(outbox.said) == messages_on(TRAINING_EVENTS).keys() - SAID_BY_THE_CHASSIS
