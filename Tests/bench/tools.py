"""What the benches share: the release build, the peers' environments, timing a command, and the table."""

import dataclasses
import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ftops"
PEERS = ["datasets==5.2.0", "polars==2.1.0", "duckdb==2.0.1"]
DVC = ["dvc==3.67.1"]


@dataclasses.dataclass
class Run:
    """One run of a command: seconds on the clock, seconds of processors, and the largest process's memory."""

    wall: float
    cpu: float
    memory: int


def ftops() -> Path:
    """The release build, which `make bench` has made."""
    path = TOP / ".build-release" / "release" / "ftops"
    if not path.exists():
        sys.exit(f"{path} is not there: run it by make bench")
    return path


def environment(name: str, packages: list[str]) -> Path:
    """The python of an environment of its own in the cache, made at first."""
    folder = CACHE / f"bench-{name}-{hashlib.sha256(' '.join(packages).encode()).hexdigest()[:12]}"
    if not (folder / ".complete").exists():
        print(f"installing {', '.join(packages)} into {folder}", file=sys.stderr)
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python", *packages]
        subprocess.run(install, check=True)
        (folder / ".complete").touch()
    return folder / "bin" / "python"


# The kernel counts to a process's peak of memory what its parent had when it started it, so the parent is a small one.
LAUNCHER = """
import json, os, sys, time
start = time.perf_counter()
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(child, 0)
wall = time.perf_counter() - start
print(json.dumps([os.waitstatus_to_exitcode(status), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024]))
"""


def run(command: list[str | Path], folder: Path, extra: dict[str, str] | None = None) -> Run:
    """Runs a command to its end, its output thrown away."""
    program = shutil.which(command[0]) or command[0]
    launch = [sys.executable, "-I", "-S", "-c", LAUNCHER, program, *command[1:]]
    done = subprocess.run(launch, cwd=folder, env={**os.environ, **(extra or {})}, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command} could not be run: {done.stderr}")
    status, wall, cpu, memory = json.loads(done.stdout)
    if status != 0:
        sys.exit(f"{command} failed: {done.stderr}")
    return Run(wall, cpu, memory)


def median(runs: list[Run]) -> Run:
    return Run(
        statistics.median(run.wall for run in runs),
        statistics.median(run.cpu for run in runs),
        max(run.memory for run in runs),
    )


def ratio(slow: list[Run], fast: list[Run]) -> tuple[float, float]:
    """How many times longer the slow one takes, pair by pair of neighbouring runs: by the clock, and by processors."""
    pairs = list(zip(slow, fast, strict=True))
    walls = statistics.median(one.wall / other.wall for one, other in pairs)
    return walls, statistics.median(one.cpu / other.cpu for one, other in pairs)


def section(name: str, text: str) -> None:
    """Prints a bench's result and puts it in its place in .docs/bench.md."""
    print(text)
    path = TOP / ".docs" / "bench.md"
    page = path.read_text()
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, rest = page.split(start)
    path.write_text(before + start + text + end + rest.split(end)[1])


def headline(what: str, ours: str, others: str) -> None:
    """Puts a line into the README's table, in place of the one that says the same of an earlier run."""
    path = TOP / "README.md"
    start, end = "<!-- bench -->\n", "<!-- end of bench -->\n"
    before, rest = path.read_text().split(start)
    table, after = rest.split(end)
    lines = table.splitlines()
    line = f"| {what} | {ours} | {others} |"
    places = [place for place, old in enumerate(lines) if old.startswith(f"| {what} |")]
    if places:
        lines[places[0]] = line
    else:
        lines.append(line)
    path.write_text(before + start + "\n".join(lines) + "\n" + end + after)


def stamp() -> str:
    """Where and when it was measured."""
    release = subprocess.run([ftops(), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    cores = len(os.sched_getaffinity(0))
    today = time.strftime("%Y-%m-%d", time.gmtime())
    return f"{today}, {cores} cores, {platform.system()} on {platform.machine()}, ftops {release.split()[-1]}"
