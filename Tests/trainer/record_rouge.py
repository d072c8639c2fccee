"""What Google's rouge-score says of many pairs of texts, for `test_scores.py` to compare with.

It brings a toolkit for languages along, of which nothing is used here, so that it is no dependency of the trainer:

    uv run --no-project --with rouge-score==0.1.2 Tests/trainer/record_rouge.py > Tests/trainer/rouge.jsonl
"""

import json
import random

from rouge_score.rouge_scorer import RougeScorer

METRICS = ["rouge1", "rouge2", "rougeL"]
_WORDS = [
    "the",
    "cat",
    "sat",
    "on",
    "a",
    "mat",
    "Über",
    "naïve",
    "it's",
    "3.14",
    "x_y",
    "日本",
    "😀",
    "İstanbul",
    "K9",
    "ﬁn",
]
_JOINTS = [" ", " ", " ", "  ", "\n", "\t", ", ", "-", "…", "\u00a0", "\u2028", "", "'"]
_MADE = [
    ("", ""),
    ("", "a"),
    ("a", ""),
    (" ", "\n"),
    ("a", "a"),
    ("a a a", "a"),
    ("a b c d", "d c b a"),
    ("Don't stop", "don t STOP"),
    ("日本語", "日本語"),
    ("café au lait", "cafe au lait"),
    ("Straße 5", "strasse 5"),
    ("\u212a", "k"),
    ("İ", "i"),
    ("e\u0301te", "\u00e9te"),
    ("x" * 5000, "x" * 5000),
    ("a b " * 400, "b a " * 300),
    ('{"order": 4711, "item": "lamp"}', '{"item": "lamp", "order": 4711}'),
    ("\u0000a\u0000b", "a b"),
    ("١٢٣ 123", "123 ١٢٣"),
]


def pairs() -> list[tuple[str, str]]:
    """Those made by hand, and as many as are likely to differ where an implementation does."""
    chance = random.Random(20260729)

    def text() -> str:
        words = chance.choices(_WORDS[: chance.choice([3, 6, len(_WORDS)])], k=chance.randrange(0, 14))
        return "".join(word + chance.choice(_JOINTS) for word in words)

    return _MADE + [(text(), text()) for _ in range(400)]


if __name__ == "__main__":
    scorer = RougeScorer(METRICS, use_stemmer=False)
    for reference, answer in pairs():
        scores = scorer.score(reference, answer)
        print(json.dumps([reference, answer, [scores[name].fmeasure for name in METRICS]]))
