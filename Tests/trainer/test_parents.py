"""A training that goes on from another one's adapter, and leaves one adapter on the public base."""

import io
import json
import re
import shutil
import signal
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from conftest import events, in_child, kill_at
from ftops_trainer import training
from ftops_trainer.adapters import load_adapter
from ftops_trainer.models import load_model
from ftops_trainer.runs import evaluate, train
from ftops_trainer.serving import generate
from ftops_trainer.tokens import TextTokenizer
from records import record_rows
from test_loss import documents_of
from test_runs import weights


@pytest.fixture
def child_folder(run_folder):
    """Makes the folder of a run that goes on from another run's output."""

    def make(name: str, parent: Path, **changed) -> Path:
        run = run_folder(name, **changed)
        shutil.copytree(parent / "output", run / "parent")
        job = json.loads((run / "job.json").read_text())
        job["base"]["adapter"] = "parent"
        (run / "job.json").write_text(json.dumps(job))
        return run

    return make


@pytest.fixture
def parent(run_folder, base) -> Path:
    run = run_folder("parent-run", folder=base, max_steps=3)
    assert train(str(run)) == 0
    return run


def logits(base: Path, output: Path) -> torch.Tensor:
    """Those of the saved adapter in stock peft."""
    network = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    model = PeftModel.from_pretrained(network, output).eval()
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=asked(base)).logits
    return found


def asked(base: Path) -> torch.Tensor:
    return torch.tensor([TextTokenizer(base).prompt(record_rows(1, 8)[0]["prompt"])])


def ours(base: Path, output: Path) -> torch.Tensor:
    model = load_model(base, "cpu", "float32", 1)
    load_adapter(model.network, output)
    with torch.no_grad():
        found: torch.Tensor = model.for_generation()(input_ids=asked(base)).logits
    return found


def scale(alpha: float, rank: int, is_stabilised: bool) -> float:
    return float(alpha / (rank**0.5 if is_stabilised else rank))


# Scales that round, dropout, layers that only one of both trainings has, and a scale by the root of the rank.
SHAPES = [
    {"lora_rank": 2, "lora_alpha": 4},
    {"lora_rank": 3, "lora_alpha": 5, "lora_dropout": 0.2},
    {"lora_rank": 1, "lora_alpha": 1, "target_modules": ["q_proj", "v_proj"]},
    {"lora_rank": 3, "lora_alpha": 5, "use_rslora": True},
]


@pytest.mark.parametrize("shape", SHAPES)
def test_training_goes_on_from_its_parents_loss_and_saves_one_adapter_with_equal_logits_in_peft(
    child_folder, parent, base, shape, tmp_path
):
    child = child_folder("child", parent, folder=base, max_steps=3, **shape)
    assert train(str(child)) == 0
    before, after = (events(run, "evaluation") for run in (parent, child))
    assert after[0]["loss"] == pytest.approx(before[-1]["loss"], rel=1e-5)
    assert after[-1]["loss"] < after[0]["loss"]
    config = json.loads((child / "output" / "adapter_config.json").read_text())
    assert config["r"] == 2 + shape["lora_rank"]
    assert config["use_rslora"] is shape.get("use_rslora", False)
    assert scale(config["lora_alpha"], config["r"], config["use_rslora"]) == pytest.approx(
        scale(shape["lora_alpha"], shape["lora_rank"], config["use_rslora"])
    )
    assert "rank_pattern" not in config
    assert config["base_model_name_or_path"] == "tiny"
    assert len(config["target_modules"]) == 7
    assert torch.equal(ours(base, child / "output"), logits(base, child / "output"))
    # The model that trained, with its two adapters apart, is the one that was saved.
    model = load_model(base, "cpu", "float32", 1)
    subject = resumed(child, model)
    with torch.no_grad():
        trained = model.for_generation()(input_ids=asked(base)).logits
    assert torch.allclose(trained, logits(base, child / "output"), atol=1e-4)
    assert not torch.allclose(trained, logits(base, parent / "output"), atol=1e-2)
    with subject.state.off(), torch.no_grad():
        started = model.for_generation()(input_ids=asked(base)).logits
    assert torch.allclose(started, logits(base, parent / "output"), atol=1e-4)


