"""Reports of studies in the object store, beside their figures."""

import asyncio
import tempfile
from pathlib import Path
from threading import Lock

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import ObjectReference
from babbitt.contracts.study_reports import StudyReport

FOLDER = "artifacts"


class StoredStudyReports:
    """Draws and stores. An object is addressed by what it is: one whose transaction is undone says nothing wrong."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._drawing = Lock()  # matplotlib's style is the process's

    async def keep(self, report: StudyReport) -> ObjectReference:
        """Store a report with the figures that are drawn of it; raises Unavailable."""
        drawn = await asyncio.to_thread(self._drawn, report)
        figures = {name: await self._objects.put_addressed(FOLDER, content) for name, content in drawn.items()}
        whole = report.model_copy(update={"figures": figures})
        return await self._objects.put_addressed(FOLDER, whole.model_dump_json().encode())

    def _drawn(self, report: StudyReport) -> dict[str, bytes]:
        from babbitt.training.fitting.evaluating.drawing.studies import draw_study  # noqa: PLC0415 - takes a second

        with self._drawing, tempfile.TemporaryDirectory(prefix="study-") as folder:
            return {name: path.read_bytes() for name, path in draw_study(report, Path(folder)).items()}
