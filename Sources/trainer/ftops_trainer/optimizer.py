"""AdamW over all weights that train, in fp32."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from .ranks import ALONE, Ranks
from .sharding import gradient_in, is_share, share

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8


class AdamW:
    """The optimizer; parameters and gradients become views of its flat tensors.

    Where parameters lie in shares, each process has the moments of its own, and its share of the gradient is already
    that of all; the parameters stay where they are.
    """

    def __init__(
        self, parameters: Sequence[nn.Parameter], weight_decay: float, max_norm: float, ranks: Ranks = ALONE
    ) -> None:
        self._weight_decay = weight_decay
        self._max_norm = max_norm
        self._ranks = ranks
        self.in_shares = is_share(parameters[0])
        size = sum(share(parameter).numel() for parameter in parameters)
        self.gradient = torch.zeros(size, dtype=torch.float32, device=parameters[0].device)
        self.first = torch.zeros_like(self.gradient)
        self.second = torch.zeros_like(self.gradient)
        self.parts = [share(parameter).view(-1) for parameter in parameters] if self.in_shares else [_flat(parameters)]
        """Where the weights lie."""
        start = 0
        for parameter in parameters:
            part = slice(start, start + share(parameter).numel())
            parameter.grad = gradient_in(parameter, self.gradient[part])
            start = part.stop

    @property
    def weights(self) -> Tensor:
        """All weights that lie here, end to end."""
        return self.parts[0] if len(self.parts) == 1 else torch.cat(self.parts)

    @torch.no_grad()
    def step(self, step: int, rate: float, labels: int) -> float:
        """Take step number `step`, counted from 1, with a gradient summed over `labels` tokens; gives its norm.

        Where that is no number nothing is changed.
        """
        self.gradient.div_(labels)
        norm = self._norm()
        if not math.isfinite(norm):
            return norm
        if self._max_norm > 0 and norm > self._max_norm:
            self.gradient.mul_(self._max_norm / norm)
        self.first.lerp_(self.gradient, 1 - _BETA1)
        self.second.mul_(_BETA2).addcmul_(self.gradient, self.gradient, value=1 - _BETA2)
        for part, place in self._places():
            if self._weight_decay:
                part.mul_(1 - rate * self._weight_decay)
            root = (self.second[place] / (1 - _BETA2**step)).sqrt_().add_(_EPSILON)
            part.addcdiv_(self.first[place], root, value=-rate / (1 - _BETA1**step))
        self.gradient.zero_()
        return norm

    def _norm(self) -> float:
        norm = float(torch.linalg.vector_norm(self.gradient))
        return math.sqrt(self._ranks.total(norm * norm)) if self.in_shares else norm

    def _places(self) -> Iterator[tuple[Tensor, slice]]:
        """Each part of the weights, and where its gradient and moments are."""
        start = 0
        for part in self.parts:
            yield part, slice(start, start + part.numel())
            start += part.numel()

    def state(self) -> dict[str, Tensor]:
        """All that a resumed run needs."""
        return {"weights": self.weights, "first": self.first, "second": self.second}

    @torch.no_grad()
    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from a state."""
        self.first.copy_(state["first"])
        self.second.copy_(state["second"])
        self.replace(state["weights"])

    @torch.no_grad()
    def replace(self, weights: Tensor) -> None:
        """Take other weights, end to end."""
        for part, place in self._places():
            part.copy_(weights[place])


@torch.no_grad()
def _flat(parameters: Sequence[nn.Parameter]) -> Tensor:
    """A tensor that parameters become views of."""
    size = sum(parameter.numel() for parameter in parameters)
    flat = torch.empty(size, dtype=torch.float32, device=parameters[0].device)
    start = 0
    for parameter in parameters:
        part = slice(start, start + parameter.numel())
        flat[part].copy_(parameter.detach().reshape(-1))
        parameter.data = flat[part].view(parameter.shape)
        start = part.stop
    return flat
