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
from .sharding import in_turns, is_in_shares, is_share, put_together, share, share_of


class WholeModel:
    """A model all of whose weights train, beside what they were."""

    def __init__(self, network: Any) -> None:
        self._network = network
        network.requires_grad_(True)
        # Tied weights are one parameter, and come once.
        self.parameters: list[nn.Parameter] = list(network.parameters())
        self._before = [share(parameter).clone() for parameter in self.parameters]

    @contextmanager
    def off(self) -> Iterator[None]:
        """Let the model be what training started from, for a while."""
        with _holding(self.parameters, self._before):
            yield

    def save(self, base: Path, target: Path) -> None:
        """Write the model as it is now, with what lies beside the base's weights."""
        if is_in_shares(self._network):
            save_model(self._put_together(load_network(base, torch.float32)), base, target)
            return
        # As parts of one tensor they would be taken for tied weights.
        with _holding(self.parameters, [parameter.detach().clone() for parameter in self.parameters]):
            save_model(self._network, base, target)

    def _put_together(self, network: Any) -> Any:
        """Give another network of the same kind, in memory, the weights of which shares lie in all processes."""
        for parameter, mine in zip(network.parameters(), self.parameters, strict=True):
            parameter.data.copy_(put_together(mine))
        return network

    def give(self) -> None:
        """Give the shares that lie here to the process that saves the model."""
        for parameter in self.parameters:
            put_together(parameter)


def is_whole(folder: Path) -> bool:
    """Whether a folder holds a model of its own, and no adapter."""
    return (folder / "config.json").is_file() and not (folder / "adapter_config.json").exists()


@contextmanager
def replaced(network: Any, weights: list[torch.Tensor]) -> Iterator[None]:
    """Let a model have the weights of another one of its kind, for a while."""
    parameters = list(network.parameters())
    with _holding(parameters, _beside(parameters, weights)):
        yield


def replace_weights(network: Any, folder: Path) -> None:
    """Give a model the weights of another one of its kind."""
    parameters = list(network.parameters())
    _exchange(parameters, _beside(parameters, read_weights(network, folder)))


def read_weights(network: Any, folder: Path) -> list[torch.Tensor]:
    """The weights of a saved model, or the shares of them that lie here, in the order of one's of its kind."""
    return in_turns(lambda: _read(network, folder)) if is_in_shares(network) else _read(network, folder)


def _read(network: Any, folder: Path) -> list[torch.Tensor]:
    found = dict(load_network(folder, network.dtype).named_parameters())
    weights = []
    for name, parameter in network.named_parameters():
        weight = found.get(name)
        if weight is None or weight.shape != parameter.shape:
            raise Failure("base", f"{folder} was trained on another base: {name} is not this one's")
        mine = share_of(parameter, weight.detach())
        # Of a share alone, so that the rest of the model does not stay in memory.
        weights.append(mine.clone() if is_share(parameter) else mine)
    return weights


@contextmanager
def _holding(parameters: list[nn.Parameter], weights: list[torch.Tensor]) -> Iterator[None]:
    _exchange(parameters, weights)
    try:
        yield
    finally:
        _exchange(parameters, weights)


def _beside(parameters: list[nn.Parameter], weights: list[torch.Tensor]) -> list[torch.Tensor]:
    """Weights on the devices of those that they are to stand for."""
    return [weight.to(parameter.device) for parameter, weight in zip(parameters, weights, strict=True)]


@torch.no_grad()
def _exchange(parameters: list[nn.Parameter], weights: list[torch.Tensor]) -> None:
    """Let parameters have other weights, and the list theirs."""
    for place, parameter in enumerate(parameters):
        if is_share(parameter):
            # What puts it together knows it by its memory.
            mine = share(parameter)
            held = mine.clone()
            mine.copy_(weights[place])
            weights[place].copy_(held)
        else:
            parameter.data, weights[place] = weights[place], parameter.data


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
