"""Adapters as files, in the layout that peft, transformers and vLLM load."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from .failures import Failure, FailureClass
from .files import read_json, write_json
from .lora import Adapter, Halves, LoraShape, LoraState, SavedAdapter, attach, detach, linear_layers
from .whole import is_whole, read_weights, replaced

_WEIGHTS = "adapter_model.safetensors"
_PREFIX = "base_model.model."


def save_adapter(adapter: Adapter, folder: Path, base: str, revision: str | None = None) -> None:
    """Write an adapter whose config names its base publicly."""
    saved, tensors = adapter.whole(), {}
    for name, halves in saved.layers.items():
        tensors[f"{_PREFIX}{name}.lora_A.weight"] = halves.down.cpu().contiguous()
        tensors[f"{_PREFIX}{name}.lora_B.weight"] = halves.up.cpu().contiguous()
    save_file(tensors, folder / _WEIGHTS, metadata={"format": "pt"})
    # safetensors makes its files private; whoever serves the adapter may be another user.
    (folder / _WEIGHTS).chmod(0o644)
    write_json(folder / "adapter_config.json", _config(saved.shape, adapter.targets, base, revision))


def read_adapter(folder: Path, kind: FailureClass = "data") -> SavedAdapter:
    """An adapter from its files; where there is none, the failure is of that kind."""
    try:
        config = read_json(folder / "adapter_config.json")
        tensors = load_file(folder / _WEIGHTS)
        _check_plain(config)
        shape = LoraShape(config["r"], config["lora_alpha"], rank_stabilised=bool(config.get("use_rslora")))
        names = {name.removeprefix(_PREFIX).rsplit(".lora_", 1)[0] for name in tensors}
        layers = {
            name: Halves(*(tensors.pop(f"{_PREFIX}{name}.lora_{half}.weight").float() for half in "AB"))
            for name in sorted(names)
        }
        if tensors or not all(len(halves.down) == halves.up.shape[1] == shape.rank for halves in layers.values()):
            raise ValueError("its weights are not those of its config")
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise Failure(kind, f"{folder} is no LoRA adapter that can be read: {error}") from error
    return SavedAdapter(shape, layers)


def load_adapter(model: torch.nn.Module, folder: Path) -> Adapter:
    """Put a saved adapter on a model."""
    return _put(model, read_adapter(folder), folder)


def _put(model: torch.nn.Module, saved: SavedAdapter, folder: Path) -> Adapter:
    known = linear_layers(model)
    if not saved.layers or not all(_fits(halves, known.get(name)) for name, halves in saved.layers.items()):
        raise Failure("base", f"{folder} was trained on another base: its layers are not this one's")
    shape = replace(saved.shape, targets=tuple(saved.layers))
    adapter = attach(model, shape, LoraState())
    with torch.no_grad():
        for name, layer in adapter.layers.items():
            layer.lora_A.copy_(saved.layers[name].down)
            layer.lora_B.copy_(saved.layers[name].up)
    return adapter


def _fits(halves: Halves, layer: torch.nn.Linear | None) -> bool:
    return layer is not None and (layer.in_features, layer.out_features) == (halves.down.shape[1], halves.up.shape[0])


# What makes a version of a base: an adapter beside its weights, or other weights in their place.
Change = SavedAdapter | list[torch.Tensor]


def read_change(model: torch.nn.Module, folder: Path) -> Change:
    """A saved adapter, or all the weights of a saved model."""
    return read_weights(model, folder) if is_whole(folder) else read_adapter(folder)


@contextmanager
def changed(model: torch.nn.Module, change: Change, folder: Path) -> Iterator[None]:
    """Let a model be what a change, which was read from a folder, makes of it, for a while."""
    if not isinstance(change, SavedAdapter):
        with replaced(model, change):
            yield
        return
    adapter = _put(model, change, folder)
    try:
        yield
    finally:
        detach(model, adapter)


@contextmanager
def adapted(model: torch.nn.Module, folder: Path | None) -> Iterator[None]:
    """Let a model have a saved adapter, or all the weights of a saved model, for a while, or nothing."""
    if folder is None:
        yield
        return
    with changed(model, read_change(model, folder), folder):
        yield


def _check_plain(config: dict[str, Any]) -> None:
    special = ("use_dora", "rank_pattern", "alpha_pattern", "modules_to_save")
    found = [name for name in special if config.get(name)]
    if config.get("peft_type") != "LORA" or found:
        raise ValueError(f"it is no plain LoRA{''.join(f', it has {name}' for name in found)}")


def _config(shape: LoraShape, targets: tuple[str, ...], base: str, revision: str | None) -> dict[str, Any]:
    alpha = int(shape.alpha) if float(shape.alpha).is_integer() else shape.alpha
    return {
        "base_model_name_or_path": base,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "init_lora_weights": True,
        "lora_alpha": alpha,
        "lora_dropout": shape.dropout,
        "modules_to_save": None,
        "peft_type": "LORA",
        "r": shape.rank,
        **({} if revision is None else {"revision": revision}),
        "target_modules": list(targets),
        "task_type": "CAUSAL_LM",
        "use_dora": False,
        "use_rslora": shape.rank_stabilised,
    }
