"""A real Apache Kafka of one node, as a process."""

import base64
import os
import re
import signal
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from babbitt.native.commands import run
from babbitt.native.errors import NativeError, PortTakenError
from babbitt.native.kafka_jars import java_command
from babbitt.native.kafka_probe import serves
from babbitt.native.kafka_settings import broker_settings
from babbitt.native.ports import LOOPBACK, free_port, is_free
from babbitt.native.processes import Process
from babbitt.native.waiting import wait_until

READY_DEADLINE_S = 60.0


class Kafka:
    """A broker that is its own controller (KRaft), its data under a folder, listening on the loopback interface.

    As a context manager it is started and stopped.
    """

    def __init__(self, folder: Path, port: int | None = None, *, temporary: bool = True) -> None:
        """Describe a broker; nothing is started.

        Args:
            folder: for `kafka/` (data and settings), its log and its process id; made where missing.
            port: for clients; None takes the one used before in this folder, else a free one.
            temporary: whether it ends when this process does, even by SIGKILL.
        """
        self.folder = folder
        self.process = Process("kafka", folder)
        self._settings = folder / "kafka" / "server.properties"
        self._data = folder / "kafka" / "data"
        self._temporary = temporary
        self.port = port or self._former_port() or free_port()

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect, as `host:port`."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process.alive

    def start(self) -> None:
        """Start it and wait until clients are served. Nothing happens where it runs already.

        Raises:
            NativeError: Java or Maven is missing, the port is taken, or it is not ready within 60 s.
        """
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start it without waiting (see `start`)."""
        if self.alive:
            return
        if not is_free(self.port):
            raise PortTakenError(LOOPBACK, self.port, of="Kafka", choose="choose another (up --kafka-port N)")
        command = java_command("kafka.Kafka")
        self._settings.parent.mkdir(parents=True, exist_ok=True)
        controller_port = free_port(taken=[self.port])
        self._settings.write_text(broker_settings(self._data, LOOPBACK, self.port, controller_port))
        self._format()
        self.process.start(
            [*command, self._settings],
            environment=os.environ,
            folder=self.folder,
            end_with_parent=signal.SIGKILL if self._temporary else None,
        )

    def wait_ready(self) -> None:
        """Wait until it serves.

        Raises:
            NativeError: it ended, or did not serve within 60 s; with the end of its log.
        """
        ready = wait_until(lambda: self.serves() or not self.alive, deadline_s=READY_DEADLINE_S)
        if not ready or not self.alive:
            raise NativeError(f"Kafka did not become ready; {self.process.end_of_log()}")

    def serves(self) -> bool:
        """Whether it answers clients now."""
        return serves(LOOPBACK, self.port)

    def stop(self) -> None:
        """Shut it down in order; it is killed when that takes over 30 s."""
        self.process.stop()

    def kill(self) -> None:
        """End it at once. Started again, it is let in when its former session is over (about 4 s)."""
        self.process.kill()

    def restart(self) -> None:
        """Stop it and start it again, on the same port and data."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it."""
        self.stop()

    def _former_port(self) -> int | None:
        if not self._settings.is_file():
            return None
        found = re.search(r"^listeners=PLAINTEXT://[\w.]+:(\d+)", self._settings.read_text(), re.MULTILINE)
        return int(found[1]) if found else None

    def _format(self) -> None:
        """Prepare an empty data folder, once, under a cluster id made at random."""
        if (self._data / "meta.properties").is_file():
            return
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [*java_command("kafka.tools.StorageTool"), "format", f"--cluster-id={cluster}"]
        told = run([*command, "--config", self._settings])
        if told.returncode != 0:
            reason = (told.stdout + told.stderr)[-500:]
            raise NativeError(f"Kafka's data folder {self._data} could not be formatted: {reason}")
