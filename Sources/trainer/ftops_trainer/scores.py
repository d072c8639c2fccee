"""What one answer is worth, from 0 to 1."""

import json
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Score = Callable[[str, str], float]

_NO_WORD = re.compile("[^a-z0-9]+")
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def exact_match(reference: str, answer: str) -> float:
    """Whether both are equal but for white space around them."""
    return float(reference.strip() == answer.strip())


def f1(reference: str, answer: str) -> float:
    """F1 over words as SQuAD has them: lower case, without punctuation and articles."""
    wanted, got = _squad_words(reference), _squad_words(answer)
    if not wanted or not got:
        return float(wanted == got)
    return _f_measure(_common(Counter(wanted), Counter(got)), len(wanted), len(got))


def rouge_n(reference: str, answer: str, size: int) -> float:
    """ROUGE-N as F-measure: over runs of so many words, without stemming, as Google's rouge-score has it."""
    wanted, got = (Counter(_runs(_rouge_words(text), size)) for text in (reference, answer))
    return _f_measure(_common(wanted, got), wanted.total(), got.total())


def rouge_l(reference: str, answer: str) -> float:
    """ROUGE-L as F-measure: over the longest common subsequence of words, without stemming."""
    wanted, got = _rouge_words(reference), _rouge_words(answer)
    return _f_measure(_common_subsequence(wanted, got), len(wanted), len(got))


def json_validity(_reference: str, answer: str) -> float:
    """Whether the answer is a JSON text, as RFC 8259 has it."""
    try:
        # Numbers are not made: one of many digits is refused, or takes long.
        json.loads(answer, parse_int=_ignore, parse_float=_ignore, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return 0.0
    return 1.0


SCORES: dict[str, Score] = {
    "exact_match": exact_match,
    "f1": f1,
    "rouge1": lambda reference, answer: rouge_n(reference, answer, 1),
    "rouge2": lambda reference, answer: rouge_n(reference, answer, 2),
    "rougeL": rouge_l,
    "json_validity": json_validity,
}
# Those that an answer has without anything to compare it with.
ALONE = frozenset({"json_validity"})


def _squad_words(text: str) -> list[str]:
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def _rouge_words(text: str) -> list[str]:
    return _NO_WORD.sub(" ", text.lower()).split()


def _runs(words: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[start : start + size]) for start in range(len(words) - size + 1))


def _common(one: "Counter[Any]", other: "Counter[Any]") -> int:
    return (one & other).total()


def _f_measure(common: int, wanted: int, got: int) -> float:
    return 2 * common / (wanted + got) if common else 0.0


def _common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence.

    A row of the usual table is kept as the bits of one number, those that are zero being where it grows.
    """
    places: dict[str, int] = {}
    for index, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << index
    every = (1 << len(one)) - 1
    row = every
    for word in other:
        matched = row & places.get(word, 0)
        row = ((row + matched) | (row - matched)) & every
    return len(one) - row.bit_count()


def _ignore(_digits: str) -> None:
    return None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
