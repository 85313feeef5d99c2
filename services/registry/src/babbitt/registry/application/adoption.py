"""From what training told to what asks to become a version: its files, and where they lie now."""

from dataclasses import replace

from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.signatures import Statement
from babbitt.contracts.training import TrainCompleted
from babbitt.registry.application.ports import Adopted, Signatures, Signed
from babbitt.registry.domain.version import Candidate, Version


def files_of(completed: TrainCompleted) -> list[ObjectReference]:
    """All files that a version keeps, each once."""
    given = [
        completed.artifact,
        completed.report,
        completed.predictions,
        completed.weights,
        completed.lineage.train_records,
        *completed.figures.values(),
        *(variant.artifact for variant in completed.variants),
    ]
    return list({file.sha256: file for file in given if file is not None}.values())


def candidate_of(completed: TrainCompleted, adopted: Adopted, signed: Signed) -> Candidate:
    """What asks to become a version, with its files where they lie now."""

    def kept(file: ObjectReference | None) -> ObjectReference | None:
        return adopted.of(file) if file is not None else None

    findings = (adopted.finding, signed.finding)
    return Candidate(
        job_id=completed.job_id,
        dataset=completed.dataset,
        preset=completed.preset,
        artifact=adopted.of(completed.artifact),
        data_spec=completed.data_spec,
        model_spec=completed.model_spec,
        evaluation=completed.evaluation,
        parity=completed.parity,
        report=kept(completed.report),
        predictions=kept(completed.predictions),
        weights=kept(completed.weights),
        figures={name: adopted.of(file) for name, file in completed.figures.items()},
        variants=tuple(one.model_copy(update={"artifact": kept(one.artifact)}) for one in completed.variants),
        seeds=completed.seeds,
        cross_validation=completed.cross_validation,
        lineage=completed.lineage.model_copy(update={"train_records": kept(completed.lineage.train_records)}),
        verified=all(finding.sound for finding in findings),
        finding="; ".join(finding.detail for finding in findings if not finding.sound) or adopted.finding.detail,
        signed_by=signed.by,
        requested_by=completed.requested_by,
    )


def signed_as(model: str, made: TrainCompleted | Candidate, signatures: Signatures) -> Signed:
    """Whether a key that is trusted now signed what was made as a version of this model."""
    statement = Statement(model, made.artifact, made.weights, made.data_spec, made.model_spec)
    return signatures.verify(statement, made.lineage.signature)


def as_trusted(model: str, version: Version, signatures: Signatures) -> Version:
    """A version as it may serve now: other keys may be trusted than when it was registered."""
    candidate = version.candidate
    signed = signed_as(model, candidate, signatures)
    if signed.finding.sound or not candidate.verified:
        return version
    return replace(version, candidate=replace(candidate, verified=False, finding=signed.finding.detail))
