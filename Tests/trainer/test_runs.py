"""A run ends once, with the same weights, whatever is killed and whenever."""

import hashlib
import json
import os
import signal
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from conftest import events, in_background, in_child, kill_at, wait_until, waiters
from ftops_trainer import checkpoints, files, training
from ftops_trainer.events import EventLog
from ftops_trainer.jobs import Parameters
from ftops_trainer.order import all_steps, epoch_order
from ftops_trainer.runs import STOPPED, evaluate, train
from ftops_trainer.schedule import FLOOR, learning_rate

STEPS = 5


def weights(run: Path) -> str:
    return hashlib.sha256((run / "output" / "adapter_model.safetensors").read_bytes()).hexdigest()


@pytest.fixture
def reference(run_folder) -> Path:
    run = run_folder("reference", lora_dropout=0.1)
    assert train(str(run)) == 0
    return run


def test_equal_runs_are_equal_bit_for_bit_and_another_seed_is_not(run_folder, reference):
    again, other = run_folder("again", lora_dropout=0.1, save_steps=1), run_folder("other", lora_dropout=0.1, seed=1)
    assert train(str(again)) == train(str(other)) == 0
    assert weights(again) == weights(reference) != weights(other)


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_run_killed_in_a_step_ends_with_the_weights_of_one_left_alone(run_folder, reference, monkeypatch, step):
    run = run_folder("killed", lora_dropout=0.1, save_steps=2)
    with monkeypatch.context() as patch:
        kill_at(step, training.AdamW, "step", patch)
        assert in_child(lambda: train(str(run))) == signal.SIGKILL
    assert not (run / "output").exists()
    assert train(str(run)) == 0
    assert weights(run) == weights(reference)
    expected = (step - 1) // 2 * 2 or None
    assert [event["resumed_from"] for event in events(run, "started")] == [None, expected]
    assert len(events(run, "completed")) == 1


def test_a_run_killed_at_any_write_ends_with_the_weights_of_one_left_alone(run_folder, reference, monkeypatch):
    kills = 0
    while True:
        run = run_folder(f"killed-{kills}", lora_dropout=0.1, save_steps=2)
        with monkeypatch.context() as patch:
            kill_at(kills + 1, files, "sync", patch)
            status = in_child(lambda run=run: train(str(run)))
        assert train(str(run)) == 0
        assert weights(run) == weights(reference), kills
        assert len(events(run, "completed")) == 1
        if status == 0:
            break
        kills += 1
    assert kills > 15


def test_a_run_stopped_after_each_step_ends_with_the_weights_of_one_left_alone(run_folder, reference, monkeypatch):
    run = run_folder("stopped", lora_dropout=0.1)
    original = training.Training._step

    def step_and_ask(self, step):
        original(self, step)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(training.Training, "_step", step_and_ask)
    codes = [train(str(run)) for _ in range(STEPS)]
    assert codes == [STOPPED] * STEPS
    assert [event["step"] for event in events(run, "stopped")] == [1, 2, 3, 4, 5]
    assert train(str(run)) == 0
    assert weights(run) == weights(reference)
    assert [event["step"] for event in events(run, "step")] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("module", "name"), [(files, "sync"), (training, "validation_losses")])
def test_a_run_stopped_anywhere_ends_with_the_weights_of_one_left_alone(
    run_folder, reference, monkeypatch, module, name
):
    """Before its first checkpoint, in one, while it evaluates, and when its output is there."""
    stops = 0
    while True:
        run = run_folder(f"stopped-{stops}", lora_dropout=0.1, save_steps=2)
        with monkeypatch.context() as patch:
            calls = kill_at(stops + 1, module, name, patch, signal.SIGTERM)
            status = train(str(run))
        assert status in (0, STOPPED)
        assert len(events(run, "stopped")) == (status == STOPPED)
        assert train(str(run)) == 0
        assert weights(run) == weights(reference), stops
        assert len(events(run, "completed")) == 1
        if calls[0] <= stops:
            break
        stops += 1
    assert stops > 1


def test_the_newest_two_checkpoints_are_kept_and_broken_ones_passed_over(tmp_path):
    for step in (1, 2, 3):
        progress = checkpoints.Progress("v1-0", "float32", step=step)
        checkpoints.save_checkpoint(tmp_path, progress, {"weights": torch.full((3,), float(step))})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-2", "step-3"]
    (tmp_path / ".step-4.tmp").mkdir()
    (tmp_path / "step-3" / "state.safetensors").write_bytes(b"cut off")
    found = checkpoints.newest_checkpoint(tmp_path, "v1-0")
    assert found is not None
    assert found[0].step == 2
    assert found[1]["weights"].tolist() == [2.0] * 3
    assert checkpoints.newest_checkpoint(tmp_path, "v1-1") is None


def test_a_checkpoint_whose_weights_are_no_numbers_is_passed_over(tmp_path):
    for step, value in ((1, 1.0), (2, torch.nan)):
        progress = checkpoints.Progress("v1-0", "float32", step=step)
        checkpoints.save_checkpoint(tmp_path, progress, {"weights": torch.tensor([value])})
    found = checkpoints.newest_checkpoint(tmp_path, "v1-0")
    assert found is not None
    assert found[0].step == 1


