"""Reports of versions and jobs: as large as their curves are long. They are read in a thread, piece by piece: the
parser holds the interpreter for no longer than a piece takes.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import ijson

PIECE_BYTES = 65_536


async def members_of(report: bytes, part: str = "") -> dict[str, Any]:
    """What an object within a report's JSON holds, by name.

    Args:
        report: as it is stored.
        part: name of the object; empty: the report itself.
    """
    return await asyncio.to_thread(_members, report, part)


def _members(report: bytes, part: str) -> dict[str, Any]:
    return dict(ijson.kvitems(ijson.from_iter(_pieces(report)), part, use_float=True))


def _pieces(report: bytes) -> Iterator[bytes]:
    yield from (report[start : start + PIECE_BYTES] for start in range(0, len(report), PIECE_BYTES))
