"""What ends a run, and the class under which it is reported."""

from typing import Literal

FailureClass = Literal["data", "base", "memory", "diverged", "trainer"]


class Failure(Exception):
    """An end that the person who asked for the run can do something about."""

    def __init__(self, kind: FailureClass, message: str) -> None:
        super().__init__(message)
        self.kind: FailureClass = kind
        self.message = message


class Stopped(Exception):
    """The run was asked to end, and may be started again."""


def classify(error: BaseException) -> Failure:
    """The failure that an exception amounts to."""
    if isinstance(error, Failure):
        return error
    text = str(error).strip() or type(error).__name__
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError" or "can't allocate memory" in text:
        return Failure("memory", f"out of memory: {text}; lower chunk_size or train_batch_size")
    return Failure("trainer", f"{type(error).__name__}: {text}")
