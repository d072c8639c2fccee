"""The loss of a frozen head, at labels alone and a chunk at a time.

A vocabulary of 262,144 makes the logits of a small model most of its step. The head is frozen, so the gradient that
is needed is the hidden states' alone; it is made in the forward pass, and no more than a chunk of logits ever exists.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

# Logits of a chunk: 64 MiB in fp32.
_CHUNK_ELEMENTS = 1 << 24


@dataclass(frozen=True)
class Head:
    """What turns hidden states into logits."""

    weight: Tensor
    bias: Tensor | None = None
    softcap: float | None = None

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits in fp32, rounded where the model rounds them."""
        logits = torch.nn.functional.linear(hidden, self.weight, self.bias)
        if self.softcap is not None:
            logits = torch.tanh(logits / self.softcap) * self.softcap
        return logits.float()

    @property
    def chunk(self) -> int:
        """How many rows of logits are made at once."""
        return max(16, _CHUNK_ELEMENTS // self.weight.shape[0])


def loss_sum(head: Head, hidden: Tensor, targets: Tensor) -> Tensor:
    """The sum of token losses, differentiable by `hidden`."""
    total: Tensor = _HeadLoss.apply(hidden, targets, head)  # type: ignore[no-untyped-call]
    return total


class _HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, targets: Tensor, head: Head) -> Tensor:
        wants_gradient = ctx.needs_input_grad[0]
        total = torch.zeros((), dtype=torch.float64, device=hidden.device)
        gradient = torch.empty_like(hidden) if wants_gradient else None
        for start in range(0, hidden.shape[0], head.chunk):
            part = slice(start, start + head.chunk)
            logits = head.logits(hidden[part])
            wanted = targets[part, None]
            scale = torch.logsumexp(logits, -1, keepdim=True)
            total += (scale - logits.gather(1, wanted)).sum(dtype=torch.float64)
            if gradient is not None:
                gradient[part] = _gradient(head, logits, scale, wanted)
        if gradient is not None:
            ctx.save_for_backward(gradient)
        return total.float()

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * outputs[0].to(gradient.dtype), None, None


def _gradient(head: Head, logits: Tensor, scale: Tensor, wanted: Tensor) -> Tensor:
    slope = None if head.softcap is None else 1 - (logits / head.softcap).square_()
    change = logits.sub_(scale).exp_()
    change.scatter_add_(1, wanted, torch.full_like(wanted, -1, dtype=change.dtype))
    if slope is not None:
        change.mul_(slope)
    return change.to(head.weight.dtype) @ head.weight
