"""A frozen base whose linear layers lie in four bits (NF4), as QLoRA trains adapters beside it.

Format and arithmetic are those of bitsandbytes, which is fetched where a training first asks for it: nobody else needs
its 124 MB.
"""

import importlib
from collections.abc import Iterable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from .products import linear, product


class FourBitLinear(nn.Linear):
    """A linear layer that does not train, whose weight is made whole only while it is used."""

    packed: Tensor
    state: Any

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        """The weight as four bits have it, in the type that it had."""
        return unpacked(self.packed, self.state)

    def forward(self, hidden: Tensor) -> Tensor:
        """The layer's output."""
        result: Tensor = _Product.apply(hidden.reshape(-1, hidden.shape[-1]), self.packed, self.state, self.bias)
        return result.view(*hidden.shape[:-1], -1)


class _Product(torch.autograd.Function):
    """For the way back the four bits are kept alone."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, packed: Tensor, state: Any, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(packed)
        ctx.state = state
        return linear(hidden, unpacked(packed, state), bias)

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor, None, None, None]:
        (packed,) = ctx.saved_tensors
        return product(outputs[0], unpacked(packed, ctx.state)), None, None, None


def unpacked(weight: Tensor, state: Any | None) -> Tensor:
    """A weight to compute with: itself, or, of one in four bits, what these say."""
    if state is None:
        return weight
    found: Tensor = functional().dequantize_4bit(weight, state)
    return found


def weight_of(layer: nn.Linear) -> tuple[Tensor, Any | None]:
    """A layer's weight as it lies there, and how it is unpacked, where it is packed."""
    return (layer.packed, layer.state) if isinstance(layer, FourBitLinear) else (layer.weight, None)


@torch.no_grad()
def quantize(layers: Iterable[nn.Linear], device: torch.device) -> None:
    """Put the weights of frozen layers into four bits, on a device that need not hold two of them whole."""
    for layer in layers:
        # The scales of the blocks are in eight bits, as in QLoRA.
        whole = layer.weight.to(device)
        packed, state = functional().quantize_4bit(whole, quant_type="nf4", compress_statistics=True)
        del layer.weight
        layer.__class__ = FourBitLinear
        layer.register_buffer("packed", packed, persistent=False)
        layer.state = state


@cache
def functional() -> Any:
    """What quantises."""
    return importlib.import_module("bitsandbytes.functional")
