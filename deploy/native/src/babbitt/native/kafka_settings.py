"""The settings of a broker that is its own controller, for one machine."""

from pathlib import Path

ONE_OF_EACH = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    # Topics are the deploy step's; a misspelt one is an error, not a new topic.
    "auto.create.topics.enable": "false",
    # A group of one machine need not wait for others to join; sessions down to 1 s for tests of dying members.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # One broker holds every copy; few internal partitions start quickly.
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "2",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    # A killed broker is let in again when the session of its former life is over (default: 9 s).
    "broker.session.timeout.ms": "4000",
    "broker.heartbeat.interval.ms": "1000",
    # The default, 128 MB, is a quarter of the heap.
    "log.cleaner.dedupe.buffer.size": "16777216",
}


def broker_settings(data: Path, host: str, port: int, controller_port: int) -> str:
    """Return the text of `server.properties`.

    Args:
        data: where the log segments lie.
        host: the address of both listeners.
        port: where clients connect.
        controller_port: where the broker meets its controller; nobody else does.
    """
    places = {
        "log.dirs": str(data),
        "listeners": f"PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{host}:{port}",
        "controller.quorum.voters": f"1@{host}:{controller_port}",
    }
    return "".join(f"{name}={value}\n" for name, value in {**places, **ONE_OF_EACH}.items())
