from uuid import UUID

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.evaluations import Lineage, Parity
from babbitt.contracts.signatures import Statement
from babbitt.contracts.training_requests import TrainRequested
from babbitt.training.application.complete_job import CompleteJob
from babbitt.training.application.lease_job import LeaseJob
from babbitt.training.domain.dataset import KnownDataset
from babbitt.training.domain.job import Job, State
from babbitt.training.fitting.progress import Completed, OutputFile

DATASET, JOB = "d" * 64, UUID(int=1)
FILE = OutputFile(file="model.onnx", sha256="c" * 64, size_bytes=1)
WEIGHTS = OutputFile(file="weights.safetensors", sha256="f" * 64, size_bytes=1)
LEARNT = OutputFile(file="train_records.json", sha256="e" * 64, size_bytes=1)


async def test_a_versions_lineage_holds_its_signature_and_where_its_training_records_lie(
    memory, cause, manifest_reference, golden
):
    told = golden("TrainCompleted").message
    request = TrainRequested(model="pump", dataset=DATASET, job_id=JOB)
    memory.datasets.rows[DATASET] = KnownDataset(DATASET, "1", manifest_reference)
    await memory.jobs.add(Job(id=JOB, request=request, cause=cause, state=State.QUEUED))
    lease_job = LeaseJob(memory.jobs, memory.datasets, memory.references, memory.answering, "worker", 10.0, 3)
    stored = {
        file.file: ObjectReference(key=f"training/artifacts/{file.sha256}", sha256=file.sha256, size_bytes=1)
        for file in (FILE, LEARNT, WEIGHTS)
    }
    completed = Completed(
        **told.model_dump(include={"data_spec", "model_spec", "evaluation", "epochs", "seconds", "device"}),
        **dict.fromkeys(("artifact", "report", "predictions"), FILE),
        parity=Parity(max_abs_difference=0, bound=1, windows=1),
        lineage=Lineage(commit="c0ffee"),
        train_records=LEARNT,
        weights=WEIGHTS,
    )
    complete = CompleteJob(memory.jobs, memory.outbox, lambda statement: statement.content().decode())
    await complete(await lease_job(), completed, stored)
    lineage = memory.outbox.said[-1].lineage
    statement = Statement("pump", stored[FILE.file], stored[WEIGHTS.file], told.data_spec, told.model_spec)
    signature = statement.content().decode()
    assert lineage == Lineage(commit="c0ffee", signature=signature, train_records=stored["train_records.json"])
