"""Without an adapter all weights of the base train, and the result is a model of its own."""

import json
import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from conftest import events, in_child, kill_at, write_rows
from ftops_trainer import training as trainings
from ftops_trainer.loss import Head, loss_sum
from ftops_trainer.models import Model, load_model
from ftops_trainer.ranks import ALONE
from ftops_trainer.rows import Document
from ftops_trainer.runs import evaluate, train
from records import preference_rows, record_rows
from test_failures import failed
from test_loss import documents_of, gradients, reference_loss
from test_merging import write
from test_ranks import first_steps, in_processes, in_two, start
from test_serving import ask

SHAPE = {"peft_method": "none", "learning_rate": 2e-3}


def stock_loss(folder: Path, documents: list[Document]) -> float:
    """The mean loss of documents by what transformers makes of a folder as it is."""
    model = load_model(folder, "cpu", None, 1, frozen=False)
    assert model.dtype == "float32"
    with torch.no_grad():
        return float(reference_loss(model, documents)) / sum(document.label_tokens for document in documents)


def saved(run: Path) -> dict[str, torch.Tensor]:
    return load_file(run / "output" / "model.safetensors")


def unfrozen(base: Path) -> Model:
    model = load_model(base, "cpu", "float32", 1, frozen=False)
    model.network.requires_grad_(True)
    return model


def test_the_gradient_of_all_weights_is_the_plain_one(base):
    model, documents = unfrozen(base), documents_of(base)
    parameters = list(model.network.parameters())
    assert model.head.weight.requires_grad
    ours, plain = model.loss_sum(documents), reference_loss(model, documents)
    assert torch.allclose(ours, plain, rtol=1e-5)
    for one, other in zip(torch.autograd.grad(ours, parameters), torch.autograd.grad(plain, parameters), strict=True):
        assert (one - other).norm() <= 1e-4 * other.norm()


@pytest.mark.parametrize("softcap", [None, 3.0])
@pytest.mark.parametrize("elements", [64, None])
def test_a_head_that_trains_gets_the_gradient_of_the_whole_softmax(softcap, elements):
    torch.manual_seed(0)
    weight, bias = torch.randn(301, 16, requires_grad=True), torch.randn(301, requires_grad=True)
    hidden, targets = torch.randn(7, 16, requires_grad=True), torch.randint(0, 301, (7,))
    head = Head(weight, bias, softcap)
    ours = loss_sum(head, hidden, targets, elements)
    plain = torch.nn.functional.cross_entropy(head.logits(hidden), targets, reduction="sum")
    assert torch.allclose(ours, plain, rtol=1e-5)
    wanted = [hidden, weight, bias]
    assert torch.allclose(gradients(ours * 2, wanted), 2 * gradients(plain, wanted), rtol=1e-4, atol=1e-5)


def test_the_result_is_a_model_that_transformers_loads_and_the_base_is_what_it_was(run_folder, base):
    run = run_folder(folder=base, evaluation=True, num_train_epochs=2, **SHAPE)
    assert train(str(run)) == 0
    documents = documents_of(base, 5, 2)
    told = events(run, "completed")[0]
    assert told["base_validation_loss"] == pytest.approx(stock_loss(base, documents), rel=1e-5)
    assert told["validation_loss"] == pytest.approx(stock_loss(run / "output", documents), rel=1e-5)
    assert told["validation_loss"] < told["base_validation_loss"] - 0.5
    before, after = (AutoModelForCausalLM.from_pretrained(folder) for folder in (base, run / "output"))
    assert events(run, "started")[0]["trainable_parameters"] == after.num_parameters()
    changed = [not torch.equal(one, other) for one, other in zip(before.parameters(), after.parameters(), strict=True)]
    assert all(changed)
    tied = after.get_output_embeddings().weight is after.get_input_embeddings().weight
    assert tied == before.config.tie_word_embeddings
    assert AutoTokenizer.from_pretrained(run / "output").vocab_size == AutoTokenizer.from_pretrained(base).vocab_size
    assert not (run / "output" / "adapter_config.json").exists()


