"""What becomes of what training made: its files, its signature, the rules, and the comparison with the champion."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from babbitt.contracts.evaluations import ChampionTested, Lineage, Variant
from babbitt.contracts.learnt import LearntRecords
from babbitt.contracts.model_requests import GatePolicy
from babbitt.contracts.models import AliasAssigned, ModelGateEvaluated, ModelPolicyChanged, ModelRegistered
from babbitt.contracts.signatures import Statement
from babbitt.registry.adapters.stored_test_files import StoredTestFiles
from babbitt.registry.application.ports import FileUnreadable
from babbitt.registry.domain.judgement import GATES
from babbitt.registry.errors import ArtifactUnverified

OTHER_SPLIT = "6" * 64


@pytest.fixture
def stored(registry):
    """A function that writes a file as training does."""

    async def write(content):
        return await registry.training.put_addressed("artifacts", content)

    return write


async def test_every_file_of_a_version_is_copied_by_digest_and_told(registry, completed, stored, predictions):
    files = {name: await stored(name.encode()) for name in ("artifact", "report", "weights", "curve", "int8", "learnt")}
    answers = await stored(predictions().model_dump_json().encode())
    int8 = Variant(name="int8_static", artifact=files["int8"])
    failed = Variant(name="float16", note="no such device")
    told = completed(
        artifact=files["artifact"],
        report=files["report"],
        predictions=answers,
        weights=files["weights"],
        figures={"curve": files["curve"]},
        variants=(int8, failed),
        lineage=Lineage(commit="c0ffee", train_records=files["learnt"]),
    )
    await registry.register(told)
    (registered,) = registry.said.of(ModelRegistered)
    kept = [registered.artifact, registered.report, registered.predictions, registered.weights]
    kept += [registered.figures["curve"], registered.variants[0].artifact, registered.lineage.train_records]
    assert [file.key for file in kept] == [f"registry/artifacts/{file.sha256}" for file in kept]
    for file in kept:
        assert await registry.objects.size_of(file.key) == file.size_bytes
    assert registered.variants[1] == failed
    assert (registered.lineage.commit, registered.verified, registered.signed_by) == ("c0ffee", True, None)
    assigned = registry.said.of(AliasAssigned)[-1]
    assert (assigned.weights, assigned.predictions) == (registered.weights, registered.predictions)
    assert (assigned.evaluation, assigned.train_records) == (told.evaluation, registered.lineage.train_records)


async def test_one_figure_that_is_not_what_its_digest_says_is_enough_for_the_version_to_serve_nowhere(
    registry, completed, stored
):
    artifact, figure = await stored(b"onnx"), await stored(b"figure")
    await registry.training.put(figure.key, b"fIgure")
    await registry.register(completed(artifact=artifact, figures={"curve": figure}))
    assert registry.gate("digest", 1).outcome == "failed"
    assert registry.serves() == {}
    with pytest.raises(ArtifactUnverified, match=figure.sha256):
        await registry.promote(1)


@pytest.fixture
def key():
    return Ed25519PrivateKey.generate()


def signed(key, told):
    """What training tells, signed by this key."""
    statement = Statement(told.model, told.artifact, told.weights, told.data_spec, told.model_spec)
    signature = base64.b64encode(key.sign(statement.content())).decode()
    return told.model_copy(update={"lineage": Lineage(signature=signature)})


async def test_where_a_key_is_trusted_what_it_signed_serves_and_is_told_with_its_name(registry, completed, stored, key):
    registry.trust(other=Ed25519PrivateKey.generate(), build=key)
    artifact, weights = await stored(b"onnx"), await stored(b"weights")
    await registry.register(signed(key, completed(artifact=artifact, weights=weights)))
    (registered,) = registry.said.of(ModelRegistered)
    assert (registered.verified, registered.signed_by) == (True, "build")
    assert registry.serves() == {"pump/1": 1, "pump/champion": 1}


HOW = (
    *("not at all", "by a stranger", "not in base64", "its file alone"),
    *("another file", "another model", "another model spec", "another data spec", "other weights"),
)


@pytest.mark.parametrize("how", HOW)
async def test_where_a_key_is_trusted_what_it_did_not_sign_is_registered_and_never_serves(
    registry, completed, stored, key, how
):
    registry.trust(build=key)
    told = completed(artifact=await stored(b"onnx"), weights=await stored(b"weights"))
    alone = base64.b64encode(key.sign(bytes.fromhex(told.artifact.sha256))).decode()
    relative = told.model_spec.model_copy(update={"amplitude": "relative"})
    lineage = {
        "not at all": Lineage(),
        "by a stranger": signed(Ed25519PrivateKey.generate(), told).lineage,
        "not in base64": Lineage(signature="ä"),
        "its file alone": Lineage(signature=alone),
        "another file": signed(key, told.model_copy(update={"artifact": await stored(b"another")})).lineage,
        "another model": signed(key, told.model_copy(update={"model": "fan"})).lineage,
        "another model spec": signed(key, told.model_copy(update={"model_spec": relative})).lineage,
        "another data spec": signed(
            key, told.model_copy(update={"data_spec": completed(rate_hz=2e3).data_spec})
        ).lineage,
        "other weights": signed(key, told.model_copy(update={"weights": told.artifact})).lineage,
    }[how]
    await registry.register(told.model_copy(update={"lineage": lineage}))
    (registered,) = registry.said.of(ModelRegistered)
    assert (registered.verified, registered.signed_by) == (False, None)
    assert registry.gate("signature", 1).outcome == "failed"
    assert registry.gate("digest", 1).outcome == "passed"
    with pytest.raises(ArtifactUnverified, match="signed"):
        await registry.promote(1)
    await registry.assert_aliases()
    assert registry.serves() == {}


async def test_what_was_registered_before_a_key_was_trusted_serves_no_more_until_something_signed_does(
    registry, completed, stored, key
):
    await registry.train(completed)
    registry.trust(build=key)
    await registry.assert_aliases()
    assert registry.serves() == {}
    with pytest.raises(ArtifactUnverified, match="not signed"):
        await registry.promote(1, alias="mine")
    await registry.register(signed(key, completed(artifact=await stored(b"signed"))))
    await registry.promote(2)
    with pytest.raises(ArtifactUnverified, match="not signed"):
        await registry.roll_back()
    await registry.assert_aliases()
    assert registry.serves() == {"pump/2": 2, "pump/champion": 2}
    registry.trust(another=Ed25519PrivateKey.generate())
    await registry.assert_aliases()
    assert registry.serves() == {}


async def test_the_installations_rules_become_a_models_own_with_its_first_version_and_are_told(registry, completed):
    await registry.train(completed)
    await registry.train(completed, b"second")
    (told,) = registry.said.of(ModelPolicyChanged)
    assert (told.policy, told.requested_by) == (GatePolicy(), None)


async def test_rules_that_were_changed_before_the_first_version_hold_for_it(registry, completed):
    await registry.change_policy(promotion="manual", accuracy_floor=0.99)
    await registry.train(completed)
    assert [one.reason for one in registry.said.of(ModelPolicyChanged)] == ["stricter"]
    assert registry.promoted() == []
    assert registry.gate("accuracy_floor", 1).outcome == "failed"
    await registry.promote(1)
    assert registry.serves()["pump/champion"] == 1


async def test_what_a_change_of_rules_does_not_say_stays_of_a_model_to_come_as_the_installation_has_it(
    registry, in_memory
):
    in_memory.default = GatePolicy(margin=0.005, latency_budget_ms=2.0)
    await registry.change_policy(accuracy_floor=0.9)
    await registry.change_policy(latency_budget_ms=None)
    told = [one.policy for one in registry.said.of(ModelPolicyChanged)]
    assert told == [GatePolicy(margin=0.005, latency_budget_ms=budget, accuracy_floor=0.9) for budget in (2.0, None)]


async def test_every_change_of_rules_is_told_with_a_higher_sequence(registry, completed):
    await registry.train(completed)
    before = max(sequence for _, sequence in registry.said.messages)
    await registry.change_policy(margin=0.1)
    message, sequence = registry.said.messages[-1]
    assert (message.policy.margin, message.policy.accuracy_floor) == (0.1, 0.8)
    assert sequence == before + 1


async def test_where_a_shadow_comes_first_the_champion_stays(registry, completed):
    await registry.train(completed, accuracy=0.9)
    await registry.change_policy(promotion="shadow_first")
    await registry.train(completed, b"better")
    assert registry.promoted() == [("champion", 1), ("shadow", 2)]
    assert registry.serves()["pump/champion"] == 1


async def test_every_gate_is_told_with_what_it_measured_and_the_champion_that_it_compared_with(registry, completed):
    await registry.train(completed, accuracy=0.9)
    await registry.train(completed, b"better", accuracy=0.95)
    told = [one.gate for one in registry.said.of(ModelGateEvaluated) if one.version == 2]
    assert told == [gate.name for gate in GATES]
    no_worse = registry.gate("no_worse", 2)
    assert (no_worse.champion, no_worse.measured["gained"], no_worse.measured["records"]) == (1, 10.0, 200.0)
    assert registry.gate("digest", 2).champion is None


async def test_how_often_a_test_split_has_decided_is_counted_by_model_and_split(registry, completed):
    for content in (b"first", b"second", b"third"):
        await registry.train(completed, content)
    await registry.train(completed, b"fan 1", model="fan")
    await registry.train(completed, b"fan 2", model="fan")
    decisions = [
        (one.model, one.version, one.measured["split_decisions"])
        for one in registry.said.of(ModelGateEvaluated)
        if one.gate == "no_worse" and one.measured
    ]
    assert decisions == [("pump", 2, 1.0), ("pump", 3, 2.0), ("fan", 2, 1.0)]


@pytest.fixture
def champion_tested(registry, completed, store_predictions):
    """A function that tells how the champion did on another split."""

    async def tell(*, accuracy=0.9, **fields):
        told = {
            "model": "pump",
            "version": 1,
            "artifact_sha256": registry.said.of(ModelRegistered)[0].artifact.sha256,
            "evaluation": completed(split=OTHER_SPLIT).evaluation,
            "predictions": await store_predictions(registry.training, accuracy=accuracy, split=OTHER_SPLIT),
        }
        return ChampionTested(**(told | fields))

    return tell


async def test_a_champion_that_the_job_tested_on_the_new_split_is_compared_with(registry, completed, champion_tested):
    await registry.train(completed)
    await registry.train(completed, b"better", split=OTHER_SPLIT, champion=await champion_tested())
    assert registry.gate("no_worse", 2).measured["gained"] == 10.0
    assert registry.promoted()[-1] == ("champion", 2)


@pytest.mark.parametrize("otherwise", [{"version": 2}, {"artifact_sha256": "e" * 64}, None])
async def test_what_the_job_tested_counts_only_where_it_is_the_champion_of_now_on_this_split(
    registry, completed, champion_tested, otherwise
):
    await registry.train(completed)
    tested = await champion_tested(**(otherwise or {"evaluation": completed().evaluation}))
    await registry.train(completed, b"better", split=OTHER_SPLIT, champion=tested)
    assert registry.gate("no_worse", 2).outcome == "not_comparable"
    assert registry.promoted() == [("champion", 1)]


async def test_test_records_that_either_learnt_from_leave_the_comparison(registry, completed, stored):
    known = {}
    for name, numbers in (("champion", (0, 1)), ("version", (1, 2))):
        learnt = LearntRecords(blake3=tuple(f"{number:064x}" for number in numbers))
        known[name] = Lineage(train_records=await stored(learnt.model_dump_json().encode()))
    await registry.train(completed, lineage=known["champion"])
    await registry.train(completed, b"second", lineage=known["version"])
    no_worse = registry.gate("no_worse", 2)
    assert (no_worse.measured["learnt_from"], no_worse.measured["records"]) == (3.0, 197.0)
    assert "not knowing" not in no_worse.detail


async def test_a_version_whose_interface_changed_is_not_compared(registry, completed):
    await registry.train(completed)
    await registry.train(completed, b"faster", rate_hz=2e3)
    assert registry.gate("interface", 2).outcome == "failed"
    assert registry.gate("no_worse", 2).outcome == "not_comparable"


@pytest.mark.parametrize("content", [b"{}", b"not json", b'{"format": 1'])
async def test_predictions_that_are_none_cannot_be_compared_and_the_file_is_named(registry, completed, stored, content):
    await registry.train(completed)
    await registry.train(completed, b"second", predictions=await stored(content))
    no_worse = registry.gate("no_worse", 2)
    assert no_worse.outcome == "not_comparable"
    assert "registry/artifacts/" in no_worse.detail
    assert registry.gate("per_class", 2).outcome == "not_comparable"


async def test_predictions_of_another_split_than_is_told_cannot_be_compared(registry, completed, store_predictions):
    await registry.train(completed)
    other = await store_predictions(registry.training, split=OTHER_SPLIT)
    await registry.train(completed, b"second", predictions=other)
    assert "another split" in registry.gate("no_worse", 2).detail


async def test_a_file_that_is_too_large_is_not_read(registry, stored):
    file = await stored(b"x" * 100)
    with pytest.raises(FileUnreadable, match="100 bytes: 99 are read"):
        await StoredTestFiles(registry.objects, limit_bytes=99).learnt(file)
