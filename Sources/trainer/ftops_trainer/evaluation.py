"""What base and version are worth: losses, answers, and how sure the difference is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal

from .comparison import CONFIDENCE, RESAMPLES, Examples, compare, perplexity
from .generation import Answer, Sampling, answer_all
from .jobs import Evaluation, Job
from .models import Model
from .rows import Example, Pair, RowEncoder, read_rows
from .scores import ALONE, SCORES
from .signals import StopWish
from .tokens import TextTokenizer
from .validation import Measured, RowLosses, measure, validation_losses

_SHOWN_ANSWERS = 10
_LOSSES = frozenset({"loss", "perplexity"})

Side = Literal["base", "version"]
_SIDES: tuple[Side, Side] = ("base", "version")
# Who, at what, how many are done, of how many.
Progress = Callable[[Side, str, int, int], None]


@dataclass(frozen=True)
class Question:
    """A prompt as ids, and what a right answer is."""

    label: str
    prompt: str
    ids: tuple[int, ...]
    reference: str | None


@dataclass(frozen=True)
class KnownLoss:
    """The validation loss as the training has already measured it: the mean, and each document's where it is kept."""

    mean: float | None = None
    rows: RowLosses | None = None


@dataclass(frozen=True)
class Subjects:
    """How the model becomes what training started from, and what it led to; and what is known of both."""

    base: Callable[[], AbstractContextManager[None]]
    version: Callable[[], AbstractContextManager[None]]
    known: Mapping[Side, KnownLoss] = field(default_factory=dict)

    def wear(self, side: Side) -> AbstractContextManager[None]:
        """Let the model be that side for a while."""
        return self.base() if side == "base" else self.version()


@dataclass(frozen=True)
class _Answered:
    prompts: Sequence[Answer]
    rows: Sequence[Answer]


@dataclass(frozen=True)
class _Losses:
    """What is known of the losses of base and version; without a `beta` those of no preferences."""

    known: Mapping[Side, KnownLoss]
    beta: float | None

    def measured(self, side: Side) -> Measured | None:
        """What the documents' losses amount to, where they are known."""
        base, found = self.known["base"].rows, self.known[side].rows
        return None if base is None or found is None else measure(found, base, self.beta)

    def told(self, side: Side) -> dict[str, float | None]:
        """What evaluation.json says of them."""
        measured, mean = self.measured(side), self.known[side].mean
        if measured is not None:
            mean = measured.loss.mean
        answers = measured.answers.mean if measured is not None else mean if self.beta is None else None
        found = {"loss": mean, "perplexity": None if answers is None else perplexity(answers)}
        if self.beta is not None:
            found["accuracy"] = None if measured is None else measured.accuracy
        return found