@pytest.mark.parametrize("shape", [SHAPES[0], *SHAPES[2:]])
def test_the_gradient_is_that_of_the_whole_adapter_in_peft(child_folder, parent, base, shape):
    child = child_folder("child", parent, folder=base, max_steps=3, **shape)
    assert train(str(child)) == 0
    model = load_model(base, "cpu", "float32", 1)
    subject, documents = resumed(child, model), documents_of(base)
    model.loss_sum(documents).backward()
    network = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    reference = PeftModel.from_pretrained(network, child / "output", is_trainable=True).eval()
    for document in documents:
        ids = torch.tensor([document.ids])
        targets = torch.where(torch.tensor(list(document.labels[1:])).bool(), ids[0, 1:], -100)
        found = reference(input_ids=ids).logits[0, :-1]
        torch.nn.functional.cross_entropy(found, targets, reduction="sum").backward()
    rank = shape["lora_rank"]
    for name, layer in subject.trainee.adapter.layers.items():
        theirs = reference.base_model.model.get_submodule(name)
        down, up = (part["default"].weight.grad for part in (theirs.lora_A, theirs.lora_B))
        for mine, other in ((layer.lora_A.grad, down[-rank:]), (layer.lora_B.grad, up[:, -rank:])):
            assert (mine - other).norm() / other.norm() < 1e-4


def resumed(run: Path, model) -> training.Training:
    """The training of a run that has ended, with the weights that it ended with."""
    from ftops_trainer.events import EventLog
    from ftops_trainer.jobs import Job
    from ftops_trainer.rows import RowEncoder
    from ftops_trainer.signals import StopWish

    job = Job.read(run)
    encoder = RowEncoder(TextTokenizer(Path(job.base.path)), "tiny")
    sets = training.Sets(encoder.encode_all(job.train, 256), None)
    subject = training.Training(job, model, sets, EventLog(run / "events.jsonl"), StopWish())
    tensors = load_file(run / "output" / "adapter_model.safetensors")
    rank = job.parameters.lora_rank
    with torch.no_grad():
        for name, layer in subject.trainee.adapter.layers.items():
            layer.lora_A.copy_(tensors[f"base_model.model.{name}.lora_A.weight"][-rank:])
            layer.lora_B.copy_(tensors[f"base_model.model.{name}.lora_B.weight"][:, -rank:])
    return subject


def test_a_grandchild_is_one_adapter_too(child_folder, parent, base):
    child = child_folder("child", parent, folder=base, max_steps=2, **SHAPES[2])
    assert train(str(child)) == 0
    grandchild = child_folder("grandchild", child, folder=base, max_steps=2, **SHAPES[1])
    assert train(str(grandchild)) == 0
    assert events(grandchild, "evaluation")[0]["loss"] == pytest.approx(
        events(child, "evaluation")[-1]["loss"], rel=1e-5
    )
    assert json.loads((grandchild / "output" / "adapter_config.json").read_text())["r"] == 6
    assert torch.equal(ours(base, grandchild / "output"), logits(base, grandchild / "output"))


@pytest.mark.parametrize("stabilised", [(True, False, False), (True, True, False), (True, False, True)])
def test_a_chain_of_trainings_by_rank_and_by_its_root_is_one_adapter(run_folder, child_folder, llama, stabilised):
    first = run_folder("first", max_steps=2, lora_rank=3, lora_alpha=5, use_rslora=stabilised[0])
    assert train(str(first)) == 0
    # The second leaves layers alone that the first has adapted.
    shapes = [{"lora_rank": 1, "lora_alpha": 1, "target_modules": ["q_proj"]}, {"lora_rank": 2, "lora_alpha": 3}]
    runs = [first]
    for shape, is_stabilised in zip(shapes, stabilised[1:], strict=True):
        name = f"child-{len(runs)}"
        runs.append(child_folder(name, runs[-1], max_steps=2, use_rslora=is_stabilised, **shape))
        assert train(str(runs[-1])) == 0
        before, after = (events(run, "evaluation") for run in runs[-2:])
        assert after[0]["loss"] == pytest.approx(before[-1]["loss"], rel=1e-5)
    config = json.loads((runs[-1] / "output" / "adapter_config.json").read_text())
    assert (config["r"], config["use_rslora"]) == (6, stabilised[-1])
    assert scale(config["lora_alpha"], 6, stabilised[-1]) == pytest.approx(scale(3, 2, stabilised[-1]))
    assert torch.equal(ours(llama, runs[-1] / "output"), logits(llama, runs[-1] / "output"))


