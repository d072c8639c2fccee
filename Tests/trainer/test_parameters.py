"""Each hyperparameter changes what it says, seen from outside: through a whole run's events and files."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from conftest import Maker, events, write_rows
from ftops_trainer.jobs import Parameters
from ftops_trainer.models import Model
from ftops_trainer.runs import train
from records import preference_rows, record_rows

ROWS = 18


class Runs:
    """Makes runs that differ in a parameter, and reads what they left."""

    def __init__(self, make: Maker, patch: pytest.MonkeyPatch) -> None:
        self._make = make
        self.patch = patch
        self._count = 0

    def __call__(self, rows: list[dict[str, Any]] | None = None, **parameters: Any) -> Path:
        self._count += 1
        run = self._make(f"run-{self._count}", rows=rows, **parameters)
        if rows is not None and "chosen" in rows[0]:
            write_rows(run / "validation.jsonl", preference_rows(5, 2))
        assert train(str(run)) == 0
        return run


def weights(run: Path) -> dict[str, torch.Tensor]:
    return load_file(run / "output" / "adapter_model.safetensors")


def config(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "output" / "adapter_config.json").read_text())
    return found


def started(run: Path, field: str) -> Any:
    return events(run, "started")[0][field]


def steps(run: Path, field: str = "step") -> list[Any]:
    return [event[field] for event in events(run, "step")]


def steps_of(run: Path, kind: str) -> list[int]:
    return [event["step"] for event in events(run, kind)]


def equal(one: Path, other: Path) -> bool:
    first, second = weights(one), weights(other)
    return all(torch.equal(first[name], second[name]) for name in first | second)


def close(one: Path, other: Path) -> bool:
    first, second = weights(one), weights(other)
    return all(torch.allclose(first[name], second[name], rtol=1e-3, atol=1e-5) for name in first | second)


def num_train_epochs(run: Runs) -> None:
    found = run(num_train_epochs=3)
    assert len(steps(found)) == 3 * math.ceil(ROWS / 4)
    assert steps(found, "epoch")[-1] == 3
    assert events(found, "completed")[0]["tokens"] == 3 * started(found, "tokens")


def max_steps(run: Runs) -> None:
    assert steps(run(max_steps=2, num_train_epochs=3)) == [1, 2]
    assert len(steps(run(max_steps=7))) == 7, "more than an epoch has"


def learning_rate(run: Runs) -> None:
    slow, quick = run(max_steps=1, learning_rate=1e-3), run(max_steps=1, learning_rate=2e-3)
    assert steps(slow, "learning_rate") == [1e-3]
    assert steps(quick, "learning_rate") == [2e-3]
    # AdamW's first step is as long as its rate: B starts from zero.
    for name, moved in weights(quick).items():
        if "lora_B" in name:
            assert torch.allclose(moved, 2 * weights(slow)[name], rtol=1e-3)


def lr_scheduler_type(run: Runs) -> None:
    kept = {kind: steps(run(warmup_ratio=0, lr_scheduler_type=kind), "learning_rate") for kind in KINDS}
    assert len(set(kept["constant"])) == 1
    falls = [before - after for before, after in zip(kept["linear"], kept["linear"][1:], strict=False)]
    assert min(falls) == pytest.approx(max(falls))
    assert kept["linear"][-1] == pytest.approx(5e-4)
    assert kept["cosine"][2] == pytest.approx(kept["linear"][2])
    assert kept["cosine"][1] > kept["linear"][1]


KINDS = ("constant", "linear", "cosine")


def warmup_ratio(run: Runs) -> None:
    rates = steps(run(warmup_ratio=0.5, max_steps=6), "learning_rate")
    assert rates[:3] == pytest.approx([1e-2 / 3, 2e-2 / 3, 1e-2])
    assert rates[3] < 1e-2


def weight_decay(run: Runs) -> None:
    plain, decayed = (run(max_steps=1, weight_decay=decay) for decay in (0.0, 0.5))
    for name, whole in weights(plain).items():
        if "lora_B" in name:
            assert torch.equal(whole, weights(decayed)[name]), "what is zero has nothing to decay"
        else:
            # A has no gradient in the first step: B is zero.
            assert torch.allclose(weights(decayed)[name], whole * (1 - 1e-2 * 0.5))


def max_grad_norm(run: Runs) -> None:
    norm = steps(run(max_steps=1, max_grad_norm=0), "grad_norm")[0]
    assert steps(run(max_steps=1, max_grad_norm=norm / 10), "grad_norm") == [norm], "told as it was before"
    # AdamW takes no notice of a gradient's length but for its epsilon, beside which a short enough one is nothing.
    short, whole = (run(max_steps=1, max_grad_norm=norm) for norm in (1e-9, 0))
    length = {
        found: sum(float(part.norm()) for name, part in weights(found).items() if "lora_B" in name)
        for found in (short, whole)
    }
    assert length[short] < length[whole] / 10


def train_batch_size(run: Runs) -> None:
    assert len(steps(run(train_batch_size=5))) == math.ceil(ROWS / 5)
    assert len(steps(run(train_batch_size=64))) == 1


def micro_batch_size(run: Runs) -> None:
    together, original = [], Model.loss_sum

    def noting(self: Model, documents: Any) -> Any:
        together.append(len(documents))
        return original(self, documents)

    run.patch.setattr(Model, "loss_sum", noting)
    single = run(micro_batch_size=1)
    assert set(together) == {1}
    together.clear()
    double = run(micro_batch_size=2)
    assert max(together) == 2
    assert close(single, double)


def lora_rank(run: Runs) -> None:
    found = run(lora_rank=3)
    assert config(found)["r"] == 3
    assert {min(matrix.shape) for matrix in weights(found).values()} == {3}


def lora_alpha(run: Runs) -> None:
    one, other = run(max_steps=2, lora_alpha=4), run(max_steps=2, lora_alpha=64)
    assert config(other)["lora_alpha"] == 64
    assert steps(one, "loss")[0] == steps(other, "loss")[0]
    assert steps(one, "loss")[1] != steps(other, "loss")[1]
    assert steps(other, "grad_norm")[0] == pytest.approx(16 * steps(one, "grad_norm")[0], rel=1e-3)


def lora_dropout(run: Runs) -> None:
    none, some = run(lora_dropout=0.0, max_steps=2), run(lora_dropout=0.5, max_steps=2)
    assert config(some)["lora_dropout"] == 0.5
    assert not equal(none, some)
    losses = [events(found, "evaluation")[0]["loss"] for found in (none, some)]
    assert losses[0] == losses[1], "what is measured drops nothing"


def peft_method(run: Runs) -> None:
    adapter, whole = run(max_steps=1), run(max_steps=1, peft_method="none")
    assert (adapter / "output" / "adapter_config.json").exists()
    assert (whole / "output" / "model.safetensors").exists()
    assert started(whole, "trainable_parameters") > 10 * started(adapter, "trainable_parameters")


def dpo_beta(run: Runs) -> None:
    rows = preference_rows(6, 1)
    loose, tight = (run(rows, max_steps=1, run_validation=False, dpo_beta=beta) for beta in (0.1, 0.4))
    # Both begin where nothing is preferred, and the slope there is half of beta.
    assert steps(loose, "loss") == pytest.approx([math.log(2)]) == steps(tight, "loss")
    assert steps(tight, "grad_norm")[0] == pytest.approx(4 * steps(loose, "grad_norm")[0], rel=1e-3)


def use_rslora(run: Runs) -> None:
    usual, stable = (run(max_steps=1, lora_rank=4, use_rslora=choice) for choice in (False, True))
    assert config(stable)["use_rslora"]
    assert not config(usual)["use_rslora"]
    # 4 / 2 in place of 4 / 4.
    assert steps(stable, "grad_norm")[0] == pytest.approx(2 * steps(usual, "grad_norm")[0], rel=1e-3)


def target_modules(run: Runs) -> None:
    every = run(max_steps=1)
    run.patch.setattr(
        Parameters,
        "parse",
        staticmethod(lambda value, parse=Parameters.parse: parse(value | {"target_modules": ["q_proj", "v_proj"]})),
    )
    two = run(max_steps=1)
    assert config(two)["target_modules"] == ["q_proj", "v_proj"]
    assert len(config(every)["target_modules"]) == 7
    assert all(".q_proj." in name or ".v_proj." in name for name in weights(two))


def chunk_size(run: Runs) -> None:
    rows = [{"prompt": "Order: ", "completion": " chair" * 40}, *record_rows(8, 1)]
    whole, cut = run(rows), run(rows, chunk_size=100)
    assert started(whole, "truncated") == 0
    assert started(cut, "truncated") == 1
    assert started(cut, "tokens") == max(steps(run(rows[1:], num_train_epochs=1), "tokens")) + 100


def pack_sequences(run: Runs) -> None:
    packed = run(pack_sequences=True, train_batch_size=1)
    tokens, fewest = started(packed, "tokens"), math.ceil(started(packed, "tokens") / 256)
    assert fewest <= len(steps(packed)) < ROWS
    assert steps(packed, "tokens")[-1] == tokens


def wrap_packed_sequences(run: Runs) -> None:
    wrapped = run(pack_sequences=True, wrap_packed_sequences=True, train_batch_size=1)
    counts = [
        after - before for before, after in zip([0, *steps(wrapped, "tokens")], steps(wrapped, "tokens"), strict=False)
    ]
    assert set(counts[:-1]) == {256}
    assert sum(counts) == started(wrapped, "tokens")


def train_on_inputs(run: Runs) -> None:
    answers, all_of_it = run(), run(train_on_inputs=True)
    assert started(answers, "tokens") == started(all_of_it, "tokens")
    assert started(answers, "label_tokens") < started(all_of_it, "label_tokens") == started(all_of_it, "tokens") - ROWS


def run_validation(run: Runs) -> None:
    measured, trained = run(), run(run_validation=False)
    assert len(steps_of(measured, "evaluation")) == 2
    assert not events(trained, "evaluation")
    assert equal(measured, trained)
    assert events(trained, "completed")[0]["validation_loss"] is None


def eval_steps(run: Runs) -> None:
    assert steps_of(run(eval_steps=2), "evaluation") == [0, 2, 4, 5]


def validation_batch_size(run: Runs) -> None:
    together, original = [], Model.loss_sums

    def noting(self: Model, documents: Any) -> Any:
        together.append(len(documents))
        return original(self, documents)

    run.patch.setattr(Model, "loss_sums", noting)
    run(validation_batch_size=2)
    assert together == [2, 2, 1] * 2


def keep(run: Runs) -> None:
    best, last = (run(keep=which, learning_rate=30.0, eval_steps=1, max_steps=1) for which in ("best", "last"))
    losses = [event["loss"] for event in events(best, "evaluation")]
    kept, ended = events(best, "completed")[0], events(last, "completed")[0]
    assert kept["kept_step"] == losses.index(min(losses)) < 1 == ended["kept_step"]
    assert kept["validation_loss"] == min(losses)
    assert ended["validation_loss"] == losses[-1]


def early_stopping_patience(run: Runs) -> None:
    found = run(early_stopping_patience=1, learning_rate=3.0, eval_steps=1, num_train_epochs=4)
    assert events(found, "completed")[0]["early_stopping_step"] == steps(found)[-1] < 20


def seed(run: Runs) -> None:
    one, again, other = run(), run(), run(seed=7)
    assert equal(one, again)
    assert not equal(one, other)
    assert steps(one, "loss")[0] != steps(other, "loss")[0], "the order of the rows too"


def save_steps(run: Runs) -> None:
    assert steps_of(run(save_steps=2), "checkpoint") == [2, 4]


def logging_steps(run: Runs) -> None:
    assert steps(run(logging_steps=2)) == [2, 4, 5]


CASES: dict[str, Callable[[Runs], None]] = {
    case.__name__: case
    for case in (
        *(num_train_epochs, max_steps, learning_rate, lr_scheduler_type, warmup_ratio, weight_decay, max_grad_norm),
        *(
            peft_method,
            dpo_beta,
            train_batch_size,
            micro_batch_size,
            lora_rank,
            lora_alpha,
            lora_dropout,
            use_rslora,
            target_modules,
        ),
        *(chunk_size, pack_sequences, wrap_packed_sequences, train_on_inputs, run_validation, eval_steps),
        *(validation_batch_size, keep, early_stopping_patience, seed, save_steps, logging_steps),
    )
}


@pytest.mark.parametrize("name", CASES)
def test_it_changes_what_it_says(run_folder, monkeypatch, name):
    CASES[name](Runs(run_folder, monkeypatch))


def test_every_parameter_has_such_a_test():
    assert set(CASES) == set(Parameters.__dataclass_fields__)
