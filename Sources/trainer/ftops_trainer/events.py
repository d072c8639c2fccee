"""The run's events, one JSON object a line, of which a kill can spoil only the last."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# Losing one of these to a power cut would mislead the reader; a lost step would not.
_DURABLE = {"completed", "failed", "stopped", "checkpoint"}


class EventLog:
    """Appends to `events.jsonl`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)

    def append(self, event: str, **fields: Any) -> None:
        """Write one event; `None` is written as null."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps(
            {"time": now, "event": event, **fields}, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
        self._write(self._cut() + line.encode() + b"\n")
        if event in _DURABLE:
            os.fsync(self._file)

    def _cut(self) -> bytes:
        """The line feed that the last line lacks where a kill or a full disk cut it off."""
        size = os.fstat(self._file).st_size
        return b"\n" if size and os.pread(self._file, 1, size - 1) != b"\n" else b""

    def _write(self, line: bytes) -> None:
        while line:
            line = line[os.write(self._file, line) :]

    def events(self) -> list[dict[str, Any]]:
        """All whole events so far; lines that a kill cut off are passed over."""
        found = []
        for line in self._path.read_bytes().split(b"\n"):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict) and isinstance(value.get("event"), str):
                found.append(value)
        return found


class NoLog(EventLog):
    """What the other processes of a run have in its place: the first alone writes."""

    def __init__(self) -> None:
        """Nothing is opened."""

    def append(self, event: str, **fields: Any) -> None:
        """Write nothing."""
