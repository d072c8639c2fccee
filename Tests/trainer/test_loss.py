"""The loss and its gradient are those of the whole optimizer step, however it is computed."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from conftest import events, write_rows
from ftops_trainer.bases import prepare
from ftops_trainer.events import EventLog
from ftops_trainer.failures import Failure
from ftops_trainer.jobs import Job
from ftops_trainer.lora import LoraLinear, LoraShape, LoraState, attach, kept_bits
from ftops_trainer.loss import Head, loss_sum
from ftops_trainer.models import Model, load_model
from ftops_trainer.order import Step, micro_batches
from ftops_trainer.rows import Document, RowEncoder
from ftops_trainer.runs import evaluate, train
from ftops_trainer.signals import StopWish
from ftops_trainer.tokens import TextTokenizer
from ftops_trainer.training import Sets, Training, validation_losses
from records import record_rows
from tinybase import make_base


def documents_of(base, count: int = 8, seed: int = 4) -> list[Document]:
    encoder = RowEncoder(TextTokenizer(base), "tiny")
    return [encoder.encode(row) for row in record_rows(count, seed)]


def reference_loss(model: Model, documents: list[Document]) -> torch.Tensor:
    """The plain way: one document at a time, full logits, cross entropy."""
    total = torch.zeros(())
    for document in documents:
        ids = torch.tensor([document.ids])
        logits = model.for_generation()(input_ids=ids, use_cache=False).logits[0, :-1].float()
        targets = torch.where(torch.tensor(list(document.labels[1:])).bool(), ids[0, 1:], -100)
        total = total + torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
    return total


def random_adapter(model: Model, dropout: float = 0.0) -> list[torch.nn.Parameter]:
    adapter = attach(model.network, LoraShape(2, 4, dropout), LoraState())
    adapter.initialise(3)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for layer in adapter.layers.values():
            layer.lora_B.normal_(std=0.1, generator=generator)
    return adapter.parameters


def gradients(loss: torch.Tensor, parameters: list[torch.nn.Parameter]) -> torch.Tensor:
    return torch.cat([part.reshape(-1) for part in torch.autograd.grad(loss, parameters)])


def test_the_loss_at_labels_alone_has_value_and_gradient_of_the_plain_one(model, base):
    parameters = random_adapter(model)
    documents = documents_of(base)
    ours, plain = model.loss_sum(documents), reference_loss(model, documents)
    assert torch.allclose(ours, plain, rtol=1e-5)
    one, other = gradients(ours, parameters), gradients(plain, parameters)
    assert (one - other).norm() / other.norm() < 1e-5


def test_the_loss_of_a_base_that_caps_its_logits_is_the_plain_one(tmp_path):
    base = make_base(tmp_path / "capped", "gemma", final_logit_softcapping=2.0)
    model, documents = load_model(base, "cpu", "float32", 1), documents_of(base)
    assert model.head.softcap == 2.0
    parameters = random_adapter(model)
    ours, plain = model.loss_sum(documents), reference_loss(model, documents)
    assert torch.allclose(ours, plain, rtol=1e-5)
    one, other = gradients(ours, parameters), gradients(plain, parameters)
    assert (one - other).norm() / other.norm() < 1e-5


def test_a_base_whose_logits_are_not_those_of_its_head_is_refused(tmp_path):
    with pytest.raises(Failure, match="not those of its output head") as caught:
        load_model(make_base(tmp_path / "scaled", "granite"), "cpu", "float32", 1)
    assert caught.value.kind == "base"


@pytest.mark.parametrize("softcap", [None, 3.0])
@pytest.mark.parametrize("elements", [64, 1000, None])
def test_a_softmax_in_blocks_equals_the_whole_one(softcap, elements):
    torch.manual_seed(0)
    head = Head(torch.randn(301, 16), torch.randn(301), softcap)
    targets = torch.randint(0, 301, (7,))
    hidden = torch.randn(7, 16, requires_grad=True)
    ours = loss_sum(head, hidden, targets, elements)
    plain = torch.nn.functional.cross_entropy(head.logits(hidden), targets, reduction="sum")
    assert torch.allclose(ours, plain, rtol=1e-5)
    (one,), (other,) = torch.autograd.grad(ours, hidden), torch.autograd.grad(plain, hidden)
    assert torch.allclose(one, other, rtol=1e-4, atol=1e-5)


def training(run: Path) -> Training:
    job = Job.read(run)
    folder = prepare(job.base)
    model = load_model(folder, "cpu", "float32", 1)
    encoder = RowEncoder(TextTokenizer(folder), "tiny")
    limit = min(256, job.parameters.chunk_size) if job.parameters.wraps else 256
    sets = Sets(encoder.encode_all(job.train, limit, job.parameters.wraps), None)
    return Training(job, model, sets, EventLog(run / "events.jsonl"), StopWish())


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_eight_rows_at_once_two_by_four_or_one_by_one_give_one_gradient(run_folder, dropout):
    found = {}
    for micro in (8, 4, 2, 1):
        run = run_folder(f"micro-{micro}", train_batch_size=8, micro_batch_size=micro, lora_dropout=dropout)
        for window in (0, 2):  # the whole window, and the short last one of an epoch of 18
            subject = training(run)
            loss, labels, _ = subject.accumulate(subject.steps[window], window + 1)
            subject.optimizer.gradient.div_(labels)
            found[micro, window] = (loss / labels, subject.optimizer.gradient.clone(), len(subject.steps[window].units))
    assert found[8, 2][2] == 2
    for (micro, window), (loss, gradient, _) in found.items():
        expected_loss, expected, _ = found[8, window]
        assert loss == pytest.approx(expected_loss, rel=1e-5)
        assert (gradient - expected).norm() / expected.norm() < 1e-5, (micro, window)


def test_a_step_is_the_sum_of_its_label_losses_over_its_label_tokens(run_folder):
    subject = training(run_folder(train_batch_size=8, lora_dropout=0.0))
    step = subject.steps[2]
    loss, labels, tokens = subject.accumulate(step, 3)
    documents = [subject.documents[index] for index in step.documents]
    assert labels == sum(sum(document.labels[1:]) for document in documents)
    assert tokens == sum(len(document.ids) for document in documents)
    assert loss == pytest.approx(reference_loss(subject.model, documents).item(), rel=1e-5)


def test_validation_loss_is_a_token_mean_whatever_is_computed_together(model, base):
    documents = documents_of(base, 7)
    expected = reference_loss(model, documents).item() / sum(document.label_tokens for document in documents)
    for tokens in (1, 100, 100000):
        assert validation_losses(replace(model, tokens_at_once=tokens), documents).mean == pytest.approx(
            expected, rel=1e-5
        )


@pytest.mark.parametrize("rows", [1, 4, 16])
def test_a_forward_pass_of_validation_has_validation_batch_size_rows_and_the_loss_stays(run_folder, monkeypatch, rows):
    alone, run = run_folder("alone", max_steps=1), run_folder(max_steps=1, validation_batch_size=rows, evaluation=True)
    passes, original = [], Model.loss_sums

    def count(self, documents):
        passes.append(len(documents))
        return original(self, documents)

    for folder in (alone, run):
        write_rows(folder / "validation.jsonl", record_rows(18, 2))
    assert train(str(alone)) == 0
    monkeypatch.setattr(Model, "loss_sums", count)
    assert train(str(run)) == 0
    whole, rest = divmod(18, rows)
    assert passes == 2 * ([rows] * whole + [rest] * (rest > 0))
    for one, other in zip(events(run, "evaluation"), events(alone, "evaluation"), strict=True):
        assert one["loss"] == pytest.approx(other["loss"], rel=1e-6)
    passes.clear()
    assert evaluate(str(run), str(run / "output")) == 0
    assert passes == 2 * ([rows] * whole + [rest] * (rest > 0))


def test_the_mean_of_row_means_would_be_another_number(model, base):
    documents = documents_of(base, 7)
    means = [reference_loss(model, [document]).item() / document.label_tokens for document in documents]
    assert sum(means) / len(means) != pytest.approx(validation_losses(model, documents).mean, rel=1e-5)


def test_padding_is_never_made_and_the_end_has_loss_where_pad_and_end_are_one(model, base):
    tokenizer = TextTokenizer(base)
    document = documents_of(base, 1)[0]
    assert document.ids[-1] == tokenizer.eos
    assert document.labels[-1]
    silent = Document(document.ids, (*document.labels[:-1], False))
    assert model.loss_sum([document]) > model.loss_sum([silent])
    assert model.hidden([document, silent]).shape[0] == 2 * len(document.ids)


def test_adapters_and_their_optimizer_are_fp32_over_a_bf16_base(llama):
    model = load_model(llama, "cpu", "bfloat16", 1)
    parameters = random_adapter(model)
    loss = model.loss_sum(documents_of(llama, 2))
    assert {parameter.dtype for parameter in parameters} == {torch.float32}
    assert gradients(loss, parameters).dtype == torch.float32
    plain = gradients(reference_loss(model, documents_of(llama, 2)), parameters)
    assert (
        torch.nn.functional.cosine_similarity(gradients(model.loss_sum(documents_of(llama, 2)), parameters), plain, 0)
        > 0.99
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_adapted_layer_with_dropout_has_value_and_gradient_of_plain_autograd(dtype):
    torch.manual_seed(1)
    layer = torch.nn.Linear(24, 16, dtype=dtype).requires_grad_(False)
    adapted = LoraLinear(layer, 3, LoraShape(4, 8, 0.25), LoraState(seed=7, step=2))
    for part in (adapted.lora_A, adapted.lora_B):
        torch.nn.init.normal_(part)
    hidden = torch.randn(40, 24, dtype=dtype, requires_grad=True)
    kept = kept_bits(adapted.state, 3, hidden, 0.25) != 0
    assert 0.6 < kept.float().mean() < 0.9
    taken = torch.where(kept, hidden, 0) / 0.75
    plain = layer(hidden) + (taken.float() @ adapted.lora_A.t() @ adapted.lora_B.t() * 2).to(dtype)
    with adapted.state.dropout():
        ours = adapted(hidden)
    tolerance = 1e-5 if dtype == torch.float32 else 0.05
    wanted = [hidden, adapted.lora_A, adapted.lora_B]
    slope = torch.randn_like(plain)
    for one, other in zip(
        (ours, *torch.autograd.grad(ours, wanted, slope)),
        (plain, *torch.autograd.grad(plain, wanted, slope)),
        strict=True,
    ):
        assert one.dtype == other.dtype
        assert (one - other).norm() / other.norm() < tolerance


def test_only_adapters_train(model):
    random_adapter(model)
    names = [name for name, parameter in model.network.named_parameters() if parameter.requires_grad]
    assert names
    assert all(name.endswith(("lora_A", "lora_B")) for name in names)


def test_micro_batches_keep_the_order_and_the_rows_of_their_step():
    step = Step(0, ((0, 1), (2,), (3, 4)), True)
    assert micro_batches(step, [10] * 5, 25, None) == [(0, 1), (2, 3), (4,)]
    assert micro_batches(step, [10] * 5, 1000, 1) == [(0, 1), (2,), (3, 4)]
    assert micro_batches(step, [10] * 5, 5, None) == [(0,), (1,), (2,), (3,), (4,)]
