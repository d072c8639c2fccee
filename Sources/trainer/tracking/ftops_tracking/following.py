"""Follows a run's events for one tracker, from the first to the last.

The events are what is true: whoever follows may be killed at any time, and the next one tells the tracker what it
lacks. That no more events come is told by the end of standard input, which is the supervisor's or its death.
"""

import fcntl
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from .points import Curve, EventFile, Point
from .runs import Run
from .words import Words
from .writers import WRITERS, Writer

TRACKERS = tuple(WRITERS)
_LOOK_SECONDS = 0.5
# For what is left to be sent, once no more events come; a supervisor waits these few seconds longer.
_GRACE_SECONDS, _SHORTER = 30.0, 5.0
_FAILED = 1

# What the clients would tell their makers, or ask of a terminal.
_QUIET = {
    "DO_NOT_TRACK": "1",
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "WANDB_ERROR_REPORTING": "false",
    "WANDB_SILENT": "true",
}


def follow(folder: Path, tracker: str) -> int:
    """Hand a run's figures on until no more come; what goes wrong is told in a line."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    words, over = Words(), _Over(tracker)
    try:
        with (folder / f".tracking-{tracker}.lock").open("w") as lock:
            # One that a supervisor left that was killed is about to end.
            fcntl.flock(lock, fcntl.LOCK_EX)
            _hand_on(EventFile(folder / "events.jsonl"), WRITERS[tracker](Run.read(folder)), over.event)
    except Exception as error:
        print(f"{tracker}: {type(error).__name__}: {error}", file=sys.stderr)
        return _FAILED
    finally:
        words.close()
    return 0


def _hand_on(events: EventFile, writer: Writer, over: threading.Event) -> None:
    curve = Curve(writer.rewinds)
    while True:
        # Asked before the events are read, so that the last of them are there.
        is_over = over.is_set()
        for mark in curve.take(events.next()):
            if isinstance(mark, Point):
                writer.write(mark)
            else:
                writer.rewind(mark.step)
        if is_over:
            writer.finish(curve.end)
            return
        writer.flush()
        over.wait(_LOOK_SECONDS)


class _Over:
    """Knows when no more events come, and from then on lets this process live for so long only."""

    def __init__(self, tracker: str) -> None:
        self.event = threading.Event()
        self._tracker = tracker
        signal.signal(signal.SIGTERM, lambda *_: self.event.set())
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while os.read(0, 1 << 10):
                pass
        self.event.set()

    def _watch(self) -> None:
        self.event.wait()
        seconds = max(0.0, _grace() - _SHORTER)
        threading.Event().wait(seconds)
        print(f"{self._tracker}: not all was sent within {seconds:.0f} seconds", file=sys.stderr, flush=True)
        # The line goes through the pipe first.
        threading.Event().wait(0.2)
        os._exit(_FAILED)


def _grace() -> float:
    try:
        return float(os.environ.get("FTOPS_TRACKING_SECONDS", _GRACE_SECONDS))
    except ValueError:
        return _GRACE_SECONDS
