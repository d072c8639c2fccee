"""Documents laid end to end do not see each other."""

import signal
from itertools import pairwise

import pytest
import torch
from safetensors.torch import load_file

from conftest import events, in_child, kill_at
from ftops_trainer import attention
from ftops_trainer.failures import Failure
from ftops_trainer.jobs import Parameters
from ftops_trainer.models import load_model
from ftops_trainer.optimizer import AdamW
from ftops_trainer.order import all_steps, epoch_order, pack
from ftops_trainer.rows import Document
from ftops_trainer.runs import train
from ftops_trainer.training import validation_losses
from test_loss import documents_of, reference_loss, training
from tinybase import make_base

MODEL = "adapter_model.safetensors"


def changed(document: Document) -> Document:
    return Document(tuple((identifier + 3) % 300 for identifier in document.ids), document.labels)


def test_another_first_document_leaves_the_second_unchanged_bit_for_bit(model, base):
    first, second = documents_of(base, 2)
    states = [model.hidden([before, second])[-len(second.ids) :] for before in (first, changed(first))]
    assert model.keeps_documents_apart
    assert torch.equal(*states)
    assert torch.equal(*[model.head.logits(state) for state in states])


def test_a_document_in_a_pack_has_the_logits_that_it_has_alone(model, base):
    documents = documents_of(base, 4)
    packed = torch.cat([model.hidden([document]) for document in documents])
    assert torch.allclose(model.hidden(documents), packed, rtol=1e-4, atol=1e-5)


def test_our_attention_is_chosen_and_equals_the_models_own(model, base):
    assert model.attention == attention.NAME
    document = documents_of(base, 1)[0]
    ids = torch.tensor([document.ids])
    expected = model.for_generation().base_model(input_ids=ids, use_cache=False).last_hidden_state[0]
    assert torch.allclose(model.hidden([document]), expected, rtol=1e-4, atol=1e-5)


def test_leaving_out_the_positions_is_noticed(model, base):
    documents = documents_of(base, 4)
    ids = torch.tensor([[identifier for document in documents for identifier in document.ids]])
    network = model.for_generation()
    careless = network.base_model(input_ids=ids, use_cache=False).last_hidden_state[0]
    assert not torch.allclose(model.hidden(documents), careless, rtol=1e-2, atol=1e-2)


def test_a_document_of_one_token_stays_apart(model, base):
    (document,) = documents_of(base, 1)
    single = Document((document.ids[0],), (False,))
    packed = model.hidden([single, single, document])[2:]
    assert torch.allclose(packed, model.hidden([document]), rtol=1e-4, atol=1e-5)


def test_the_first_token_of_a_document_is_no_label_of_the_one_before(model, base):
    documents = [Document(document.ids, (True,) * len(document.ids)) for document in documents_of(base, 3)]
    apart = sum(model.loss_sum([document]) for document in documents)
    assert torch.allclose(model.loss_sum(documents), apart, rtol=1e-5)


def test_whether_a_base_keeps_documents_apart_is_found_out(tmp_path):
    model = load_model(make_base(tmp_path / "bloom", "bloom"), "cpu", "float32", 1)
    assert not model.keeps_documents_apart
    first, second = documents_of(tmp_path / "bloom", 2)
    states = [model.hidden([before, second])[-len(second.ids) :] for before in (first, changed(first))]
    assert not torch.allclose(*states, rtol=1e-2)


def test_a_base_that_cannot_keep_documents_apart_is_refused_for_packing(run_folder, monkeypatch):
    monkeypatch.setattr("ftops_trainer.models._keeps_documents_apart", lambda *_: False)
    with pytest.raises(Failure, match="pack_sequences") as caught:
        training(run_folder("packed", pack_sequences=True))
    assert caught.value.kind == "base"


