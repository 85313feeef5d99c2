"""For a training without validation records: it goes on to its last epoch, whose weights are kept."""

from typing import ClassVar

from babbitt.training.fitting.plugins.plugin import Plugin, Training


class KeepLast(Plugin):
    """Keeps what is judged at the end, however it does."""

    name: ClassVar[str] = "keep_last"

    def end(self, training: Training) -> None:
        training.kept_epoch = len(training.history)
        if training.judged is not training.model:
            training.model.load_state_dict(training.judged.state_dict())
