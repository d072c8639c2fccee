"""What trains: an adapter beside a frozen model, or all of the model's weights."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from torch import nn

from .adapters import read_adapter, save_adapter
from .bases import prepare
from .failures import Failure
from .files import whole_folder
from .jobs import Job
from .lora import LoraShape, LoraState, attach
from .merging import merge
from .sharding import is_in_shares
from .whole import WholeModel, is_whole, replace_weights


class Trainee(Protocol):
    """What a training changes, and leaves in its output."""

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All that trains, in a fixed order."""

    def off(self) -> AbstractContextManager[None]:
        """Let the model be what training started from, for a while."""

    def save(self, target: Path) -> None:
        """Write what was trained to a folder that appears whole."""

    def give(self) -> None:
        """Help another process of the run to save, by what of it lies here alone."""


def trainee(job: Job, network: Any, state: LoraState) -> Trainee:
    """What a job trains of a network."""
    return _Whole(job, network) if job.parameters.trains_all else _Lora(job, network, state)


class _Lora:
    def __init__(self, job: Job, network: Any, state: LoraState) -> None:
        parameters, parent = job.parameters, job.parent
        if parent is not None and is_whole(parent):
            raise Failure("base", f"{parent} is no adapter but a model of its own: an adapter of it would need it too")
        shape = LoraShape(
            parameters.lora_rank,
            parameters.lora_alpha,
            parameters.lora_dropout,
            parameters.target_modules,
            parameters.use_rslora,
        )
        self._base = job.base
        self.adapter = attach(network, shape, state, None if parent is None else read_adapter(parent, "base"))
        self.adapter.initialise(parameters.seed)
        self.parameters, self.off = self.adapter.parameters, state.off

    def save(self, target: Path) -> None:
        """Write the adapter, which names its base as others know it."""
        with whole_folder(target) as temporary:
            save_adapter(self.adapter, temporary, self._base.public_name, self._base.revision)

    def give(self) -> None:
        """Nothing: each process has the whole adapter."""


class _Whole:
    def __init__(self, job: Job, network: Any) -> None:
        if job.parent is not None and is_whole(job.parent):
            replace_weights(network, job.parent)
        elif job.parent is not None:
            merge(network, read_adapter(job.parent, "base"))
        self._base, self._network = prepare(job.base), network
        self._model = WholeModel(network)
        self.parameters, self.off = self._model.parameters, self._model.off

    def give(self) -> None:
        """Give what lies here alone of a model in shares."""
        if is_in_shares(self._network):
            self._model.give()

    def save(self, target: Path) -> None:
        """Write the model, with what belongs to its base."""
        self._model.save(self._base, target)
