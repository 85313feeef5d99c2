"""Which offsets may be committed when requests are answered out of order."""

from collections import deque
from dataclasses import dataclass, field

from aiokafka import TopicPartition


@dataclass(slots=True)
class _Partition:
    taken: deque[int] = field(default_factory=deque[int])
    unanswered: set[int] = field(default_factory=set[int])
    position: int | None = None


class OffsetLedger:
    """Offsets taken and answered. A partition's position is the first offset that is not answered yet."""

    def __init__(self) -> None:
        self._partitions: dict[TopicPartition, _Partition] = {}
        self._unanswered = 0

    @property
    def unanswered(self) -> int:
        """How many were taken and not answered."""
        return self._unanswered

    def take(self, partition: TopicPartition, offset: int) -> None:
        """A request was taken; offsets of a partition come in order."""
        here = self._partitions.setdefault(partition, _Partition())
        here.taken.append(offset)
        here.unanswered.add(offset)
        self._unanswered += 1

    def answer(self, partition: TopicPartition, offset: int) -> None:
        """Its answer is acknowledged. An offset that was forgotten meanwhile is passed over."""
        here = self._partitions.get(partition)
        if here is None or offset not in here.unanswered:
            return
        here.unanswered.discard(offset)
        self._unanswered -= 1
        while here.taken and here.taken[0] not in here.unanswered:
            here.position = here.taken.popleft() + 1

    def collect_positions(self) -> dict[TopicPartition, int]:
        """What may be committed and was not collected before, by partition."""
        found = {partition: here.position for partition, here in self._partitions.items() if here.position is not None}
        for partition in found:
            self._partitions[partition].position = None
        return found

    def put_back(self, positions: dict[TopicPartition, int]) -> None:
        """These could not be committed: they are to be collected again."""
        for partition, position in positions.items():
            here = self._partitions.get(partition)
            if here is not None:
                here.position = max(position, here.position or 0)

    def forget(self) -> None:
        """The partitions are given away: what was not answered is somebody else's now."""
        self._partitions.clear()
        self._unanswered = 0
