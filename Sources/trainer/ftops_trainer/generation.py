"""Answers of a model, by the generation of transformers, streamed as text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from transformers import StoppingCriteria, StoppingCriteriaList

from .failures import Failure
from .models import Model
from .signals import StopWish
from .tokens import TextStream, TextTokenizer

Reason = Literal["stop", "length"]


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen, and where the answer ends."""

    max_new_tokens: int
    stop: tuple[str, ...] = ()
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    text: str
    reason: Reason
    tokens: int


class AnswerStream:
    """One growing answer: its text as far as no stop sequence can still begin in it."""

    def __init__(self, stream: TextStream, stop: Sequence[str], emit: Callable[[str], None] | None = None) -> None:
        self._stream = stream
        self._stop = stop
        self._emit = emit
        self._held = ""
        self.text = ""
        self.tokens = 0
        self.reason: Reason | None = None

    def push(self, identifier: int, ends: frozenset[int]) -> bool:
        """Take one token; true when the answer has ended."""
        if self.reason is not None:
            return True
        self.tokens += 1
        if identifier in ends:
            self._end("stop")
        else:
            self._add(self._stream.push(identifier))
        return self.reason is not None

    def close(self) -> Answer:
        """End an answer for which there is no more room."""
        if self.reason is None:
            self._end("length")
        return Answer(self.text, self.reason or "length", self.tokens)

    def _end(self, reason: Reason) -> None:
        self._add(self._stream.finish())
        if self.reason is None:
            self._release(self._held)
            self.reason = reason

    def _add(self, piece: str) -> None:
        self._held += piece
        found = [place for stop in self._stop if (place := self._held.find(stop)) >= 0]
        if found:
            self._release(self._held[: min(found)])
            self.reason = "stop"
            return
        self._release(self._held[: len(self._held) - self._open()])

    def _open(self) -> int:
        """The length of the longest end of the held text with which a stop sequence begins."""
        starts = [stop[:length] for stop in self._stop for length in range(1, len(stop))]
        return max((len(start) for start in starts if self._held.endswith(start)), default=0)

    def _release(self, text: str) -> None:
        self._held = self._held[len(text) :]
        self.text += text
        if text and self._emit is not None:
            self._emit(text)


class _Watch(StoppingCriteria):  # type: ignore[misc]
    """Shows each new token to the answers, and ends those that are done."""

    def __init__(self, answers: Sequence[AnswerStream], ends: frozenset[int], wish: StopWish | None) -> None:
        self._answers = answers
        self._ends = ends
        self._wish = wish

    def __call__(self, input_ids: Tensor, _scores: Any, **_: Any) -> Tensor:
        if self._wish is not None:
            self._wish.check()
        last = input_ids[:, -1].tolist()
        ended = [answer.push(token, self._ends) for answer, token in zip(self._answers, last, strict=True)]
        return torch.tensor(ended, device=input_ids.device)


@torch.inference_mode()
def generate(
    model: Model,
    prompts: Sequence[Sequence[int]],
    answers: Sequence[AnswerStream],
    sampling: Sampling,
    ends: frozenset[int],
    wish: StopWish | None = None,
) -> list[Answer]:
    """Let a model answer prompts together; shorter ones are padded on the left and masked by length."""
    longest = max(len(prompt) for prompt in prompts)
    room = min(sampling.max_new_tokens, model.context - longest)
    if room < 1:
        raise Failure("data", f"the prompt has {longest} tokens, and the base takes {model.context} with the answer")
    ids = torch.tensor([[0] * (longest - len(prompt)) + list(prompt) for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    torch.manual_seed(sampling.seed)
    chance: dict[str, Any] = {"do_sample": False}
    if sampling.temperature > 0:
        chance = {"do_sample": True, "temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0}
    model.for_generation().generate(
        input_ids=ids.to(model.device),
        attention_mask=mask.to(model.device),
        max_new_tokens=room,
        stopping_criteria=StoppingCriteriaList([_Watch(answers, ends, wish)]),
        pad_token_id=min(ends, default=0),
        **chance,
    )
    return [answer.close() for answer in answers]


def answer_all(
    model: Model,
    tokenizer: TextTokenizer,
    prompts: Sequence[Sequence[int]],
    sampling: Sampling,
    ends: frozenset[int],
    wish: StopWish | None = None,
    together: int = 32,
    done: Callable[[int], None] | None = None,
) -> list[Answer]:
    """Answers to many prompts, those of like length together, in the order of the prompts.

    One that is too long to be answered gets an empty answer: here it comes after a training, which it must not spoil.
    How many there are is told to `done` after each group.
    """
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    crowded = [index for index in order if len(prompts[index]) + sampling.max_new_tokens > model.context]
    fitting = order[: len(order) - len(crowded)]
    groups = [fitting[start : start + together] for start in range(0, len(fitting), together)]
    groups += [[index] for index in crowded if len(prompts[index]) < model.context]
    found = {index: Answer("", "length", 0) for index in crowded}
    for group in groups:
        streams = [AnswerStream(TextStream(tokenizer, prompts[index]), sampling.stop) for index in group]
        asked = [prompts[index] for index in group]
        found.update(zip(group, generate(model, asked, streams, sampling, ends, wish), strict=True))
        if done is not None:
            done(len(found))
    return [found[index] for index in range(len(prompts))]
