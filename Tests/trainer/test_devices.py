"""A device is used by name, gives equal bits for equal work, and is filled no more than it holds."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

from conftest import HERE, events
from ftops_trainer import devices
from ftops_trainer.lora import LoraShape, LoraState, attach, kept_bits, mixed_bits
from ftops_trainer.models import bytes_a_token, load_model
from ftops_trainer.runs import train
from test_runs import weights

GIB = 1 << 30
on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU that PyTorch can use")


@pytest.mark.parametrize("device", ["cuda", "tpu"])
def test_a_device_that_is_not_there_is_a_failure_of_the_job(run_folder, monkeypatch, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    run = run_folder()
    job = json.loads((run / "job.json").read_text())
    (run / "job.json").write_text(json.dumps(job | {"device": device}))
    assert train(str(run)) == 1
    (failed,) = events(run, "failed")
    assert failed["class"] == "trainer"
    assert "GPU" in failed["message"] or "tpu" in failed["message"]


def test_a_gpu_is_told_to_repeat_itself(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    try:
        assert devices.use("cuda") == torch.device("cuda")
        assert torch.are_deterministic_algorithms_enabled()
        assert not torch.is_deterministic_algorithms_warn_only_enabled()
    finally:
        torch.use_deterministic_algorithms(False)
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1] / "Sources" / "trainer")}
    code = "import os, ftops_trainer.__main__; print(os.environ['CUBLAS_WORKSPACE_CONFIG'])"
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ":4096:8"


@pytest.mark.parametrize(("major", "dtype"), [(7, "float32"), (8, "bfloat16"), (9, "bfloat16")])
def test_a_gpu_that_only_emulates_bfloat16_computes_in_float32(monkeypatch, major, dtype):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(major=major))
    assert devices.best_dtype(torch.device("cuda")) == dtype


@pytest.mark.parametrize(
    ("flags", "dtype"), [("avx2", "float32"), ("avx512f avx512_bf16", "bfloat16"), ("amx_bf16", "bfloat16")]
)
def test_a_cpu_computes_in_bfloat16_where_it_multiplies_it(monkeypatch, tmp_path, flags, dtype):
    (tmp_path / "cpuinfo").write_text(f"flags : {flags}\n")
    monkeypatch.setattr(devices, "CPU_INFO", tmp_path / "cpuinfo")
    assert devices.best_dtype(torch.device("cpu")) == dtype
    monkeypatch.setattr(devices, "CPU_INFO", tmp_path / "none")
    assert devices.best_dtype(torch.device("cpu")) == "float32"


@pytest.mark.parametrize(
    ("memory", "held", "bytes_a_token", "tokens"),
    [(80 * GIB, GIB, 1 << 10, 16384), (80 * GIB, 14 * GIB, 8 << 20, 7168), (8 * GIB, 7 * GIB, 8 << 20, 512)],
)
def test_a_pass_takes_what_a_gpu_holds(memory, held, bytes_a_token, tokens):
    assert devices.tokens_that_fit(memory, held, bytes_a_token) == tokens


def test_what_a_token_takes_is_counted_once_in_the_bytes_of_its_type(base):
    found = {}
    for dtype in ("float32", "bfloat16"):
        model, state = load_model(base, "cpu", dtype, 1), LoraState()
        attach(model.network, LoraShape(2, 4, 0.1), state)
        found[dtype] = bytes_a_token(model)
        with state.dropout():
            assert bytes_a_token(model) > found[dtype]
    config = model.network.config
    inputs = 2 * config.hidden_size + config.intermediate_size
    assert found["float32"] > 4 * inputs * config.num_hidden_layers
    assert 0.4 < found["bfloat16"] / found["float32"] < 0.8


def kept_on_a_device(state: LoraState, layer: int, hidden: torch.Tensor, rate: float) -> torch.Tensor:
    return mixed_bits(state, layer, hidden) >= round(rate * 65536)


@pytest.mark.parametrize("make", [kept_bits, kept_on_a_device])
def test_dropout_depends_on_seed_step_layer_and_place_alone_and_drops_its_share(make):
    def kept(first: int, tokens: int, layer: int = 1, **changed: int) -> torch.Tensor:
        state = LoraState(**({"seed": 3, "step": 5} | changed), first_token=first)
        return make(state, layer, torch.zeros(tokens, 640), 0.05) != 0

    whole = kept(0, 400)
    assert torch.equal(whole, torch.cat([kept(0, 100), kept(100, 300)]))
    assert (~whole).float().mean().item() == pytest.approx(0.05, rel=0.03)
    assert (~whole).float().mean(0).std() < 0.02
    other = [kept(0, 400, seed=4), kept(0, 400, step=6), kept(0, 400, layer=2), kept(400, 400)]
    for one in other:
        assert ((~whole) & ~one).float().mean().item() == pytest.approx(0.05**2, rel=0.15)


@on_a_gpu
def test_on_a_gpu_equal_runs_are_equal_bit_for_bit_and_learn_what_a_cpu_learns(run_folder):
    found = {}
    for name, device in (("one", "cuda"), ("other", "cuda"), ("cpu", "cpu")):
        run = run_folder(name, lora_dropout=0.1 if device == "cuda" else 0.0, evaluation=True)
        job = json.loads((run / "job.json").read_text())
        (run / "job.json").write_text(json.dumps(job | {"device": device, "gpus": int(device == "cuda")}))
        assert train(str(run)) == 0
        found[name] = run
    assert weights(found["one"]) == weights(found["other"])
    (started,), (completed,) = events(found["one"], "started"), events(found["one"], "completed")
    assert started["device"] == "cuda"
    assert {"gpu", "cuda", "algorithms"} <= set(started["versions"])
    (plain,) = events(found["cpu"], "completed")
    assert completed["base_validation_loss"] == pytest.approx(plain["base_validation_loss"], rel=1e-3)
    assert completed["validation_loss"] == pytest.approx(plain["validation_loss"], rel=0.1)
