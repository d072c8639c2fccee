"""What an answer is worth, and how sure a difference is."""

import json
import random

import numpy
import pytest

from conftest import HERE
from ftops_trainer.comparison import Examples, compare
from ftops_trainer.scores import SCORES

ROUGE = [json.loads(line) for line in (HERE / "rouge.jsonl").read_text().splitlines()]


def test_rouge_is_that_of_rouge_score():
    assert len(ROUGE) > 400
    for reference, answer, expected in ROUGE:
        found = [SCORES[name](reference, answer) for name in ("rouge1", "rouge2", "rougeL")]
        assert found == pytest.approx(expected, abs=1e-6), (reference, answer)


def test_the_longest_common_subsequence_is_that_of_the_table():
    chance = random.Random(5)
    for _ in range(200):
        one, other = (chance.choices("abcd", k=chance.randrange(1, 40)) for _ in range(2))
        table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
        for row, left in enumerate(one):
            for column, right in enumerate(other):
                longer = max(table[row][column + 1], table[row + 1][column])
                table[row + 1][column + 1] = table[row][column] + 1 if left == right else longer
        expected = 2 * table[-1][-1] / (len(one) + len(other))
        assert SCORES["rougeL"](" ".join(one), " ".join(other)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("reference", "answer", "expected"),
    [
        ("The Eiffel Tower!", "eiffel tower", 1),
        ("a cat sat", "the cat ran", 0.5),
        ("cat cat dog", "cat", 0.5),
        ("cat", "dog", 0),
        ("the", "a", 1),
        ("", "", 1),
        ("", "cat", 0),
        ("the", "cat", 0),
        ("theater", "ater", 0),
        ("don't", "dont", 1),
        ("\u00fcber alles", "\u00dcBER ALLES", 1),
    ],
)
def test_f1_is_over_words_without_case_punctuation_and_articles(reference, answer, expected):
    assert SCORES["f1"](reference, answer) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("answer", "valid"),
    [
        ('{"a": [1, 2.5e3, null]}', True),
        (' \n"text"\n', True),
        ("12", True),
        ("9" * 10_000, True),
        ("", False),
        ("{'a': 1}", False),
        ('{"a": 1} and so on', False),
        ('{"a": 1', False),
        ("NaN", False),
        ("[-Infinity]", False),
        ("[" * 100_000, False),
        ("\u00a0{}", False),
        ('"a\nb"', False),
    ],
)
def test_an_answer_is_json_as_the_standard_has_it(answer, valid):
    assert SCORES["json_validity"]("", answer) == float(valid)


def test_the_interval_is_that_of_a_plain_paired_bootstrap():
    chance = numpy.random.default_rng(3)
    base, version = chance.random(40), chance.random(40) + 0.2
    found = compare("f1", "validation", Examples(base.tolist(), version.tolist()))
    differences = []
    for _ in range(20_000):
        drawn = chance.integers(0, 40, 40)
        differences.append((version - base)[drawn].mean())
    assert found["difference"] == pytest.approx((version - base).mean())
    assert found["interval"] == pytest.approx(numpy.percentile(differences, [2.5, 97.5]).tolist(), abs=0.01)
    assert found["examples"] == 40


def test_what_both_have_alike_in_every_example_leaves_no_doubt():
    found = compare("f1", "validation", Examples([0.1, 0.5, 0.9], [0.3, 0.7, 1.1]))
    assert found["interval"] == pytest.approx([0.2, 0.2])


def test_a_loss_is_the_mean_over_tokens_in_each_resample_too():
    found = compare("loss", "validation", Examples([10.0, 90.0], [5.0, 90.0], [10.0, 90.0]))
    assert (found["base"], found["version"]) == (1.0, 0.95)
    # A mean over rows would have 0.25.
    assert found["interval"] == pytest.approx([-0.5, 0.0])
    assert found["difference"] == pytest.approx(-0.05)


def test_a_perplexity_is_made_of_the_mean_loss_of_each_resample():
    found = compare("perplexity", "validation", Examples([2.0, 2.0], [1.0, 1.0], [1.0, 1.0]))
    expected = numpy.exp(1) - numpy.exp(2)
    assert found["difference"] == pytest.approx(expected)
    assert found["interval"] == pytest.approx([expected, expected])


def test_a_comparison_is_the_same_each_time_and_one_example_has_no_interval():
    examples = Examples([0.0, 1.0, 0.0, 0.3], [1.0, 1.0, 0.0, 0.7])
    assert compare("f1", "prompts", examples) == compare("f1", "prompts", examples)
    assert compare("f1", "prompts", Examples([0.0], [1.0]))["interval"] is None
    assert compare("f1", "prompts", Examples([], [])) is None