def test_a_base_that_cannot_keep_documents_apart_is_trained_and_validated_row_by_row(run_folder, tmp_path):
    base = make_base(tmp_path / "bloom", "bloom")
    subject = training(run_folder(folder=base, train_batch_size=8, lora_dropout=0.0))
    documents = [subject.documents[index] for index in subject.steps[0].documents]
    plain = reference_loss(subject.model, documents).item()
    loss, labels, _ = subject.accumulate(subject.steps[0], 1)
    assert loss == pytest.approx(plain, rel=1e-5)
    assert validation_losses(subject.model, documents).mean == pytest.approx(plain / labels, rel=1e-5)


def test_the_models_own_attention_serves_where_ours_does_not(llama, monkeypatch):
    def refuse(*_, **__):
        raise attention.Unsupported

    monkeypatch.setattr(attention, "attend", refuse)
    model = load_model(llama, "cpu", "float32", 1)
    assert model.attention == "sdpa"
    assert model.keeps_documents_apart


def test_packs_hold_every_document_once_and_never_too_much():
    lengths = [17, 90, 3, 50, 50, 100, 1, 64, 33] * 40
    packs = pack(epoch_order(1, 0, len(lengths)), lengths, 100)
    assert sorted(document for unit in packs for document in unit) == list(range(len(lengths)))
    assert all(sum(lengths[document] for document in unit) <= 100 for unit in packs)
    assert len(packs) < 1.05 * sum(lengths) / 100 + 1


def test_the_steps_of_a_packed_run_are_counted_in_packs():
    parameters = Parameters(pack_sequences=True, chunk_size=100, train_batch_size=2, num_train_epochs=3)
    assert len(all_steps(parameters, [50] * 8)) == 6
    assert len(all_steps(parameters, [60] * 8)) == 12


def test_packing_trains_like_rows_when_a_step_holds_the_same_documents(run_folder):
    rows = training(run_folder("rows", train_batch_size=18, lora_dropout=0.0))
    packs = training(run_folder("packs", train_batch_size=18, lora_dropout=0.0, pack_sequences=True))
    for subject in (rows, packs):
        subject.accumulate(subject.steps[0], 1)
    assert len(packs.steps[0].units) < 18
    difference = (rows.optimizer.gradient - packs.optimizer.gradient).norm() / rows.optimizer.gradient.norm()
    assert difference < 1e-5


def test_a_packed_run_goes_through(run_folder):
    assert train(str(run_folder(pack_sequences=True, train_batch_size=2))) == 0


WRAPPED = {"pack_sequences": True, "wrap_packed_sequences": True}


@pytest.fixture
def wrapped_folder(run_folder):
    """Makes the folder of a run whose packs cut rows, and whose validation rows are none: those are cut to a pack."""

    def make(name="run", **changed):
        run = run_folder(name, **{"train_batch_size": 1, **WRAPPED, **changed})
        (run / "validation.jsonl").write_text("")
        return run

    return make


def test_wrapped_packs_are_full_and_hold_every_token_once():
    lengths = [17, 90, 3, 50, 250, 100, 1, 64, 33]
    parameters = Parameters(chunk_size=100, train_batch_size=2, num_train_epochs=2, **WRAPPED)
    steps = all_steps(parameters, lengths)
    assert len(steps) == 2 * 4
    for epoch in (0, 1):
        parts = [step.parts(lengths) for step in steps if step.epoch == epoch]
        sizes = [sum(stop - start for _, start, stop in found) for found in parts]
        assert sizes == [200, 200, 200, sum(lengths) - 600]
        found = sorted((document, place) for part in parts for document, *ends in part for place in range(*ends))
        assert found == [(document, place) for document, length in enumerate(lengths) for place in range(length)]
    assert [sum(step.ended for step in steps if step.epoch == epoch) for epoch in (0, 1)] == [9, 9]
    assert len(all_steps(parameters, [100] * 4)) == 2 * 2
    assert not any(last for step in all_steps(parameters, [100] * 4) for _, last in step.cuts)


