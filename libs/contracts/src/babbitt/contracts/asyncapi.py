"""The AsyncAPI 3 document, generated from the topics and the contracts."""

from typing import Any

from babbitt.contracts.catalogue import all_messages, messages_on
from babbitt.contracts.envelope import Message
from babbitt.contracts.schemas import schema_of
from babbitt.contracts.topics import SERVICES, TOPICS, Topic


def asyncapi_document(version: str, prefix: str = "babbitt.") -> dict[str, Any]:
    """All channels, operations and messages of an installation whose topics start with `prefix`."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Babbitt events",
            "version": version,
            "description": "Everything that Babbitt's services say to each other: CloudEvents 1.0 over Kafka. "
            "Binary mode is written; binary and structured mode are read.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_channel_id(topic): _channel(topic, prefix) for topic in TOPICS},
        "operations": dict(operation for topic in TOPICS for operation in _operations(topic)),
        "components": {"messages": {contract.type_name(): _message(contract) for contract in all_messages()}},
    }


def _channel_id(topic: Topic) -> str:
    return topic.name.replace(".", "_")


def _channel(topic: Topic, prefix: str) -> dict[str, Any]:
    kept = "compacted" if topic.compacted else f"{topic.config()['retention.ms']} ms"
    return {
        "address": topic.full_name(prefix),
        "description": f"{topic.description} Key: {topic.key}. Kept: {kept}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages_on(topic)},
        "bindings": {
            "kafka": {"topic": topic.full_name(prefix), "partitions": topic.partitions, "bindingVersion": "0.5.0"}
        },
    }


def _operations(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    channel = {"$ref": f"#/channels/{_channel_id(topic)}"}
    return [
        (
            f"{service}_{action}_{_channel_id(topic)}",
            {"action": action, "channel": channel, "tags": [{"name": service}]},
        )
        for action, services in (("send", topic.writers), ("receive", topic.readers))
        for service in services
        if service in {*SERVICES, "clients"}
    ]


def _message(contract: type[Message]) -> dict[str, Any]:
    summary = (contract.__doc__ or "").strip().splitlines()[0]
    return {
        "name": contract.type_name(),
        "title": contract.type_name(),
        "summary": summary,
        "headers": {
            "type": "object",
            "properties": {
                "ce_type": {"const": contract.type_name()},
                "ce_specversion": {"const": "1.0"},
                **{f"ce_{name}": {"type": "string"} for name in ("id", "source", "time", "subject", "sequence")},
                **{f"ce_{name}": {"type": "string"} for name in ("causationid", "correlationid")},
                "traceparent": {"type": "string"},
            },
            "required": ["ce_id", "ce_source", "ce_type", "ce_specversion"],
        },
        "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": schema_of(contract)},
    }
