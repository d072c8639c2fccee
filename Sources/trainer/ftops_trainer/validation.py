"""What a model's losses on rows are, and what they amount to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from .models import Model
from .order import Step, micro_batches
from .preferences import accuracy, preference_losses
from .ranks import ALONE, Ranks
from .rows import Example, apart
from .signals import StopWish


@dataclass(frozen=True)
class RowLosses:
    """The losses of documents or rows: each one's sum over so many label tokens, or whatever else counts."""

    sums: Sequence[float]
    labels: Sequence[int]

    @property
    def mean(self) -> float:
        """The mean loss of all that counts."""
        return sum(self.sums) / sum(self.labels)


def validation_losses(
    model: Model,
    examples: Sequence[Example],
    rows: int | None = None,
    wish: StopWish | None = None,
    done: Callable[[int], None] | None = None,
    ranks: Ranks = ALONE,
) -> RowLosses:
    """The losses of the documents of examples, none of which sees another; how many are done is told to `done`.

    `rows` of the examples go through the model together, or as many as are fastest.
    """
    documents = apart(examples)
    each = len(documents) // len(examples)
    lengths = [len(document) for document in documents]
    whole = Step(0, tuple((index,) for index in range(len(documents))), True)
    sums = [0.0] * len(documents)
    looked_at = 0
    tokens = model.tokens_at_once if rows is None else sum(lengths)
    limit = None if rows is None else rows * each
    groups = micro_batches(whole, lengths, tokens, limit if model.keeps_documents_apart else 1)
    for place, counts in ranks.turns([sum(lengths[index] for index in group) for group in groups]):
        if wish is not None:
            wish.check()
        group = groups[place]
        for index, loss in zip(group, model.loss_sums([documents[index] for index in group]), strict=True):
            sums[index] = loss if counts else 0.0
        looked_at += len(group)
        if done is not None:
            done(looked_at // each)
    return RowLosses(ranks.totals(sums), [document.label_tokens for document in documents])


@dataclass(frozen=True)
class Measured:
    """What the losses of documents say of a model."""

    loss: RowLosses
    answers: RowLosses
    accuracy: float | None = None


def measure(losses: RowLosses, base: RowLosses, beta: float | None) -> Measured:
    """What losses amount to beside those of the base.

    With a `beta` the documents are pairs: then the loss is that of the preferences, and the answers, of which a
    perplexity may be told, are the chosen ones.
    """
    if beta is None:
        return Measured(losses, losses)
    found, reference = (torch.tensor(of.sums, dtype=torch.float64) for of in (losses, base))
    rows = preference_losses(found, reference, beta).tolist()
    chosen = RowLosses(losses.sums[::2], losses.labels[::2])
    return Measured(RowLosses(rows, [1] * len(rows)), chosen, accuracy(found, reference))
