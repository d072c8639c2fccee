"""What ends a run, and the class under which it is reported."""

import errno
import sys
import traceback
from typing import Literal

from .redaction import redacted

FailureClass = Literal["data", "base", "memory", "disk", "diverged", "trainer"]

_LONGEST = 500
# Libraries in C++ and Rust tell of these by text alone.
_OUT_OF_MEMORY = ("can't allocate memory", "Cannot allocate memory", "CUDA out of memory", "STATUS_ALLOC_FAILED")
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Failure(Exception):
    """An end that the person who asked for the run can do something about; its message is one line."""

    def __init__(self, kind: FailureClass, message: str) -> None:
        self.kind: FailureClass = kind
        self.message = one_line(message)
        super().__init__(self.message)

    def __reduce__(self) -> tuple[type["Failure"], tuple[FailureClass, str]]:
        """How it comes from another process."""
        return Failure, (self.kind, self.message)


class Stopped(Exception):
    """The run was asked to end, and may be started again."""


def classify(error: BaseException) -> Failure:
    """The failure that an exception amounts to."""
    if isinstance(error, Failure):
        return error
    text = one_line(str(error)) or type(error).__name__
    if _is_memory(error, text):
        return Failure("memory", f"out of memory; lower chunk_size or micro_batch_size ({text})")
    if _is_disk(error, text):
        return Failure("disk", f"the disk is full; make room and try again ({text})")
    return Failure("trainer", f"{type(error).__name__}: {text}")


def explain(error: BaseException) -> Failure:
    """Say on standard error why something ended, in its last line, and what it amounts to.

    Only what nobody foresaw gets its traceback.
    """
    failure = classify(error)
    if failure.kind == "trainer" and failure is not error:
        print(redacted("".join(traceback.format_exception(error))), end="", file=sys.stderr)
    print(failure.message, file=sys.stderr, flush=True)
    return failure


def one_line(text: str) -> str:
    """A text of several lines as one, without secrets, cut where it is very long."""
    line = "; ".join(part.strip() for part in redacted(text).splitlines() if part.strip())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


def _is_memory(error: BaseException, text: str) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return getattr(error, "errno", None) == errno.ENOMEM or any(sign in text for sign in _OUT_OF_MEMORY)


def _is_disk(error: BaseException, text: str) -> bool:
    return getattr(error, "errno", None) in _DISK_FULL or any(f"os error {code})" in text for code in _DISK_FULL)
