"""How the files of an import are divided into shards: by their size alone, so that every replica agrees."""

from collections.abc import Iterator, Mapping, Sequence

from babbitt.contracts.mappings import RecordingFile
from babbitt.signals.domain.shards import MAX_SHARDS, PlannedShard
from babbitt.signals.errors import DatasetImpossible

PART_BYTES = 16 * 1024 * 1024
"""Of a file for one shard. Samples of 8 bits take four times as much in it, 64 MB: more is not written."""


def divided(files: Sequence[RecordingFile], sizes: Mapping[str, int]) -> tuple[PlannedShard, ...]:
    """A shard for each file, or several that share its records where it is large.

    Args:
        files: in the order of their shards.
        sizes: bytes of each by its digest; a file whose size is not known is not divided.

    Raises:
        DatasetImpossible: more shards than a dataset may have.
    """
    shards = tuple(_shards(files, sizes))
    if len(shards) > MAX_SHARDS:
        size = sum(sizes.values())
        raise DatasetImpossible(
            "/configuration/source/files",
            f"{len(files)} files of {size} bytes in all make {len(shards)} shards",
            f"at most {MAX_SHARDS} shards of {PART_BYTES} bytes",
        )
    return shards


def part_of[T](sequence: Sequence[T], part: int, parts: int) -> Sequence[T]:
    """The share of one part of `parts`: all parts together are the sequence, in order."""
    return sequence[len(sequence) * part // parts : len(sequence) * (part + 1) // parts]


def _shards(files: Sequence[RecordingFile], sizes: Mapping[str, int]) -> Iterator[PlannedShard]:
    index = 0
    for position, file in enumerate(files):
        parts = max(1, -(-sizes.get(file.sha256, 0) // PART_BYTES))
        for part in range(parts):
            yield PlannedShard(index, position, 1, part, parts)
            index += 1
