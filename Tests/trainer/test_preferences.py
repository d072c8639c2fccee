"""Preferences are learnt by the loss of DPO, on pairs that nothing parts."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from conftest import events, in_child, kill_at, write_rows
from ftops_trainer import training as trainings
from ftops_trainer.failures import Failure
from ftops_trainer.models import load_model
from ftops_trainer.preferences import preference_loss_sum
from ftops_trainer.ranks import ALONE
from ftops_trainer.rows import Pair, RowEncoder, apart
from ftops_trainer.runs import evaluate, train
from ftops_trainer.tokens import TextTokenizer
from records import preference_rows, record_rows
from test_counting import counted
from test_failures import failed
from test_loss import gradients, random_adapter, training
from test_ranks import first_steps, in_processes, in_two, start
from test_runs import weights
from tinybase import make_base

BETA = 0.3


def preferring(run_folder, name: str = "run", count: int = 10, **changed) -> Path:
    """A run folder whose rows are preferences."""
    run = run_folder(name, rows=preference_rows(count, 1), **{"dpo_beta": BETA, "keep": "last", **changed})
    write_rows(run / "validation.jsonl", preference_rows(5, 2))
    return run


def pairs_of(base: Path, count: int = 4) -> list[Pair]:
    encoder = RowEncoder(TextTokenizer(base), "tiny")
    return [encoder.encode(row) for row in preference_rows(count, 4)]


def log_likelihoods(network: torch.nn.Module, pairs: list[Pair]) -> torch.Tensor:
    """The plain way: each document alone, full logits; the sum over the answer's tokens, [pairs, 2]."""
    found = []
    for document in apart(pairs):
        ids = torch.tensor([list(document.ids)])
        logits = network(input_ids=ids, use_cache=False).logits[0, :-1].float()
        each = logits.log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
        found.append(each[torch.tensor(list(document.labels[1:])).bool()].sum())
    return torch.stack(found).view(-1, 2)


