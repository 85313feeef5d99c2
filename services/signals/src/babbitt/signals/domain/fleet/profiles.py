"""The profiles of simulation, as fleets have them."""

from collections.abc import Callable, Mapping
from typing import Any

from babbitt.contracts.simulations import JournalSource, RollingSource
from babbitt.contracts.waveform import CLAIM_OVER_BYTES
from babbitt.signals.domain.fleet.journal_sounds import JournalSounds
from babbitt.signals.domain.fleet.rolling_sounds import RollingSounds
from babbitt.signals.domain.fleet.sounds import Sounds
from babbitt.signals.domain.shards import BYTES_A_SAMPLE
from babbitt.signals.errors import DatasetImpossible

_PROFILES: Mapping[str, Callable[[dict[str, Any]], Sounds]] = {
    "jbfd11": lambda given: JournalSounds(JournalSource.model_validate(given)),
    "rolling": lambda given: RollingSounds(RollingSource.model_validate(given | {"profile": "rolling"})),
}


def sounds_of(profile: str, seed: int, record_s: float | None) -> Sounds:
    """The generator of a profile, as for its datasets.

    Args:
        profile: `jbfd11` or `rolling`.
        seed: of what the machines are.
        record_s: seconds of one measurement; None: as long as a dataset's record.

    Raises:
        pydantic.ValidationError, DatasetImpossible: it cannot be so short or so long.
    """
    given = {"seed": seed} if record_s is None else {"seed": seed, "duration_s": record_s}
    sounds = _PROFILES[profile](given)
    most = CLAIM_OVER_BYTES // BYTES_A_SAMPLE
    if sounds.time.samples > most:
        raise DatasetImpossible(
            "/duration_s", f"a measurement would have {sounds.time.samples} samples", f"at most {most} a message"
        )
    return sounds
