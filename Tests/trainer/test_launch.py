"""The Python environment is made once a lock, whoever asks and whatever is killed."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import HERE, wait_until, waiters

LAUNCH = HERE.parents[1] / "Sources" / "trainer" / "launch"
PROJECT = '[project]\nname = "tiny"\nversion = "1"\nrequires-python = ">=3.11"\n[tool.uv]\npackage = false\n'
LOCK = 'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n[[package]]\nname = "tiny"\nversion = "1"\n'
LOCK += 'source = { virtual = "." }\n'
# Counts what it is asked to make, waits at a gate where there is one, and leaves a file that is none of uv's.
UV = """#!/bin/sh
[ "$1" = --version ] || {{
    echo "$UV_PROJECT_ENVIRONMENT" >>{top}/asked
    [ -e "$UV_PROJECT_ENVIRONMENT" ] || {python} -m uv venv --quiet "$UV_PROJECT_ENVIRONMENT"
    echo 1 >"$(echo "$UV_PROJECT_ENVIRONMENT"/lib/python*)/site-packages/given.py"
    echo half >>"$UV_PROJECT_ENVIRONMENT/half"
    [ ! -e {top}/gate ] || read line <{top}/gate
}}
exec {python} -m uv "$@"
"""


class Trainer:
    """A trainer's folder with an environment of nothing, and a cache of its own."""

    def __init__(self, top: Path) -> None:
        self.top, self.folder, self.cache = top, top / "trainer", top / "cache" / "ftops"
        (self.folder / "ftops_trainer").mkdir(parents=True)
        shutil.copy(LAUNCH, self.folder / "launch")
        (self.folder / "pyproject.toml").write_text(PROJECT)
        (self.folder / "uv.lock").write_text(LOCK)
        show = "import os, sys\nprint(os.getpid(), *sys.argv[1:], os.environ['PYTHONPATH'], sys.flags.safe_path)\n"
        show += "print(*(os.path.basename(os.readlink(f'/proc/self/fd/{number}')) for number in (7, 8, 9)))\n"
        (self.folder / "ftops_trainer" / "__main__.py").write_text(show)
        tracking = self.folder / "tracking"
        (tracking / "ftops_tracking").mkdir(parents=True)
        (tracking / "ftops_tracking" / "__main__.py").write_text(show + "print(sys.stdin.read(), os.nice(0))\n")
        (tracking / "pyproject.toml").write_text(PROJECT)
        (tracking / "uv.lock").write_text(LOCK + "\n\n")
        (top / "bin").mkdir()
        (top / "bin" / "uv").write_text(UV.format(top=top, python=sys.executable))
        (top / "bin" / "uv").chmod(0o755)
        path = f"{top / 'bin'}:{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "XDG_CACHE_HOME": str(top / "cache"), "UV_OFFLINE": "1"}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [str(self.folder / "launch"), *arguments]
        locks = " ".join(f"{number}>{self.top / str(number)}" for number in (7, 8, 9))
        return subprocess.Popen(
            ["sh", "-c", f'exec "$@" {locks}', "sh", *command],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def python(self) -> Path:
        process = self.start("environment")
        output, errors = process.communicate()
        assert process.returncode == 0, errors
        return Path(output.strip())

    @property
    def asked(self) -> list[str]:
        return (self.top / "asked").read_text().split() if (self.top / "asked").exists() else []

    def shut(self) -> None:
        os.mkfifo(self.top / "gate")

    def open(self) -> None:
        """Let those at the gate through, and whoever comes later."""
        gate = os.open(self.top / "gate", os.O_RDWR)
        (self.top / "gate").unlink()
        os.write(gate, b"go\n" * 9)
        self.gate = gate


@pytest.fixture
def trainer(tmp_path: Path) -> Trainer:
    return Trainer(tmp_path)


def test_an_environment_is_made_once_for_a_lock(trainer):
    python = trainer.python()
    assert python.parent.parent.parent == trainer.cache
    assert subprocess.run([python, "-c", ""], check=False).returncode == 0
    assert trainer.python() == python
    assert len(trainer.asked) == 1
    (trainer.folder / "uv.lock").write_text(LOCK + "\n")
    assert trainer.python() != python
    assert len(trainer.asked) == 2


def test_its_modules_are_compiled_once_and_no_run_writes_any(trainer):
    trainer.environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(trainer.top / "elsewhere")}
    library = next((trainer.python().parents[1] / "lib").glob("python*"))
    (compiled,) = library.glob("site-packages/__pycache__/given.*.pyc")
    compiled.unlink()
    (trainer.folder / "ftops_trainer" / "own.py").write_text("")
    show = trainer.folder / "ftops_trainer" / "__main__.py"
    show.write_text("from . import own\nimport given\n")
    process = trainer.start("train")
    assert process.communicate()[1] == ""
    assert not compiled.exists()
    assert not list(trainer.folder.rglob("*.pyc"))
    assert not (trainer.top / "elsewhere").exists()


