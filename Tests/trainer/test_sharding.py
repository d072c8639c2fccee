"""A model that lies in shares trains as one that each process has whole."""

import json
import os
import signal
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from conftest import HERE, events, in_child, write_rows
from ftops_trainer.checkpoints import Part, Progress, newest_checkpoint, save_checkpoint
from ftops_trainer.failures import Failure
from ftops_trainer.ranks import ALONE, Ranks
from ftops_trainer.runs import STOPPED, train
from ftops_trainer.sharding import share_out
from records import preference_rows, record_rows
from test_failures import failed
from test_ranks import SOURCES, await_step, children, first_steps, kill_at_each_step, start, unequal
from tinybase import make_base

LORA = {"lora_dropout": 0.1}
WHOLE = {"peft_method": "none", "learning_rate": 2e-3}
METHODS = pytest.mark.parametrize("shape", [LORA, WHOLE], ids=["lora", "none"])


def in_shares(run: Path, count: int = 2, **changed) -> Path:
    job = json.loads((run / "job.json").read_text())
    more = {"processes": count, "threads": count, "sharding": "full"}
    (run / "job.json").write_text(json.dumps(job | more | changed))
    return run


def going_on_from(run: Path, parent: Path) -> Path:
    job = json.loads((run / "job.json").read_text())
    job["base"]["adapter"] = str(parent / "output")
    (run / "job.json").write_text(json.dumps(job))
    return run


def evaluation(run: Path) -> dict:
    return json.loads((run / "evaluation.json").read_text())


def weights(run: Path) -> dict[str, torch.Tensor]:
    (file,) = (run / "output").glob("*.safetensors")
    return load_file(file)


def check_close(one: Path, other: Path) -> None:
    """Their losses, gradients, weights, files and answers are the same, but for rounding."""
    for kind, fields in {"step": ("loss", "grad_norm"), "evaluation": ("loss",)}.items():
        for mine, theirs in zip(events(one, kind), events(other, kind), strict=True):
            for field in fields:
                assert theirs[field] == pytest.approx(mine[field], rel=1e-4)
    ours, theirs = weights(one), weights(other)
    assert ours.keys() == theirs.keys()
    for name in ours:
        torch.testing.assert_close(theirs[name], ours[name], rtol=1e-3, atol=1e-4)
    for path in (one / "output").iterdir():
        assert path.suffix == ".safetensors" or path.read_bytes() == (other / "output" / path.name).read_bytes()
    for side, what in product(("base", "version"), ("answers", "validation_answers")):
        assert evaluation(one)[side][what] == evaluation(other)[side][what]


def check_equal(one: Path, other: Path) -> None:
    ours, theirs = weights(one), weights(other)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize(("kind", "shape"), [("gemma", LORA), ("llama", WHOLE)], ids=["lora", "none"])
def test_shares_add_up_the_gradient_of_one_process(request, run_folder, tmp_path, kind, shape):
    base = request.getfixturevalue(kind)
    # Steps of three groups, three, three and one: one process has nothing of its own to do now and then.
    run = run_folder(rows=unequal(10), folder=base, train_batch_size=3, micro_batch_size=1, **shape)
    assert in_child(lambda: first_steps(run, base, ALONE, tmp_path / "one.pt")) == 0
    command = [sys.executable, str(HERE / "sharedpeer.py"), str(run), str(base)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCES), str(HERE)])}
    peers = [subprocess.Popen([*command, str(rank), str(tmp_path / "two.pt")], env=environment) for rank in (0, 1)]
    assert [peer.wait() for peer in peers] == [0, 0]
    (one, loss), (two, other) = (torch.load(tmp_path / f"{name}.pt") for name in ("one", "two"))
    assert one.keys() == two.keys()
    for number in one:
        assert one[number][0] == pytest.approx(two[number][0], rel=1e-6)
        assert one[number][1:3] == two[number][1:3]
        assert float((one[number][3] - two[number][3]).norm()) <= 1e-4 * float(one[number][3].norm())
    assert loss == pytest.approx(other, rel=1e-6)


