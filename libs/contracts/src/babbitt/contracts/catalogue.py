"""All messages, found by topic and type."""

from collections.abc import Mapping
from functools import cache

from babbitt.contracts import (
    datasets,
    heartbeats,
    measurements,
    model_requests,
    models,
    predictions,
    problems,
    training,
    training_requests,
    tuning,
)
from babbitt.contracts.envelope import Message
from babbitt.contracts.topics import Topic

_MODULES = (
    datasets,
    training_requests,
    training,
    tuning,
    model_requests,
    models,
    predictions,
    measurements,
    heartbeats,
    problems,
)


@cache
def all_messages() -> tuple[type[Message], ...]:
    """Every contract that is said on a topic, by name."""
    found = {
        contract
        for module in _MODULES
        for contract in vars(module).values()
        if isinstance(contract, type) and issubclass(contract, Message) and contract.topics
    }
    return tuple(sorted(found, key=lambda contract: contract.type_name()))


@cache
def messages_on(topic: Topic) -> Mapping[str, type[Message]]:
    """The contracts that are said on `topic`, by CloudEvents type."""
    return {contract.type_name(): contract for contract in all_messages() if topic in contract.topics}
