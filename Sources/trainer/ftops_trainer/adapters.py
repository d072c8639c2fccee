"""Adapters as files, in the layout that peft, transformers and vLLM load."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from .failures import Failure
from .files import read_json, write_json
from .lora import Adapter, LoraShape, LoraState, attach

_WEIGHTS = "adapter_model.safetensors"
_PREFIX = "base_model.model."


def save_adapter(adapter: Adapter, folder: Path, base: str) -> None:
    """Write an adapter whose config names its base publicly."""
    tensors = {}
    for name, layer in adapter.layers.items():
        tensors[f"{_PREFIX}{name}.lora_A.weight"] = layer.lora_A.detach().cpu().contiguous()
        tensors[f"{_PREFIX}{name}.lora_B.weight"] = layer.lora_B.detach().cpu().contiguous()
    save_file(tensors, folder / _WEIGHTS, metadata={"format": "pt"})
    # safetensors makes its files private; whoever serves the adapter may be another user.
    (folder / _WEIGHTS).chmod(0o644)
    write_json(folder / "adapter_config.json", _config(adapter, base))


def load_adapter(model: torch.nn.Module, folder: Path) -> Adapter:
    """Put a saved adapter on a model."""
    try:
        config = read_json(folder / "adapter_config.json")
        tensors = load_file(folder / _WEIGHTS)
        shape = LoraShape(config["r"], config["lora_alpha"], targets=_targets(config))
    except (OSError, ValueError, KeyError) as error:
        raise Failure("data", f"{folder} is no LoRA adapter that can be read: {error}") from error
    adapter = attach(model, shape, LoraState())
    wanted = {f"{_PREFIX}{name}.lora_{half}.weight" for name in adapter.layers for half in "AB"}
    if wanted != set(tensors):
        raise Failure("base", f"{folder} was trained on another base: its layers are not this one's")
    with torch.no_grad():
        for name, layer in adapter.layers.items():
            layer.lora_A.copy_(tensors[f"{_PREFIX}{name}.lora_A.weight"])
            layer.lora_B.copy_(tensors[f"{_PREFIX}{name}.lora_B.weight"])
    return adapter


def _targets(config: dict[str, Any]) -> tuple[str, ...]:
    targets = config["target_modules"]
    if config.get("peft_type") != "LORA" or config.get("use_dora") or config.get("use_rslora"):
        raise ValueError("it is no plain LoRA")
    if not isinstance(targets, list):
        raise ValueError(f"target_modules is {targets!r}, expected a list")
    return tuple(targets)


def _config(adapter: Adapter, base: str) -> dict[str, Any]:
    shape = adapter.shape
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
        "target_modules": list(adapter.targets),
        "task_type": "CAUSAL_LM",
        "use_dora": False,
        "use_rslora": False,
    }
