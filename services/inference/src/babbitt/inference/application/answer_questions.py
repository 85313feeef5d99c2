"""Answer a micro-batch: read, one run per model, one answer a record. CPU work, so it runs in a thread."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from babbitt.chassis.errors import Malformed
from babbitt.inference.domain.diagnosis import Diagnosis, diagnose
from babbitt.inference.domain.outputs import WAVEFORM, Outputs, joined, part_of
from babbitt.inference.domain.question import Model, Question
from babbitt.inference.domain.reading import Reading, read, told_to_windows
from babbitt.inference.errors import ModelBroke, UnsuitableWaveform

type Outcome = Diagnosis | Malformed | UnsuitableWaveform | ModelBroke


@dataclass(frozen=True, slots=True)
class AnswerQuestions:
    """Answers questions, each by itself: what is wrong with one is its own outcome and nobody else's.

    Attributes:
        batch_windows: windows in one run of a model at most.
    """

    batch_windows: int

    def __call__(self, questions: Sequence[Question]) -> list[Outcome]:
        """One outcome for each question, in their order."""
        outcomes: list[Outcome | None] = [None] * len(questions)
        groups: dict[int, list[tuple[int, Reading]]] = defaultdict(list)
        for place, question in enumerate(questions):
            try:
                reading = read(question)
            except (Malformed, UnsuitableWaveform) as error:
                outcomes[place] = error
            else:
                groups[id(question.served.model)].append((place, reading))
        for members in groups.values():
            for place, outcome in self._group(questions, members):
                outcomes[place] = outcome
        return [outcome for outcome in outcomes if outcome is not None]

    def _group(
        self, questions: Sequence[Question], members: list[tuple[int, Reading]]
    ) -> Iterator[tuple[int, Outcome]]:
        """The questions of one model: together; one by one when that fails, so that only the culprit has no answer."""
        model = questions[members[0][0]].served.model
        try:
            outputs = self._run(model, [reading for _, reading in members])
        except ModelBroke as error:
            if len(members) == 1:
                yield members[0][0], error
                return
            for member in members:
                yield from self._group(questions, [member])
            return
        first = 0
        for place, reading in members:
            last = first + len(reading.windows)
            own = part_of(outputs, slice(first, last))
            first = last
            yield place, diagnose(own, questions[place].served.assigned.model_spec, reading.far)

    def _run(self, model: Model, readings: list[Reading]) -> Outputs:
        """What a model says of all windows of some records, in turn."""
        windows = [window for reading in readings for window in reading.windows]
        told = told_to_windows(readings)
        if len(windows) == 1:
            return model.run({WAVEFORM: np.ascontiguousarray(windows[0])[np.newaxis], **told})
        runs = [slice(first, first + self.batch_windows) for first in range(0, len(windows), self.batch_windows)]
        return joined([model.run({WAVEFORM: np.stack(windows[run]), **part_of(told, run)}) for run in runs])