@pytest.mark.parametrize(("dtype", "resumed"), [("float32", 2), ("bfloat16", None)])
def test_a_checkpoint_serves_the_type_alone_that_it_was_made_in(run_folder, monkeypatch, dtype, resumed):
    run = run_folder(save_steps=2)
    with monkeypatch.context() as patch:
        kill_at(4, training.AdamW, "step", patch)
        assert in_child(lambda: train(str(run))) == signal.SIGKILL
    job = json.loads((run / "job.json").read_text())
    (run / "job.json").write_text(json.dumps(job | {"dtype": dtype}))
    assert train(str(run)) == 0
    assert events(run, "started")[-1]["resumed_from"] == resumed
    assert events(run, "completed")[0]["dtype"] == dtype


def test_two_that_train_one_run_train_it_once(run_folder, monkeypatch):
    run = run_folder()
    (run / ".trainer.lock").touch()
    go_on, let_on = os.pipe()
    original = training.Training._announce
    monkeypatch.setattr(training.Training, "_announce", lambda self: os.read(go_on, 1) and original(self))
    both = [in_background(lambda: train(str(run))) for _ in range(2)]
    try:
        wait_until(lambda: waiters(run / ".trainer.lock") == 1)
    finally:
        os.write(let_on, b"xx")
    assert [os.waitpid(child, 0)[1] for child in both] == [0, 0]
    assert len(events(run, "completed")) == len(events(run, "started")) == 1


def test_a_finished_run_is_not_trained_again(run_folder):
    run = run_folder(evaluation=True)
    assert train(str(run)) == 0
    before, written = weights(run), (run / "output").stat().st_mtime_ns
    (run / "evaluation.json").unlink()
    assert train(str(run)) == 0
    assert (weights(run), (run / "output").stat().st_mtime_ns) == (before, written)
    assert (run / "evaluation.json").is_file()
    assert len(events(run, "completed")) == len(events(run, "started")) == 1


def test_a_completion_that_was_not_written_is_written_by_the_next_start(run_folder):
    run = run_folder()
    assert train(str(run)) == 0
    lines = (run / "events.jsonl").read_text().splitlines(keepends=True)
    (run / "events.jsonl").write_text("".join(lines[:-1]) + lines[-1][:20])
    assert train(str(run)) == 0
    last = (run / "events.jsonl").read_text().splitlines()[-2:]
    assert last[0] == lines[-1][:20]
    assert json.loads(last[1])["event"] == "completed"


def test_a_cut_off_last_event_is_ended_before_the_next(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes('{"event":"step"}\n{"event":"st\u00e9'.encode()[:-1])
    log = EventLog(path)
    log.append("stopped", step=3)
    assert [event["event"] for event in log.events()] == ["step", "stopped"]
    assert path.read_bytes().count(b"\n") == 3


def test_events_tell_the_run_from_start_to_end(run_folder):
    run = run_folder(num_train_epochs=2)
    assert train(str(run)) == 0
    found = events(run)
    assert [event["event"] for event in found] == (
        ["started", "evaluation", *["step"] * 5, "evaluation", *["step"] * 5, "evaluation", "completed"]
    )
    started, completed = found[0], found[-1]
    assert (started["rows"], started["validation_rows"], started["steps"], started["epochs"]) == (18, 5, 10, 2)
    assert set(started["versions"]) == {"python", "torch", "transformers", "peft", "tokenizers"}
    steps = events(run, "step")
    assert [step["epoch"] for step in steps][3:6] == [
        pytest.approx(16 / 18, abs=1e-4),
        1.0,
        pytest.approx(22 / 18, abs=1e-4),
    ]
    assert steps[-1]["tokens"] == completed["tokens"] == 2 * started["tokens"]
    assert completed["validation_loss"] < completed["base_validation_loss"]
    assert all(set(event) >= {"time", "event"} for event in found)
    assert steps[0]["time"].endswith("Z")


@pytest.mark.parametrize(
    ("between", "measured"),
    [(None, [0, 5, 10]), (1, list(range(11))), (3, [0, 3, 6, 9, 10]), (5, [0, 5, 10]), (11, [0, 10])],
)
def test_the_validation_loss_is_measured_each_eval_steps_and_at_both_ends(run_folder, between, measured):
    run, alone = (
        run_folder(name, num_train_epochs=2, eval_steps=steps) for name, steps in (("run", between), ("alone", None))
    )
    assert train(str(run)) == train(str(alone)) == 0
    assert [event["step"] for event in events(run, "evaluation")] == measured
    assert weights(run) == weights(alone)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("data", {"train": "missing.jsonl"}),
        ("base", {"base": {"kind": "path", "path": "/nowhere", "name": "tiny"}}),
        ("trainer", {"format": 2}),
        ("trainer", {"parameters": {"learning_rat": 1}}),
        ("trainer", {"parameters": {"learning_rate": "high"}}),
    ],
)
def test_what_is_wrong_with_a_job_is_told_by_class(run_folder, kind, change):
    run = run_folder()
    job = json.loads((run / "job.json").read_text())
    (run / "job.json").write_text(json.dumps(job | change))
    assert train(str(run)) == 1
    assert [event["class"] for event in events(run, "failed")] == [kind]


