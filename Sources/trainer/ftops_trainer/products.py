"""Products and norms of a frozen model on a CPU, faster than PyTorch's own and equal to them but for rounding.

PyTorch multiplies fp32 matrices by MKL, which halves its speed on processors that are not Intel's; oneDNN, which it
brings along for bf16, does not. It makes a norm's way back of a dozen passes over memory, of which four are enough.

Generation does without: its tokens are those of the model's own arithmetic.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

_HAS_ONEDNN = hasattr(torch.ops.mkldnn, "_linear_pointwise")
_fast = False


def are_fast() -> bool:
    """Whether speed counts now, and not the last bit of the model's own arithmetic."""
    return _fast


@contextmanager
def fast(wanted: bool = True) -> Iterator[None]:
    """Let frozen layers compute in the fastest way, for a pass whose result is a loss."""
    global _fast
    before, _fast = _fast, wanted
    try:
        yield
    finally:
        _fast = before


def linear(values: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Rows times a transposed weight; fastest where no gradient is asked for."""
    plain = values.requires_grad and torch.is_grad_enabled()
    if _HAS_ONEDNN and not plain and values.device.type == "cpu" and values.dtype == torch.float32 and values.numel():
        result: Tensor = torch.ops.mkldnn._linear_pointwise(values, weight, bias, "none", [], "")
        return result
    return nn.functional.linear(values, weight, bias)


def product(left: Tensor, right: Tensor) -> Tensor:
    """One matrix times another."""
    return linear(left, right.t())


def quicken(network: nn.Module) -> None:
    """Let a frozen network's plain linear layers and norms be fast where that is asked for, and be itself elsewhere."""
    for module in network.modules():
        if type(module) is nn.Linear:
            module.__class__ = FrozenLinear
            continue
        found = _norm(module)
        if found is not None:
            kind = type(module)
            module.__class__ = type(kind.__name__, (_QuickNorm, kind), {})
            module._eps, module._scale_offset = found  # type: ignore[assignment]


class FrozenLinear(nn.Linear):
    """A linear layer that does not train."""

    def forward(self, hidden: Tensor) -> Tensor:
        """The layer's output."""
        if not _fast or hidden.device.type != "cpu":
            return super().forward(hidden)
        result: Tensor = _Linear.apply(hidden.reshape(-1, hidden.shape[-1]), self.weight, self.bias)
        return result.view(*hidden.shape[:-1], -1)


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(weight)
        return linear(hidden, weight, bias)

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor, None, None]:
        (weight,) = ctx.saved_tensors
        return product(outputs[0], weight), None, None


class _QuickNorm(nn.Module):
    """What a root mean square norm becomes: its own class behind this one."""

    weight: Tensor
    _eps: float
    _scale_offset: float

    def forward(self, hidden: Tensor) -> Tensor:
        if not _fast or hidden.device.type != "cpu":
            own: Tensor = super().forward(hidden)
            return own
        result: Tensor = _Norm.apply(hidden, self.weight.float().add(self._scale_offset), self._eps)
        return result


class _Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, scale: Tensor, eps: float) -> Tensor:
        wide = hidden.float()
        mean = torch.linalg.vector_norm(wide, dim=-1, keepdim=True).square_().div_(hidden.shape[-1])
        root = mean.add_(eps).rsqrt_()
        ctx.save_for_backward(hidden, scale, root)
        return _times(wide, root).mul_(scale).to(hidden.dtype)

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor, None, None]:
        hidden, scale, root = ctx.saved_tensors
        straight, normal = _times(outputs[0], scale), _times(hidden, root)
        share = torch.linalg.vecdot(straight, normal).unsqueeze_(-1).div_(-hidden.shape[-1])
        return straight.addcmul_(normal, share).mul_(root).to(hidden.dtype), None, None


def _times(values: Tensor, factor: Tensor) -> Tensor:
    # Products of two types are slow: a copy in the wider one comes first.
    return values * factor if values.dtype == factor.dtype else values.float().mul_(factor)


@torch.no_grad()
def _norm(module: nn.Module) -> tuple[float, float] | None:
    """The epsilon of a root mean square norm, and what it adds to its weight, if the module is one."""
    weight, eps = getattr(module, "weight", None), getattr(module, "eps", getattr(module, "variance_epsilon", None))
    if not isinstance(weight, Tensor) or weight.dim() != 1 or not isinstance(eps, float) or list(module.children()):
        return None
    probe = torch.linspace(-2, 3, 2 * len(weight), device=weight.device).view(2, -1).square().to(weight.dtype)
    try:
        expected = module(probe)
    except (RuntimeError, TypeError, ValueError):
        return None
    if expected.shape != probe.shape:
        return None
    # As near as rounding allows: weights may be so large that one more is hardly seen.
    for offset in (0.0, 1.0):
        found = _Norm.apply(probe, weight.float().add(offset), eps)
        if torch.allclose(found.float(), expected.float(), rtol=1e-2, atol=1e-4):
            return eps, offset
    return None
