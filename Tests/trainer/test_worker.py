"""A worker answers as `generate` does, whoever asks beside or before, and ends when nobody does."""

import fcntl
import json
import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conftest import HERE, in_background, wait_until
from ftops_trainer import worker as workers
from ftops_trainer.runs import train
from records import record_rows
from test_serving import ask
from tinybase import make_base

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts workers: start(folder, FTOPS_…="…"); by itself in a folder of the test."""
    started: list[subprocess.Popen[bytes]] = []
    (tmp_path / "worker").mkdir(mode=0o700)

    def run(folder: Path = tmp_path / "worker", **changed: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1] / "Sources" / "trainer"), **changed}
        command = [sys.executable, "-m", "ftops_trainer", "serve", str(folder)]
        started.append(subprocess.Popen(command, env=environment, cwd="/"))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


class Client:
    """One connection to the worker of a folder."""

    def __init__(self, folder: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(120)
        number = os.open(folder, os.O_RDONLY)
        try:
            # By way of the folder, as its path may be longer than a socket's may be.
            self.socket.connect(f"/proc/self/fd/{number}/socket")
        finally:
            os.close(number)
        self.lines = self.socket.makefile("r", encoding="utf-8")

    @property
    def process(self) -> int:
        """The id of the process that listens."""
        told = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", told)[0])

    def send(self, text: str) -> None:
        self.socket.sendall(text.encode() + b"\n")

    def wait_for_turn(self) -> None:
        """Wait until the worker answers this one, which an empty line says."""
        assert self.lines.readline() == "\n"

    def close(self) -> None:
        self.lines.close()
        self.socket.close()


def listens(folder: Path) -> bool:
    try:
        Client(folder).close()
    except OSError:
        return False
    return True


def asked(folder: Path, **request: Any) -> list[dict[str, Any]]:
    """What a worker answers, without the line that ends it."""
    client = Client(folder)
    client.send(json.dumps(request))
    client.wait_for_turn()
    lines = [json.loads(line) for line in client.lines]
    client.close()
    assert lines[-1] == {"finished": True}
    return lines[:-1]


def failure(folder: Path, text: str) -> str:
    client = Client(folder)
    client.send(text)
    client.wait_for_turn()
    (line,) = client.lines
    client.close()
    return str(json.loads(line)["failure"])


def request(base: Path, *folders: Path | None, prompts: list[Any] | None = None, **changed: Any) -> dict[str, Any]:
    models = [{"name": str(folder), "adapter": folder and str(folder)} for folder in folders]
    given = [row["prompt"] for row in record_rows(2, 8)] if prompts is None else prompts
    spec = {"kind": "path", "path": str(base), "name": "tiny"}
    settings = {"max_new_tokens": 10, "dtype": "float32", "threads": 1}
    return {"base": spec, "models": models, "prompts": given, **settings, **changed}


@pytest.fixture
def versions(run_folder, llama) -> list[Path]:
    """Two adapters and a model of its own."""
    changes: list[dict[str, Any]] = [
        {"seed": 1, "lora_rank": 3, "lora_alpha": 5},
        {"seed": 2, "lora_rank": 2, "lora_alpha": 9},
        {"peft_method": "none", "learning_rate": 1e-3},
    ]
    found = []
    for number, changed in enumerate(changes):
        run = run_folder(f"run{number}", max_steps=3, run_validation=False, **changed)
        assert train(str(run)) == 0
        found.append(run / "output")
    return found


@pytest.fixture
def worker(start, tmp_path) -> Path:
    """The folder of a worker that listens."""
    start()
    folder = tmp_path / "worker"
    wait_until(lambda: listens(folder))
    return folder


def test_versions_and_base_by_turns_are_answered_as_each_alone_and_the_base_is_loaded_once(worker, versions, llama):
    one, other, whole = versions
    turns = [[one], [other], [whole], [None], [one, None], [whole, one], [other], [None, whole]]
    process = Client(worker).process
    answers = [asked(worker, **request(llama, *turn)) for turn in turns]
    assert answers == [ask(**request(llama, *turn)) for turn in turns]
    assert len({"".join(line.get("text", "") for line in answer) for answer in answers[:4]}) == 4
    assert Client(worker).process == process
    drawn = request(llama, one, temperature=1.2, top_p=0.9, seed=7)
    assert asked(worker, **drawn) == asked(worker, **drawn) == ask(**drawn)


def test_another_base_and_a_conversation_take_the_place_of_what_is_loaded(worker, gemma, llama, tmp_path):
    chat = make_base(tmp_path / "chat", "llama", chat=True)
    said = request(chat, None, prompts=[{"messages": [{"role": "user", "content": "a"}]}])
    requests = [request(llama, None), request(gemma, None), said, request(llama, None)]
    assert [asked(worker, **one) for one in requests] == [ask(**one) for one in requests]


def test_files_that_were_written_anew_are_read_anew(worker, versions, tmp_path):
    one, other, _ = versions
    base = make_base(tmp_path / "base", "llama")
    shutil.copytree(one, tmp_path / "moving")
    first = asked(worker, **request(base, tmp_path / "moving"))
    for path in other.iterdir():
        shutil.copy(path, tmp_path / "moving")
    second = asked(worker, **request(base, tmp_path / "moving"))
    make_base(base, "llama", rms_norm_eps=0.5)
    third = asked(worker, **request(base, tmp_path / "moving"))
    assert first != second != third
    assert third == ask(**request(base, tmp_path / "moving"))


def test_clients_who_come_at_once_are_answered_one_after_another(worker, versions, llama):
    requests = [request(llama, folder, prompts=[f"Record {turn}:"]) for folder in versions for turn in range(3)]
    with ThreadPoolExecutor(len(requests)) as pool:
        found = list(pool.map(lambda one: asked(worker, **one), requests))
    assert found == [ask(**one) for one in requests]


def test_a_client_that_goes_away_stops_its_answer_and_nobody_elses(worker, llama):
    impatient = Client(worker)
    process = impatient.process
    # Hours of tokens.
    impatient.send(json.dumps(request(llama, None, prompts=["Record:"] * 100_000, max_new_tokens=400)))
    impatient.wait_for_turn()
    assert json.loads(impatient.lines.readline())["model"] == "None"
    impatient.close()
    assert asked(worker, **request(llama, None)) == ask(**request(llama, None))
    assert Client(worker).process == process


def test_a_request_that_fails_is_told_why_and_the_next_is_answered(worker, versions, llama, tmp_path):
    narrow = make_base(tmp_path / "narrow", "llama", intermediate_size=40)
    process = Client(worker).process
    assert "JSON" in failure(worker, "{")
    assert "is no JSON object" in failure(worker, "[]")
    assert "has no config.json" in failure(worker, json.dumps(request(tmp_path, None)))
    assert "was trained on another base" in failure(worker, json.dumps(request(narrow, versions[0])))
    assert "was trained on another base" in failure(worker, json.dumps(request(narrow, versions[2])))
    assert "is no LoRA adapter" in failure(worker, json.dumps(request(llama, tmp_path)))
    assert "tokens, and the base takes 512" in failure(worker, json.dumps(request(llama, None, prompts=["x " * 600])))
    assert asked(worker, **request(llama, versions[0])) == ask(**request(llama, versions[0]))
    assert Client(worker).process == process


def test_it_ends_when_nobody_has_asked_for_a_while_and_another_takes_its_place(start, tmp_path):
    folder = tmp_path / "worker"
    for _ in range(2):
        process = start(FTOPS_WORKER_IDLE="0.1")
        assert process.wait(60) == 0
        assert not (folder / "socket").exists()
    start()
    wait_until(lambda: listens(folder))


def test_of_two_that_start_at_once_one_stays(start, tmp_path):
    both = [start(), start()]
    wait_until(lambda: any(process.poll() is not None for process in both))
    assert sorted((process.poll() is None, process.returncode) for process in both) == [(False, 0), (True, None)]
    (left,) = (process for process in both if process.poll() is None)
    assert Client(tmp_path / "worker").process == left.pid


def test_one_that_starts_while_another_ends_waits_and_takes_its_place(start, tmp_path):
    with (tmp_path / "worker" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = start()
        wait_until(lambda: (tmp_path / "worker" / "lock").resolve() in opened(process.pid))
        assert not listens(tmp_path / "worker")
        assert process.poll() is None
    wait_until(lambda: listens(tmp_path / "worker"))


def opened(process: int) -> set[Path]:
    """The files that a process has open."""
    found = set()
    for link in Path(f"/proc/{process}/fd").glob("*"):
        try:
            found.add(link.readlink())
        except OSError:
            continue
    return found


def test_one_that_was_killed_leaves_a_socket_that_is_in_nobodys_way(start, tmp_path):
    process = start()
    wait_until(lambda: listens(tmp_path / "worker"))
    process.kill()
    process.wait()
    assert (tmp_path / "worker" / "socket").is_socket()
    assert not listens(tmp_path / "worker")
    start()
    wait_until(lambda: listens(tmp_path / "worker"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_it_leaves_no_socket(start, tmp_path, number):
    process = start()
    wait_until(lambda: listens(tmp_path / "worker"))
    process.send_signal(number)
    assert process.wait(60) == 0
    assert not (tmp_path / "worker" / "socket").exists()


def test_a_signal_in_the_middle_of_an_answer_ends_both(start, tmp_path, llama):
    process = start()
    wait_until(lambda: listens(tmp_path / "worker"))
    client = Client(tmp_path / "worker")
    client.send(json.dumps(request(llama, None, prompts=["Record:"] * 100_000, max_new_tokens=400)))
    client.wait_for_turn()
    assert client.lines.readline()
    process.terminate()
    lines = [json.loads(line) for line in client.lines]
    assert not any("finished" in line or "failure" in line for line in lines)
    assert process.wait(60) == 0


def test_it_ends_when_its_folder_is_gone_or_another_has_its_name(start, tmp_path):
    folder = tmp_path / "worker"
    process = start()
    wait_until(lambda: listens(folder))
    shutil.rmtree(folder)
    assert process.wait(60) == 0
    folder.mkdir(mode=0o700)
    process = start()
    wait_until(lambda: listens(folder))
    (folder / "socket").unlink()
    (folder / "socket").write_text("another's")
    assert process.wait(60) == 0
    assert (folder / "socket").read_text() == "another's"


def test_only_its_user_can_ask_it_and_it_has_no_terminal(start, tmp_path):
    folder = tmp_path / "worker"
    process = start()
    wait_until(lambda: listens(folder))
    assert {path.name for path in folder.iterdir()} == {"lock", "socket", "worker.log"}
    assert all(stat.S_IMODE((folder / name).stat().st_mode) == 0o600 for name in ("socket", "worker.log"))
    assert os.getsid(process.pid) == process.pid
    assert {Path("/dev/null"), folder / "worker.log"} <= opened(process.pid)


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777])
def test_a_folder_that_others_may_look_into_is_refused(tmp_path, capsys, mode):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(mode)
    assert workers.serve(str(tmp_path / "open")) == 1
    assert "is not this user's alone" in capsys.readouterr().err
    assert not list((tmp_path / "open").iterdir())


def test_a_client_that_asks_nothing_does_not_keep_others_waiting_for_long(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_PATIENCE_SECONDS", 0.05)
    process = in_background(lambda: workers.serve(str(tmp_path)))
    tmp_path.chmod(0o700)
    try:
        wait_until(lambda: listens(tmp_path))
        silent = Client(tmp_path)
        assert "JSON" in failure(tmp_path, "{")
        silent.close()
    finally:
        os.kill(process, signal.SIGTERM)
    assert os.waitpid(process, 0)[1] == 0


def test_it_ends_where_memory_gets_short(tmp_path, monkeypatch):
    (tmp_path / "meminfo").write_text("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 49 kB\nHugePages_Total: 0\n")
    monkeypatch.setattr(workers, "_MEMORY", tmp_path / "meminfo")
    (tmp_path / "worker").mkdir(mode=0o700)
    process = in_background(lambda: workers.serve(str(tmp_path / "worker")))
    assert os.waitpid(process, 0)[1] == 0
    (tmp_path / "meminfo").write_text("MemTotal: 1000 kB\nMemAvailable: 50 kB\n")
    assert not workers._is_memory_short()