@METHODS
def test_shares_come_to_the_result_of_one_process(run_folder, gemma, shape):
    one, two = (run_folder(name, folder=gemma, evaluation=True, keep="best", **shape) for name in ("one", "two"))
    assert train(str(one)) == 0
    assert start(in_shares(two)).wait() == 0
    check_close(one, two)
    assert [event["event"] for event in events(one)] == [event["event"] for event in events(two)]
    (mine,), (theirs,) = events(one, "started"), events(two, "started")
    assert (theirs["processes"], theirs["trainable_parameters"]) == (2, mine["trainable_parameters"])
    # An evaluation that is missing is made, and by a model in shares again.
    first = evaluation(two)
    (two / "evaluation.json").unlink()
    assert start(two).wait() == 0
    assert evaluation(two)["version"]["answers"] == first["version"]["answers"]
    assert evaluation(two)["base"]["loss"] == pytest.approx(first["base"]["loss"], rel=1e-5)


def test_killed_at_every_step_and_resumed_shares_come_to_the_same_bits(run_folder, llama):
    shape = {"rows": record_rows(6, 5), "folder": llama, "train_batch_size": 2, "save_steps": 1, **WHOLE}
    left, killed = (in_shares(run_folder(name, keep="best", eval_steps=1, **shape)) for name in ("left", "killed"))
    assert start(left).wait() == 0
    kill_at_each_step(killed, 3)
    assert start(killed).wait() == 0
    check_equal(left, killed)
    assert len(events(killed, "started")) > 1
    assert events(killed, "started")[-1]["resumed_from"] is not None


DYING = """
import os, signal, sys
from ftops_trainer import checkpoints
from ftops_trainer.__main__ import main

def dying(*arguments, original=checkpoints.{name}, calls=[]):
    calls.append(1)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments)

checkpoints.{name} = dying
sys.exit(main(["train", sys.argv[1]]))
"""


@pytest.mark.parametrize("name", ["save_file", "write_json"])
def test_a_checkpoint_of_which_a_share_is_missing_is_none(run_folder, llama, name):
    """Killed in its second checkpoint, before the first process has its share there, or after all have theirs."""
    shape = {"rows": record_rows(6, 5), "folder": llama, "train_batch_size": 2, "save_steps": 1, **WHOLE}
    killed = in_shares(run_folder(**shape))
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    running = subprocess.run([sys.executable, "-c", DYING.format(name=name), str(killed)], env=environment)
    assert running.returncode == -signal.SIGKILL
    assert [path.name for path in (killed / "checkpoints").glob("step-*")] == ["step-1"]
    assert start(killed).wait() == 0
    assert events(killed, "started")[-1]["resumed_from"] == 1


def test_a_stopped_run_goes_on_in_other_shares_or_in_none(run_folder, llama):
    shape = {"rows": record_rows(24, 5), "folder": llama, "train_batch_size": 4, "evaluation": True, **WHOLE}
    one, many = (run_folder(name, **shape) for name in ("one", "many"))
    assert train(str(one)) == 0
    for count in (2, 3):
        running = start(in_shares(many, count))
        await_step(many, running, after=len(events(many, "step")) if (many / "events.jsonl").exists() else 0)
        os.killpg(running.pid, signal.SIGTERM)
        assert running.wait() == STOPPED
        at = events(many)[-1]["step"]
        files = sorted(path.name for path in (many / "checkpoints" / f"step-{at}").glob("state*"))
        assert files == [f"state-{rank}-of-{count}.safetensors" for rank in range(count)]
    assert train(str(in_shares(many, 1))) == 0
    assert [event["resumed_from"] for event in events(many, "started")] == [
        None,
        *(event["step"] for event in events(many, "stopped")),
    ]
    check_close(one, many)


def test_a_lost_process_ends_a_run_in_shares(run_folder, llama):
    run = in_shares(run_folder(rows=record_rows(200, 5), folder=llama, train_batch_size=1, **WHOLE))
    running = start(run)
    await_step(run, running)
    (other,) = children(running.pid)
    os.kill(other, signal.SIGKILL)
    assert running.wait() == 1
    assert failed(run)[0] == "trainer"
    assert "process 1 of this run's 2 is gone" in failed(run)[1]


def test_what_diverges_in_shares_ends_beside_the_last_good_checkpoint(run_folder, llama):
    run = in_shares(run_folder(folder=llama, save_steps=1, warmup_ratio=0.0, **(WHOLE | {"learning_rate": 1e30})))
    assert start(run).wait() == 1
    kind, message = failed(run)
    assert kind == "diverged"
    assert "no number" in message
    assert "the last good checkpoint is of step 1" in message


