import tempfile

import pytest

from babbitt.chassis.errors import Unavailable
from babbitt.contracts.models import (
    AliasAssigned,
    AliasRemoved,
    ModelGateEvaluated,
    ModelPolicyChanged,
    ModelPromoted,
    ModelRegistered,
    ModelRetired,
    ModelRolledBack,
)
from babbitt.registry.domain.judgement import GATES
from babbitt.registry.errors import AliasMoved, AlreadyThere, PolicyMoved, UnknownModel


async def test_a_first_version_that_passes_is_registered_judged_and_promoted_in_this_order(registry, completed):
    await registry.train(completed)
    kinds = [type(message) for message, _ in registry.said.messages]
    judged = [ModelGateEvaluated] * len(GATES)
    assert kinds == [ModelPolicyChanged, ModelRegistered, *judged, AliasAssigned, ModelPromoted, AliasAssigned]
    (promoted,) = registry.said.of(ModelPromoted)
    assert (promoted.version, promoted.replaced, promoted.automatic, promoted.alias) == (1, None, True, "champion")
    assert registry.serves() == {"pump/1": 1, "pump/champion": 1}
    sequences = [sequence for _, sequence in registry.said.messages]
    assert sequences == sorted(sequences)


async def test_an_artifact_is_copied_under_the_registrys_own_prefix_and_verified(registry, completed):
    await registry.train(completed, b"weights")
    (registered,) = registry.said.of(ModelRegistered)
    assert registered.artifact.key == f"registry/artifacts/{registered.artifact.sha256}"
    assert await registry.objects.read(registered.artifact.key, registered.artifact.sha256) == b"weights"
    assert {assigned.artifact for assigned in registry.said.of(AliasAssigned)} == {registered.artifact}


async def test_a_copy_that_was_damaged_is_mended_by_registering_the_same_bytes_again(registry, completed):
    await registry.train(completed, b"weights")
    copy = registry.said.of(ModelRegistered)[0].artifact
    await registry.objects.put(copy.key, b"wEights")
    await registry.train(completed, b"weights")
    assert await registry.objects.read(copy.key, copy.sha256) == b"weights"


