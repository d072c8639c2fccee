"""Files and folders that are there whole or not at all, whatever is killed and whenever."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO


def sync(path: Path) -> None:
    """Force a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, value: Any) -> None:
    """Replace a file by a JSON document."""
    temporary = path.with_name(f".{path.name}.tmp")
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)
    try:
        temporary.write_text(text + "\n", encoding="utf-8")
        sync(temporary)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    temporary.rename(path)
    sync(path.parent)


def read_json(path: Path) -> Any:
    """The value of a JSON document."""
    return json.loads(path.read_text(encoding="utf-8"))


def unfinished(final: Path) -> Path:
    """Where a folder lies until it is whole."""
    return final.with_name(f".{final.name}.tmp")


@contextmanager
def whole_folder(final: Path) -> Iterator[Path]:
    """A folder to be filled, which has its name only once all in it has reached the disk."""
    temporary = unfinished(final)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        for path in sorted(temporary.rglob("*"), reverse=True):
            sync(path)
        sync(temporary)
    except BaseException:
        # Where the disk is full, what was written is what fills it.
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    if final.exists():
        shutil.rmtree(final)
    temporary.rename(final)
    sync(final.parent)


def take_lock(lock: TextIO) -> bool:
    """Take the lock of a file where nobody has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
