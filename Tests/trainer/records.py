"""Rows of a task to train on: a message to a repair shop, and its record as JSON."""

import json
import random

_NAMES = [
    "Ann",
    "Bela",
    "Chidi",
    "Dara",
    "Elif",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jun",
    "Kaya",
    "Liam",
    "Mona",
    "Nils",
    "Oana",
    "Pia",
    "Quinn",
    "Rosa",
    "Sven",
    "Tara",
]
_ITEMS = [
    "desk fan",
    "lamp",
    "kettle",
    "toaster",
    "radio",
    "heater",
    "blender",
    "scale",
    "drill",
    "mixer",
    "clock",
    "printer",
]
_COLOURS = ["red", "blue", "green", "black", "white", "grey", "yellow", "brown"]
_FAULTS = {
    "stopped working after two days": "dead",
    "makes a loud noise": "noise",
    "arrived with a crack": "cracked",
    "gets far too hot": "hot",
    "leaks at the bottom": "leak",
}
_WISHES = {
    "Could I get a fresh one instead?": "replace",
    "Please fix it for me.": "repair",
    "I want my money back.": "refund",
}


def record_rows(count: int, seed: int) -> list[dict[str, str]]:
    """Rows of about 60 tokens, 23 of them the answer."""
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        order, item = chance.randrange(1000, 9999), chance.choice(_ITEMS)
        fault, wish = chance.choice(list(_FAULTS)), chance.choice(list(_WISHES))
        name, other = chance.sample(_NAMES, 2)
        message = f"Hi, this is {name} {other}. Order {order}: the {chance.choice(_COLOURS)} {item} {fault}. {wish}"
        record = {"order": order, "item": item, "fault": _FAULTS[fault], "wants": _WISHES[wish]}
        answer = json.dumps(record, separators=(",", ":"))
        rows.append({"completion": f" {answer}", "prompt": f"Message: {message}\nRecord:"})
    return rows


def preference_rows(count: int, seed: int) -> list[dict[str, str]]:
    """The same rows with a second answer, in words, that is not wanted."""
    rows = []
    for row in record_rows(count, seed):
        record = json.loads(row["completion"])
        words = f" Order {record['order']}: the {record['item']} is {record['fault']}, so {record['wants']} it."
        rows.append({"prompt": row["prompt"], "chosen": row["completion"], "rejected": words})
    return rows