class Evaluator:
    """Asks a model as base and as version."""

    def __init__(
        self,
        job: Job,
        evaluation: Evaluation,
        model: Model,
        tokenizer: TextTokenizer,
        progress: Progress = lambda *_: None,
    ) -> None:
        self._job = job
        self._evaluation = evaluation
        self._model = model
        self._tokenizer = tokenizer
        self._progress = progress
        self._encoder = RowEncoder(tokenizer, job.base.name, job.parameters.train_on_inputs)
        self._ends = ends_of(job, self._encoder, tokenizer)

    def evaluate(self, subjects: Subjects, examples: Sequence[Example], wish: StopWish) -> dict[str, Any]:
        """The content of evaluation.json."""
        prompts = [
            Question(item.label, item.prompt, tuple(self._tokenizer.prompt(item.prompt)), item.completion)
            for item in self._evaluation.prompts
        ]
        rows = self._validation_questions()
        known: dict[Side, KnownLoss] = {}
        answered: dict[Side, _Answered] = {}
        for name in _SIDES:
            with subjects.wear(name):
                known[name] = self._loss(name, subjects.known.get(name, KnownLoss()), examples, wish)
                answers = self._answers(name, [*prompts, *rows], wish)
            answered[name] = _Answered(answers[: len(prompts)], answers[len(prompts) :])
        losses = _Losses(known, self._job.parameters.dpo_beta if isinstance(next(iter(examples), None), Pair) else None)
        found: dict[str, Any] = {"format": 1}
        for name in _SIDES:
            found[name] = losses.told(name) | self._told(answered[name], prompts, rows)
            _print(name, found[name])
        return {**found, "comparison": self._comparison(losses, answered, prompts, rows)}

    def _loss(self, name: Side, known: KnownLoss, examples: Sequence[Example], wish: StopWish) -> KnownLoss:
        if known.rows is not None or not examples or not _LOSSES & set(self._evaluation.metrics):
            return known
        rows = validation_losses(
            self._model,
            examples,
            self._job.parameters.validation_batch_size,
            wish,
            lambda done: self._progress(name, "losses", done, len(examples)),
        )
        return KnownLoss(rows.mean, rows)

    def _answers(self, name: Side, asked: Sequence[Question], wish: StopWish) -> list[Answer]:
        if not asked:
            return []
        sampling = Sampling(self._evaluation.max_new_tokens, self._evaluation.stop)
        ids = [question.ids for question in asked]
        return answer_all(
            self._model,
            self._tokenizer,
            ids,
            sampling,
            self._ends,
            wish,
            done=lambda done: self._progress(name, "answers", done, len(asked)),
        )

    def _told(self, answered: _Answered, prompts: Sequence[Question], rows: Sequence[Question]) -> dict[str, Any]:
        compared = rows if "exact_match" in self._evaluation.metrics else []
        return {
            "exact_match": {
                "validation": _matches(compared, answered.rows[: len(compared)]),
                "prompts": _matches(prompts, answered.prompts),
            },
            "answers": _shown(prompts, answered.prompts),
            "validation_answers": _shown(rows, answered.rows)[:_SHOWN_ANSWERS],
        }

    def _comparison(
        self,
        losses: _Losses,
        answered: Mapping[Side, _Answered],
        prompts: Sequence[Question],
        rows: Sequence[Question],
    ) -> dict[str, Any]:
        found = []
        for metric in self._evaluation.metrics:
            if metric in _LOSSES:
                found.append(_compare_losses(metric, *(losses.measured(name) for name in _SIDES)))
            elif metric in SCORES:
                base, version = (answered[name] for name in _SIDES)
                found.append(_compare_answers(metric, "validation", rows, base.rows, version.rows))
                found.append(_compare_answers(metric, "prompts", prompts, base.prompts, version.prompts))
        metrics = [item for item in found if item is not None]
        return {"confidence": CONFIDENCE, "resamples": RESAMPLES, "metrics": metrics}

    def _validation_questions(self) -> list[Question]:
        if not SCORES.keys() & set(self._evaluation.metrics):
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
        return _rows_of(self._job)

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


def ends_of(job: Job, encoder: RowEncoder, tokenizer: TextTokenizer) -> frozenset[int]:
    """What ends an answer: the end of a text, and of a turn where rows are messages; all rows have one form."""
    talks = "messages" in next(_rows_of(job), {})
    return tokenizer.ends | (encoder.chat.end_of_turn(tokenizer) if talks else frozenset())


def _rows_of(job: Job) -> Iterator[dict[str, Any]]:
    return read_rows(job.validation) if job.validation is not None else iter(())


def _compare_losses(metric: str, base: Measured | None, version: Measured | None) -> dict[str, Any] | None:
    if base is None or version is None:
        return None
    one, other = (side.answers if metric == "perplexity" else side.loss for side in (base, version))
    return compare(metric, "validation", Examples(one.sums, other.sums, other.labels))


def _compare_answers(
    metric: str, of: str, questions: Sequence[Question], base: Sequence[Answer], version: Sequence[Answer]
) -> dict[str, Any] | None:
    usable = [index for index, question in enumerate(questions) if question.reference is not None or metric in ALONE]
    scores = [
        [SCORES[metric](questions[index].reference or "", answers[index].text) for index in usable]
        for answers in (base, version)
    ]
    return compare(metric, of, Examples(*scores))


def _matches(questions: Sequence[Question], answers: Sequence[Answer]) -> dict[str, int] | None:
    pairs = [
        (question.reference, answer.text)
        for question, answer in zip(questions, answers, strict=True)
        if question.reference is not None
    ]
    if not pairs:
        return None
    return {"correct": int(sum(SCORES["exact_match"](wanted, got) for wanted, got in pairs)), "of": len(pairs)}


def _shown(questions: Sequence[Question], answers: Sequence[Answer]) -> list[dict[str, str | None]]:
    return [
        {"label": question.label, "prompt": question.prompt, "reference": question.reference, "text": answer.text}
        for question, answer in zip(questions, answers, strict=True)
    ]


def _print(name: str, measured: dict[str, Any]) -> None:
    loss = "-" if measured["loss"] is None else f"{measured['loss']:.4f}"
    print(f"{name}: loss {loss}, exact match {measured['exact_match']}", flush=True)