def test_a_module_that_a_full_disk_cuts_off_is_told_and_compiled_anew(trainer):
    """What was made before modules were compiled is kept; a limit of a file's size ends a write as a full disk does."""
    folder = trainer.python().parents[1]
    (folder / ".compiled").unlink()
    next((folder / "lib").glob("python*/site-packages")).joinpath("large.py").write_text(f"TEXT = '{'x' * 200_000}'\n")
    command = ["bash", "-c", f"ulimit -f 100; exec {trainer.folder / 'launch'} environment"]
    full = subprocess.run(command, env=trainer.environment, capture_output=True, text=True, check=False)
    assert full.returncode != 0
    assert "is cut off: make room on the disk" in full.stderr
    assert trainer.start("ready").wait() == 1
    python = trainer.python()
    assert subprocess.run([python, "-c", "import large"], check=False).returncode == 0
    assert trainer.start("ready").wait() == 0
    assert len(trainer.asked) == 1


def test_whether_it_is_ready_is_told_without_making_anything(trainer):
    assert trainer.start("ready").wait() == 1
    assert trainer.asked == []
    trainer.python()
    assert trainer.start("ready").wait() == 0
    assert len(trainer.asked) == 1


def test_two_that_start_at_once_make_it_once(trainer):
    trainer.shut()
    both = [trainer.start("environment") for _ in range(2)]
    try:
        wait_until(lambda: bool(trainer.asked) and waiters(trainer.cache / "trainer.lock") == 1)
    finally:
        trainer.open()
    ends = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert len({output for output, _ in ends}) == 1
    assert sum("waiting for another" in errors for _, errors in ends) == 1
    assert len(trainer.asked) == 1


@pytest.mark.parametrize("whole", [True, False])
def test_one_that_was_killed_in_the_middle_is_made_anew(trainer, whole):
    """Its uv may go on: then it is waited for, and what it made is not trusted either."""
    trainer.shut()
    first = trainer.start("environment")
    wait_until(lambda: bool(trainer.asked))
    (shell,) = children(first.pid)
    for process in (first.pid, shell, *(children(shell) if whole else ())):
        os.kill(process, signal.SIGKILL)
    first.wait()
    if whole:
        trainer.open()
        python = trainer.python()
    else:
        second = trainer.start("environment")
        try:
            wait_until(lambda: waiters(trainer.cache / "trainer.lock") == 1)
        finally:
            trainer.open()
        python = Path(second.communicate()[0].strip())
    assert (python.parent.parent / "half").read_text() == "half\n"
    assert len(trainer.asked) == 2
    assert subprocess.run([python, "-c", ""], check=False).returncode == 0


def children(process: int) -> list[int]:
    told = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=True)
    return [int(child) for child in told.stdout.split()]


def test_an_environment_whose_python_has_gone_is_made_anew(trainer):
    python = trainer.python()
    python.unlink()
    python.symlink_to("/usr/bin/python-that-was-removed")
    assert trainer.python() == python
    assert subprocess.run([python, "-c", ""], check=False).returncode == 0


def test_a_uv_that_fails_is_told_and_leaves_nothing_that_counts(trainer):
    (trainer.folder / "uv.lock").write_text("nonsense")
    process = trainer.start("environment")
    assert "uv.lock" in process.communicate()[1]
    assert process.returncode != 0
    assert not list(trainer.cache.glob("*/.com*"))


def test_it_becomes_the_trainer_with_its_modules_alone_and_the_locks_that_it_was_given(trainer):
    trainer.environment["PYTHONPATH"] = "/tmp"
    process = trainer.start("train", "a b")
    output, _ = process.communicate()
    told, locks = output.splitlines()
    assert told.split() == [str(process.pid), "train", "a", "b", str(trainer.folder), "True"]
    assert locks == "7 8 9"


def test_trackers_have_an_environment_of_their_own_made_when_one_is_asked_for(trainer):
    """It gets the standard input of whoever starts it, whole, and waits behind the trainer for the processors."""
    assert trainer.start("ready", "tracking").wait() == 1
    process = trainer.start("track", "a b", "mlflow")
    told, locks, said = process.communicate("more events")[0].splitlines()
    path = f"{trainer.folder / 'tracking'}:{trainer.folder}"
    assert told.split() == [str(process.pid), "a", "b", "mlflow", path, "True"]
    assert locks == "7 8 9"
    assert said == f"more events {max(10, os.nice(0))}"
    (made,) = trainer.asked
    assert Path(made).name.startswith("tracking-")
    assert trainer.start("ready", "tracking").wait() == 0
    assert trainer.start("ready").wait() == 1
    environment = trainer.start("environment", "tracking")
    assert environment.communicate()[0] == f"{made}/bin/python\n"
    assert len(trainer.asked) == 1
