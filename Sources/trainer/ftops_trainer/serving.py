"""The commands that answer on standard output: generate, prepare, export and upload."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, TextIO

from .bases import prepare as prepare_base
from .failures import explain
from .jobs import BaseSpec, Fields


def prepare(source: TextIO, sink: TextIO) -> int:
    """Make a base available and say where it lies."""

    def prepared(request: Any) -> dict[str, Any]:
        return {"path": str(prepare_base(BaseSpec.parse(request)))}

    return _answered(source, sink, prepared)


def generate(source: TextIO, sink: TextIO) -> int:
    """Stream the answers of models to prompts."""
    try:
        from .answering import Answerer

        Answerer().answer(Fields(json.load(source), "request"), partial(told, sink))
    except BrokenPipeError:
        return 1
    except Exception as error:
        explain(error)
        return 1
    return 0


def export(source: TextIO, sink: TextIO) -> int:
    """Write a version as a model of its own and say what came of it."""

    def exported(request: Any) -> dict[str, Any]:
        from .merging import export as run

        return run(Fields(request, "request"))

    return _answered(source, sink, exported)


def upload(source: TextIO, sink: TextIO) -> int:
    """Send a folder to the Hugging Face hub and say where it is there."""

    def uploaded(request: Any) -> dict[str, Any]:
        from .hub import upload as run

        return run(Fields(request, "request"))

    return _answered(source, sink, uploaded)


def _answered(source: TextIO, sink: TextIO, work: Callable[[Any], dict[str, Any]]) -> int:
    """Answer the request on `source` with one object; what keeps it from that is told on standard error."""
    try:
        print(json.dumps(work(json.load(source))), file=sink, flush=True)
    except Exception as error:
        explain(error)
        return 1
    return 0


def told(sink: TextIO, line: dict[str, Any]) -> None:
    """Write a line of an answer, and let nobody wait for it."""
    print(json.dumps(line, ensure_ascii=False, separators=(",", ":")), file=sink, flush=True)
