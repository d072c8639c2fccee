"""Writes a file of chats and their summaries, always the same: escapes, emoji, every second row escaped to ASCII."""

import json
import random
from pathlib import Path

TEXT = """
time year people way day man thing woman life child world school state family student group country problem
hand part place case week company system program question work government number night point home water room mother
area money story fact month lot right study book eye job word business issue side kind head house service friend
father power hour game line end member law car city community name president team minute idea kid body information
back parent face others level office door health person art war history party result change morning reason research
girl guy moment air teacher force education foot boy age policy music market sense nation plan college
"""
WORDS = TEXT.split()
NAMES = ["Amanda", "Jerry", "Olivia", "Olafur", "Zoë", "Jürgen", "Siobhán", "李雷", "Наташа"]
EMOJI = ["😀", "🎉", "👍", "🙈", "❤️", "☕"]


def write(path: Path, rows: int) -> None:
    generator = random.Random(7)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number in range(rows):
            file.write(json.dumps(row(generator, number), ensure_ascii=number % 2 == 0) + "\n")


def write_large(path: Path, size: int) -> None:
    """Writes at least so many bytes: 4,096 rows over and over, each time with other ids."""
    generator = random.Random(7)
    rows = [row(generator, number) for number in range(4096)]
    lines = [json.dumps(one, ensure_ascii=number % 2 == 0) for number, one in enumerate(rows)]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        written = 0
        while written < size:
            head = f'{{"copy": {written}, '
            block = "".join(head + line[1:] + "\n" for line in lines)
            file.write(block)
            written += len(block.encode())


def row(generator: random.Random, number: int) -> dict[str, str]:
    one, other = generator.sample(NAMES, 2)
    turns = generator.randint(5, 19)
    dialogue = "\r\n".join(f"{other if turn % 2 else one}: {sentence(generator)}" for turn in range(turns))
    summary = " ".join(sentence(generator) for _ in range(generator.randint(1, 3)))
    return {"id": str(13_000_000 + number), "dialogue": dialogue, "summary": summary}


def sentence(generator: random.Random) -> str:
    text = " ".join(generator.choices(WORDS, k=generator.randint(3, 14))).capitalize()
    kind = generator.random()
    if kind < 0.06:
        text += " " + generator.choice(EMOJI)
    elif kind < 0.10:
        text = f'"{text}", she said'
    elif kind < 0.13:
        text += f" \u2013 {generator.randint(1, 2000)}€ in café"
    return text + generator.choice([".", ".", ".", "!", "?", "..."])
