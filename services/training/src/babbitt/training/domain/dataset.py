"""What training knows of a dataset: whether it is there, and where its manifest lies."""

from dataclasses import dataclass

from babbitt.contracts.datasets import ObjectReference


@dataclass(slots=True)
class KnownDataset:
    """A dataset as its last event left it. Changed only while its row is locked.

    Attributes:
        sequence: of the last event; older ones that come late change nothing.
        manifest: where it lies; None: there is no such dataset, or not any more.
    """

    id: str
    sequence: str = ""
    manifest: ObjectReference | None = None

    def heard(self, sequence: str | None, manifest: ObjectReference | None) -> bool:
        """Take note of an event; False: a newer one came before."""
        if sequence is not None and sequence < self.sequence:
            return False
        self.sequence = sequence or self.sequence
        self.manifest = manifest
        return True
