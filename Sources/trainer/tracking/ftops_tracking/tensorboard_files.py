"""TensorBoard: event files in a folder of the run's own."""

import time

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams.summary_v2 import hparams_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from .points import Point
from .runs import Run


class TensorBoard:
    """Writes `tensorboard/<owner>/<model>/<run>`, of which any folder above shows all runs below it."""

    rewinds = True

    def __init__(self, run: Run) -> None:
        folder = run.folder / "tensorboard" / run.model / run.identifier
        folder.mkdir(parents=True, exist_ok=True)
        # The events tell all of it again: what an earlier one left would be there twice.
        for old in folder.glob("events.out.tfevents.*"):
            old.unlink()
        self._file = EventFileWriter(str(folder))
        # Who is looking on forgets what the file from before said.
        self._start(0)
        self._file.add_event(Event(wall_time=time.time(), summary=hparams_pb(dict(run.config), run.identifier)))

    def write(self, point: Point) -> None:
        """Write one event with a summary of all its values."""
        values = [Summary.Value(tag=name, simple_value=value) for name, value in point.values.items()]
        self._file.add_event(Event(wall_time=point.seconds, step=point.step, summary=Summary(value=values)))

    def rewind(self, step: int) -> None:
        """Write that a session starts at the next step, by which readers drop what they have from there on."""
        self._start(step + 1)

    def flush(self) -> None:
        """Put all on the disk."""
        self._file.flush()

    def finish(self, end: str | None) -> None:  # noqa: ARG002
        """Close the file, which has no place for how it ended."""
        self._file.close()

    def _start(self, step: int) -> None:
        session = SessionLog(status=SessionLog.START)
        self._file.add_event(Event(wall_time=time.time(), step=step, session_log=session))