async def test_a_temporary_folder_that_is_missing_is_waited_for(registry, completed, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(Unavailable, match="temporary folder is away"):
        await registry.train(completed)
    assert not registry.said.messages


@pytest.mark.parametrize("damage", ["gone", "corrupt"])
async def test_an_artifact_that_is_gone_or_corrupt_is_registered_and_serves_nowhere(registry, completed, damage):
    artifact = await registry.training.put_addressed("artifacts", b"onnx")
    if damage == "gone":
        await registry.training.delete(artifact.key)
    else:
        await registry.training.put(artifact.key, b"oNnx")
    await registry.register(completed(artifact=artifact))
    digest = next(gate for gate in registry.said.of(ModelGateEvaluated) if gate.gate == "digest")
    assert digest.outcome == "failed"
    assert len(registry.said.of(ModelRegistered)) == 1
    assert registry.serves() == {}


async def test_a_version_that_fails_a_gate_is_registered_and_the_champion_stays(registry, completed):
    await registry.train(completed, accuracy=0.95)
    await registry.train(completed, b"worse", accuracy=0.9)
    assert registry.serves() == {"pump/1": 1, "pump/2": 2, "pump/champion": 1}
    assert len(registry.said.of(ModelPromoted)) == 1


async def test_a_version_tested_elsewhere_is_left_to_a_person(registry, completed):
    await registry.train(completed)
    await registry.train(completed, b"other", accuracy=1.0, split="6" * 64)
    outcomes = {gate.outcome for gate in registry.said.of(ModelGateEvaluated) if gate.version == 2}
    assert outcomes == {"passed", "not_comparable"}
    assert registry.serves()["pump/champion"] == 1
    await registry.promote(2, requested_by="key-1")
    promoted = registry.said.of(ModelPromoted)[-1]
    assert (promoted.automatic, promoted.reason, promoted.requested_by) == (False, "because", "key-1")
    assert registry.serves()["pump/champion"] == 2


async def test_one_job_makes_one_version_however_often_it_is_told(registry, completed):
    told = completed(artifact=await registry.training.put_addressed("artifacts", b"onnx"))
    await registry.register(told)
    before = len(registry.said.messages)
    await registry.register(told)
    assert len(registry.said.messages) == before


async def test_a_promotion_to_where_the_alias_is_already_is_refused_so_that_who_asked_hears_something(
    registry, completed
):
    await registry.train(completed)
    with pytest.raises(AlreadyThere):
        await registry.promote(1)


async def test_requests_about_a_model_that_is_not_there_are_refused(registry):
    for ask in (registry.promote(1), registry.roll_back(), registry.retire(1), registry.remove_alias("mine")):
        with pytest.raises(UnknownModel, match="pump"):
            await ask


async def test_a_rollback_says_what_it_replaced_and_the_old_version_serves(registry, completed):
    await registry.train(completed, accuracy=0.9)
    await registry.train(completed, b"better", accuracy=0.95)
    await registry.roll_back(requested_by="key-1")
    (rolled_back,) = registry.said.of(ModelRolledBack)
    assert (rolled_back.version, rolled_back.replaced, rolled_back.requested_by) == (1, 2, "key-1")
    assert registry.serves()["pump/champion"] == 1


async def test_a_retired_version_serves_no_more_by_its_number(registry, completed):
    await registry.train(completed)
    await registry.train(completed, b"worse", accuracy=0.85)
    await registry.retire(2)
    assert [retired.version for retired in registry.said.of(ModelRetired)] == [2]
    assert registry.serves() == {"pump/1": 1, "pump/champion": 1}


async def test_what_is_asserted_anew_is_what_stands_and_is_told_as_it_was(registry, completed):
    await registry.train(completed)
    await registry.train(completed, b"worse", accuracy=0.85)
    await registry.promote(2, alias="shadow")
    stood = {assigned.key(): assigned for assigned in registry.said.of(AliasAssigned)}
    last = max(sequence for _, sequence in registry.said.messages)
    registry.said.messages.clear()
    await registry.assert_aliases()
    asserted = {message.key(): message for message, _ in registry.said.messages}
    assert asserted == stood
    assert {sequence for _, sequence in registry.said.messages} == {last}


async def test_models_do_not_mix(registry, completed):
    await registry.train(completed)
    await registry.train(completed, b"other", model="fan", accuracy=0.85)
    assert registry.serves() == {"pump/1": 1, "pump/champion": 1, "fan/1": 1, "fan/champion": 1}


async def test_an_alias_that_is_taken_away_serves_no_more_and_a_late_repeat_does_not_bring_it_back(registry, completed):
    await registry.train(completed)
    await registry.promote(1, alias="mine")
    late = registry.said.messages[-1]
    await registry.remove_alias("mine", requested_by="key-1")
    (removed,) = registry.said.of(AliasRemoved)
    assert (removed.version, removed.alias, removed.requested_by) == (1, "mine", "key-1")
    assert "pump/mine" not in registry.serves()
    registry.said.messages.append(late)
    await registry.assert_aliases()
    assert registry.serves() == {"pump/1": 1, "pump/champion": 1}


async def test_of_two_who_ask_knowing_the_same_the_second_is_refused_and_nothing_is_said(registry, completed):
    for content in (b"one", b"two", b"three"):
        await registry.train(completed, content, accuracy=0.85)
    await registry.promote(2, alias="mine", expected=0)
    said = len(registry.said.messages)
    second = (
        registry.promote(3, alias="mine", expected=0),
        registry.roll_back(alias="mine", expected=1),
        registry.remove_alias("mine", expected=1),
    )
    for ask in second:
        with pytest.raises(AliasMoved):
            await ask
    assert len(registry.said.messages) == said
    await registry.remove_alias("mine", expected=2)
    assert "pump/mine" not in registry.serves()


async def test_of_two_who_change_the_same_rules_knowing_the_same_the_second_is_refused(registry, completed):
    await registry.change_policy(expected=0, margin=0.1)
    with pytest.raises(PolicyMoved, match="revision 1 by now, not none"):
        await registry.change_policy(expected=0, margin=0.2)
    await registry.train(completed)
    await registry.change_policy(expected=1, margin=0.3)
    with pytest.raises(PolicyMoved):
        await registry.change_policy(expected=1, margin=0.4)
    await registry.change_policy(accuracy_floor=0.9)
    last, sequence = registry.said.messages[-1]
    assert (last.policy.margin, last.policy.accuracy_floor) == (0.3, 0.9)
    await registry.change_policy(expected=sequence, margin=0.5)
