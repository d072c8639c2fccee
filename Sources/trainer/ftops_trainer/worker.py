"""A worker: answers what `generate` answers, by a socket, and keeps what it has loaded for the next who asks."""

import json
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from .failures import Failure, Stopped, explain
from .files import take_lock
from .jobs import Fields
from .serving import told
from .signals import StopWish

if TYPE_CHECKING:
    from .answering import Answerer

# The names in its folder.
_SOCKET, _FRESH, _LOCK, _LOG = Path("socket"), Path(".socket"), Path("lock"), Path("worker.log")
_IDLE_SECONDS = 600.0
# How often it looks whether it is still wanted.
_TICK_SECONDS = 1.0
# How long it waits for one who connects and asks nothing, and for one who reads no more of an answer.
_PATIENCE_SECONDS = 10.0
_READING_SECONDS = 600.0
_LONGEST_REQUEST = 64 << 20
# How many may wait for those before them.
_QUEUE = 128
_MEMORY = Path("/proc/meminfo")
_FIRST_TO_GO = Path("/proc/self/oom_score_adj")


def serve(folder: str) -> int:
    """Answer at the socket of a folder until nobody has asked for a while; a second worker there ends at once."""
    try:
        _check_private(Path(folder))
        # From here on by names alone: the path of a socket may have no more than 107 bytes.
        os.chdir(folder)
        with _only_one() as is_mine:
            if is_mine:
                _leave_terminal()
                _Worker(float(os.environ.get("FTOPS_WORKER_IDLE") or _IDLE_SECONDS)).run()
    except Exception as error:
        explain(error)
        return 1
    return 0


def _check_private(folder: Path) -> None:
    """Refuse a folder in which others could listen in its place, or read what is asked."""
    found = folder.stat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise Failure("trainer", f"{folder} is not this user's alone: its mode has to be 0700")


@contextmanager
def _only_one() -> Iterator[bool]:
    """Whether this is the folder's worker; where another is, it is waited for until it listens or is gone."""
    with _LOCK.open("a") as lock:
        while not take_lock(lock):
            if _somebody_listens():
                yield False
                return
            time.sleep(0.05)
        yield _is_named(_LOCK, os.fstat(lock.fileno()))


def _somebody_listens() -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(_SOCKET)) == 0


def _is_named(name: Path, file: os.stat_result) -> bool:
    """Whether a name of the folder still means that file."""
    try:
        found = name.lstat()
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == (file.st_dev, file.st_ino)


def _leave_terminal() -> None:
    """Be nobody's child: what is said goes to the log, and what ends whoever started this does not reach it."""
    with suppress(PermissionError):
        os.setsid()
    # Where memory ends, a training beside it is worth more.
    with suppress(OSError):
        _FIRST_TO_GO.write_text("1000", encoding="ascii")
    log = os.open(_LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, log, log)):
        os.dup2(file, number)
    os.close(log)
    os.close(nothing)


class _ClientWish(StopWish):
    """The worker's wish to end, and that of a client, who says it by going away."""

    def __init__(self, own: StopWish, client: socket.socket) -> None:
        super().__init__()
        self._own = own
        self._poll = select.poll()
        self._poll.register(client, select.POLLRDHUP)

    def check(self) -> None:
        self._own.check()
        if self._poll.poll(0):
            raise Stopped


class _Worker:
    def __init__(self, idle: float) -> None:
        self._idle = idle
        self._wish = StopWish()
        self._wish.listen()
        self._answerer: Answerer | None = None

    def run(self) -> None:
        """Answer one client after another; those who wait stand in the socket's queue."""
        with _listening() as (listener, name):
            asked = time.monotonic()
            while not self._wish.wished and _is_named(_SOCKET, name):
                if self._answer_next(listener, _TICK_SECONDS):
                    asked = time.monotonic()
                elif time.monotonic() - asked >= self._idle or _is_memory_short():
                    break
            if _is_named(_SOCKET, name):
                _SOCKET.unlink()
            # Who connected before the name was gone is answered; who connects now finds nobody, and starts another.
            while not self._wish.wished and self._answer_next(listener, 0):
                pass

    def _answer_next(self, listener: socket.socket, seconds: float) -> bool:
        """Answer whoever asks within so long; whether anybody did."""
        if not select.select([listener], [], [], seconds)[0]:
            return False
        client, _ = listener.accept()
        client.settimeout(_PATIENCE_SECONDS)
        # A client that has gone, or does nothing, is no trouble of the next one.
        with suppress(OSError, Stopped), client, client.makefile("rw", encoding="utf-8", newline="\n") as stream:
            line = stream.readline(_LONGEST_REQUEST)
            if not line:
                return False
            client.settimeout(_READING_SECONDS)
            # An empty line says that the turn of whoever asked has come.
            stream.write("\n")
            stream.flush()
            told(stream, self._answer(line, stream, _ClientWish(self._wish, client)))
        return True

    def _answer(self, line: str, stream: TextIO, wish: StopWish) -> dict[str, Any]:
        """Answer a request, and return the last line of the answer: that it is whole, or why it is not."""
        from .answering import Answerer

        def tell(part: dict[str, Any]) -> None:
            try:
                told(stream, part)
            except OSError as error:
                raise Stopped from error

        answerer = self._answerer = self._answerer or Answerer()
        try:
            answerer.answer(Fields(json.loads(line), "request"), tell, wish)
        except Stopped:
            raise
        except Exception as error:
            failure = explain(error)
            if failure.kind in ("memory", "trainer"):
                answerer.forget()
            return {"failure": failure.message}
        return {"finished": True}


@contextmanager
def _listening() -> Iterator[tuple[socket.socket, os.stat_result]]:
    """A socket that has its name from when it can be connected to, and the file that the name means."""
    with socket.socket(socket.AF_UNIX) as listener:
        # What a worker that was killed has left.
        _FRESH.unlink(missing_ok=True)
        mask = os.umask(0o177)
        listener.bind(str(_FRESH))
        os.umask(mask)
        listener.listen(_QUEUE)
        _FRESH.replace(_SOCKET)
        yield listener, _SOCKET.lstat()


def _is_memory_short() -> bool:
    """Whether others could need what a worker holds that nobody asks."""
    try:
        lines = [line.split() for line in _MEMORY.read_text(encoding="ascii").splitlines()]
    except OSError:
        return False
    kilobytes = {words[0]: int(words[1]) for words in lines if len(words) > 1}
    return kilobytes.get("MemAvailable:", 1) * 20 < kilobytes.get("MemTotal:", 0)
