"""The figures of a run, step by step, out of the events that its trainer tells."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

# The members of an event that say where it stands, and are no figures.
_PLACES = frozenset({"step", "steps"})
# What trackers take for a name; another trainer may tell others, which are left out.
_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_GROUPS = {"step": "train", "evaluation": "validation", "completed": "result"}
_ENDS = frozenset({"completed", "failed", "stopped"})
# More steps than anybody takes, and a whole number to every tracker.
_MOST_STEPS = 1 << 53


@dataclass(frozen=True)
class Point:
    """What was measured at a step, by the names that trackers show."""

    step: int
    seconds: float
    values: Mapping[str, float]


@dataclass(frozen=True)
class Rewind:
    """What was told of later steps than this one is told anew from here on."""

    step: int


Mark = Point | Rewind


class EventFile:
    """Reads `events.jsonl` as it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def next(self) -> list[dict[str, Any]]:
        """The events of the whole lines that were added; what is no event is passed over."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                added = file.read()
        except FileNotFoundError:
            return []
        whole = added[: added.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [event for line in whole.splitlines() if (event := _event(line)) is not None]


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("event"), str) else None


class Curve:
    """What events amount to: one curve of each figure, also where a training took some steps again.

    A trainer that goes on from a checkpoint takes the steps behind it again, and comes to the same. Where the tracker
    can take back what it has, the later telling counts, else the first.
    """

    def __init__(self, rewinds: bool) -> None:
        self._rewinds = rewinds
        self._reached: dict[str, int] = {}
        self._seconds = 0.0
        self.end: str | None = None

    def take(self, events: Sequence[Mapping[str, Any]]) -> Iterator[Mark]:
        """The marks of the next events."""
        for event in events:
            name = event["event"]
            self.end = name if name in _ENDS else None if name == "started" else self.end
            if name == "started":
                yield from self._start(event)
            elif name in _GROUPS:
                yield from self._point(event, _GROUPS[name])

    def _start(self, event: Mapping[str, Any]) -> Iterator[Mark]:
        resumed = event.get("resumed_from")
        last = resumed if isinstance(resumed, int) else -1
        if self._rewinds and any(step > last for step in self._reached.values()):
            self._reached = {group: min(step, last) for group, step in self._reached.items()}
            yield Rewind(last)

    def _point(self, event: Mapping[str, Any], group: str) -> Iterator[Mark]:
        step = event.get("steps" if group == "result" else "step")
        if not isinstance(step, int) or not self._reached.get(group, -1) < step < _MOST_STEPS:
            return
        self._reached[group] = step
        self._seconds = _seconds(event) or self._seconds
        values = {f"{group}/{name}": figure for name in event if (figure := _figure(name, event[name])) is not None}
        if values:
            yield Point(step, self._seconds, values)


def _figure(name: str, value: Any) -> float | None:
    """A member of an event as a figure, where it is one that trackers take."""
    if name in _PLACES or not _NAME.fullmatch(name) or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        figure = float(value)
    except OverflowError:
        return None
    return figure if math.isfinite(figure) else None


def _seconds(event: Mapping[str, Any]) -> float:
    """When it was told, in seconds since 1970; 0 where that is not known."""
    try:
        return datetime.fromisoformat(event["time"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0.0
