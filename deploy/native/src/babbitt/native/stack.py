"""The whole of Babbitt on this machine: Kafka, PostgreSQL and the five services as processes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from babbitt.contracts.topics import SERVICES
from babbitt.native.deployment import Deployment
from babbitt.native.environment import Environment
from babbitt.native.errors import NativeError, PortTakenError
from babbitt.native.kafka import Kafka
from babbitt.native.kafka_jars import java_command
from babbitt.native.ports import LOOPBACK, is_free
from babbitt.native.postgres import Postgres
from babbitt.native.processes import Process
from babbitt.native.service import Service
from babbitt.native.stack_settings import CHOICES_FILE, Choices, StackSettings

_KAFKA_PORT, _POSTGRES_PORT = 9092, 5432


class Stack:
    """Starts and stops everything in order, and lends each part to whoever wants to kill or restart it.

    As a context manager it is started and stopped.
    """

    def __init__(self, settings: StackSettings) -> None:
        """Choose ports and passwords (or find those of the folder's last start); nothing is started."""
        self.settings = settings
        self.folder = settings.folder.resolve()
        self._choices = Choices.found(self._choices_file)
        self._choices.kafka_prefix = settings.kafka_prefix
        temporary = settings.temporary
        prefer = (None, None) if temporary else (_KAFKA_PORT, _POSTGRES_PORT)
        kafka_port = self._choices.port("kafka", asked=settings.kafka_port, prefer=prefer[0])
        postgres_port = self._choices.port("postgres", asked=settings.postgres_port, prefer=prefer[1])
        self.kafka = Kafka(self.folder, kafka_port, temporary=temporary)
        self.postgres = Postgres(self.folder, postgres_port, temporary=temporary)
        self.environment = Environment(
            bootstrap_servers=self.kafka.bootstrap_servers,
            kafka_prefix=settings.kafka_prefix,
            ports=self._choices.ports,
            passwords={name: self._choices.password(name) for name in SERVICES},
            objects=self.folder / "objects",
            log_level=settings.log_level,
            extra=settings.environment,
        )
        self.services = [self._describe(name, index) for name, index in settings.instances()]

    @property
    def gateway_url(self) -> str:
        """Where the first gateway listens."""
        return self.service("gateway").url

    @property
    def admin_key_file(self) -> Path:
        """The file that holds the first API key, which has every scope (mode 0600)."""
        return self.folder / "admin.key"

    @property
    def admin_key(self) -> str:
        """The first API key; there once the stack has been started."""
        return self.admin_key_file.read_text()

    @property
    def processes(self) -> list[Process]:
        """All of it, in the order it starts."""
        return [self.postgres.process, self.kafka.process, *(one.process for one in self.services)]

    def service(self, name: str, index: int = 0) -> Service:
        """Return a replica of a service.

        Raises:
            NativeError: there is no such replica.
        """
        for service in self.services:
            if (service.name, service.index) == (name, index):
                return service
        raise NativeError(f"there is no {name}-{index}: {', '.join(one.process.name for one in self.services)}")

    def add_replica(self, name: str) -> Service:
        """Start one more process of a service and wait until it is ready."""
        index = 1 + max(one.index for one in self.services if one.name == name)
        self.services.append(service := self._describe(name, index))
        self._choices.save(self._choices_file)
        service.start()
        return service

    def start(self) -> None:
        """Start what does not run yet, and wait until all of it is ready. What failed to start is stopped again.

        Raises:
            NativeError: a part is missing, a port is taken, or a part failed or was not ready in time; it is named,
                with the end of its log.
        """
        gateway = self.service("gateway")
        if not gateway.alive and not is_free(gateway.port):
            choose = f"choose another: make up GATEWAY_PORT={gateway.port + 1}"
            raise PortTakenError(LOOPBACK, gateway.port, of="the gateway", choose=choose)
        for folder in (self.folder / "objects", self.folder / "logs"):
            folder.mkdir(parents=True, exist_ok=True)
        self._choices.keep_ports(["kafka", "postgres", *(one.process.name for one in self.services)])
        self._choices.save(self._choices_file)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        java_command("kafka.Kafka")  # a missing Java is told before anything starts
        log_file = self.folder / "logs" / "deploy.log"
        deployment = Deployment(self.environment, log_file=log_file, key_file=self.admin_key_file)
        with ThreadPoolExecutor() as pool:
            halves = [pool.submit(self._start_postgres, deployment), pool.submit(self._start_kafka, deployment)]
        for half in halves:
            half.result()
        for service in self.services:
            service.launch()
        for service in self.services:
            service.wait_ready()

    def _start_postgres(self, deployment: Deployment) -> None:
        self.postgres.start()
        deployment.make_database(self.postgres.admin_url)

    def _start_kafka(self, deployment: Deployment) -> None:
        self.kafka.start()
        deployment.make_topics()

    def stop(self) -> None:
        """Stop everything: gateways while somebody can answer their callers, the other services, then the servers."""
        gateways = [one for one in self.services if one.name == "gateway"]
        others = [one for one in self.services if one.name != "gateway"]
        with ExitStack() as groups:
            for group in ([self.kafka, self.postgres], others, gateways):
                groups.callback(_stop, group)

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it."""
        self.stop()

    @property
    def _choices_file(self) -> Path:
        return self.folder / CHOICES_FILE

    def _describe(self, name: str, index: int) -> Service:
        asked = self.settings.gateway_port if (name, index) == ("gateway", 0) else None
        port = self._choices.port(f"{name}-{index}", asked=asked)
        environment = partial(self.environment.service, name, index)
        temporary = self.settings.temporary
        return Service(name, index, port, folder=self.folder, environment=environment, temporary=temporary)


def _stop(parts: Sequence[Kafka | Postgres | Service]) -> None:
    """Stop them side by side; one that does not end keeps no other from ending."""
    with ThreadPoolExecutor(len(parts)) as pool:
        endings = [pool.submit(part.stop) for part in parts]
    for ending in endings:
        ending.result()
