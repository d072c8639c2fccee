"""Several processes train as one does."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from conftest import HERE, events, in_child, wait_until
from ftops_trainer.failures import Failure
from ftops_trainer.jobs import Job
from ftops_trainer.models import bytes_a_token, load_model
from ftops_trainer.ranks import ALONE, Ranks, join, lead
from ftops_trainer.rows import RowEncoder
from ftops_trainer.runs import STOPPED, train
from ftops_trainer.sharding import put_together
from ftops_trainer.signals import StopWish
from ftops_trainer.tokens import TextTokenizer
from ftops_trainer.training import Sets, Training, validation_losses
from records import record_rows

SOURCES = HERE.parents[1] / "Sources" / "trainer"


def in_processes(run: Path, count: int) -> None:
    job = json.loads((run / "job.json").read_text())
    (run / "job.json").write_text(json.dumps({**job, "processes": count, "threads": count}))


def start(run: Path) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    command = [sys.executable, "-m", "ftops_trainer", "train", str(run)]
    return subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)


def weights(run: Path) -> dict[str, torch.Tensor]:
    return load_file(run / "output" / "adapter_model.safetensors")


def unequal(count: int) -> list[dict]:
    """Rows of which every third has many labels, and the others few."""
    rows = record_rows(count, 5)
    return [row if index % 3 else {**row, "completion": row["completion"] * 4} for index, row in enumerate(rows)]


def first_steps(run: Path, base: Path, ranks: Ranks, out: Path) -> int:
    """The gradients of all steps of an epoch, from the same weights, and the validation loss."""
    job = Job.read(run)
    encoder = RowEncoder(TextTokenizer(base), "tiny")
    sets = Sets(encoder.encode_all(job.train, 256), encoder.encode_all(run / "validation.jsonl", 256))
    trains_all = job.parameters.trains_all
    model = load_model(base, "cpu", "float32", 1, frozen=not trains_all, shares=ranks.in_step)
    training = Training(job, model, sets, None, StopWish(), ranks)
    if ranks.in_step:
        # A pass without a way back, as on a GPU before the first step, leaves no trace.
        bytes_a_token(model)
    with torch.no_grad():
        # From the start, half of an adapter's gradient would be zero.
        if not trains_all:
            training.optimizer.weights.add_(torch.linspace(-0.1, 0.1, training.optimizer.weights.numel()))
    found = {}
    for number, step in enumerate(training.steps, 1):
        loss, labels, tokens = training.accumulate(step, number)
        found[number] = (loss, labels, tokens, gradient(training))
        training.optimizer.gradient.zero_()
    loss = validation_losses(model, sets.validation.documents, ranks=ranks).sums
    if ranks.leads:
        torch.save((found, loss), out)
    return 0


def gradient(training: Training) -> torch.Tensor:
    """All of it, wherever it lies."""
    if not training.optimizer.in_shares:
        return training.optimizer.gradient.clone()
    return torch.cat([put_together(parameter.grad).reshape(-1) for parameter in training.trainee.parameters])


def in_two(run: Path, base: Path, out: Path) -> None:
    meeting = run / "meeting"

    def be(rank: int) -> int:
        with join(meeting, rank, 2, "cpu") as ranks:
            return first_steps(run, base, ranks, out)

    children = []
    for rank in (0, 1):
        child = os.fork()
        if child == 0:
            os._exit(be(rank))
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]


@pytest.mark.parametrize("packed", [False, True])
def test_two_processes_add_up_the_gradient_of_one_whatever_each_has_to_learn(run_folder, base, tmp_path, packed):
    # 10 rows in steps of 4: the last is short. Dropout is of a token's place in the step, not of who computes it.
    shape = {"train_batch_size": 4 if not packed else 1, "pack_sequences": packed, "lora_dropout": 0.1}
    run = run_folder(rows=unequal(10), folder=base, chunk_size=200, **shape)
    assert in_child(lambda: first_steps(run, base, ALONE, tmp_path / "one.pt")) == 0
    in_two(run, base, tmp_path / "two.pt")
    (one, loss), (two, other) = (torch.load(tmp_path / f"{name}.pt") for name in ("one", "two"))
    assert one.keys() == two.keys()
    assert len(one) > 2
    for number in one:
        assert one[number][1:3] == two[number][1:3]
        assert one[number][0] == pytest.approx(two[number][0], rel=1e-6)
        wanted, found = one[number][3], two[number][3]
        assert float((wanted - found).norm()) <= 1e-5 * float(wanted.norm())
    assert loss == pytest.approx(other, rel=1e-6)


def test_a_run_of_two_processes_comes_to_one_adapter_and_one_record(run_folder, llama):
    one, two = (run_folder(name, rows=unequal(10), folder=llama, evaluation=True) for name in ("one", "two"))
    in_processes(two, 2)
    assert train(str(one)) == 0
    assert start(two).wait() == 0
    ours, theirs = weights(one), weights(two)
    for name in ours:
        torch.testing.assert_close(ours[name], theirs[name], rtol=1e-3, atol=1e-4)
    assert [event["event"] for event in events(one)] == [event["event"] for event in events(two)]
    assert events(two, "started")[0]["processes"] == 2
    for mine, other in zip(events(one, "step"), events(two, "step"), strict=True):
        assert mine["loss"] == pytest.approx(other["loss"], rel=1e-3)
        assert (mine["tokens"], mine["learning_rate"]) == (other["tokens"], other["learning_rate"])
    assert not list(two.glob(".ranks-*"))


def test_killed_at_every_step_and_resumed_two_processes_come_to_the_same_bits(run_folder, llama):
    shape = {"rows": record_rows(6, 5), "folder": llama, "train_batch_size": 2, "save_steps": 1, "lora_dropout": 0.1}
    whole, killed = (run_folder(name, **shape) for name in ("whole", "killed"))
    in_processes(whole, 2)
    in_processes(killed, 2)
    assert start(whole).wait() == 0
    kill_at_each_step(killed, 3)
    assert start(killed).wait() == 0
    ours, theirs = weights(whole), weights(killed)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert len(events(killed, "started")) > 1


def test_a_process_that_is_gone_ends_the_run_and_a_stopped_run_goes_on(run_folder, llama):
    run = run_folder(rows=record_rows(40, 5), folder=llama, train_batch_size=1, save_steps=1)
    in_processes(run, 2)
    running = start(run)
    await_step(run, running)
    os.killpg(running.pid, signal.SIGTERM)
    assert running.wait() == STOPPED
    assert events(run)[-1]["event"] == "stopped"
    running = start(run)
    await_step(run, running, after=len(events(run, "step")))
    (other,) = children(running.pid)
    os.kill(other, signal.SIGKILL)
    assert running.wait() == 1
    failed = events(run, "failed")[-1]
    assert failed["class"] == "trainer"
    assert "process 1 of this run's 2 is gone" in failed["message"]


def test_what_ends_another_process_is_what_the_run_says(tmp_path):
    from ftops_trainer.ranks import _first_failure, tell

    reading, writing = os.pipe()
    tell(Failure("memory", "out of memory"), writing)
    failure = _first_failure([subprocess.Popen(["false"])], reading)
    assert (failure.kind, failure.message) == ("memory", "out of memory")


def test_a_process_that_never_comes_is_not_waited_for(tmp_path, monkeypatch):
    # Without it the others do not find their program.
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Failure, match="process 1 of this run's 3 is gone"), lead(tmp_path, 3, "cpu"):
        pass
    assert not list(tmp_path.glob(".ranks-*"))


def test_work_is_shared_evenly_and_by_all():
    sizes = [5, 3, 9, 1, 1, 7, 2]
    shares = [Ranks(rank, 3).share(sizes) for rank in range(3)]
    assert sorted(place for share in shares for place in share) == list(range(7))
    loads = [sum(sizes[place] for place in share) for share in shares]
    assert max(loads) - min(loads) <= 2
    assert ALONE.share(sizes) == list(range(7))


def events_so_far(run: Path, kind: str) -> list[dict]:
    return events(run, kind) if (run / "events.jsonl").exists() else []


def kill_at_each_step(run: Path, last: int) -> None:
    """Start a run again and again, and kill all of its processes once it has reached the next step."""
    for number in range(1, last + 1):
        running = start(run)
        wait_until(lambda at=number, of=running: of.poll() is not None or reached(run, at))
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def reached(run: Path, step: int) -> bool:
    return any(event["step"] == step for event in events_so_far(run, "checkpoint"))


def await_step(run: Path, running: subprocess.Popen, after: int = 0) -> None:
    wait_until(lambda: running.poll() is not None or len(events_so_far(run, "step")) > after)
    assert running.poll() is None


def children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(folder.name))
    return found
