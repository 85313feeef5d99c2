"""Answer a micro-batch: decode, cut, one run per model, vote. CPU work, so it runs in a thread."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from babbitt.chassis.errors import Malformed
from babbitt.contracts.waveform import Samples, decode_samples
from babbitt.inference.domain import suitability
from babbitt.inference.domain.question import Model, Question
from babbitt.inference.domain.vote import Diagnosis, Probabilities, mean_probability
from babbitt.inference.domain.windows import cut
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
        groups: dict[int, list[tuple[int, list[Samples]]]] = defaultdict(list)
        for place, question in enumerate(questions):
            try:
                waveform = decode_samples(question.samples, question.encoding)
                suitability.check_range(waveform, question.served.assigned.data_spec)
            except (Malformed, UnsuitableWaveform) as error:
                outcomes[place] = error
            else:
                windows = cut(waveform, question.served.assigned.model_spec)
                groups[id(question.served.model)].append((place, windows))
        for members in groups.values():
            for place, outcome in self._group(questions, members):
                outcomes[place] = outcome
        return [outcome for outcome in outcomes if outcome is not None]

    def _group(
        self, questions: Sequence[Question], members: list[tuple[int, list[Samples]]]
    ) -> Iterator[tuple[int, Outcome]]:
        """The questions of one model: together; one by one when that fails, so that only the culprit has no answer."""
        model = questions[members[0][0]].served.model
        try:
            probabilities = self._run(model, [window for _, windows in members for window in windows])
        except ModelBroke as error:
            if len(members) == 1:
                yield members[0][0], error
                return
            for member in members:
                yield from self._group(questions, [member])
            return
        first = 0
        for place, windows in members:
            own = probabilities[first : first + len(windows)]
            first += len(windows)
            yield place, mean_probability(own, questions[place].served.assigned.model_spec.class_names)

    def _run(self, model: Model, windows: list[Samples]) -> Probabilities:
        """Probabilities [windows, classes] of windows [channels, samples] each."""
        if len(windows) == 1:
            return model.run(np.ascontiguousarray(windows[0])[np.newaxis])
        runs = range(0, len(windows), self.batch_windows)
        return np.concatenate([model.run(np.stack(windows[first : first + self.batch_windows])) for first in runs])
