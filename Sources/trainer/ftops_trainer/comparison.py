"""How sure a difference of version and base is: a paired bootstrap over the examples that both were given."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

RESAMPLES = 10_000
CONFIDENCE = 0.95
_SEED = 0
# How many drawn places are held at once.
_ROOM = 1 << 20

Numbers = NDArray[numpy.float64]
Figure = Callable[[Numbers], Numbers]


@dataclass(frozen=True)
class Examples:
    """What base and version got for each of the same examples, and how much each example counts."""

    base: Sequence[float]
    version: Sequence[float]
    weights: Sequence[float] | None = None


def compare(metric: str, of: str, examples: Examples) -> dict[str, Any] | None:
    """A metric of both with the interval of its difference; nothing without examples.

    The figure of each is the mean over the examples, for the perplexity the power of e to it; a loss comes as sums over
    tokens, with their numbers as weights.
    """
    count = len(examples.base)
    if count == 0:
        return None
    figure = _perplexity if metric == "perplexity" else _itself
    sides = numpy.array([examples.base, examples.version], dtype=numpy.float64)
    weights = numpy.ones(count) if examples.weights is None else numpy.array(examples.weights, dtype=numpy.float64)
    base, version = (float(value) for value in figure(sides.sum(axis=1) / weights.sum()))
    found = _interval(sides, weights, figure) if count > 1 else None
    return {
        "metric": metric,
        "set": of,
        "base": base,
        "version": version,
        "difference": version - base,
        "interval": found,
        "examples": count,
    }


def _interval(sides: Numbers, weights: Numbers, figure: Figure) -> list[float]:
    """The percentiles of the difference over resamples, each of as many examples, drawn for both alike."""
    chance = numpy.random.default_rng(_SEED)
    count = weights.shape[0]
    at_once = max(1, _ROOM // count)
    parts = []
    for start in range(0, RESAMPLES, at_once):
        drawn = chance.integers(0, count, size=(min(at_once, RESAMPLES - start), count))
        total = weights[drawn].sum(axis=1)
        base, version = (figure(side[drawn].sum(axis=1) / total) for side in sides)
        parts.append(version - base)
    tail = (1 - CONFIDENCE) / 2
    lower, upper = numpy.quantile(numpy.concatenate(parts), [tail, 1 - tail])
    return [float(lower), float(upper)]


def _itself(values: Numbers) -> Numbers:
    return values


def _perplexity(losses: Numbers) -> Numbers:
    return numpy.exp(numpy.minimum(losses, LARGEST_LOSS))


# The power of e to a larger one is no number that JSON can have.
LARGEST_LOSS = 700.0


def perplexity(loss: float) -> float:
    """The perplexity of a loss."""
    return math.exp(min(loss, LARGEST_LOSS))
