"""A model of the hub at a commit, fetched whole or not at all; what a cut left is gone on with."""

import functools
import hashlib
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .companions import is_companion
from .failures import Failure
from .files import sync
from .hub import client, endpoint, explained

_SAFETENSORS = re.compile(r"model(-\d+-of-\d+)?\.safetensors(\.index\.json)?")
_PICKLED = re.compile(r"pytorch_model(-\d+-of-\d+)?\.bin(\.index\.json)?")
# How often whoever waits is told how far it is.
_TELL_SECONDS = 10.0
# So many files at a time.
_WORKERS = 4
_PART = ".part"


class Waiting:
    """What a download does for whoever waits for it: tells how far it is, and ends early where that is wanted."""

    def __init__(self, tell: Callable[[str], None], check: Callable[[], None] = lambda: None) -> None:
        self.tell = tell
        self.check = check


def fetch(identifier: str, revision: str, final: Path, waiting: Waiting) -> None:
    """Leave the files that training and serving need in `final/model`."""
    partial = final.with_name(f".{final.name}.partial")
    model = partial / "model"
    model.mkdir(parents=True, exist_ok=True)
    with explained(f"{identifier} could not be fetched", model=identifier, revision=revision):
        listed = client().list_repo_tree(identifier, revision=revision, recursive=True)
        files = {entry.path: entry for entry in listed if hasattr(entry, "size")}
        files = {name: files[name] for name in chosen(list(files), identifier)}
        size = sum(file.size for file in files.values())
        _check_room(identifier, size - _size(model), model)
        with _told(f"fetching {identifier}", model, size, waiting.tell), ThreadPoolExecutor(_WORKERS) as workers:
            list(workers.map(lambda file: _fetch_file(identifier, revision, file, model, waiting), files.values()))
    _finish(partial, final)


def _fetch_file(identifier: str, revision: str, file: Any, folder: Path, waiting: Waiting) -> None:
    """Fetch a file, from where an earlier start left off."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils._headers import build_hf_headers

    whole, part, token = folder / file.path, folder / f"{file.path}{_PART}", client().token
    if whole.exists():
        waiting.check()
        # It was written down before it got its name, but what this disk promised was not always kept.
        if _is_as_said(whole, file):
            return
        whole.unlink()
    page = hf_hub_url(identifier, file.path, revision=revision, endpoint=endpoint())
    found = get_hf_file_metadata(page, token=token, endpoint=endpoint(), retry_on_errors=True)
    # Where the files lie elsewhere, that place is told nothing of who asks.
    elsewhere = urlsplit(found.location).netloc != urlsplit(page).netloc
    progress: Any = functools.partial(_Progress, waiting.check)
    with part.open("ab") as opened:
        if opened.tell() < file.size:
            headers = build_hf_headers(token=False if elsewhere else token)
            http_get(
                found.location,
                opened,
                resume_size=opened.tell(),
                headers=headers,
                expected_size=file.size,
                tqdm_class=progress,
            )
    _check(part, file)
    sync(part)
    part.rename(whole)


class _Progress:
    """Stands where its client has a bar, and is told of each part that comes."""

    def __init__(self, check: Callable[[], None], **_named: object) -> None:
        self._check = check

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, _size: int) -> None:
        """Take note of a part, which ends the download where that is wanted."""
        self._check()


def chosen(names: Sequence[str], identifier: str) -> list[str]:
    """Those of a model's files that are needed: its weights in safetensors where it has them, else as PyTorch's."""
    top = [name for name in names if "/" not in name]
    weights = [name for name in top if _SAFETENSORS.fullmatch(name)]
    weights = weights or [name for name in top if _PICKLED.fullmatch(name)]
    if not weights or "config.json" not in top:
        raise Failure("base", f"{identifier} has no config.json with weights in safetensors: it cannot be trained")
    return [*weights, *(name for name in top if is_companion(name))]


def _check_room(identifier: str, missing: int, folder: Path) -> None:
    """Refuse at once what would fill the disk after hours."""
    free = shutil.disk_usage(folder).free
    if free < missing:
        words = f"{identifier} takes {_megabytes(missing)} MB more, and {folder} has room for {_megabytes(free)} MB"
        raise Failure("disk", f"{words}: make room and try again")


@contextmanager
def _told(what: str, folder: Path, size: int, notice: Callable[[str], None]) -> Iterator[None]:
    """Tell how far a folder has come to a size, at first and then from time to time."""
    over = threading.Event()

    def tell() -> None:
        while not over.wait(_TELL_SECONDS):
            notice(f"{what}: {_megabytes(_size(folder))} of {_megabytes(size)} MB")

    notice(f"{what}: {_megabytes(size)} MB, once")
    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            # It has got its own name by now.
            continue
    return total


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f}" if size >= 1e6 else f"{size / 1e6:.2f}"


def _check(path: Path, file: Any) -> None:
    """Hold a file against what the hub says of it; a damaged one is fetched again the next time."""
    if not _is_as_said(path, file):
        path.unlink()
        raise Failure("base", f"{file.path} is not what the hub says it is: start again, which fetches it anew")


def _is_as_said(path: Path, file: Any) -> bool:
    """Whether a file has the size and the digest that the hub knows it by: git's own, or that of a large file."""
    if path.stat().st_size != file.size:
        return False
    with path.open("rb") as opened:
        if file.lfs is not None:
            return bool(hashlib.file_digest(opened, "sha256").hexdigest() == file.lfs.sha256)
        digest = hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
        digest.update(opened.read())
        return bool(digest.hexdigest() == file.blob_id)


def _finish(partial: Path, final: Path) -> None:
    """Give what is whole its name, once it has reached the disk."""
    model = partial / "model"
    for path in model.iterdir():
        path.chmod(0o644)
        sync(path)
    for folder in (model, partial):
        sync(folder)
    partial.rename(final)
    sync(final.parent)
