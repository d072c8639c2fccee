"""Checkpoints: whole or absent, the newest two kept."""

import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from .files import read_json, whole_folder, write_json

_KEPT = 2


@dataclass
class Progress:
    """How far a run is, beside its weights."""

    fingerprint: str
    dtype: str
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    loss_sum: float = 0.0
    labels: int = 0
    evaluated: int = -1
    validation_loss: float | None = None
    base_validation_loss: float | None = None
    row_losses: list[float] | None = None
    base_row_losses: list[float] | None = None
    best_loss: float | None = None
    best_row_losses: list[float] | None = None
    best_step: int | None = None
    evaluations_without_better: int = 0


def save_checkpoint(folder: Path, progress: Progress, tensors: dict[str, torch.Tensor]) -> None:
    """Write the checkpoint of a step and drop those older than the newest two."""
    final = folder / f"step-{progress.step}"
    with whole_folder(final) as temporary:
        save_file({name: tensor.cpu() for name, tensor in tensors.items()}, temporary / "state.safetensors")
        write_json(temporary / "progress.json", asdict(progress))
    for old in _checkpoints(folder)[_KEPT:]:
        shutil.rmtree(old)


def newest_checkpoint(folder: Path, fingerprint: str) -> tuple[Progress, dict[str, torch.Tensor]] | None:
    """The newest checkpoint of this fingerprint that can be read."""
    for path in _checkpoints(folder):
        try:
            progress = Progress(**read_json(path / "progress.json"))
            tensors = load_file(path / "state.safetensors")
            _check_numbers(tensors)
        except (OSError, ValueError, TypeError, SafetensorError) as error:
            print(f"passing over {path.name}: {error}", file=sys.stderr)
            continue
        if progress.fingerprint == fingerprint:
            return progress, tensors
    return None


def newest_step(folder: Path) -> int | None:
    """The step of the newest checkpoint, where there is one."""
    return next((int(path.name.removeprefix("step-")) for path in _checkpoints(folder)), None)


def _check_numbers(tensors: dict[str, torch.Tensor]) -> None:
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise ValueError(f"its {name} are no numbers")


def _checkpoints(folder: Path) -> list[Path]:
    found = [path for path in folder.glob("step-*") if path.name.removeprefix("step-").isdigit()]
    return sorted(found, key=lambda path: int(path.name.removeprefix("step-")), reverse=True)
