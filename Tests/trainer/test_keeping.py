"""Validation losses decide which weights are kept and when training ends, once, whatever is killed and whenever."""

import json
import os
import signal
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from conftest import events, in_child, kill_at
from ftops_trainer import training
from ftops_trainer.checkpoints import Progress
from ftops_trainer.jobs import Parameters
from ftops_trainer.keeping import Keeper
from ftops_trainer.optimizer import AdamW
from ftops_trainer.runs import STOPPED, evaluate, train
from records import record_rows
from test_runs import weights

# A rate at which the validation loss falls, and then goes up and down.
SHAPE = {"learning_rate": 0.05, "lr_scheduler_type": "constant", "warmup_ratio": 0.0, "max_steps": 10, "eval_steps": 1}
DECIDED = {"keep": "best", "early_stopping_patience": 2}
# The step of the best evaluation, and the one at which two in a row were no better.
BEST, END = 6, 8


@pytest.fixture
def decided_folder(run_folder):
    """Makes the folder of a run whose validation loss has its best before its end."""
    return lambda name="run", **changed: run_folder(name, rows=record_rows(8, 1), **{**SHAPE, **changed})


_left_alone: list[Path] = []


@pytest.fixture
def reference(decided_folder) -> Path:
    """A run that was left alone, trained once for all."""
    if not _left_alone:
        run = decided_folder("reference", **DECIDED)
        assert train(str(run)) == 0
        _left_alone.append(run)
    return _left_alone[0]


def losses(run) -> dict[int, float]:
    return {event["step"]: event["loss"] for event in events(run, "evaluation")}


def test_the_weights_of_the_lowest_validation_loss_are_kept(decided_folder):
    run = decided_folder(keep="best", max_steps=END, evaluation=True)
    assert train(str(run)) == 0
    found, (completed,) = losses(run), events(run, "completed")
    assert min(found, key=lambda step: found[step]) == completed["kept_step"] == BEST
    assert completed["validation_loss"] == found[BEST] < found[END]
    assert (completed["steps"], completed["early_stopping_step"]) == (END, None)
    alone = decided_folder("alone", max_steps=BEST)
    assert train(str(alone)) == 0
    assert weights(run) == weights(alone)
    answers = json.loads((run / "evaluation.json").read_text())["version"]
    assert answers["loss"] == found[BEST]
    # What was asked beside the training was asked of the weights that are kept.
    assert evaluate(str(run), str(run / "output")) == 0
    again = json.loads((run / "evaluation.json").read_text())["version"]
    assert again["loss"] == pytest.approx(answers["loss"], rel=1e-6)
    assert again["answers"] == answers["answers"]


def test_the_last_weights_are_kept_where_nobody_asks_for_the_best(decided_folder):
    run = decided_folder(max_steps=END)
    assert train(str(run)) == 0
    found, (completed,) = losses(run), events(run, "completed")
    assert min(found, key=lambda step: found[step]) == BEST
    assert (completed["kept_step"], completed["validation_loss"]) == (END, found[END])


def test_a_training_that_never_gets_better_keeps_what_it_started_from(decided_folder, monkeypatch):
    worse = iter([1.0, 2.0, 3.0])
    monkeypatch.setattr(training, "validation_losses", lambda *_, **__: training.RowLosses([next(worse)], [1]))
    run = decided_folder(keep="best", max_steps=2)
    assert train(str(run)) == 0
    (completed,) = events(run, "completed")
    assert (completed["kept_step"], completed["validation_loss"]) == (0, 1.0)
    tensors = load_file(run / "output" / "adapter_model.safetensors")
    assert not any(tensor.any() for name, tensor in tensors.items() if "lora_B" in name)


@pytest.mark.parametrize(("keep", "kept"), [("last", END), ("best", BEST)])
def test_a_training_ends_after_so_many_evaluations_without_a_better_one(decided_folder, keep, kept):
    run = decided_folder(early_stopping_patience=2, keep=keep)
    assert train(str(run)) == 0
    found, (completed,) = losses(run), events(run, "completed")
    assert list(found) == list(range(END + 1))
    assert [event["step"] for event in events(run, "step")] == list(range(1, END + 1))
    assert completed["steps"] == completed["early_stopping_step"] == END
    assert (completed["kept_step"], completed["validation_loss"]) == (kept, found[kept])
    alone = decided_folder("alone", max_steps=kept)
    assert train(str(alone)) == 0
    assert weights(run) == weights(alone)


