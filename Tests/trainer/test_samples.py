"""A few answers are told while a model trains, and the training is the same bit for bit."""

import json
import signal
from pathlib import Path

import pytest
import torch

from conftest import events, in_child, kill_at
from ftops_trainer import samples
from ftops_trainer.generation import AnswerStream
from ftops_trainer.runs import train
from records import record_rows
from test_ranks import SOURCES, in_processes


def ask(run: Path, *prompts: str, **evaluation: object) -> Path:
    """Let the evaluation of a run folder have these prompts."""
    job = json.loads((run / "job.json").read_text())
    asked = [{"prompt": prompt, "completion": None, "label": "one"} for prompt in prompts]
    job["evaluation"] = {"metrics": [], "prompts": asked, "stop": ["\n"], "max_new_tokens": 6, **evaluation}
    (run / "job.json").write_text(json.dumps(job))
    return run


def weights(run: Path) -> bytes:
    return next((run / "output").glob("*.safetensors")).read_bytes()


@pytest.fixture
def always(monkeypatch):
    """However long the answers take."""
    monkeypatch.setattr(samples, "_SHARE", 1e9)


def test_they_are_told_at_each_evaluation_and_change_with_the_model(run_folder, always):
    prompts = [row["prompt"] for row in record_rows(4, 3)]
    run = ask(run_folder(num_train_epochs=3, eval_steps=1, learning_rate=3e-3), *prompts, stop=[])
    assert train(str(run)) == 0
    first, *evaluated = [event["step"] for event in events(run, "evaluation")]
    assert (first, len(evaluated) > 2) == (0, True)
    told = events(run, "sample")
    assert [(event["step"], event["index"]) for event in told] == [(step, i) for step in evaluated for i in range(3)]
    assert [event["prompt"] for event in told[:3]] == prompts[:3]
    assert len({event["answer"] for event in told if event["index"] == 0}) > 1
    # The last are those of the version.
    answers = json.loads((run / "evaluation.json").read_text())["version"]["answers"]
    assert [event["answer"] for event in told[-3:]] == [answer["text"] for answer in answers[:3]]


@pytest.mark.parametrize("method", ["lora", "none"])
def test_a_training_comes_to_the_same_bits_with_and_without(run_folder, always, method):
    state = torch.get_rng_state()
    changed = {"num_train_epochs": 2, "eval_steps": 2, "peft_method": method, "learning_rate": 1e-3}
    plain, asked = run_folder("plain", **changed), ask(run_folder("asked", **changed), "Record:", "x")
    assert [train(str(run)) for run in (plain, asked)] == [0, 0]
    assert torch.equal(torch.get_rng_state(), state)
    assert events(asked, "sample")
    assert weights(asked) == weights(plain)
    steps = [[(event["loss"], event["grad_norm"]) for event in events(run, "step")] for run in (plain, asked)]
    assert steps[0] == steps[1]
    left = [json.loads((run / "summary.json").read_text()).keys() for run in (plain, asked)]
    assert left[0] == left[1]


def test_they_cost_no_more_than_their_share(run_folder, monkeypatch):
    """One that is out of time is told as far as it went, and the next waits until there is as much."""
    none, cut = (ask(run_folder(name, num_train_epochs=3), "Record:") for name in ("none", "cut"))
    assert train(str(none)) == 0
    assert not events(none, "sample")
    monkeypatch.setattr(samples, "_LEAST", 1e-12)
    monkeypatch.setattr(samples, "_SHARE", 1e-6)
    assert train(str(cut)) == 0
    first, second, *_ = [event["step"] for event in events(cut, "evaluation") if event["step"]]
    assert second > first
    (told,) = events(cut, "sample")
    assert told["step"] == first
    assert len(told["answer"]) <= 16


def test_texts_are_bounded_and_a_prompt_that_is_too_long_is_left_out(run_folder, always, monkeypatch):
    monkeypatch.setattr(samples, "_CHARACTERS", 8)
    monkeypatch.setattr(samples, "_PROMPT_TOKENS", 16)
    run = ask(run_folder(), "Record number one:", "long " * 90)
    assert train(str(run)) == 0
    told = events(run, "sample")
    assert {event["prompt"] for event in told} == {"…er one:"}
    assert all(len(event["answer"]) <= 8 for event in told)


def test_a_fault_of_theirs_is_told_once_and_the_training_goes_on(run_folder, always, monkeypatch, capfd):
    run = ask(run_folder(num_train_epochs=3), "Record:")
    pushed = []

    def fail(*_: object) -> bool:
        pushed.append(1)
        raise RuntimeError("no such kernel")

    with monkeypatch.context() as patch:
        patch.setattr(samples, "generate", fail)
        assert train(str(run)) == 0
    assert len(pushed) == 1
    assert not events(run, "sample")
    assert events(run, "completed")
    assert "no such kernel" in capfd.readouterr().err


def test_a_wish_to_stop_is_heard_while_answers_come(run_folder, always, monkeypatch):
    run = ask(run_folder(num_train_epochs=2, learning_rate=1e-5), "Record:", stop=[])
    with monkeypatch.context() as patch:
        kill_at(2, AnswerStream, "push", patch, signal.SIGTERM)
        assert in_child(lambda: train(str(run))) >> 8 == 75
    assert [event["event"] for event in events(run)][-2:] == ["checkpoint", "stopped"]
    assert train(str(run)) == 0


def test_the_first_of_several_processes_answers_alone(run_folder, always, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(SOURCES))
    run = ask(run_folder(), "Record:")
    in_processes(run, 2)
    assert train(str(run)) == 0
    assert [event["index"] for event in events(run, "sample")] == [0]


def test_a_model_that_is_not_whole_here_answers_nothing(run_folder, always, monkeypatch):
    monkeypatch.setattr(samples, "DTensor", torch.nn.Parameter)
    run = ask(run_folder(), "Record:")
    assert train(str(run)) == 0
    assert not events(run, "sample")
