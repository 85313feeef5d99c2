"""What every family's module is: a front end, then what learns; both end up in one ONNX graph."""

from abc import abstractmethod
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import onnx
import torch
from torch import Tensor, nn

from babbitt.training.families.novelty import NoveltyScore
from babbitt.training.families.onnx_graph import traced
from babbitt.training.families.severity import SeverityHead

type Task = Literal["multiclass", "multilabel", "one_class"]


class Answer(NamedTuple):
    """Outputs of a module and of its exported graph; None: it has no such output.

    Attributes:
        logits, probabilities: [batch, class].
        embedding: [batch, e].
        novelty: [batch], grows with the distance from all that was learnt from (see `NoveltyScore`).
        refined_shaft_speed_hz: [batch], what the shaft's nominal speed was refined to.
        severity: [batch] from 0 to 1, how far a fault has gone (see `SeverityHead`).
    """

    logits: Tensor
    probabilities: Tensor
    embedding: Tensor
    novelty: Tensor | None = None
    refined_shaft_speed_hz: Tensor | None = None
    severity: Tensor | None = None

    def outputs(self) -> dict[str, Tensor]:
        """Those that there are, by name."""
        return {name: value for name, value in self._asdict().items() if value is not None}


class WaveformClassifier(nn.Module):
    """Reads what `ModelSpec.inputs` names, in that order; all preprocessing is inside.

    Inputs are `waveform` [batch, channel, sample], float32, in the units of the data; `shaft_speed_hz` [batch];
    `fault_orders` [batch, 4]: BPFO, BPFI, BSF and FTF in multiples of shaft speed.

    `front_end` turns them into what the net learns from. Where nothing in it learns (`front_end_learns` is False), its
    outputs are kept: the trainer then computes each view of a window once.
    """

    front_end_learns: bool = False
    has_penalty: bool = False
    """Whether physics may object to its answers: see `penalty`."""
    task: Task = "multiclass"
    parity_bound: float = 1e-3
    """How far a probability of the exported graph may be from the module's."""
    novelty_bound: float = 1e-2
    """Likewise its novelty, as a share of it."""

    def __init__(self) -> None:
        super().__init__()
        self.severity: SeverityHead | None = None
        """Reads the embedding; a family that can tell the severity makes one where DataSpec's targets have it."""
        self.novelty: NoveltyScore | None = NoveltyScore()
        """Reads the embedding, too, and learns when all else has learnt; None: the family has a score of its own."""

    @abstractmethod
    def front_end(self, *inputs: Tensor) -> Tensor:
        """Features [batch, ...] of inputs."""

    @abstractmethod
    def standardise(self, features: Tensor) -> None:
        """Take mean and spread of the training split's features, so that the net reads standardised ones."""

    @abstractmethod
    def head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, class] and embedding [batch, e] of features."""

    def penalty(self, features: Tensor, logits: Tensor) -> Tensor:
        """What physics has against these answers, a scalar; asked only where `has_penalty`."""
        del features
        return logits.new_zeros(())

    def probabilities(self, logits: Tensor) -> Tensor:
        """Of logits [batch, class], as the task has it."""
        return torch.softmax(logits, dim=-1) if self.task == "multiclass" else torch.sigmoid(logits)

    def forward(self, *inputs: Tensor) -> Answer:
        """Answer a batch of windows."""
        return self.answer(self.front_end(*inputs))

    def answer(self, features: Tensor) -> Answer:
        """Of what the front end made of a batch of windows."""
        logits, embedding = self.head(features)
        return self.with_readers(Answer(logits, self.probabilities(logits), embedding))

    def with_readers(self, answer: Answer) -> Answer:
        """The same with what is read from its embedding."""
        embedding = answer.embedding
        return answer._replace(
            novelty=self.novelty(embedding) if self.novelty is not None and self.novelty.has_learnt else None,
            severity=None if self.severity is None else self.severity.share(embedding),
        )

    def to_onnx(self, inputs: dict[str, Tensor]) -> onnx.ModelProto:
        """The graph of this module, which is in evaluation mode, with inputs like these; the batch of any size.

        What is learnt keeps its parameter's name: by it the variants of the file tell where the fixed front end ends.
        """
        with torch.no_grad():
            outputs = tuple(self(*inputs.values()).outputs())
        return traced(self, inputs, outputs)


@runtime_checkable
class LearnsAtOnce(Protocol):
    """A module that needs no epochs: its solution is computed from all examples at once."""

    def learn(self, features: Tensor, labels: Tensor, seed: int) -> None:
        """Learn from features [example, ...] and labels [example] (multilabel: [example, class], 0 or 1).

        The same features, labels and seed give the same module, bit for bit.
        """
        ...
