"""All weights of a model: trained where no adapter is, and saved as a model of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .companions import is_notice, is_tokenizer
from .failures import Failure
from .files import whole_folder
from .models import load_network


class WholeModel:
    """A model all of whose weights train, beside what they were."""

    def __init__(self, network: Any) -> None:
        self._network = network
        network.requires_grad_(True)
        # Tied weights are one parameter, and come once.
        self.parameters: list[nn.Parameter] = list(network.parameters())
        self._before = [parameter.detach().clone() for parameter in self.parameters]

    @contextmanager
    def off(self) -> Iterator[None]:
        """Let the model be what training started from, for a while."""
        with _holding(self.parameters, self._before):
            yield

    def save(self, base: Path, target: Path) -> None:
        """Write the model as it is now, with what lies beside the base's weights."""
        # As parts of one tensor they would be taken for tied weights.
        with _holding(self.parameters, [parameter.detach().clone() for parameter in self.parameters]):
            save_model(self._network, base, target)


def is_whole(folder: Path) -> bool:
    """Whether a folder holds a model of its own, and no adapter."""
    return (folder / "config.json").is_file() and not (folder / "adapter_config.json").exists()


@contextmanager
def replaced(network: Any, folder: Path) -> Iterator[None]:
    """Let a model have the weights of another one of its kind, for a while."""
    with _holding(list(network.parameters()), _weights(network, folder)):
        yield


def replace_weights(network: Any, folder: Path) -> None:
    """Give a model the weights of another one of its kind."""
    for parameter, weight in zip(network.parameters(), _weights(network, folder), strict=True):
        parameter.data = weight


def _weights(network: Any, folder: Path) -> list[torch.Tensor]:
    found = dict(load_network(folder, network.dtype).named_parameters())
    weights = []
    for name, parameter in network.named_parameters():
        weight = found.get(name)
        if weight is None or weight.shape != parameter.shape:
            raise Failure("base", f"{folder} was trained on another base: {name} is not this one's")
        weights.append(weight.detach().to(parameter.device))
    return weights


@contextmanager
def _holding(parameters: list[nn.Parameter], weights: list[torch.Tensor]) -> Iterator[None]:
    held = [parameter.data for parameter in parameters]
    for parameter, weight in zip(parameters, weights, strict=True):
        parameter.data = weight
    try:
        yield
    finally:
        for parameter, weight in zip(parameters, held, strict=True):
            parameter.data = weight


def save_model(network: Any, base: Path, target: Path) -> None:
    """Write a model to a folder that appears whole, with its base's tokenizer and terms.

    Whatever else lies in the folder of a base, such as somebody's data, does not leave it.
    """
    with whole_folder(target) as temporary:
        for path in sorted(base.iterdir()):
            if path.is_file() and (is_tokenizer(path.name) or is_notice(path.name)):
                shutil.copyfile(path, temporary / path.name)
        network.save_pretrained(str(temporary))
        open_to_all(temporary)


def open_to_all(folder: Path) -> None:
    """Let everybody read the files of a folder."""
    for path in folder.iterdir():
        # safetensors makes its files private; whoever serves the model may be another user.
        path.chmod(0o644)