def test_what_the_parent_learnt_stays_as_it_is(child_folder, parent, base):
    child = child_folder("child", parent, folder=base, max_steps=2)
    assert train(str(child)) == 0
    before, after = (load_file(run / "output" / "adapter_model.safetensors") for run in (parent, child))
    for name, tensor in before.items():
        kept = after[name][:2] if "lora_A" in name else after[name][:, :2]
        assert torch.equal(kept, tensor)


def test_equal_children_are_equal_bit_for_bit_and_so_is_one_that_was_killed(child_folder, parent, base, monkeypatch):
    changed = {"folder": base, "max_steps": 4, "save_steps": 1, "lora_dropout": 0.1, "lora_rank": 3, "lora_alpha": 5}
    one, other, killed = (child_folder(name, parent, **changed) for name in ("one", "other", "killed"))
    assert train(str(one)) == 0
    assert train(str(other)) == 0
    with monkeypatch.context() as patch:
        kill_at(3, training, "save_checkpoint", patch)
        assert in_child(lambda: train(str(killed))) == signal.SIGKILL
    assert train(str(killed)) == 0
    assert events(killed, "started")[-1]["resumed_from"] == 2
    assert weights(one) == weights(other) == weights(killed)
    assert weights(one) != weights(parent)


def test_base_and_version_of_an_evaluation_are_the_parent_and_the_child(child_folder, parent, base):
    child = child_folder("child", parent, folder=base, max_steps=3, evaluation=True)
    assert train(str(child)) == 0
    found = json.loads((child / "evaluation.json").read_text())
    (completed,) = events(parent, "completed")
    assert found["base"]["loss"] == pytest.approx(completed["validation_loss"], rel=1e-5)
    (child / "evaluation.json").unlink()
    assert evaluate(str(child), str(child / "output")) == 0
    again = json.loads((child / "evaluation.json").read_text())
    for name in ("base", "version"):
        assert again[name]["loss"] == pytest.approx(found[name]["loss"], rel=1e-5)
        assert again[name]["answers"] == found[name]["answers"]


def test_a_request_without_an_adapter_asks_what_training_starts_from(parent, base):
    spec = {"kind": "path", "path": str(base), "name": "tiny"}
    request = {"prompts": ["Message:"], "max_new_tokens": 8, "dtype": "float32", "threads": 1}

    def answer(adapter: str | None, start: str | None = None) -> str:
        sink, models = io.StringIO(), [{"name": "one", "adapter": adapter}]
        asked = {**request, "base": spec | {"adapter": start}, "models": models}
        assert generate(io.StringIO(json.dumps(asked)), sink) == 0
        return "".join(json.loads(line).get("text", "") for line in sink.getvalue().splitlines())

    output = str(parent / "output")
    assert answer(None, start=output) == answer(output) != answer(None)


def break_config(folder: Path) -> None:
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(config | {"use_dora": True}))


def break_layers(folder: Path) -> None:
    tensors = load_file(folder / "adapter_model.safetensors")
    other = {name.replace("layers.1.", "layers.7."): tensor for name, tensor in tensors.items()}
    save_file(other, folder / "adapter_model.safetensors")


def break_widths(folder: Path) -> None:
    tensors = load_file(folder / "adapter_model.safetensors")
    other = {name: tensor[:, :-1].contiguous() if "lora_A" in name else tensor for name, tensor in tensors.items()}
    save_file(other, folder / "adapter_model.safetensors")


def break_file(folder: Path) -> None:
    (folder / "adapter_model.safetensors").write_bytes(b"\x00" * 20)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (shutil.rmtree, "no LoRA adapter that can be read"),
        (break_config, "it has use_dora"),
        (break_layers, "layers.7.* is not this one's"),
        (break_widths, "trained on another base"),
        (break_file, "no LoRA adapter that can be read"),
    ],
)
def test_a_parent_that_is_none_is_a_failure_of_the_base(child_folder, run_folder, spoil, said):
    first = run_folder("parent-run", max_steps=1)
    assert train(str(first)) == 0
    child = child_folder("child", first, max_steps=1)
    spoil(child / "parent")
    assert train(str(child)) == 1
    (failed,) = events(child, "failed")
    assert failed["class"] == "base"
    assert re.search(said, failed["message"])
