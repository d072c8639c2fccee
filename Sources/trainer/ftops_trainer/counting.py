"""What a training on a file would take, counted as the training counts, on all cores and without its libraries."""

import json
import os
from array import array
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TextIO

from .bases import prepare
from .failures import Failure, explain
from .jobs import BaseSpec, Fields, Parameters
from .order import all_steps, epoch_steps
from .rows import RowEncoder
from .tokens import TextTokenizer

# Lines that a process takes at a time: enough to hide the way there, few enough to share out a small file.
_TOGETHER = 1000


def count(source: TextIO, sink: TextIO) -> int:
    """Tell tokens, packs and steps of a training: a request on standard input, JSON on standard output."""
    try:
        print(json.dumps(_count(Fields(json.load(source), "request"))), file=sink, flush=True)
    except Exception as error:
        explain(error)
        return 1
    return 0


def _count(request: Fields) -> dict[str, int]:
    spec = BaseSpec.parse(request.get("base", dict))
    parameters = Parameters.parse(request.get("parameters", dict))
    counter = _Counter(spec, parameters)
    path = Path(request.get("rows", str))
    lengths, labels, rejected, truncated = array("i"), 0, 0, 0
    for part in counter.parts(path):
        lengths += part[0]
        labels, rejected, truncated = labels + part[1], rejected + part[2], truncated + part[3]
    if not lengths:
        raise Failure("data", f"{path.name} has no row that leaves a token to learn")
    return {
        "rows": len(lengths),
        "tokens": sum(lengths),
        "label_tokens": labels,
        "rejected": rejected,
        "truncated": truncated,
        "units": sum(len(step.units) for step in epoch_steps(parameters, lengths, 0)),
        "steps": len(all_steps(parameters, lengths)),
    }


Part = tuple["array[int]", int, int, int]


class _Counter:
    """Counts lines; made once, before the processes fork, so that the tokenizer is read once."""

    def __init__(self, spec: BaseSpec, parameters: Parameters) -> None:
        tokenizer = TextTokenizer(prepare(spec))
        self.encoder = RowEncoder(tokenizer, spec.name, parameters.train_on_inputs)
        self.limit = min(parameters.chunk_size, tokenizer.context or parameters.chunk_size)

    def parts(self, path: Path) -> Iterator[Part]:
        """The counts of a file, part by part in its order."""
        global _counter
        _counter = self
        cores = len(os.sched_getaffinity(0))
        with path.open("rb") as file:
            groups = iter(lambda: list(islice(file, _TOGETHER)), [])
            first = next(groups, [])
            yield self.part((path.name, 1, first))
            # A small file is counted before other processes are there.
            with ProcessPoolExecutor(cores, mp_context=get_context("fork")) as pool:
                work = ((path.name, 1 + _TOGETHER * number, group) for number, group in enumerate(groups, 1))
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
            truncated += len(document.ids) > self.limit
            document = document.cut(self.limit)
            if document.label_tokens == 0:
                rejected += 1
            else:
                lengths.append(len(document.ids))
                labels += document.label_tokens
        return lengths, labels, rejected, truncated


_counter: _Counter


def _part(work: tuple[str, int, list[bytes]]) -> Part:
    return _counter.part(work)
