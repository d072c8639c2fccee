"""What base and version are worth: losses, answers, exact matches."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from .generation import Answer, Sampling, answer_all
from .jobs import Evaluation, Job
from .models import Model
from .rows import Document, RowEncoder, read_rows
from .signals import StopWish
from .tokens import TextTokenizer
from .training import validation_loss

_SHOWN_ANSWERS = 10


@dataclass(frozen=True)
class Question:
    """A prompt as ids, and what a right answer is."""

    label: str
    prompt: str
    ids: tuple[int, ...]
    reference: str | None


@dataclass(frozen=True)
class Losses:
    """Validation losses that the training has already measured."""

    base: float | None = None
    version: float | None = None


@dataclass(frozen=True)
class Subjects:
    """How the model becomes what training started from, and what it led to; and what is known of both."""

    base: Callable[[], AbstractContextManager[None]]
    version: Callable[[], AbstractContextManager[None]]
    losses: Losses = Losses()


class Evaluator:
    """Asks a model as base and as version."""

    def __init__(self, job: Job, evaluation: Evaluation, model: Model, tokenizer: TextTokenizer) -> None:
        self._job = job
        self._evaluation = evaluation
        self._model = model
        self._tokenizer = tokenizer
        self._encoder = RowEncoder(tokenizer, job.base.name, job.parameters.train_on_inputs)
        # All rows of a file have one form.
        talks = "messages" in next(self._rows(), {})
        self._ends = tokenizer.ends | (self._encoder.chat.end_of_turn(tokenizer) if talks else frozenset())

    def evaluate(self, subjects: Subjects, documents: Sequence[Document], wish: StopWish) -> dict[str, Any]:
        """The content of evaluation.json."""
        prompts = [
            Question(item.label, item.prompt, tuple(self._tokenizer.prompt(item.prompt)), item.completion)
            for item in self._evaluation.prompts
        ]
        rows = self._validation_questions()
        found: dict[str, Any] = {"format": 1}
        for name, wear, known in (
            ("base", subjects.base, subjects.losses.base),
            ("version", subjects.version, subjects.losses.version),
        ):
            with wear():
                loss = self._loss(known, documents, wish)
                found[name] = self._measure(loss, prompts, rows, wish)
            _print(name, found[name])
        return found

    def _loss(self, known: float | None, documents: Sequence[Document], wish: StopWish) -> float | None:
        if known is not None or not documents or not {"loss", "perplexity"} & set(self._evaluation.metrics):
            return known
        return validation_loss(self._model, documents, wish)

    def _measure(
        self, loss: float | None, prompts: Sequence[Question], rows: Sequence[Question], wish: StopWish
    ) -> dict[str, Any]:
        sampling = Sampling(self._evaluation.max_new_tokens, self._evaluation.stop)
        asked = [*prompts, *rows]
        ids = [question.ids for question in asked]
        answers = answer_all(self._model, self._tokenizer, ids, sampling, self._ends, wish) if asked else []
        mine, others = answers[: len(prompts)], answers[len(prompts) :]
        return {
            "loss": loss,
            "perplexity": None if loss is None else math.exp(min(loss, 700)),
            "exact_match": {"validation": _matches(rows, others), "prompts": _matches(prompts, mine)},
            "answers": _shown(prompts, mine),
            "validation_answers": _shown(rows, others)[:_SHOWN_ANSWERS],
        }

    def _validation_questions(self) -> list[Question]:
        if "exact_match" not in self._evaluation.metrics:
            return []
        questions: list[Question] = []
        for row in self._rows():
            if len(questions) == self._evaluation.validation_rows:
                break
            question = self._question(row)
            if question is not None:
                questions.append(question)
        return questions

    def _rows(self) -> Iterator[dict[str, Any]]:
        return read_rows(self._job.validation) if self._job.validation is not None else iter(())

    def _question(self, row: dict[str, Any]) -> Question | None:
        if "text" in row:
            return None
        pieces = self._encoder.pieces(row)
        last = max((index for index, piece in enumerate(pieces) if piece[1]), default=0)
        if last == 0:
            return None
        ids: list[int] = []
        for text, _ in pieces[:last]:
            ids += self._tokenizer.continuation(text) if ids else self._tokenizer.prompt(text)
        prompt = "".join(text for text, _ in pieces[:last])
        if "messages" in row:
            answers = [message["content"] for message in row["messages"] if message["role"] == "assistant"]
            return Question(prompt[:60], prompt, tuple(ids), answers[-1])
        return Question(prompt[:60], prompt, tuple(ids), pieces[last][0])


def _matches(questions: Sequence[Question], answers: Sequence[Answer]) -> dict[str, int] | None:
    pairs = [
        (question.reference, answer.text)
        for question, answer in zip(questions, answers, strict=True)
        if question.reference is not None
    ]
    if not pairs:
        return None
    return {"correct": sum(wanted.strip() == got.strip() for wanted, got in pairs), "of": len(pairs)}


def _shown(questions: Sequence[Question], answers: Sequence[Answer]) -> list[dict[str, str | None]]:
    return [
        {"label": question.label, "prompt": question.prompt, "reference": question.reference, "text": answer.text}
        for question, answer in zip(questions, answers, strict=True)
    ]


def _print(name: str, measured: dict[str, Any]) -> None:
    loss = "-" if measured["loss"] is None else f"{measured['loss']:.4f}"
    print(f"{name}: loss {loss}, exact match {measured['exact_match']}", flush=True)
