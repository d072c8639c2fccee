"""Direct preference optimisation (DPO): the chosen one of two answers is to gain more likelihood than the other.

The losses of documents come in pairs here, the chosen answer's before the rejected one's, each the sum over its tokens.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor

from .models import Model
from .rows import Document

Off = Callable[[], AbstractContextManager[None]]


def margins(losses: Tensor, reference: Tensor) -> Tensor:
    """How much more the chosen answer of each pair has gained in log likelihood than the rejected one."""
    gains = (reference - losses).view(-1, 2)
    return gains[:, 0] - gains[:, 1]


def preference_losses(losses: Tensor, reference: Tensor, beta: float) -> Tensor:
    """The loss of each pair: log 2 where nothing has been learnt."""
    return -torch.nn.functional.logsigmoid(beta * margins(losses, reference))


def accuracy(losses: Tensor, reference: Tensor) -> float:
    """The share of pairs whose chosen answer has gained more; an equal gain, as before any training, counts half."""
    return float(((margins(losses, reference).sign() + 1) / 2).mean())


def preference_loss_sum(model: Model, off: Off, documents: Sequence[Document], beta: float) -> Tensor:
    """The sum of the losses of pairs, differentiable; `off` makes the model what training started from."""
    with off(), torch.no_grad():
        reference = model.document_losses(documents)
    return preference_losses(model.document_losses(documents), reference, beta).sum()