def test_patience_is_counted_in_evaluations(decided_folder):
    steps = [2, 4, 6, 8]
    run = decided_folder(early_stopping_patience=1, eval_steps=2)
    assert train(str(run)) == 0
    assert list(losses(run)) == [0, *steps]
    assert events(run, "completed")[0]["early_stopping_step"] == END


@pytest.mark.parametrize("step", range(1, END + 1))
def test_a_run_killed_in_a_step_keeps_the_weights_and_ends_at_the_step_of_one_left_alone(
    decided_folder, reference, monkeypatch, step
):
    run = decided_folder("killed", save_steps=1, **DECIDED)
    with monkeypatch.context() as patch:
        kill_at(step, training.AdamW, "step", patch)
        assert in_child(lambda: train(str(run))) == signal.SIGKILL
    check_equal(run, reference)
    assert events(run, "started")[-1]["resumed_from"] == (step - 1 or None)


@pytest.mark.parametrize("evaluation", range(1, END + 2))
def test_a_run_killed_in_an_evaluation_keeps_the_weights_of_one_left_alone(
    decided_folder, reference, monkeypatch, evaluation
):
    run = decided_folder("killed", save_steps=3, **DECIDED)
    with monkeypatch.context() as patch:
        kill_at(evaluation, training, "validation_losses", patch)
        assert in_child(lambda: train(str(run))) == signal.SIGKILL
    check_equal(run, reference)


def test_a_run_stopped_after_each_step_and_each_evaluation_keeps_the_weights_of_one_left_alone(
    decided_folder, reference, monkeypatch
):
    run = decided_folder("stopped", **DECIDED)
    for name in ("_step", "_evaluate"):
        original = getattr(training.Training, name)

        def work_and_ask(self, *arguments, original=original):
            original(self, *arguments)
            os.kill(os.getpid(), signal.SIGTERM)

        monkeypatch.setattr(training.Training, name, work_and_ask)
    codes = []
    while not codes or codes[-1] == STOPPED:
        codes.append(train(str(run)))
    assert len(codes) > END
    check_equal(run, reference)


def check_equal(run, reference) -> None:
    """Its weights and what it says of them are those of the reference, after another start."""
    assert train(str(run)) == 0
    assert weights(run) == weights(reference)
    assert len(events(run, "completed")) == 1
    for name in ("steps", "kept_step", "early_stopping_step", "validation_loss"):
        assert events(run, "completed")[0][name] == events(reference, "completed")[0][name]


def test_a_loss_that_is_equal_is_no_better():
    optimizer, progress = AdamW([torch.nn.Parameter(torch.zeros(1))], 0.0, 1.0), Progress("v1", "float32")
    keeper, held = Keeper(Parameters(keep="best", early_stopping_patience=2), optimizer), optimizer.weights
    for step, loss in enumerate([5.0, 3.0, 3.0, 4.0]):
        assert not keeper.is_patience_over(progress)
        progress.step, held[:] = step, float(step)
        keeper.note(progress, loss)
    assert keeper.is_patience_over(progress)
    assert keeper.kept(progress) == (1, 3.0)
    keeper.settle(progress)
    assert progress.validation_loss == 3.0
    assert held.item() == 1.0


@pytest.mark.parametrize("asked", [{"keep": "best"}, {"early_stopping_patience": 1}])
@pytest.mark.parametrize("lack", ["run_validation", "rows", "file"])
def test_what_validation_decides_is_refused_without_it(run_folder, asked, lack):
    run = run_folder(**asked, run_validation=lack != "run_validation")
    if lack == "rows":
        (run / "validation.jsonl").write_text("")
    if lack == "file":
        job = json.loads((run / "job.json").read_text())
        (run / "job.json").write_text(json.dumps(job | {"validation": None}))
    assert train(str(run)) == 1
    (failed,) = events(run, "failed")
    assert failed["class"] == "trainer"
    name = "keep: best" if "keep" in asked else "early_stopping_patience"
    assert f"{name} needs {'run_validation' if lack == 'run_validation' else 'validation rows'}" in failed["message"]


def test_what_is_kept_is_best_or_last(run_folder):
    run = run_folder(keep="first")
    assert train(str(run)) == 1
    assert "keep is 'first'" in events(run, "failed")[0]["message"]
