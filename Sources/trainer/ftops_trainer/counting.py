"""What a training on a file would take, counted as the training counts, on all cores and without its libraries."""

import json
import os
import signal
import time
from array import array
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TextIO

from .bases import prepare
from .failures import Failure, explain
from .jobs import BaseSpec, Fields, Parameters
from .order import all_steps, epoch_steps
from .rows import RowEncoder
from .tokens import TextTokenizer

# Lines that a process takes at a time: enough to hide the way there, few enough to share out a small file.
_TOGETHER = 1000
# Seconds between two lines that tell how far it is.
_NEWS = 0.2


def count(source: TextIO, sink: TextIO) -> int:
    """Tell tokens, packs and steps of a training: a request on standard input, lines of JSON back."""
    try:
        _line(sink, _count(Fields(json.load(source), "request"), sink))
    except Exception as error:
        _line(sink, {"failure": explain(error).message})
        return 1
    finally:
        signal.alarm(0)
    return 0


def _count(request: Fields, sink: TextIO) -> dict[str, int]:
    spec = BaseSpec.parse(request.get("base", dict))
    parameters = Parameters.parse(request.get("parameters", dict))
    seconds = request.get("seconds", int, 0)
    # It ends this process whatever it is at: a tokenizer or a chat template may take for ever.
    signal.alarm(seconds)
    counter = _Counter(spec, parameters)
    path = Path(request.get("rows", str))
    lengths, labels, rejected, truncated, read = array("i"), 0, 0, 0, 0
    told = time.monotonic()
    for part in counter.parts(path, seconds):
        lengths += part[0]
        labels, rejected, truncated, read = labels + part[1], rejected + part[2], truncated + part[3], read + part[4]
        if time.monotonic() - told >= _NEWS:
            told = time.monotonic()
            _line(sink, {"read": read})
    if not lengths:
        raise Failure("data", f"{path.name} has no row that leaves a token to learn")
    return {
        "rows": len(lengths),
        "tokens": sum(lengths),
        "label_tokens": labels,
        "rejected": rejected,
        "truncated": truncated,
        "units": sum(len(step.units) for step in epoch_steps(parameters, lengths, 0, counter.limit)),
        "steps": len(all_steps(parameters, lengths, counter.limit)),
    }


def _line(sink: TextIO, fields: dict[str, Any]) -> None:
    print(json.dumps(fields), file=sink, flush=True)


Part = tuple["array[int]", int, int, int, int]


class _Counter:
    """Counts lines; made once, before the processes fork, so that the tokenizer is read once."""

    def __init__(self, spec: BaseSpec, parameters: Parameters) -> None:
        tokenizer = TextTokenizer(prepare(spec))
        self.encoder = RowEncoder(tokenizer, spec.name, parameters.train_on_inputs)
        self.limit = min(parameters.chunk_size, tokenizer.context or parameters.chunk_size)
        self.whole = parameters.wraps

    def parts(self, path: Path, seconds: int) -> Iterator[Part]:
        """The counts of a file, part by part in its order; other processes end by themselves after so many seconds."""
        global _counter
        _counter = self
        cores = len(os.sched_getaffinity(0))
        with path.open("rb") as file:
            groups = iter(lambda: list(islice(file, _TOGETHER)), [])
            yield self.part((path.name, 1, next(groups, [])))
            # A small file is counted before other processes are there.
            second = next(groups, None)
            if second is None:
                return
            work = ((path.name, 1 + _TOGETHER * number, group) for number, group in enumerate(_with(second, groups), 1))
            with ProcessPoolExecutor(
                cores, mp_context=get_context("fork"), initializer=signal.alarm, initargs=(seconds,)
            ) as pool:
                while ahead := list(islice(work, 4 * cores)):
                    yield from pool.map(_part, ahead)

    def part(self, work: tuple[str, int, list[bytes]]) -> Part:
        """The counts of some lines, the first of which has this number."""
        name, start, lines = work
        lengths, labels, rejected, truncated = array("i"), 0, 0, 0
        for number, line in enumerate(lines, start):
            try:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise Failure("data", "the row is no JSON object")
                document = self.encoder.encode(row)
            except ValueError as error:
                raise Failure("data", f"{name}:{number}: {error}") from error
            except Failure as failure:
                raise Failure(failure.kind, f"{name}:{number}: {failure.message}") from failure
            truncated += not self.whole and any(len(part) > self.limit for part in document.documents)
            document = document.cut(None if self.whole else self.limit)
            if document.label_tokens == 0:
                rejected += 1
            else:
                lengths.append(len(document))
                labels += document.label_tokens
        return lengths, labels, rejected, truncated, sum(map(len, lines))


def _with(first: list[bytes], others: Iterator[list[bytes]]) -> Iterator[list[bytes]]:
    yield first
    yield from others


_counter: _Counter


def _part(work: tuple[str, int, list[bytes]]) -> Part:
    return _counter.part(work)
