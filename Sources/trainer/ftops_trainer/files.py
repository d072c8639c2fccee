"""Files and folders that are there whole or not at all, whatever is killed and whenever."""

import json
import os
import shutil
from pathlib import Path
from typing import Any


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
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, allow_nan=False, indent=2)
        file.write("\n")
    sync(temporary)
    temporary.rename(path)
    sync(path.parent)


def read_json(path: Path) -> Any:
    """The value of a JSON document."""
    return json.loads(path.read_text(encoding="utf-8"))


def fresh_folder(final: Path) -> Path:
    """An empty folder beside `final`, to be filled and then published."""
    temporary = final.with_name(f".{final.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    return temporary


def publish(temporary: Path, final: Path) -> None:
    """Give a filled folder its name, after all in it has reached the disk."""
    for path in sorted(temporary.rglob("*"), reverse=True):
        sync(path)
    sync(temporary)
    if final.exists():
        shutil.rmtree(final)
    temporary.rename(final)
    sync(final.parent)
