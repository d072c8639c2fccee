"""Models that answer requests; what one request loaded, the next finds loaded."""

import gc
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch

from .adapters import Change, changed, read_change
from .bases import prepare
from .chat import ChatTemplate
from .failures import Failure
from .generation import AnswerStream, Sampling, generate
from .jobs import BaseSpec, Fields
from .lora import SavedAdapter
from .models import Model, load_model
from .rows import is_message
from .signals import StopWish
from .tokens import TextStream, TextTokenizer

Tell = Callable[[dict[str, Any]], None]
# A folder, and its files as they are: written anew, they are others.
_Stamp = tuple[tuple[str | int, ...], ...]


class Answerer:
    """Answers requests, one at a time, by whatever base each names; the base of the last one stays loaded."""

    def __init__(self) -> None:
        self._loaded: _Loaded | None = None

    def answer(self, request: Fields, tell: Tell, wish: StopWish | None = None) -> None:
        """Tell the answers of all models of a request to all its prompts, piece by piece."""
        spec = BaseSpec.parse(request.get("base", dict))
        wish = wish or StopWish()
        loaded = self._load(prepare(spec, check=wish.check), request)
        for item in request.get("models", list):
            chosen = Fields(item, "request.models")
            # Without an adapter of its own, a model is what training starts from.
            adapter = chosen.optional("adapter", str) or spec.adapter
            wish.check()
            with loaded.being(None if adapter is None else Path(adapter)):
                _answer(request, chosen.get("name", str), loaded, tell, wish)

    def forget(self) -> None:
        """Let go of what is loaded."""
        self._loaded = None
        # What was loaded first is kept from the collector.
        gc.unfreeze()
        gc.collect()

    def _load(self, folder: Path, request: Fields) -> "_Loaded":
        device, dtype = request.get("device", str, "cpu"), request.optional("dtype", str)
        threads = request.optional("threads", int)
        key = (_stamp(folder), device, dtype)
        if self._loaded is None or self._loaded.key != key:
            # Never two at once, as one may be all that fits.
            self.forget()
            tokenizer = TextTokenizer(folder)
            self._loaded = _Loaded(key, load_model(folder, device, dtype, threads), tokenizer)
        if threads is not None:
            torch.set_num_threads(threads)
        return self._loaded


class _Loaded:
    """A base in memory, and what made versions of it last: no more of that than the base itself takes."""

    def __init__(self, key: tuple[Any, ...], model: Model, tokenizer: TextTokenizer) -> None:
        self.key, self.model, self.tokenizer = key, model, tokenizer
        self._room = sum(parameter.nbytes for parameter in model.network.parameters())
        self._changes: dict[_Stamp, Change] = {}

    def being(self, folder: Path | None) -> AbstractContextManager[None]:
        """Let the base be the version whose adapter or weights a folder has, for a while."""
        if folder is None:
            return nullcontext()
        stamp = _stamp(folder)
        change = self._changes.pop(stamp, None)
        if change is None:
            # What makes room goes before, not after.
            self._trim(self._room // 2)
            change = read_change(self.model.network, folder)
        self._changes[stamp] = change
        self._trim(self._room)
        return changed(self.model.network, change, folder)

    def _trim(self, room: int) -> None:
        while self._changes and sum(map(_size, self._changes.values())) > room:
            del self._changes[next(iter(self._changes))]


def _size(change: Change) -> int:
    if isinstance(change, SavedAdapter):
        return sum(halves.down.nbytes + halves.up.nbytes for halves in change.layers.values())
    return sum(weight.nbytes for weight in change)


def _stamp(folder: Path) -> _Stamp:
    found = [(path.name, path.stat()) for path in sorted(folder.iterdir())] if folder.is_dir() else []
    files = [(name, file.st_dev, file.st_ino, file.st_size, file.st_mtime_ns) for name, file in found]
    return ((str(folder),), *files)


def _answer(request: Fields, name: str, loaded: _Loaded, tell: Tell, wish: StopWish) -> None:
    sampling = Sampling(
        max_new_tokens=request.get("max_new_tokens", int, 128),
        stop=tuple(stop for stop in request.strings("stop") if stop),
        temperature=request.get("temperature", float, 0.0),
        top_p=request.get("top_p", float, 1.0),
        seed=request.get("seed", int, 0),
    )
    for index, prompt in enumerate(request.get("prompts", list)):
        ids, ends = _asked(prompt, loaded.tokenizer, request)

        def emit(text: str, index: int = index) -> None:
            tell({"model": name, "prompt": index, "text": text})

        stream = AnswerStream(TextStream(loaded.tokenizer, ids), sampling.stop, emit)
        (answer,) = generate(loaded.model, [ids], [stream], sampling, ends, wish)
        tell({"model": name, "prompt": index, "done": True, "reason": answer.reason, "tokens": answer.tokens})


def _asked(prompt: Any, tokenizer: TextTokenizer, request: Fields) -> tuple[list[int], frozenset[int]]:
    """The ids of a prompt, and those that end its answer: text as it is, messages by the base's chat template."""
    if isinstance(prompt, str):
        return tokenizer.prompt(prompt), tokenizer.ends
    messages = Fields(prompt, "request.prompts").get("messages", list)
    if not messages or not all(is_message(message) for message in messages):
        raise Failure("data", "request.prompts: messages have a role and a content each")
    chat = ChatTemplate(tokenizer, BaseSpec.parse(request.get("base", dict)).name)
    return tokenizer.prompt(chat.render(messages, ask=True)), tokenizer.ends | chat.end_of_turn(tokenizer)
