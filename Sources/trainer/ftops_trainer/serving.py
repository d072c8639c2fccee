"""The commands that answer on standard output: generate, prepare, export and upload."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from .bases import prepare as prepare_base
from .failures import Failure, explain
from .jobs import BaseSpec, Fields


def prepare(source: TextIO, sink: TextIO) -> int:
    """Make a base available and say where it lies."""

    def prepared(request: Any) -> dict[str, Any]:
        return {"path": str(prepare_base(BaseSpec.parse(request)))}

    return _answered(source, sink, prepared)


def generate(source: TextIO, sink: TextIO) -> int:
    """Stream the answers of models to prompts."""
    try:
        _generate(Fields(json.load(source), "request"), sink)
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


def _generate(request: Fields, sink: TextIO) -> None:
    from .adapters import adapted
    from .models import load_model
    from .tokens import TextTokenizer

    spec = BaseSpec.parse(request.get("base", dict))
    folder = prepare_base(spec)
    tokenizer = TextTokenizer(folder)
    dtype, threads = request.optional("dtype", str), request.optional("threads", int)
    model = load_model(folder, request.get("device", str, "cpu"), dtype, threads)
    for item in request.get("models", list):
        chosen = Fields(item, "request.models")
        # Without an adapter of its own, a model is what training starts from.
        adapter = chosen.optional("adapter", str) or spec.adapter
        with adapted(model.network, Path(adapter) if adapter is not None else None):
            _answer(request, chosen.get("name", str), model, tokenizer, sink)


def _answer(request: Fields, name: str, model: Any, tokenizer: Any, sink: TextIO) -> None:
    from .generation import AnswerStream, Sampling
    from .generation import generate as run
    from .tokens import TextStream

    sampling = Sampling(
        max_new_tokens=request.get("max_new_tokens", int, 128),
        stop=tuple(stop for stop in request.strings("stop") if stop),
        temperature=request.get("temperature", float, 0.0),
        top_p=request.get("top_p", float, 1.0),
        seed=request.get("seed", int, 0),
    )
    for index, prompt in enumerate(request.get("prompts", list)):
        ids, ends = _asked(prompt, tokenizer, request)

        def emit(text: str, index: int = index) -> None:
            _line(sink, model=name, prompt=index, text=text)

        stream = AnswerStream(TextStream(tokenizer, ids), sampling.stop, emit)
        (answer,) = run(model, [ids], [stream], sampling, ends)
        _line(sink, model=name, prompt=index, done=True, reason=answer.reason, tokens=answer.tokens)


def _asked(prompt: Any, tokenizer: Any, request: Fields) -> tuple[list[int], frozenset[int]]:
    """The ids of a prompt, and those that end its answer: text as it is, messages by the base's chat template."""
    if isinstance(prompt, str):
        return tokenizer.prompt(prompt), tokenizer.ends
    from .chat import ChatTemplate
    from .rows import is_message

    messages = Fields(prompt, "request.prompts").get("messages", list)
    if not messages or not all(is_message(message) for message in messages):
        raise Failure("data", "request.prompts: messages have a role and a content each")
    chat = ChatTemplate(tokenizer, BaseSpec.parse(request.get("base", dict)).name)
    return tokenizer.prompt(chat.render(messages, ask=True)), tokenizer.ends | chat.end_of_turn(tokenizer)


def _line(sink: TextIO, **fields: Any) -> None:
    print(json.dumps(fields, ensure_ascii=False, separators=(",", ":")), file=sink, flush=True)
