"""The `order_envelope` module: the lines of a bearing's faults, and a linear head that is learnt at once."""

from torch import Tensor

from babbitt.contracts.dataspec import DataSpec, ModelSpec
from babbitt.training.families.linear_head import LinearHead
from babbitt.training.families.order_envelope.config import OrderEnvelopeConfig
from babbitt.training.families.order_envelope.front_end import ReadsFaultLines


class OrderEnvelope(ReadsFaultLines):
    """See the family's configuration."""

    def __init__(self, config: OrderEnvelopeConfig, data: DataSpec, spec: ModelSpec) -> None:
        super().__init__(config, data, spec)
        self.penalty_a_weight = config.penalty
        self.linear = LinearHead(self.features, len(spec.class_names), balanced=config.balanced)

    def standardise(self, features: Tensor) -> None:
        """Take mean and standard deviation [feature] of features [window, feature]."""
        self.linear.standardise(features)

    def head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [batch, class] of features [batch, feature], and these standardised, which are the embedding."""
        return self.linear(features)

    def learn(self, features: Tensor, labels: Tensor, seed: int) -> None:
        """As `LearnsAtOnce` says; the solution is unique, the seed decides nothing."""
        del seed
        self.linear.learn(features, labels, self.task, 1 / (self.penalty_a_weight * len(features)))
