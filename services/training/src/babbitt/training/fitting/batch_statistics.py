"""Batch normalisation over the whole of a step's batch, of which each process has a part."""

from typing import Any, override

import torch
from torch import Tensor, distributed, nn


class SharedBatchNorm(nn.BatchNorm1d):
    """As the base class, with mean and variance of all processes' examples together, on any device.

    Torch's own `SyncBatchNorm` refuses to run on a processor, where this is tested. Inputs are [example, feature] or
    [example, feature, place]; processes may have different numbers of examples.
    """

    @override
    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return super().forward(input)
        over = [axis for axis in range(input.ndim) if axis != 1]
        shape = [-1 if axis == 1 else 1 for axis in range(input.ndim)]
        exact = input.float()  # in bfloat16 a count has eight bits
        here = exact.new_tensor([input.numel() / self.num_features])
        total = _Sum.apply(torch.cat([exact.sum(over), here]))
        count, mean = total[-1].detach(), total[:-1] / total[-1]
        centred = exact - mean.reshape(shape)  # in two passes: of a mean far from zero the squares leave no digits
        variance = _Sum.apply(centred.square().sum(over)) / count
        self._remember(mean.detach(), variance.detach() * count / (count - 1.0))
        normalised = centred * torch.rsqrt(variance + self.eps).reshape(shape)
        return (normalised * self.weight.reshape(shape) + self.bias.reshape(shape)).to(input.dtype)

    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.momentum is not None
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked += 1


class _Sum(torch.autograd.Function):
    """The sum over processes, through which gradients flow back to all of them."""

    @staticmethod
    @override
    def forward(ctx: Any, here: Tensor) -> Tensor:
        total = here.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    @override
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return _Sum.forward(ctx, gradients[0].contiguous())


def share_batch_statistics(module: nn.Module) -> None:
    """Let every batch normalisation within `module` see all processes' examples."""
    for name, child in module.named_children():
        if type(child) is nn.BatchNorm1d:
            shared = SharedBatchNorm(child.num_features, child.eps, child.momentum).to(child.weight.device)
            shared.load_state_dict(child.state_dict())
            setattr(module, name, shared)
        else:
            share_batch_statistics(child)
