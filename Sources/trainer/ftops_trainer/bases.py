"""Bases made available on this machine, once: a folder as it is, a Python package converted, a model of the hub."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .failures import Failure
from .fetching import Waiting, fetch
from .files import whole_folder
from .jobs import BaseSpec
from .redaction import redacted


def cache_folder() -> Path:
    """Where ftops keeps what it can make again."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "ftops"


def prepare(
    spec: BaseSpec, notice: Callable[[str], None] | None = None, check: Callable[[], None] = lambda: None
) -> Path:
    """The folder of a base in Hugging Face layout, made where it is missing.

    What takes long is told to `notice`; a download is over where `check` raises, and goes on the next time.
    """
    if spec.path is not None:
        folder = Path(spec.path)
        if not (folder / "config.json").is_file():
            raise Failure("base", f"{folder} has no config.json: it is no model folder in Hugging Face layout")
        return folder
    final = cache_folder() / "bases" / spec.folder_name
    if not _complete(final):
        with _locked(final):
            if not _complete(final):
                _make_available(spec, final, notice, check)
    return final / "model"


def _make_available(
    spec: BaseSpec, final: Path, notice: Callable[[str], None] | None, check: Callable[[], None]
) -> None:
    def tell(words: str) -> None:
        print(words, file=sys.stderr, flush=True)
        if notice is not None:
            notice(words)

    if spec.repository is not None and spec.revision is not None:
        fetch(spec.repository, spec.revision, final, Waiting(tell, check))
    else:
        tell(f"preparing {spec.package} {spec.version}: about 1 minute, once")
        _make(spec, final)


def _complete(final: Path) -> bool:
    return (final / "model" / "config.json").is_file()


@contextmanager
def _locked(final: Path) -> Iterator[None]:
    final.parent.mkdir(parents=True, exist_ok=True)
    with final.with_name(f"{final.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # What runs under the lock has it too, as it has the locks of the run and its device: should it outlive this
        # process, none may write where it still does.
        os.set_inheritable(lock.fileno(), True)
        yield


def _make(spec: BaseSpec, final: Path) -> None:
    with whole_folder(final) as temporary:
        site = temporary / "site"
        _install(f"{spec.package}=={spec.version}", site, temporary)
        # A process of its own, so that its memory does not count as the training's.
        code = [sys.executable, "-m", "ftops_trainer.conversion", str(spec.package), str(site), str(temporary)]
        # In a log, a bar that is drawn over is one line of thousands of columns.
        environment = {**os.environ, "TQDM_DISABLE": "1"}
        if subprocess.run(code, stdout=sys.stderr, env=environment, close_fds=False, check=False).returncode != 0:
            raise Failure("base", f"{spec.package} {spec.version} could not be converted; the log has the reason")
        shutil.rmtree(site)


def _install(requirement: str, site: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    command += ["--target", str(site), requirement]
    done = subprocess.run(
        command, cwd=folder, stdout=sys.stderr, stderr=subprocess.PIPE, text=True, close_fds=False, check=False
    )
    if done.returncode != 0:
        raise Failure("base", f"{requirement} could not be installed: {redacted(done.stderr).strip()[-500:]}")