def test_preferences_are_learnt_in_shares(run_folder, tmp_path):
    # Its documents go through it one by one: there are two passes before the way back.
    base = make_base(tmp_path / "base", "bloom")
    shape = {"rows": preference_rows(9, 1), "folder": base, "train_batch_size": 3, "micro_batch_size": 1}
    one, two = (run_folder(name, evaluation=True, **shape, **WHOLE) for name in ("one", "two"))
    for run in (one, two):
        write_rows(run / "validation.jsonl", preference_rows(5, 2))
    assert train(str(one)) == 0
    assert start(in_shares(two)).wait() == 0
    check_close(one, two)


@pytest.mark.parametrize(("before", "after"), [(LORA, WHOLE), (WHOLE, WHOLE)])
def test_training_goes_on_in_shares_from_an_adapter_or_a_whole_model(run_folder, before, after):
    parent = run_folder("parent", **before)
    assert train(str(parent)) == 0
    one, two = (going_on_from(run_folder(name, evaluation=True, **after), parent) for name in ("one", "two"))
    assert train(str(one)) == 0
    assert start(in_shares(two)).wait() == 0
    check_close(one, two)


@pytest.mark.parametrize("counts", list(product((1, 2, 3, 7), repeat=2)))
def test_a_state_is_read_in_other_parts_than_it_was_written_in(tmp_path, counts):
    shapes = ((5, 3), (4,), (1, 2), (9, 2, 2))
    size = sum(torch.Size(shape).numel() for shape in shapes)
    whole = {"weights": torch.arange(float(size)), "best": -torch.arange(float(size))}
    wrote, reads = ([Part(shapes, rank, count) for rank in range(count)] for count in counts)

    def of(part: Part) -> dict[str, torch.Tensor]:
        places = [place for span in part.spans() for place in span]
        return {name: tensor[places] for name, tensor in whole.items()}

    assert sorted(place for part in wrote for span in part.spans() for place in span) == list(range(size))
    # The first one's comes last here: it gives the folder its name.
    (tmp_path / ".step-1.tmp").mkdir()
    for part in wrote[1:]:
        save_checkpoint(tmp_path, Progress("v1-0", "float32", step=1), of(part), part)
    others = {path.name: path.read_bytes() for path in (tmp_path / ".step-1.tmp").iterdir()}

    def meet() -> None:
        for name, content in others.items():
            (tmp_path / ".step-1.tmp" / name).write_bytes(content)

    save_checkpoint(tmp_path, Progress("v1-0", "float32", step=1), of(wrote[0]), wrote[0], meet)
    for part in reads:
        found = newest_checkpoint(tmp_path, "v1-0", part)
        assert found is not None
        assert all(torch.equal(tensor, of(part)[name]) for name, tensor in found[1].items())


def test_a_checkpoint_that_one_cannot_read_is_passed_over_by_all(tmp_path):
    for step in (1, 2):
        save_checkpoint(tmp_path, Progress("v1-0", "float32", step=step), {"weights": torch.zeros(1)})
    answers = iter([True, False])
    found = newest_checkpoint(tmp_path, "v1-0", any_of_all=lambda wish: wish or next(answers))
    assert found is not None
    assert found[0].step == 1


def test_in_step_each_has_as_many_turns_and_no_work_counts_twice():
    sizes = [5, 3, 9, 1, 1, 7, 2]
    turns = [Ranks(rank, 3, in_step=True).turns(sizes) for rank in range(3)]
    assert [len(mine) for mine in turns] == [3, 3, 3]
    assert sorted(place for mine in turns for place, counts in mine if counts) == list(range(7))
    # Those of a round are alike, as each waits for the others.
    assert [sizes[mine[0][0]] for mine in turns] == [9, 7, 5]
    assert ALONE.turns([3, 4]) == [(0, True), (1, True)]
    assert Ranks(0, 3, in_step=True).turns([]) == []


def test_a_base_whose_layers_are_not_known_is_refused(model, monkeypatch):
    monkeypatch.setattr(model.network, "_no_split_modules", None)
    with pytest.raises(Failure, match="sharding: which layers"):
        share_out(model.network, None)


def test_another_way_of_sharding_is_refused(run_folder):
    run = in_shares(run_folder(), sharding="half")
    assert train(str(run)) == 1
    assert "sharding is 'half', expected none or full" in failed(run)[1]
