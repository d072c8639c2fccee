"""The loss of a head, at labels alone and a block of the vocabulary at a time.

A vocabulary of 262,144 makes the logits of a small model most of its step. Two facts save most of that: only labels
need logits, and the head is frozen, so that the hidden states' gradient is all that is wanted. It is made in the
forward pass with a running maximum, as attention kernels do it: a block of logits stays in the processor's cache, and
no row of logits ever exists whole. Where the head trains too, its own gradient needs the whole sum first: then the
blocks are made once more on the way back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .products import linear, product

# Logits of a block: 4 MiB in fp32 on a CPU, where the cache counts; a GPU wants larger products.
_CPU_ELEMENTS = 1 << 20
_GPU_ELEMENTS = 1 << 26


@dataclass(frozen=True)
class Head:
    """What turns hidden states into logits."""

    weight: Tensor
    bias: Tensor | None = None
    softcap: float | None = None

    def logits(self, hidden: Tensor, block: slice = slice(None)) -> Tensor:
        """Logits of a part of the vocabulary in fp32, rounded where the model rounds them."""
        bias = None if self.bias is None else self.bias[block]
        logits = linear(hidden, self.weight[block], bias)
        if self.softcap is not None:
            logits = torch.tanh(logits / self.softcap) * self.softcap
        return logits.float()

    def slope(self, logits: Tensor) -> Tensor | None:
        """How a logit follows its product, where a cap bends it."""
        return None if self.softcap is None else 1 - (logits / self.softcap).square()


def loss_sum(head: Head, hidden: Tensor, targets: Tensor, elements: int | None = None) -> Tensor:
    """The sum of token losses, differentiable by `hidden`; `elements` is the size of a block of logits."""
    return token_losses(head, hidden, targets, elements).sum(dtype=torch.float64).float()


def token_losses(head: Head, hidden: Tensor, targets: Tensor, elements: int | None = None) -> Tensor:
    """The loss of each token, differentiable by `hidden`."""
    trains = head.weight.requires_grad and torch.is_grad_enabled()
    losses: Tensor = (
        _TrainedHeadLoss.apply(hidden, head.weight, head.bias, targets, head.softcap, elements)
        if trains
        else _HeadLoss.apply(hidden, targets, head, elements)
    )
    return losses


def _run(head: Head, hidden: Tensor, targets: Tensor, wants_gradient: bool, elements: int | None) -> "_Running":
    running = _Running(head, hidden, targets, wants_gradient)
    for block in _blocks(head, hidden, elements):
        running.add(block.start, block.stop)
    return running


def _blocks(head: Head, hidden: Tensor, elements: int | None) -> Iterator[slice]:
    vocabulary = head.weight.shape[0]
    size = elements or (_CPU_ELEMENTS if hidden.device.type == "cpu" else _GPU_ELEMENTS)
    step = max(16, size // max(1, hidden.shape[0]))
    for start in range(0, vocabulary, step):
        yield slice(start, min(start + step, vocabulary))


class _HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, targets: Tensor, head: Head, elements: int | None) -> Tensor:
        running = _run(head, hidden, targets, ctx.needs_input_grad[0], elements)
        if running.gradient is not None:
            ctx.save_for_backward(running.slopes())
        return running.losses()

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return (gradient * outputs[0][:, None]).to(gradient.dtype), None, None, None


class _TrainedHeadLoss(torch.autograd.Function):
    """The same for a head that trains."""

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        targets: Tensor,
        softcap: float | None,
        elements: int | None,
    ) -> Tensor:
        running = _run(Head(weight, bias, softcap), hidden, targets, False, elements)
        ctx.save_for_backward(hidden, weight, bias, targets, running.normaliser())
        ctx.softcap, ctx.elements = softcap, elements
        return running.losses()

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor | None, ...]:
        hidden, weight, bias, targets, normaliser = ctx.saved_tensors
        head = Head(weight, bias, ctx.softcap)
        back = torch.zeros(hidden.shape, device=hidden.device)
        for_weight = torch.empty_like(weight)
        for_bias = None if bias is None else torch.empty_like(bias)
        for block in _blocks(head, hidden, ctx.elements):
            logits = head.logits(hidden, block)
            slope = head.slope(logits)
            shares = logits.sub_(normaliser).exp_()
            inside = (targets >= block.start) & (targets < block.stop)
            rows = inside.nonzero()[:, 0]
            shares[rows, targets[rows] - block.start] -= 1
            shares.mul_(outputs[0][:, None])
            shares = (shares if slope is None else shares.mul_(slope)).to(weight.dtype)
            back.add_(product(shares, weight[block]))
            for_weight[block] = product(shares.t(), hidden)
            if for_bias is not None:
                for_bias[block] = shares.sum(0)
        return back.to(hidden.dtype), for_weight, for_bias, None, None, None


class _Running:
    """The softmax over the blocks seen so far, and its product with the head."""

    def __init__(self, head: Head, hidden: Tensor, targets: Tensor, wants_gradient: bool) -> None:
        rows, width = hidden.shape
        self._head, self._hidden, self._targets = head, hidden, targets[:, None]
        self._top = torch.full((rows, 1), -torch.inf, device=hidden.device)
        self._sum = torch.zeros_like(self._top)
        self._wanted = torch.zeros_like(self._top)
        self.gradient = torch.zeros((rows, width), device=hidden.device) if wants_gradient else None

    def add(self, start: int, end: int) -> None:
        """Take in the vocabulary from `start` to `end`."""
        block = slice(start, end)
        logits = self._head.logits(self._hidden, block)
        inside = (self._targets >= start) & (self._targets < end)
        places = (self._targets - start).clamp_(0, end - start - 1)
        self._wanted = torch.where(inside, logits.gather(1, places), self._wanted)
        top = torch.maximum(self._top, logits.amax(1, keepdim=True))
        correction = (self._top - top).exp_()
        self._top = top
        slope = self._head.slope(logits) if self.gradient is not None else None
        shares = logits.sub_(top).exp_()
        self._sum.mul_(correction).add_(shares.sum(1, keepdim=True))
        if self.gradient is not None:
            shares = shares if slope is None else shares.mul_(slope)
            weight = self._head.weight[block]
            self.gradient.mul_(correction).add_(product(shares.to(weight.dtype), weight))

    def normaliser(self) -> Tensor:
        """The logarithm of the sum over the vocabulary, of each row."""
        return self._top + self._sum.log()

    def losses(self) -> Tensor:
        """The loss of each row."""
        return (self._top + self._sum.log() - self._wanted)[:, 0]

    def slopes(self) -> Tensor:
        """The gradient for the hidden states, in their precision."""
        assert self.gradient is not None
        wanted = self._head.weight[self._targets[:, 0]].float()
        slope = self._head.slope(self._wanted)
        gradient = self.gradient / self._sum - (wanted if slope is None else wanted * slope)
        return gradient.to(self._hidden.dtype)
