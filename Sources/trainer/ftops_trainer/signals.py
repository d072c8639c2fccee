"""The wish to end, noted by a signal and met between two pieces of work."""

import signal
from types import FrameType

from .failures import Stopped


class StopWish:
    """Turns true when the process is told to end."""

    def __init__(self) -> None:
        self.wished = False

    def listen(self) -> None:
        """Note SIGTERM and SIGINT from now on."""
        signal.signal(signal.SIGTERM, self._note)
        signal.signal(signal.SIGINT, self._note)

    def check(self) -> None:
        """Leave the work at hand if the wish is there."""
        if self.wished:
            raise Stopped

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self.wished = True