@pytest.mark.parametrize("size", [8, 20, 64])
def test_a_wrapped_run_trains_the_tokens_of_all_rows_in_as_few_packs_as_hold_them(wrapped_folder, size):
    run = wrapped_folder(chunk_size=size, num_train_epochs=2)
    assert train(str(run)) == 0
    (started,), (completed,), steps = events(run, "started"), events(run, "completed"), events(run, "step")
    assert started["steps"] == completed["steps"] == 2 * -(-started["tokens"] // size)
    assert completed["tokens"] == 2 * started["tokens"]
    assert (started["rows"], started["truncated"], started["rejected"]) == (18, 0, 0)
    taken = [after - before for before, after in pairwise([0, *(step["tokens"] for step in steps)])]
    epoch = len(steps) // 2
    assert set(taken[: epoch - 1] + taken[epoch:-1]) == {size}
    assert steps[-1]["epoch"] == 2.0
    assert all(torch.isfinite(tensor).all() for tensor in load_file(run / "output" / MODEL).values())


def test_a_piece_of_a_row_is_a_document_of_its_own_and_its_labels_stay_with_their_tokens(wrapped_folder):
    subject = training(wrapped_folder(chunk_size=40, lora_dropout=0.0))
    for step in subject.steps:
        loss, labels, tokens = subject.accumulate(step, 1)
        pieces = []
        for index, start, stop in step.parts(subject.lengths):
            document = subject.documents[index]
            pieces.append(Document(list(document.ids)[start:stop], list(document.labels)[start:stop]))
        assert (labels, tokens) == (sum(sum(piece.labels[1:]) for piece in pieces), sum(len(p.ids) for p in pieces))
        assert loss == pytest.approx(reference_loss(subject.model, pieces).item(), rel=1e-5)


def test_a_row_longer_than_a_pack_is_trained_to_its_end(wrapped_folder):
    rows = [{"prompt": "Message: " * 40, "completion": " none" * 30}]
    packed, wrapped = (
        wrapped_folder(name, rows=rows, chunk_size=32, wrap_packed_sequences=name == "wrapped")
        for name in ("packed", "wrapped")
    )
    # All that fits into one pack is prompt.
    assert train(str(packed)) == 1
    assert events(packed, "failed")[0]["class"] == "data"
    assert train(str(wrapped)) == 0
    losses = [step["loss"] for step in events(wrapped, "step")]
    # Packs of the prompt alone have nothing to learn.
    assert losses[0] is None
    assert losses[-1] is not None


def test_a_step_that_has_nothing_to_learn_changes_nothing(wrapped_folder):
    rows = [{"prompt": "Message: " * 40, "completion": " none"}]
    subject = training(wrapped_folder(rows=rows, chunk_size=32))
    before = subject.optimizer.weights.clone()
    assert subject.accumulate(subject.steps[0], 1)[:2] == (0.0, 0)
    subject._step(subject.steps[0])
    assert torch.equal(subject.optimizer.weights, before)


def test_packs_are_no_longer_than_what_the_base_takes(wrapped_folder):
    run = wrapped_folder(rows=[{"text": "long " * 2000}], chunk_size=4096)
    assert train(str(run)) == 0
    tokens = [step["tokens"] for step in events(run, "step")]
    assert tokens[0] == 512
    assert len(tokens) == -(-tokens[-1] // 512) > 1


def test_a_wrapped_run_that_is_killed_ends_with_the_weights_of_one_left_alone(wrapped_folder, monkeypatch):
    shape = {"chunk_size": 40, "save_steps": 2, "lora_dropout": 0.1, "train_batch_size": 4}
    alone, killed = (wrapped_folder(name, **shape) for name in ("alone", "killed"))
    assert train(str(alone)) == 0
    with monkeypatch.context() as patch:
        kill_at(4, AdamW, "step", patch)
        assert in_child(lambda: train(str(killed))) == signal.SIGKILL
    assert train(str(killed)) == 0
    assert events(killed, "started")[-1]["resumed_from"] == 2
    assert (killed / "output" / MODEL).read_bytes() == (alone / "output" / MODEL).read_bytes()


def test_wrapping_without_packs_is_refused(run_folder):
    run = run_folder(wrap_packed_sequences=True)
    assert train(str(run)) == 1
    (failed,) = events(run, "failed")
    assert failed["class"] == "trainer"
    assert "wrap_packed_sequences needs pack_sequences" in failed["message"]
