"""What clients print: without secrets, and never so much that it fills a disk."""

import os
import sys
import threading
from contextlib import suppress

from ftops_trainer.redaction import redacted

_LIMIT = 1 << 16


class Words:
    """Stands between this process, with all that it starts, and its standard error."""

    def __init__(self) -> None:
        self._target = os.dup(2)
        reading, writing = os.pipe()
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.close(writing)
        self._thread = threading.Thread(target=self._copy, args=(reading,), daemon=True)
        self._thread.start()

    def _copy(self, reading: int) -> None:
        room = _LIMIT
        with os.fdopen(reading, "rb") as lines:
            for line in lines:
                text = redacted(line.decode(errors="replace")).encode()
                # What does not fit is read all the same, as its writer would wait else.
                if 0 < room <= len(text):
                    text = b"and so on\n"
                    room = len(text)
                if room > 0:
                    os.write(self._target, text)
                    room -= len(text)

    def close(self) -> None:
        """Wait until all is said, though not for what was started and is still there."""
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os.dup2(self._target, 1)
        os.dup2(self._target, 2)
        self._thread.join(1.0)
