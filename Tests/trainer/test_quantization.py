"""A base in four bits: what QLoRA trains an adapter beside."""

import json
import signal
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from torch import nn
from transformers import AutoModelForCausalLM

from conftest import events, in_child, kill_at
from ftops_trainer import training as trainings
from ftops_trainer.adapters import adapted
from ftops_trainer.failures import Failure
from ftops_trainer.lora import linear_layers
from ftops_trainer.models import Model, bytes_a_token, hidden_states, load_model
from ftops_trainer.packages import BITSANDBYTES, have_bitsandbytes
from ftops_trainer.quantization import FourBitLinear, quantize
from ftops_trainer.runs import evaluate, train
from records import record_rows
from test_failures import failed
from test_loss import documents_of, gradients, random_adapter
from test_runs import weights

QLORA = {"peft_method": "qlora", "lora_dropout": 0.1}


@pytest.fixture(scope="module", autouse=True)
def _bitsandbytes() -> None:
    try:
        have_bitsandbytes(print)
    except Failure as failure:
        if "hash" in failure.message:
            raise
        pytest.skip(failure.message)


def in_four_bits(base: Path, dtype: str = "float32") -> Model:
    return load_model(base, "cpu", dtype, 1, four_bits=True)


@torch.no_grad()
def as_four_bits_say(base: Path) -> Model:
    """A model with the weights that four bits leave, but whole."""
    whole, packed = load_model(base, "cpu", "float32", 1), in_four_bits(base)
    for name, layer in linear_layers(packed.network).items():
        whole.network.get_submodule(name).weight.copy_(layer.weight)
    return whole


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_layer_in_four_bits_computes_what_one_of_bitsandbytes_does(dtype):
    from bitsandbytes.nn import Linear4bit

    torch.manual_seed(0)
    plain = nn.Linear(96, 48).to(dtype).requires_grad_(False)
    theirs = Linear4bit(96, 48, compute_dtype=dtype, quant_type="nf4")
    theirs.load_state_dict(plain.state_dict())
    theirs.to("cpu").requires_grad_(False)
    theirs.bias.data = plain.bias.data.clone()
    hidden = torch.randn(5, 96, dtype=dtype)
    quantize([plain], torch.device("cpu"))
    assert isinstance(plain, FourBitLinear)
    assert plain.packed.numel() == 96 * 48 // 2
    one, other = (hidden.clone().requires_grad_(True) for _ in range(2))
    ours, wanted = plain(one), theirs(other)
    torch.testing.assert_close(ours, wanted)
    ours.square().sum().backward()
    wanted.square().sum().backward()
    torch.testing.assert_close(one.grad, other.grad)


def test_an_adapter_beside_four_bits_has_loss_and_gradient_of_the_weights_that_these_say(base):
    found = []
    for model in (in_four_bits(base), as_four_bits_say(base)):
        parameters = random_adapter(model)
        loss = model.loss_sum(documents_of(base))
        found.append((loss.item(), gradients(loss, parameters)))
    (ours, one), (wanted, other) = found
    assert ours == pytest.approx(wanted, rel=1e-6)
    assert float((one - other).norm()) <= 1e-5 * float(other.norm())
    plain = load_model(base, "cpu", "float32", 1)
    random_adapter(plain)
    assert ours != pytest.approx(plain.loss_sum(documents_of(base)).item(), rel=1e-3)


def test_no_whole_weight_stays_for_the_way_back(base):
    kept = []
    for model in (in_four_bits(base), as_four_bits_say(base)):
        random_adapter(model)
        kept.append(bytes_a_token(model))
    assert kept[0] == kept[1]


def test_head_and_embedding_stay_as_they_are(gemma):
    model, plain = in_four_bits(gemma), load_model(gemma, "cpu", "float32", 1)
    assert all(isinstance(layer, FourBitLinear) for layer in linear_layers(model.network).values())
    assert torch.equal(model.head.weight, plain.head.weight)


def test_a_training_beside_four_bits_leaves_an_adapter_that_stock_peft_reads(run_folder, base):
    run = run_folder(folder=base, evaluation=True, num_train_epochs=2, **QLORA)
    assert train(str(run)) == 0
    assert events(run, "started")[0]["versions"]["bitsandbytes"] == BITSANDBYTES
    told = events(run, "completed")[0]
    assert told["validation_loss"] < told["base_validation_loss"]
    model, (document,) = in_four_bits(base), documents_of(base, 1)
    with adapted(model.network, run / "output"), torch.no_grad():
        ours = hidden_states(model.network, [document.ids], model.device, fastest=False)
    network = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    for name, layer in linear_layers(as_four_bits_say(base).network).items():
        network.get_submodule(name).weight.data = layer.weight.data
    network = PeftModel.from_pretrained(network, str(run / "output")).base_model.model
    with torch.no_grad():
        theirs = network.model(input_ids=torch.tensor([document.ids])).last_hidden_state[0]
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_answers_and_losses_are_those_of_the_training_when_asked_again(run_folder):
    run = run_folder(evaluation=True, num_train_epochs=2, **QLORA)
    assert train(str(run)) == 0
    first = json.loads((run / "evaluation.json").read_text())
    assert evaluate(str(run), str(run / "output")) == 0
    again = json.loads((run / "evaluation.json").read_text())
    for side in ("base", "version"):
        assert again[side]["loss"] == pytest.approx(first[side]["loss"], rel=1e-6)
        assert again[side]["answers"] == first[side]["answers"]


def test_killed_and_resumed_it_comes_to_the_same_bits(run_folder, monkeypatch):
    shape = {"rows": record_rows(6, 5), "train_batch_size": 2, "save_steps": 1, **QLORA}
    reference, killed = (run_folder(name, **shape) for name in ("reference", "killed"))
    assert train(str(reference)) == 0
    with monkeypatch.context() as patch:
        kill_at(2, trainings, "save_checkpoint", patch)
        assert in_child(lambda: train(str(killed))) == signal.SIGKILL
    assert train(str(killed)) == 0
    assert weights(killed) == weights(reference)


def test_what_quantises_is_asked_for_by_its_digests_and_its_lack_is_said(run_folder, monkeypatch, tmp_path):
    for name, value in {"UV_OFFLINE": "1", "UV_CACHE_DIR": tmp_path / "uv", "XDG_CACHE_HOME": tmp_path / "c"}.items():
        monkeypatch.setenv(name, str(value))
    run = run_folder(**QLORA)
    assert train(str(run)) == 1
    assert failed(run)[0] == "trainer"
    assert "bitsandbytes" in failed(run)[1]
    assert "could not be installed" in failed(run)[1]
    assert not list((tmp_path / "c" / "ftops" / "packages").glob("bitsandbytes-*/*"))


def test_four_bits_are_not_shared_out(run_folder):
    run = run_folder(**QLORA)
    job = json.loads((run / "job.json").read_text())
    (run / "job.json").write_text(json.dumps(job | {"processes": 2, "sharding": "full"}))
    assert train(str(run)) == 1
    assert "a base in four bits is not shared out" in failed(run)[1]
