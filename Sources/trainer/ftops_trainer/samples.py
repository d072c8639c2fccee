"""What a model that trains answers to a few prompts of its evaluation, for whoever looks on.

Nothing of the training depends on it: no random state is used, and a fault of it is told and no more.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import torch
from torch.distributed.tensor import DTensor

from .evaluation import ends_of
from .events import EventLog
from .failures import Stopped, explain
from .generation import AnswerStream, Sampling, generate
from .jobs import Evaluation, Job
from .models import Model
from .rows import RowEncoder
from .signals import StopWish
from .tokens import TextStream, TextTokenizer

_PROMPTS = 3
_NEW_TOKENS = 32
# Longer prompts would take longer than the answers.
_PROMPT_TOKENS = 512
_CHARACTERS = 300
# Of the time of the steps so far, and the seconds that are enough for something to be read.
_SHARE = 0.02
_LEAST = 0.5


class Sampler:
    """Tells the answers of a model as `sample` events, seldom enough that it does not show."""

    def __init__(self, evaluation: Evaluation, tokenizer: TextTokenizer, ends: frozenset[int], log: EventLog) -> None:
        asked = [(item.prompt, tokenizer.prompt(item.prompt)) for item in evaluation.prompts[:_PROMPTS]]
        self._asked = [(prompt, ids) for prompt, ids in asked if len(ids) <= _PROMPT_TOKENS]
        limit = min(evaluation.max_new_tokens, _NEW_TOKENS)
        self._sampling = replace(Sampling(limit), stop=evaluation.stop)
        self._tokenizer = tokenizer
        self._ends = ends
        self._log = log
        self._spent = self._last = 0.0

    @staticmethod
    def of(job: Job, encoder: RowEncoder, tokenizer: TextTokenizer, log: EventLog) -> "Sampler | None":
        """The sampler of a job, where its evaluation has prompts."""
        if job.evaluation is None or not job.evaluation.prompts:
            return None
        return Sampler(job.evaluation, tokenizer, ends_of(job, encoder, tokenizer), log)

    def tell(self, model: Model, step: int, seconds: float, wish: StopWish | None) -> None:
        """Tell what the model answers after a step, where all steps so far took so many seconds.

        That is as far as it comes in their share; where this is shorter than last time, it is left for later.
        """
        room = _SHARE * seconds - self._spent
        self._asked = [item for item in self._asked if len(item[1]) + _NEW_TOKENS <= model.context]
        if not self._asked or room < max(_LEAST, self._last) or not _is_whole(model):
            return
        began = time.monotonic()
        try:
            answers = self._answers(model, _Patience(wish, began + room))
        except Stopped:
            raise
        except Exception as error:
            print("no samples are told from here on:", flush=True)
            explain(error)
            self._asked = []
            return
        self._last = time.monotonic() - began
        self._spent += self._last
        for index, ((prompt, _), answer) in enumerate(zip(self._asked, answers, strict=True)):
            # The end of a prompt is what is answered; its beginning is often that of all others.
            shown = prompt if len(prompt) <= _CHARACTERS else "…" + prompt[1 - _CHARACTERS :]
            self._log.append("sample", step=step, index=index, prompt=shown, answer=answer[:_CHARACTERS])

    def _answers(self, model: Model, patience: "_Patience") -> list[str]:
        prompts = [ids for _, ids in self._asked]
        streams = [AnswerStream(TextStream(self._tokenizer, ids), self._sampling.stop) for ids in prompts]
        with _untouched(model.device), suppress(_Late):
            generate(model, prompts, streams, self._sampling, self._ends, patience)
        return [stream.close().text for stream in streams]


class _Late(Exception):
    """The time is over."""


class _Patience(StopWish):
    """Ends an answer at a wish, and when its time is over."""

    def __init__(self, wish: StopWish | None, until: float) -> None:
        super().__init__()
        self._wish = wish
        self._until = until

    def check(self) -> None:
        """End here where somebody wishes it, or it is time."""
        if self._wish is not None:
            self._wish.check()
        if time.monotonic() > self._until:
            raise _Late


def _is_whole(model: Model) -> bool:
    """Whether all weights are in this process, which then can answer without the others."""
    return all(parameter.numel() and not isinstance(parameter, DTensor) for parameter in model.network.parameters())


@contextmanager
def _untouched(device: torch.device) -> Iterator[None]:
    """Leave the generators of random numbers as they are, though generation sets their seed."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield
