"""AdamW over one flat tensor of all adapter weights, in fp32."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8


class AdamW:
    """The optimizer; parameters and gradients become views of its flat tensors."""

    def __init__(self, parameters: Sequence[nn.Parameter], weight_decay: float, max_norm: float) -> None:
        self._weight_decay = weight_decay
        self._max_norm = max_norm
        size = sum(parameter.numel() for parameter in parameters)
        self.weights = torch.empty(size, dtype=torch.float32, device=parameters[0].device)
        self.gradient = torch.zeros_like(self.weights)
        self.first = torch.zeros_like(self.weights)
        self.second = torch.zeros_like(self.weights)
        start = 0
        for parameter in parameters:
            part = slice(start, start + parameter.numel())
            self.weights[part].copy_(parameter.detach().reshape(-1))
            parameter.data = self.weights[part].view(parameter.shape)
            parameter.grad = self.gradient[part].view(parameter.shape)
            start = part.stop

    @torch.no_grad()
    def step(self, step: int, rate: float, labels: int) -> float:
        """Take step number `step`, counted from 1, with a gradient summed over `labels` tokens; gives its norm.

        Where that is no number nothing is changed.
        """
        self.gradient.div_(labels)
        norm = float(torch.linalg.vector_norm(self.gradient))
        if not math.isfinite(norm):
            return norm
        if self._max_norm > 0 and norm > self._max_norm:
            self.gradient.mul_(self._max_norm / norm)
        self.first.lerp_(self.gradient, 1 - _BETA1)
        self.second.mul_(_BETA2).addcmul_(self.gradient, self.gradient, value=1 - _BETA2)
        if self._weight_decay:
            self.weights.mul_(1 - rate * self._weight_decay)
        root = (self.second / (1 - _BETA2**step)).sqrt_().add_(_EPSILON)
        self.weights.addcdiv_(self.first, root, value=-rate / (1 - _BETA1**step))
        self.gradient.zero_()
        return norm

    def state(self) -> dict[str, Tensor]:
        """All that a resumed run needs."""
        return {"weights": self.weights, "first": self.first, "second": self.second}

    @torch.no_grad()
    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from a state."""
        for name, tensor in self.state().items():
            tensor.copy_(state[name])
