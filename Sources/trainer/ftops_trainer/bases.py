"""Bases made available on this machine, once: a folder as it is, a Python package converted, a model of the hub."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .failures import Failure, FailureClass
from .fetching import Waiting, fetch
from .files import take_lock, whole_folder
from .jobs import BaseSpec
from .redaction import redacted

# How soon whoever waits for another sees that it is done, or that the waiting is to end.
_POLL_SECONDS = 0.2


def cache_folder() -> Path:
    """Where ftops keeps what it can make again."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "ftops"


def prepare(
    spec: BaseSpec, notice: Callable[[str], None] | None = None, check: Callable[[], None] = lambda: None
) -> Path:
    """The folder of a base in Hugging Face layout, made where it is missing.

    What takes long is told to `notice`; a download, or to wait for another's, is over where `check` raises, and goes on
    the next time.
    """

    def tell(words: str) -> None:
        print(words, file=sys.stderr, flush=True)
        if notice is not None:
            notice(words)

    if spec.path is not None:
        folder = Path(spec.path)
        if not (folder / "config.json").is_file():
            raise Failure("base", f"{folder} has no config.json: it is no model folder in Hugging Face layout")
        return folder
    final = cache_folder() / "bases" / spec.folder_name
    if not _complete(final):
        waiting = Waiting(tell, check)
        with locked(final, waiting):
            if not _complete(final):
                _make_available(spec, final, waiting)
    return final / "model"


def _make_available(spec: BaseSpec, final: Path, waiting: Waiting) -> None:
    if spec.repository is not None and spec.revision is not None:
        fetch(spec.repository, spec.revision, final, waiting)
    else:
        waiting.tell(f"preparing {spec.package} {spec.version}: about 1 minute, once")
        _make(spec, final)


def _complete(final: Path) -> bool:
    return (final / "model" / "config.json").is_file()


@contextmanager
def locked(final: Path, waiting: Waiting) -> Iterator[None]:
    """Be the only one that makes something available."""
    final.parent.mkdir(parents=True, exist_ok=True)
    with final.with_name(f"{final.name}.lock").open("w") as lock:
        if not take_lock(lock):
            waiting.tell(f"waiting for another run, which makes {final.name} available")
            while not take_lock(lock):
                waiting.check()
                time.sleep(_POLL_SECONDS)
        # What runs under the lock has it too, as it has the locks of the run and its device: should it outlive this
        # process, none may write where it still does.
        os.set_inheritable(lock.fileno(), True)
        yield


def _make(spec: BaseSpec, final: Path) -> None:
    with whole_folder(final) as temporary:
        site = temporary / "site"
        wanted = f"{spec.package}=={spec.version}"
        install([wanted], site, "base", wanted)
        # A process of its own, so that its memory does not count as the training's.
        code = [sys.executable, "-m", "ftops_trainer.conversion", str(spec.package), str(site), str(temporary)]
        # In a log, a bar that is drawn over is one line of thousands of columns.
        environment = {**os.environ, "TQDM_DISABLE": "1"}
        if subprocess.run(code, stdout=sys.stderr, env=environment, close_fds=False, check=False).returncode != 0:
            raise Failure("base", f"{spec.package} {spec.version} could not be converted; the log has the reason")
        shutil.rmtree(site)


def install(wanted: Sequence[str], site: Path, kind: FailureClass, what: str) -> None:
    """Install packages into a folder; where they cannot be, the failure is of that kind and names what is wanted."""
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    command += ["--target", str(site), *wanted]
    done = subprocess.run(
        command, cwd=site.parent, stdout=sys.stderr, stderr=subprocess.PIPE, text=True, close_fds=False, check=False
    )
    if done.returncode != 0:
        raise Failure(kind, f"{what} could not be installed: {redacted(done.stderr).strip()[-500:]}")