def plain_loss(policy: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """As the paper has it, and TRL's sigmoid loss."""
    chosen, rejected = (policy - reference).unbind(1)
    return -torch.nn.functional.logsigmoid(BETA * (chosen - rejected)).sum()


def test_the_loss_has_value_and_gradient_of_the_plain_one(model, base):
    pairs = pairs_of(base)
    with torch.no_grad():
        reference = log_likelihoods(model.for_generation(), pairs)
    parameters = random_adapter(model)
    state = next(layer.state for layer in model.network.modules() if hasattr(layer, "state"))
    ours = preference_loss_sum(model, state.off, apart(pairs), BETA)
    plain = plain_loss(log_likelihoods(model.for_generation(), pairs), reference)
    assert ours.item() == pytest.approx(plain.item(), rel=1e-5)
    assert ours.item() != pytest.approx(len(pairs) * math.log(2), rel=1e-3)
    one, other = gradients(ours, parameters), gradients(plain, parameters)
    assert (one - other).norm() / other.norm() < 1e-4


def test_the_losses_that_a_run_tells_are_those_of_its_adapter_in_stock_peft(run_folder, llama):
    run = preferring(run_folder, evaluation=True, num_train_epochs=2)
    assert train(str(run)) == 0
    pairs = [RowEncoder(TextTokenizer(llama), "tiny").encode(row) for row in preference_rows(5, 2)]
    network = AutoModelForCausalLM.from_pretrained(llama, dtype=torch.float32)
    with torch.no_grad():
        reference = log_likelihoods(network, pairs)
        policy = log_likelihoods(PeftModel.from_pretrained(network, str(run / "output")), pairs)
    told = events(run, "completed")[0]
    assert told["validation_loss"] == pytest.approx(float(plain_loss(policy, reference)) / 5, rel=1e-4)
    assert told["accuracy"] == float(((policy - reference).diff(dim=1) < 0).float().mean())
    version = json.loads((run / "evaluation.json").read_text())["version"]
    counts = [document.label_tokens for pair in pairs for document in (pair.chosen,)]
    assert version["perplexity"] == pytest.approx(math.exp(-float(policy[:, 0].sum()) / sum(counts)), rel=1e-4)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_pairs_at_once_or_one_by_one_give_one_gradient(run_folder, dropout):
    found = []
    for micro in (4, 3, 1):
        subject = training(preferring(run_folder, f"micro-{micro}", micro_batch_size=micro, lora_dropout=dropout))
        with torch.no_grad():
            subject.optimizer.weights.add_(torch.linspace(-0.1, 0.1, subject.optimizer.weights.numel()))
        loss, pairs, tokens = subject.accumulate(subject.steps[0], 1)
        assert (pairs, tokens) == (4, sum(subject.lengths[index] for index in subject.steps[0].documents))
        found.append((loss, subject.optimizer.gradient.clone()))
    for loss, gradient in found[1:]:
        assert loss == pytest.approx(found[0][0], rel=1e-5)
        assert (gradient - found[0][1]).norm() <= 1e-4 * found[0][1].norm()


def test_two_processes_add_up_the_gradient_of_one(run_folder, base, tmp_path):
    run = preferring(run_folder, folder=base, lora_dropout=0.1)
    assert in_child(lambda: first_steps(run, base, ALONE, tmp_path / "one.pt")) == 0
    in_two(run, base, tmp_path / "two.pt")
    (one, loss), (two, other) = (torch.load(tmp_path / f"{name}.pt") for name in ("one", "two"))
    assert [one[number][1] for number in one] == [4, 4, 2]
    for number in one:
        assert one[number][0] == pytest.approx(two[number][0], rel=1e-5)
        assert (one[number][3] - two[number][3]).norm() <= 1e-4 * one[number][3].norm()
    assert loss == pytest.approx(other, rel=1e-6)


def test_a_run_of_two_processes_comes_to_the_record_of_one(run_folder):
    one, two = (preferring(run_folder, name) for name in ("one", "two"))
    in_processes(two, 2)
    assert train(str(one)) == 0
    assert start(two).wait() == 0
    for mine, other in zip(events(one, "evaluation"), events(two, "evaluation"), strict=True):
        assert mine["loss"] == pytest.approx(other["loss"], rel=1e-3)
        assert mine["accuracy"] == other["accuracy"]


def test_killed_at_every_step_and_resumed_it_comes_to_the_same_bits(run_folder, monkeypatch):
    shape = {"count": 6, "train_batch_size": 2, "save_steps": 1, "lora_dropout": 0.1, "keep": "best"}
    whole, killed = (preferring(run_folder, name, **shape) for name in ("whole", "killed"))
    assert train(str(whole)) == 0

    def dying() -> int:
        kill_at(2, trainings, "save_checkpoint", monkeypatch)
        return train(str(killed))

    for _ in range(2):
        assert in_child(dying) != 0
    assert train(str(killed)) == 0
    assert events(killed, "started")[-1]["resumed_from"] == 2
    assert weights(whole) == weights(killed)
    ours, theirs = (events(run, "completed")[0] for run in (whole, killed))
    assert [ours[name] for name in ("validation_loss", "accuracy")] == [
        theirs[name] for name in ("validation_loss", "accuracy")
    ]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_loss_begins_at_log_two_and_falls_while_the_accuracy_rises(run_folder, dtype):
    run = preferring(run_folder, count=24, num_train_epochs=6, evaluation=True)
    job = json.loads((run / "job.json").read_text()) | {"dtype": dtype}
    (run / "job.json").write_text(json.dumps(job))
    assert train(str(run)) == 0
    first, *_, last = events(run, "evaluation")
    assert (first["loss"], first["accuracy"]) == (pytest.approx(math.log(2), rel=1e-9), 0.5)
    assert events(run, "step")[0]["loss"] == pytest.approx(math.log(2), rel=1e-9)
    assert last["loss"] < 0.3
    assert last["accuracy"] == 1.0
    found = json.loads((run / "evaluation.json").read_text())
    assert found["base"]["loss"] == pytest.approx(math.log(2), rel=1e-9)
    assert (found["base"]["accuracy"], found["version"]["accuracy"]) == (0.5, 1.0)
    assert found["version"]["loss"] == events(run, "completed")[0]["validation_loss"] == last["loss"]
    assert found["version"]["validation_answers"][0]["reference"] == preference_rows(5, 2)[0]["chosen"]
    (compared,) = (item for item in found["comparison"]["metrics"] if item["metric"] == "loss")
    assert compared["examples"] == 5
    assert compared["difference"] == pytest.approx(last["loss"] - math.log(2))


def test_evaluated_again_a_version_has_the_loss_and_accuracy_of_its_training(run_folder):
    run = preferring(run_folder, evaluation=True, num_train_epochs=2)
    assert train(str(run)) == 0
    before = json.loads((run / "evaluation.json").read_text())
    assert evaluate(str(run), str(run / "output")) == 0
    after = json.loads((run / "evaluation.json").read_text())
    for side in ("base", "version"):
        for name in ("loss", "perplexity", "accuracy"):
            assert after[side][name] == pytest.approx(before[side][name], rel=1e-4)


def test_a_chain_refers_to_what_it_goes_on_from(run_folder):
    first = run_folder("first", rows=record_rows(8, 3))
    assert train(str(first)) == 0
    second = preferring(run_folder, "second", train_batch_size=10)
    job = json.loads((second / "job.json").read_text())
    job["base"]["adapter"] = str(first / "output")
    (second / "job.json").write_text(json.dumps(job))
    assert train(str(second)) == 0
    assert events(second, "step")[0]["loss"] == pytest.approx(math.log(2), rel=1e-9)
    assert events(second, "evaluation")[0]["loss"] == pytest.approx(math.log(2), rel=1e-9)


def test_what_a_chain_refers_to_stays_while_it_trains(run_folder):
    first = run_folder("first", rows=record_rows(8, 3))
    assert train(str(first)) == 0
    second = preferring(run_folder, "second")
    job = json.loads((second / "job.json").read_text())
    job["base"]["adapter"] = str(first / "output")
    (second / "job.json").write_text(json.dumps(job))
    subject = training(second)
    documents = apart(subject.documents)
    start = subject.model.loss_sums(documents)
    with torch.no_grad():
        subject.optimizer.weights.add_(torch.linspace(-0.1, 0.1, subject.optimizer.weights.numel()))
    with subject.trainee.off():
        assert subject.model.loss_sums(documents) == start
    assert subject.model.loss_sums(documents) != start


def test_a_base_that_cannot_keep_documents_apart_sees_one_at_a_time(tmp_path):
    base = make_base(tmp_path / "bloom", "bloom")
    model, pairs = load_model(base, "cpu", "float32", 1), pairs_of(base, 2)
    assert not model.keeps_documents_apart
    together, alone = model.loss_sums(apart(pairs)), [model.loss_sums([one])[0] for one in apart(pairs)]
    assert together == alone


def test_a_count_is_what_the_training_says(run_folder):
    run = preferring(run_folder)
    found = counted(run)
    assert train(str(run)) == 0
    (started,) = events(run, "started")
    assert {name: started[name] for name in found if name != "units"} | {"units": 10} == found


def test_pairs_are_counted_as_rows_and_those_that_nothing_is_left_of_are_left_out(encoder, tmp_path):
    rows = preference_rows(3, 1)
    long = {**rows[0], "rejected": rows[0]["rejected"] * 9}
    gone = {**rows[0], "prompt": rows[0]["prompt"] * 9}
    write_rows(tmp_path / "rows.jsonl", [*rows, long, gone])
    found = encoder.encode_all(tmp_path / "rows.jsonl", 200)
    assert found.are_preferences
    assert (len(found.documents), found.rejected, found.truncated) == (4, 1, 2)
    assert found.tokens == sum(len(document) for document in apart(found.documents))
    chosen, rejected = found.documents[0].documents
    assert (chosen.ids[-1], rejected.ids[-1], chosen.labels[-1], rejected.labels[-1]) == (1, 1, 1, 1)
    assert replace(found.documents[0], rejected=replace(rejected, labels=bytes(len(rejected)))).label_tokens == 0


@pytest.mark.parametrize(
    ("rows", "changed", "kind", "message"),
    [
        ([*preference_rows(2, 1), *record_rows(1, 1)], {}, "data", "train.jsonl:3: rows with chosen and rejected are"),
        (preference_rows(2, 1), {"pack_sequences": True}, "trainer", "pack_sequences: rows with chosen"),
        (record_rows(2, 1), {}, "data", "either all rows, those to validate on too, have chosen and rejected"),
        (preference_rows(2, 1), {"dpo_beta": 0.0}, "trainer", "dpo_beta is 0, expected more than 0"),
    ],
)
def test_what_does_not_fit_preferences_is_refused(run_folder, rows, changed, kind, message):
    run = preferring(run_folder, **changed)
    write_rows(run / "train.jsonl", rows)
    assert train(str(run)) == 1
    assert failed(run)[0] == kind
    assert message in failed(run)[1]


def test_a_row_without_one_of_its_answers_is_refused(encoder):
    for lost in ("prompt", "chosen", "rejected"):
        row = preference_rows(1, 1)[0]
        del row[lost]
        with pytest.raises(Failure, match="it has neither"):
            encoder.encode(row)
