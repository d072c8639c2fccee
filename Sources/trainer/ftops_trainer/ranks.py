"""The processes of one run: each takes its share of every step, and all come to the same weights."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .failures import Failure

if TYPE_CHECKING:
    from torch import Tensor

_PARENT_DEATH = 1
# All come to the meeting at once, once each has said that it is there.
_MEETING_SECONDS = 120
# How long all wait for one that loads a large base, or writes a large model; one that is lost breaks its connection.
_PATIENCE = timedelta(hours=4)
_READY = b"{}"
# The library that processes on CPUs meet by tells of it by text alone.
_GLOO = "gloo/transport"
# Time for the others to say what ended them, once one notices that another is gone.
_LAST_WORDS_SECONDS = 20


class OtherLost(Exception):
    """Another process of the run is gone, so that nothing can be agreed any more."""


class Ranks:
    """Which of a run's processes this is, and how all of them agree; alone, nothing needs to be agreed."""

    def __init__(self, rank: int = 0, count: int = 1, in_step: bool = False) -> None:
        self.rank = rank
        self.count = count
        self.in_step = in_step
        """Whether all do each pass through the model together, as its weights lie in all of them."""

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    def share(self, sizes: Sequence[int]) -> list[int]:
        """The places of the pieces of work that are this process's, by what each takes; the same on all processes."""
        if self.count == 1:
            return list(range(len(sizes)))
        loads = [0] * self.count
        mine = []
        for place in sorted(range(len(sizes)), key=lambda place: (-sizes[place], place)):
            owner = loads.index(min(loads))
            loads[owner] += sizes[place]
            if owner == self.rank:
                mine.append(place)
        return sorted(mine)

    def turns(self, sizes: Sequence[int]) -> list[tuple[int, bool]]:
        """The places of the pieces of work that this process does, one after another.

        Where all go in step, each has as many; false goes with one whose result is another's, done for company alone.
        """
        if not self.in_step:
            return [(place, True) for place in self.share(sizes)]
        order = sorted(range(len(sizes)), key=lambda place: (-sizes[place], place))
        mine = range(self.rank, -(-len(order) // self.count) * self.count, self.count)
        return [(order[turn], True) if turn < len(order) else (order[-1], False) for turn in mine]

    def add(self, tensor: "Tensor") -> None:
        """Turn a tensor into the sum of all processes' ones."""
        if self.count > 1:
            self._reduce(tensor, "SUM")

    def total(self, value: float) -> float:
        """The sum of all processes' values."""
        return self.totals([value])[0]

    def totals(self, values: Sequence[float]) -> list[float]:
        """The sums of all processes' values, place by place."""
        return self._agree(values, "SUM")

    def least(self, value: int) -> int:
        """The least of all processes' values."""
        return int(self._agree([value], "MIN")[0])

    def any(self, wish: bool) -> bool:
        """Whether any of the processes wishes it."""
        return self._agree([float(wish)], "MAX")[0] > 0

    def meet(self) -> None:
        """Wait until all processes are here."""
        self.any(False)

    def _agree(self, values: Sequence[float], how: str) -> list[float]:
        if self.count == 1:
            return list(values)
        import torch
        import torch.distributed as dist

        where = "cuda" if dist.get_backend() == "nccl" else "cpu"
        tensor = torch.tensor(values, dtype=torch.float64, device=where)
        self._reduce(tensor, how)
        found: list[float] = tensor.tolist()
        return found

    @staticmethod
    def _reduce(tensor: "Tensor", how: str) -> None:
        import torch.distributed as dist

        try:
            dist.all_reduce(tensor, op=getattr(dist.ReduceOp, how))
        except RuntimeError as error:
            raise OtherLost(str(error)) from error


ALONE = Ranks()


@contextmanager
def lead(folder: Path, count: int, device: str, in_step: bool = False, work: Sequence[str] = ()) -> Iterator[Ranks]:
    """Start the other processes of a run in its folder, and be the first of them all; `work` says what they do."""
    if count == 1:
        yield ALONE
        return
    for old in folder.glob(".ranks-*"):
        old.unlink()
    meeting = folder / f".ranks-{os.getpid()}-{time.monotonic_ns()}"
    reading, writing = os.pipe()
    places = [[str(rank), str(count), str(meeting), str(writing), *work] for rank in range(1, count)]
    others = [_start(folder, place, writing) for place in places]
    os.close(writing)
    try:
        _await(others, reading)
        with join(meeting, 0, count, device, in_step) as ranks:
            yield ranks
        for other in others:
            other.wait()
    except OtherLost as error:
        raise _first_failure(others, reading) from error
    finally:
        for other in others:
            other.kill()
            other.wait()
        os.close(reading)
        meeting.unlink(missing_ok=True)


@contextmanager
def join(meeting: Path, rank: int, count: int, device: str, in_step: bool = False) -> Iterator[Ranks]:
    """Be one of a run's processes, which find each other by a file."""
    import torch
    import torch.distributed as dist

    if device == "cuda":
        torch.cuda.set_device(rank)
    backend = "nccl" if device == "cuda" else "gloo"
    store = dist.FileStore(str(meeting), count)  # type: ignore[attr-defined]
    store.set_timeout(timedelta(seconds=_MEETING_SECONDS))
    try:
        dist.init_process_group(backend, store=store, rank=rank, world_size=count, timeout=_PATIENCE)
    except RuntimeError as error:
        raise OtherLost(str(error)) from error
    try:
        yield Ranks(rank, count, in_step)
    except RuntimeError as error:
        # In step, another may be missed within any pass.
        if isinstance(error, dist.DistError) or _GLOO in str(error):
            raise OtherLost(str(error)) from error
        raise
    finally:
        dist.destroy_process_group()


def _start(folder: Path, place: Sequence[str], writing: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "ftops_trainer", "rank", str(folder), *place]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[writing])


def end_with_parent() -> None:
    """Be killed when the process that started this one is gone: alone it could only wait."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PARENT_DEATH, signal.SIGKILL)
    if os.getppid() != parent or parent == 1:
        os._exit(1)


def tell_ready(writing: int) -> None:
    """Say to the first process that this one is about to come to the meeting."""
    os.write(writing, _READY + b"\n")


def tell(failure: Failure, writing: int) -> None:
    """Say to the first process what ended this one."""
    line = json.dumps({"class": failure.kind, "message": failure.message})
    os.write(writing, line.encode() + b"\n")


def _await(others: "Sequence[subprocess.Popen[bytes]]", reading: int) -> None:
    """Wait until all others are ready: at a meeting that one does not come to, the rest would wait for long."""
    said = b""
    while said.count(b"\n") < len(others):
        part = os.read(reading, 1 << 16)
        said += part
        told = [line for line in said.splitlines() if line != _READY]
        if told:
            raise _failure(told[0])
        if not part:
            raise OtherLost("one of the processes has ended")


def _failure(line: bytes) -> Failure:
    told = json.loads(line)
    return Failure(told["class"], told["message"])


def _first_failure(others: "Sequence[subprocess.Popen[bytes]]", reading: int) -> Failure:
    """What ended the first of the others that ended by itself."""
    deadline = time.monotonic() + _LAST_WORDS_SECONDS
    for other in others:
        with suppress(subprocess.TimeoutExpired):
            other.wait(max(0.0, deadline - time.monotonic()))
    os.set_blocking(reading, False)
    with suppress(BlockingIOError):
        told = os.read(reading, 1 << 16).splitlines()
        if told:
            return _failure(told[0])
    place = next((place for place, other in enumerate(others, 1) if other.returncode), 0)
    return Failure("trainer", f"process {place} of this run's {len(others) + 1} is gone; train.log may say why")
