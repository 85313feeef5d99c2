"""Until when a file has to be read."""

from time import monotonic

from babbitt.recordings.errors import RecordingUnreadable


class Deadline:
    """Of one file, from now on.

    Args:
        name: what messages call the file.
        within_s: what all of its reading may take.
    """

    def __init__(self, name: str, within_s: float) -> None:
        self.within_s = within_s
        self._name = name
        self._ends = monotonic() + within_s

    @property
    def left_s(self) -> float:
        """Not below 0."""
        return max(0.0, self._ends - monotonic())

    def check(self) -> None:
        """Let it go on.

        Raises:
            RecordingUnreadable: it took too long.
        """
        if not self.left_s:
            raise RecordingUnreadable(f"{self._name}: reading it took over {self.within_s:g} s")
