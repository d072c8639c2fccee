"""Tiny bases, made here, and run folders that train on them within a second."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "Sources" / "trainer"), str(HERE)]

import torch

from ftops_trainer.jobs import Parameters
from ftops_trainer.models import Model, load_model
from ftops_trainer.rows import RowEncoder
from ftops_trainer.tokens import TextTokenizer
from records import record_rows
from tinybase import make_base

# One thread: the tests fork, and what they compare must not depend on the machine's load.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("base") / "tiny-llama", "llama")


@pytest.fixture(scope="session")
def gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("base") / "tiny-gemma", "gemma")


@pytest.fixture(params=["llama", "gemma"])
def base(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue(request.param)
    return folder


@pytest.fixture
def model(base: Path) -> Model:
    return load_model(base, "cpu", "float32", 1)


@pytest.fixture
def tokenizer(llama: Path) -> TextTokenizer:
    return TextTokenizer(llama)


@pytest.fixture
def encoder(tokenizer: TextTokenizer) -> RowEncoder:
    return RowEncoder(tokenizer, "tiny")


Maker = Callable[..., Path]


@pytest.fixture
def run_folder(tmp_path: Path, llama: Path) -> Maker:
    """Makes run folders: run_folder("name", rows=…, evaluation=…, **parameters)."""

    def make(
        name: str = "run",
        rows: list[dict[str, Any]] | None = None,
        evaluation: bool = False,
        folder: Path = llama,
        **changed: Any,
    ) -> Path:
        run = tmp_path / name
        run.mkdir()
        defaults = Parameters(train_batch_size=4, lora_rank=2, lora_alpha=4, chunk_size=256, learning_rate=1e-2)
        parameters = asdict(replace(defaults, **changed)) | {"target_modules": "all-linear"}
        write_rows(run / "train.jsonl", record_rows(18, 1) if rows is None else rows)
        write_rows(run / "validation.jsonl", record_rows(5, 2))
        prompts = [
            {"prompt": row["prompt"], "completion": row["completion"], "label": "one"} for row in record_rows(2, 3)
        ]
        asked = {"metrics": ["loss", "exact_match"], "prompts": prompts, "stop": ["\n"], "max_new_tokens": 6}
        job = {
            "format": 1,
            "run": "3f9c1a2b7d10",
            "fingerprint": "v1-" + "0" * 64,
            "base": {"kind": "path", "path": str(folder), "name": "tiny"},
            "train": "train.jsonl",
            "validation": "validation.jsonl",
            "parameters": parameters,
            "device": "cpu",
            "dtype": "float32",
            "gpus": 0,
            "threads": 1,
            "evaluation": {**asked, "validation_rows": 3} if evaluation else None,
        }
        (run / "job.json").write_text(json.dumps(job))
        return run

    return make


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def events(run: Path, kind: str | None = None) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    return [line for line in lines if kind is None or line["event"] == kind]


def in_child(work: Callable[[], int]) -> int:
    """The wait status of a forked process that does some work."""
    return os.waitpid(in_background(work), 0)[1]


def in_background(work: Callable[[], int]) -> int:
    """The id of a forked process that does some work."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            code = work()
        finally:
            os._exit(code)
    return child


def kill_at(
    call: int, module: object, name: str, monkeypatch: pytest.MonkeyPatch, number: int = signal.SIGKILL
) -> list[int]:
    """Make the process send itself a signal in the given call of a function; gives the count of its calls."""
    original, count = getattr(module, name), [0]

    def killer(*arguments, **named):
        count[0] += 1
        if count[0] == call:
            os.kill(os.getpid(), number)
        return original(*arguments, **named)

    monkeypatch.setattr(module, name, killer)
    return count


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def waiters(path: Path) -> int:
    """How many processes wait for a lock on a file."""
    if not path.exists():
        return 0
    lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return sum("->" in line and any(word.endswith(f":{path.stat().st_ino}") for word in line) for line in lines)
