"""The trackers by their names, each loaded only where it is asked for."""

from collections.abc import Callable
from typing import Protocol

from .points import Point
from .runs import Run


class Writer(Protocol):
    """Keeps a run's figures somewhere, where an earlier one of the same run may have begun to."""

    # Whether it can take back what it was told of later steps.
    rewinds: bool

    def write(self, point: Point) -> None:
        """Take a point; that of a step never comes before that of an earlier one but for what was taken back."""

    def rewind(self, step: int) -> None:
        """Take back what is known of later steps than this."""

    def flush(self) -> None:
        """Let others see what was written so far, where it is not too much to ask."""

    def finish(self, end: str | None) -> None:
        """Say how the run ended, by the name of its last event."""


def _tensorboard(run: Run) -> Writer:
    from .tensorboard_files import TensorBoard

    return TensorBoard(run)


def _wandb(run: Run) -> Writer:
    from .wandb_runs import WeightsAndBiases

    return WeightsAndBiases(run)


def _mlflow(run: Run) -> Writer:
    from .mlflow_runs import MLflow

    return MLflow(run)


WRITERS: dict[str, Callable[[Run], Writer]] = {"tensorboard": _tensorboard, "wandb": _wandb, "mlflow": _mlflow}
