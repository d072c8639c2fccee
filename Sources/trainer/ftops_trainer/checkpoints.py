"""Checkpoints: whole or absent, the newest two kept."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from .files import read_json, unfinished, whole_folder, write_json
from .sharding import rows_of_share

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


@dataclass(frozen=True)
class Part:
    """Which part of a state a process has: its share of the rows of each weight, end to end; alone, all of it."""

    shapes: tuple[tuple[int, ...], ...] = ()
    rank: int = 0
    count: int = 1

    @property
    def file(self) -> str:
        """The name of its file in a checkpoint."""
        return "state.safetensors" if self.count == 1 else f"state-{self.rank}-of-{self.count}.safetensors"

    def spans(self) -> Iterator[range]:
        """Where its share of each weight lies among all weights, end to end."""
        start = 0
        for shape in self.shapes:
            rows = rows_of_share(shape[0], self.rank, self.count)
            width = torch.Size(shape[1:]).numel()
            yield range(start + rows.start * width, start + rows.stop * width)
            start += shape[0] * width


WHOLE = Part()


def save_checkpoint(
    folder: Path,
    progress: Progress,
    tensors: dict[str, torch.Tensor],
    part: Part = WHOLE,
    meet: Callable[[], None] = lambda: None,
) -> None:
    """Write the checkpoint of a step and drop those older than the newest two.

    Of a state in parts each process writes its own, and they `meet` before and behind it.
    """
    final = folder / f"step-{progress.step}"
    with whole_folder(final) if part.rank == 0 else nullcontext(unfinished(final)) as temporary:
        meet()
        save_file({name: tensor.cpu() for name, tensor in tensors.items()}, temporary / part.file)
        if part.rank == 0:
            write_json(temporary / "progress.json", asdict(progress))
        meet()
    if part.rank == 0:
        for old in _checkpoints(folder)[_KEPT:]:
            shutil.rmtree(old)


def newest_checkpoint(
    folder: Path, fingerprint: str, part: Part = WHOLE, any_of_all: Callable[[bool], bool] = bool
) -> tuple[Progress, dict[str, torch.Tensor]] | None:
    """The newest checkpoint of this fingerprint that can be read, where each has a part of it by all."""
    for path in _checkpoints(folder):
        found = _read(path, part)
        if any_of_all(found is None) or found is None:
            continue
        if found[0].fingerprint == fingerprint:
            return found
    return None


def _read(path: Path, part: Part) -> tuple[Progress, dict[str, torch.Tensor]] | None:
    try:
        progress = Progress(**read_json(path / "progress.json"))
        tensors = _read_tensors(path, part)
        _check_numbers(tensors)
    except (OSError, ValueError, TypeError, SafetensorError) as error:
        print(f"passing over {path.name}: {error}", file=sys.stderr)
        return None
    return progress, tensors


def _read_tensors(path: Path, part: Part) -> dict[str, torch.Tensor]:
    """A part of a state, in however many parts it was written."""
    count = max((int(file.stem.rpartition("-")[2]) for file in path.glob("state-0-of-*.safetensors")), default=1)
    if count == part.count == 1:
        found: dict[str, torch.Tensor] = load_file(path / part.file)
        return found
    written = [replace(part, rank=rank, count=count) for rank in range(count)]
    with ExitStack() as opened:
        files = [opened.enter_context(safe_open(path / each.file, "pt")) for each in written]
        names = list(files[0].keys())
        return {name: _assembled([file.get_slice(name) for file in files], written, part) for name in names}


def _assembled(tensors: list[Any], written: list[Part], wanted: Part) -> torch.Tensor:
    # Of few rows, a process may have none.
    return torch.cat([tensors[0][:0], *_pieces(tensors, written, wanted)])


def _pieces(tensors: list[Any], written: list[Part], wanted: Part) -> Iterator[torch.Tensor]:
    """What of the parts of a tensor another part has, weight by weight."""
    starts = [0] * len(written)
    for span, *theirs in zip(wanted.spans(), *(each.spans() for each in written), strict=True):
        for place, have in enumerate(theirs):
            first, last = max(span.start, have.start), min(span.stop, have.stop)
            if first < last:
                yield tensors[place][starts[place] + first - have.start : starts[place] + last - have.start]
            starts[place] += len(have)


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
