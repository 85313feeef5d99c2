"""The GPUs of the host that this replica runs on: what there is, what others have, what may be leased."""

import socket
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.clock import utc_now
from babbitt.chassis.devices import visible_devices
from babbitt.chassis.settings import SettingsError
from babbitt.training.adapters.kafka_heartbeats import KafkaHeartbeats
from babbitt.training.adapters.postgres_devices import PostgresDevices
from babbitt.training.domain.device_pool import DevicePool, DevicesInUse
from babbitt.training.domain.lease import Lease
from babbitt.training.settings import TrainingSettings


class HostDevices:
    """Devices that jobs may have. On a host without any, nobody waits and nothing is heard."""

    def __init__(self, settings: TrainingSettings, pool: DevicePool) -> None:
        self._settings, self._pool = settings, pool
        self._in_use = DevicesInUse(settings.service)
        self._host = socket.gethostname()

    @classmethod
    def found(cls, settings: TrainingSettings) -> Self:
        """Those that the settings name, else those that the driver names, which takes it a moment.

        Raises:
            SettingsError: a job needs more than there are, and would wait for ever.
        """
        names = visible_devices() if settings.devices is None else settings.devices
        if 0 < len(names) < (settings.processes_asked or 1):
            raise SettingsError(
                f"{settings.variable('processes')}: a job in {settings.processes} processes needs as many GPUs; "
                f"there are {len(names)}"
            )
        return cls(settings, DevicePool.of(names, settings.processes_asked, settings.workers))

    async def follow(self) -> None:
        """Hear what others compute on, until cancelled."""
        if self._pool.names:
            await KafkaHeartbeats(self._settings, self._in_use).run()

    def leasing(self, session: AsyncSession) -> PostgresDevices:
        """Leases, within a transaction."""
        return PostgresDevices(session, self._host, self._pool, self._offered)

    def wanted(self, lease: Lease) -> frozenset[str]:
        """Which of an attempt's devices another service computes on now."""
        return self._in_use.names(utc_now()) & frozenset(lease.devices)

    def _offered(self) -> tuple[str, ...]:
        return self._pool.offered(self._in_use.names(utc_now())) if self._in_use.known else ()
