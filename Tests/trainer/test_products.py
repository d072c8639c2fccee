"""What is computed faster than the model's own arithmetic equals it but for rounding, and only where it may."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ftops_trainer import attention, products
from ftops_trainer.models import Model, load_model
from ftops_trainer.products import FrozenLinear, fast, quicken
from test_loss import documents_of, random_adapter


def close(one: Tensor, other: Tensor, dtype: torch.dtype) -> bool:
    tolerance = 1e-5 if dtype == torch.float32 else 2e-2
    return one.dtype == other.dtype and float(((one - other).norm() / other.norm()).detach()) < tolerance


class Norm(nn.Module):
    """A root mean square norm, with its weight as Llama or as Gemma has it."""

    def __init__(self, width: int, offset: float, mistake: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(width).square() * 200)
        self.eps = 1e-6
        self.offset = offset
        self.mistake = mistake

    def forward(self, hidden: Tensor) -> Tensor:
        wide = hidden.float()
        normal = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)
        return (normal * (self.weight.float() + self.offset) + self.mistake).to(hidden.dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("offset", [0.0, 1.0])
def test_a_quick_norm_has_value_and_gradient_of_the_plain_one(dtype, offset):
    torch.manual_seed(1)
    norm = Norm(48, offset).to(dtype).requires_grad_(False)
    hidden = torch.randn(1, 3, 20, 48, dtype=dtype, requires_grad=True)
    plain, slope = norm(hidden), torch.randn(1, 3, 20, 48, dtype=dtype)
    (expected,) = torch.autograd.grad(plain, hidden, slope)
    quicken(norm)
    with fast():
        quick = norm(hidden)
    assert type(quick.grad_fn).__name__ == "_NormBackward"
    (found,) = torch.autograd.grad(quick, hidden, slope)
    assert close(quick, plain, dtype)
    assert close(found, expected, dtype)
    assert torch.equal(norm(hidden), plain)


@pytest.mark.parametrize(
    "module", [Norm(48, 0.0, mistake=50.0), Norm(48, 2.0), nn.LayerNorm(48), nn.Embedding(48, 8), nn.GELU()]
)
def test_what_is_no_norm_of_that_kind_stays_as_it_is(module):
    kind = type(module)
    quicken(module)
    assert type(module) is kind


@pytest.mark.parametrize("bias", [False, True])
def test_a_frozen_linear_layer_has_value_and_gradient_of_the_plain_one(bias):
    torch.manual_seed(1)
    layer = nn.Sequential(nn.Linear(24, 16, bias=bias)).requires_grad_(False)
    hidden = torch.randn(2, 5, 24, requires_grad=True)
    plain, slope = layer(hidden), torch.randn(2, 5, 16)
    quicken(layer)
    assert type(layer[0]) is FrozenLinear
    with fast():
        quick = layer(hidden)
    assert close(quick, plain, torch.float32)
    wanted = (torch.autograd.grad(part, hidden, slope)[0] for part in (quick, plain))
    assert close(*wanted, torch.float32)
    assert torch.equal(layer(hidden), plain)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("size", [None, 5])
def test_attention_within_documents_has_value_and_gradient_of_one_document_after_another(dtype, groups, size):
    torch.manual_seed(1)
    lengths, heads, width = [7, 1, 12], 4, 8
    states = [
        torch.randn(1, sum(lengths), count, width, dtype=dtype).transpose(1, 2).requires_grad_()
        for count in (heads, groups, groups)
    ]
    bounds = attention.bounds(lengths)
    module = nn.Module()
    slope = torch.randn(1, sum(lengths), heads, width, dtype=dtype)
    ours, _ = attention.attend(module, *states, None, 0.3, size, bounds)
    assert "_Attention" in str(ours.grad_fn.next_functions)
    parts = []
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        query, key, value = (part[:, :, start:end].float() for part in states)
        key, value = (part.repeat_interleave(heads // groups, 1) for part in (key, value))
        seen = torch.ones(end - start, end - start, dtype=torch.bool).tril_()
        seen = seen if size is None else seen.triu_(1 - size)
        scores = (query @ key.mT * 0.3).masked_fill(~seen, -torch.inf)
        parts.append((scores.softmax(-1) @ value).to(dtype))
    plain = torch.cat(parts, 2).transpose(1, 2)
    assert close(ours, plain, dtype)
    for one, other in zip(
        torch.autograd.grad(ours, states, slope), torch.autograd.grad(plain, states, slope), strict=True
    ):
        assert close(one, other, dtype)


def test_long_documents_keep_no_scores_and_are_attended_all_the_same(monkeypatch):
    torch.manual_seed(1)
    states = [torch.randn(1, 2, 9, 4, requires_grad=True) for _ in range(3)]
    bounds = attention.bounds([4, 5])
    short, _ = attention.attend(nn.Module(), *states, None, 0.5, None, bounds)
    monkeypatch.setattr(attention, "_KEPT_LENGTH", 4)
    long, _ = attention.attend(nn.Module(), *states, None, 0.5, None, bounds)
    assert type(short.grad_fn).__name__ != type(long.grad_fn).__name__
    assert close(long, short, torch.float32)


def test_a_loss_is_computed_quickly_and_answers_by_the_models_own_arithmetic(model: Model, base: Path, monkeypatch):
    used: list[bool] = []
    original = products.linear
    monkeypatch.setattr(products, "linear", lambda *arguments: used.append(True) or original(*arguments))
    assert model.attention == attention.NAME
    ids = torch.tensor([list(documents_of(base, 1)[0].ids)])
    model.for_generation()(input_ids=ids)
    assert not used
    model.hidden(documents_of(base, 1))
    assert used


def test_the_quick_way_leads_to_the_loss_and_gradient_of_the_models_own(base: Path, monkeypatch):
    found = []
    for quick in (True, False):
        model = load_model(base, "cpu", "float32", 1)
        parameters = random_adapter(model)
        if not quick:
            monkeypatch.setattr(products, "_HAS_ONEDNN", False)
        loss = model.loss_sum(documents_of(base))
        slopes = torch.autograd.grad(loss, parameters)
        found.append((loss.detach(), torch.cat([part.reshape(-1) for part in slopes])))
    assert torch.allclose(found[0][0], found[1][0], rtol=1e-5)
    assert close(found[0][1], found[1][1], torch.float32)
