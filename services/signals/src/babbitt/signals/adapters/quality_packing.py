"""What was measured of a shard's records, as bytes: NumPy's archive of arrays, nothing pickled."""

from io import BytesIO

import numpy as np

from babbitt.signals.domain.quality.measured import ShardQuality


def packed_quality(quality: ShardQuality | None) -> bytes | None:
    """The bytes that `unpacked_quality` reads."""
    if quality is None:
        return None
    content = BytesIO()
    rows = np.array(list(quality.portraits), dtype="<i4")
    portraits = np.array(list(quality.portraits.values()), dtype="<f4")
    np.savez(content, statistics=quality.statistics.astype("<f4", copy=False), rows=rows, portraits=portraits)
    return content.getvalue()


def unpacked_quality(content: bytes | None) -> ShardQuality | None:
    """What `packed_quality` packed; None: nothing was."""
    if content is None:
        return None
    with np.load(BytesIO(content), allow_pickle=False) as arrays:
        portraits = dict(zip(arrays["rows"].tolist(), arrays["portraits"], strict=True))
        return ShardQuality(arrays["statistics"], portraits)