def test_messages_fail_on_a_base_without_a_chat_template(run_folder):
    run = run_folder(rows=[{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}])
    assert train(str(run)) == 1
    (failed,) = events(run, "failed")
    assert failed["class"] == "base"
    assert "chat template" in failed["message"]


def test_rows_that_are_all_too_long_fail_as_data(run_folder):
    run = run_folder(rows=[{"prompt": "long " * 100, "completion": "x"}], chunk_size=8)
    assert train(str(run)) == 1
    assert events(run, "failed")[0]["class"] == "data"


def test_the_order_of_the_data_is_a_function_of_seed_and_epoch(monkeypatch):
    torch.manual_seed(5)
    first = epoch_order(3, 1, 100)
    torch.manual_seed(6)
    assert epoch_order(3, 1, 100) == first
    assert sorted(first) == list(range(100))
    assert epoch_order(3, 2, 100) != first != epoch_order(4, 1, 100)
    assert all_steps(Parameters(max_steps=7, train_batch_size=8), [5] * 18)[:3] == (
        all_steps(Parameters(train_batch_size=8), [5] * 18)
    )


@pytest.mark.parametrize("kind", ["linear", "cosine"])
@pytest.mark.parametrize("steps", [2, 3, 20, 1000])
def test_the_last_learning_rate_is_exactly_the_floor(kind, steps):
    parameters = Parameters(lr_scheduler_type=kind, learning_rate=1e-4)
    rates = [learning_rate(parameters, step, steps) for step in range(1, steps + 1)]
    assert rates[-1] == parameters.learning_rate * FLOOR
    assert max(rates) == parameters.learning_rate
    assert min(rates[:-1]) > rates[-1] or rates[0] == pytest.approx(parameters.learning_rate / 30)
    assert learning_rate(parameters, 1, 1) == parameters.learning_rate


def test_a_constant_rate_stays(run_folder):
    run = run_folder(lr_scheduler_type="constant", warmup_ratio=0)
    assert train(str(run)) == 0
    assert {event["learning_rate"] for event in events(run, "step")} == {1e-2}


def test_the_optimizer_is_adamw(run_folder):
    torch.manual_seed(0)
    ours = [torch.nn.Parameter(torch.randn(3, 4)), torch.nn.Parameter(torch.randn(5))]
    theirs = [torch.nn.Parameter(parameter.detach().clone()) for parameter in ours]
    one = training.AdamW(ours, weight_decay=0.1, max_norm=1.0)
    other = torch.optim.AdamW(theirs, lr=0.01, weight_decay=0.1)
    for step in range(1, 6):
        for mine, plain in zip(ours, theirs, strict=True):
            plain.grad = torch.randn_like(plain)
            mine.grad.copy_(plain.grad * 7)
        norm = torch.nn.utils.clip_grad_norm_(theirs, 1.0)
        assert one.step(step, 0.01, 7) == pytest.approx(float(norm), rel=1e-5)
        other.step()
    for mine, plain in zip(ours, theirs, strict=True):
        assert torch.allclose(mine, plain, rtol=1e-5, atol=1e-6)


def test_an_evaluation_can_be_made_again_alone(run_folder):
    run = run_folder(evaluation=True)
    assert train(str(run)) == 0
    first = json.loads((run / "evaluation.json").read_text())
    (run / "evaluation.json").unlink()
    assert evaluate(str(run), str(run / "output")) == 0
    second = json.loads((run / "evaluation.json").read_text())
    for side in ("base", "version"):
        assert second[side].pop("loss") == pytest.approx(first[side].pop("loss"), rel=1e-6)
        assert second[side].pop("perplexity") == pytest.approx(first[side].pop("perplexity"), rel=1e-5)
    assert second == first
    assert first["version"]["exact_match"]["validation"]["of"] == 3
    assert [set(answer) for answer in first["base"]["answers"]] == [{"label", "prompt", "reference", "text"}] * 2


def test_weights_move(reference):
    tensors = load_file(reference / "output" / "adapter_model.safetensors")
    assert all(tensor.abs().max() > 0 for tensor in tensors.values())
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}


def test_a_gpu_that_cannot_be_used_is_said_and_not_replaced_by_the_cpu(run_folder, monkeypatch):
    run = run_folder("gpu")
    job = json.loads((run / "job.json").read_text())
    (run / "job.json").write_text(json.dumps(job | {"device": "cuda", "gpus": 1}))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert train(str(run)) == 1
    (failed,) = events(run, "failed")
    assert failed["class"] == "trainer"
    assert "cannot use this machine's GPU" in failed["message"]
