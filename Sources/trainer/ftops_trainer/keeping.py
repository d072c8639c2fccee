"""Which of the weights that were evaluated the result has, and when training has gone on for long enough."""

from torch import Tensor

from .checkpoints import Progress
from .jobs import Parameters
from .optimizer import AdamW


class Keeper:
    """Keeps the weights of the lowest validation loss beside those that train on.

    What it has seen lies in the progress, and its weights in the checkpoints, so that a resumed run decides alike.
    """

    def __init__(self, parameters: Parameters, optimizer: AdamW) -> None:
        self._keeps_best = parameters.keep == "best"
        self._patience = parameters.early_stopping_patience
        self._optimizer = optimizer
        self._best: Tensor | None = None

    def note(self, progress: Progress, loss: float) -> None:
        """Take in the validation loss of the weights as they are; one that is equal is no better."""
        if progress.best_loss is not None and loss >= progress.best_loss:
            progress.evaluations_without_better += 1
            return
        progress.best_loss, progress.best_row_losses = loss, progress.row_losses
        progress.best_step, progress.evaluations_without_better = progress.step, 0
        if self._keeps_best:
            self._best = self._optimizer.weights.clone()

    def is_patience_over(self, progress: Progress) -> bool:
        """Whether so many evaluations in a row brought nothing better that training ends."""
        return self._patience is not None and progress.evaluations_without_better >= self._patience

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint needs beside the optimizer's state."""
        return {} if self._best is None else {"best": self._best}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from a checkpoint's tensors."""
        best = state.get("best")
        self._best = None if best is None else best.to(self._optimizer.gradient.device)

    def settle(self, progress: Progress) -> None:
        """Make the weights, and what is known of them, those that are kept."""
        if self._best is not None:
            self._optimizer.replace(self._best)
            progress.validation_loss, progress.row_losses = progress.best_loss, progress.best_row_losses

    def kept(self, progress: Progress) -> tuple[int, float | None]:
        """The step whose weights are kept, and their validation loss."""
        if self._best is None or progress.best_step is None:
            return progress.step, progress.validation_loss
        return progress.best_step, progress.best_loss