def test_answers_and_losses_of_the_output_are_those_of_the_training(run_folder, base, tmp_path):
    run = run_folder(folder=base, evaluation=True, num_train_epochs=2, **SHAPE)
    assert train(str(run)) == 0
    first = json.loads((run / "evaluation.json").read_text())
    assert evaluate(str(run), str(run / "output")) == 0
    again = json.loads((run / "evaluation.json").read_text())
    for side in ("base", "version"):
        assert first[side]["loss"] == pytest.approx(again[side]["loss"], rel=1e-5)
        assert first[side]["answers"] == again[side]["answers"]
    spec = {"kind": "path", "path": str(base), "name": "tiny"}
    whole = {"kind": "path", "path": str(run / "output"), "name": "whole"}
    asked = {"prompts": [row["prompt"] for row in record_rows(3, 8)], "max_new_tokens": 12}
    models = [{"name": "version", "adapter": str(run / "output")}, {"name": "base", "adapter": None}]
    said = ask(base=spec, models=models, **asked)
    alone = ask(base=whole, models=[{"name": "version", "adapter": None}], **asked)
    base_says = ask(base=spec, models=[{"name": "base", "adapter": None}], **asked)
    assert said == alone + base_says
    assert [line["text"] for line in alone if "text" in line] != [line["text"] for line in base_says if "text" in line]
    found = write(base, run / "output", tmp_path / "exported", dtype="bfloat16")
    assert (found["merging"]["largest"], found["dtype"]) == (0, "bfloat16")
    exported = AutoModelForCausalLM.from_pretrained(tmp_path / "exported", dtype="auto")
    ours = AutoModelForCausalLM.from_pretrained(run / "output", dtype=torch.bfloat16)
    assert all(torch.equal(*pair) for pair in zip(exported.parameters(), ours.parameters(), strict=True))


def test_killed_and_resumed_it_comes_to_the_same_bits(run_folder, monkeypatch):
    shape = {"rows": record_rows(6, 5), "train_batch_size": 2, "save_steps": 1, "keep": "best", **SHAPE}
    reference, killed = (run_folder(name, **shape) for name in ("reference", "killed"))
    assert train(str(reference)) == 0

    def dying() -> int:
        kill_at(2, trainings, "save_checkpoint", monkeypatch)
        return train(str(killed))

    assert in_child(dying) != 0
    assert train(str(killed)) == 0
    assert events(killed, "started")[-1]["resumed_from"] == 1
    ours, theirs = saved(reference), saved(killed)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_two_processes_add_up_the_gradient_of_one(run_folder, base, tmp_path):
    run = run_folder(folder=base, **SHAPE)
    assert in_child(lambda: first_steps(run, base, ALONE, tmp_path / "one.pt")) == 0
    in_two(run, base, tmp_path / "two.pt")
    (one, _), (two, _) = (torch.load(tmp_path / f"{name}.pt") for name in ("one", "two"))
    for number in one:
        assert (one[number][3] - two[number][3]).norm() <= 1e-4 * one[number][3].norm()


def test_a_run_of_two_processes_comes_to_the_losses_of_one(run_folder):
    one, two = (run_folder(name, **SHAPE) for name in ("one", "two"))
    in_processes(two, 2)
    assert train(str(one)) == 0
    assert start(two).wait() == 0
    for mine, other in zip(events(one, "evaluation"), events(two, "evaluation"), strict=True):
        assert mine["loss"] == pytest.approx(other["loss"], rel=1e-3)


def test_preferences_are_learnt_beside_the_untouched_base(run_folder):
    run = run_folder(rows=preference_rows(18, 1), num_train_epochs=4, **SHAPE)
    write_rows(run / "validation.jsonl", preference_rows(5, 2))
    assert train(str(run)) == 0
    first, *_, last = events(run, "evaluation")
    assert first["loss"] == pytest.approx(math.log(2), rel=1e-9)
    assert events(run, "step")[0]["loss"] == pytest.approx(math.log(2), rel=1e-9)
    assert last["loss"] < 0.5
    assert last["accuracy"] == 1


def going_on(run_folder, name: str, parent: Path, **changed) -> Path:
    run = run_folder(name, evaluation=True, **changed)
    job = json.loads((run / "job.json").read_text())
    job["base"]["adapter"] = str(parent / "output")
    (run / "job.json").write_text(json.dumps(job))
    return run


@pytest.mark.parametrize("method", ["lora", "none"])
def test_it_goes_on_from_an_adapter_or_from_another_whole_model(run_folder, method):
    parent = run_folder("parent", peft_method=method, learning_rate=2e-3)
    assert train(str(parent)) == 0
    run = going_on(run_folder, "child", parent, **SHAPE)
    assert train(str(run)) == 0
    start = events(parent, "completed")[0]["validation_loss"]
    assert events(run, "completed")[0]["base_validation_loss"] == pytest.approx(start, rel=1e-4)
    first = json.loads((run / "evaluation.json").read_text())
    assert evaluate(str(run), str(run / "output")) == 0
    assert json.loads((run / "evaluation.json").read_text())["base"]["answers"] == first["base"]["answers"]


def test_an_adapter_on_a_whole_model_and_an_unknown_method_are_refused(run_folder):
    parent = run_folder("parent", max_steps=1, **SHAPE)
    assert train(str(parent)) == 0
    run = going_on(run_folder, "child", parent)
    assert train(str(run)) == 1
    assert failed(run)[0] == "base"
    assert "is no adapter but a model of its own" in failed(run)[1]
    run = run_folder("unknown", peft_method="prefix")
    assert train(str(run)) == 1
    assert "peft_method is 'prefix', expected lora, qlora or none" in failed(run)[1]
