"""The frozen base: loaded in the best type that the machine has, checked, and run without padding."""

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from . import attention, devices
from .failures import Failure, classify
from .lora import linear_layers
from .loss import Head, loss_sum, token_losses
from .products import fast, quicken
from .quantization import quantize
from .rows import Document
from .sharding import give_up_pass, in_pass, in_turns, mesh_of, share, share_out


@dataclass(frozen=True)
class Model:
    """A frozen causal language model and how its logits are made."""

    network: Any
    dtype: str
    device: torch.device
    keeps_documents_apart: bool
    tokens_at_once: int
    attention: str
    generation_attention: str

    @property
    def head(self) -> Head:
        """What makes logits of hidden states."""
        return _head(self.network)

    @property
    def context(self) -> int:
        """How many tokens it takes at most."""
        return getattr(self.network.config.get_text_config(), "max_position_embeddings", None) or sys.maxsize

    def hidden(self, documents: Sequence[Document]) -> Tensor:
        """Last hidden states of documents laid end to end, none of which sees another."""
        _use(self.network, self.attention)
        return hidden_states(self.network, [document.ids for document in documents], self.device)

    def for_generation(self) -> Any:
        """The network as transformers' generation wants it."""
        _use(self.network, self.generation_attention)
        return self.network

    def loss_sum(self, documents: Sequence[Document]) -> Tensor:
        """The sum of the token losses at the documents' labels."""
        return in_pass(self.network, lambda: loss_sum(self.head, *self._labels(documents)))

    @torch.no_grad()
    def loss_sums(self, documents: Sequence[Document]) -> list[float]:
        """The sum of the token losses of each document."""
        found: list[float] = self.document_losses(documents).tolist()
        return found

    def document_losses(self, documents: Sequence[Document]) -> Tensor:
        """The sum of the token losses of each document, in 64 bits and differentiable."""
        if not self.keeps_documents_apart and len(documents) > 1:
            return torch.cat([self.document_losses([document]) for document in documents])
        losses = in_pass(self.network, lambda: token_losses(self.head, *self._labels(documents)))
        pieces = torch.split(losses.double(), [document.label_tokens for document in documents])
        return torch.stack([piece.sum() for piece in pieces])

    def _labels(self, documents: Sequence[Document]) -> tuple[Tensor, Tensor]:
        """The hidden states that labels are predicted from, and the labels."""
        places: list[int] = []
        targets: list[int] = []
        start = 0
        for document in documents:
            for index in range(1, len(document.ids)):
                if document.labels[index]:
                    places.append(start + index - 1)
                    targets.append(document.ids[index])
            start += len(document.ids)
        hidden = self.hidden(documents)[torch.tensor(places, device=self.device)]
        return hidden, torch.tensor(targets, device=self.device)


def bytes_a_token(model: Model) -> float:
    """What autograd keeps of a token for the way back, by a pass over a few."""
    resident = [*map(share, model.network.parameters()), *model.network.buffers()]
    held = {tensor.untyped_storage().data_ptr() for tensor in resident}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        # A weight that was put together of shares is left again behind its layer.
        if storage.data_ptr() not in held and not any(isinstance(of, nn.Parameter) for of in (tensor, tensor._base)):
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    documents = [Document(probe(model.network, start), [0] * 7) for start in range(8)]
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        states = in_pass(model.network, lambda: model.hidden(documents))
    return sum(kept.values()) / states.shape[0]


def hidden_states(
    network: Any, documents: Sequence[Sequence[int]], device: torch.device, fastest: bool = True
) -> Tensor:
    """Hidden states of all tokens, [tokens, width]; positions start anew in each document."""
    ids = torch.tensor([[identifier for document in documents for identifier in document]], device=device)
    positions = torch.tensor([[place for document in documents for place in range(len(document))]], device=device)
    bounds = {}
    if network.config._attn_implementation == attention.NAME:
        bounds["cu_seq_lens_q"] = attention.bounds([len(document) for document in documents])
    with fast(fastest):
        output = network.base_model(input_ids=ids, position_ids=positions, use_cache=False, **bounds)
    states: Tensor = output.last_hidden_state[0]
    return states


def load_model(
    folder: Path,
    device: str,
    dtype: str | None,
    threads: int | None,
    frozen: bool = True,
    shares: bool = False,
    four_bits: bool = False,
) -> Model:
    """Load a base from a folder in Hugging Face layout; one that is not frozen computes in PyTorch's own way.

    With `shares` each of a run's processes has its part of the weights, and all are here at once; with `four_bits` the
    linear layers have what these say.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    where = devices.use(device)
    dtype = dtype or devices.best_dtype(where)
    load = partial(_load_frozen, folder, getattr(torch, dtype), where, frozen, four_bits)
    if shares:
        mesh = mesh_of(where)
        # Each has the whole for a moment, in memory.
        network = in_turns(lambda: share_out(load(), mesh))
    else:
        network = load().to(where)
    _check_head(network, where)
    standard = network.config._attn_implementation
    chosen = _choose_attention(network, where)
    apart = _keeps_documents_apart(network, where)
    if not gc.isenabled():
        # What was loaded without the collector stays, so that it need never look at it.
        gc.freeze()
        gc.enable()
    return Model(network, dtype, where, apart, devices.CPU_TOKENS, chosen, standard)


def _load_frozen(folder: Path, dtype: torch.dtype, device: torch.device, stays: bool, four_bits: bool) -> Any:
    network = load_network(folder, dtype).eval().requires_grad_(False)
    if four_bits:
        quantize(linear_layers(network).values(), device)
    if stays and device.type == "cpu":
        quicken(network)
    return network


def load_network(folder: Path, dtype: torch.dtype) -> Any:
    """What transformers makes of a folder in Hugging Face layout."""
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        network, loaded = AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=dtype, local_files_only=True, output_loading_info=True
        )
    except Exception as error:
        if classify(error).kind == "memory":
            raise
        raise Failure("base", f"{folder} cannot be loaded: {error}") from error
    # transformers makes up what a file lacks.
    missing = sorted(loaded["missing_keys"])
    if missing:
        raise Failure("base", f"{folder} lacks weights that its config.json asks for: {', '.join(missing[:3])}")
    return network


def _head(network: Any) -> Head:
    layer, config = network.get_output_embeddings(), network.config.get_text_config()
    return Head(layer.weight, getattr(layer, "bias", None), getattr(config, "final_logit_softcapping", None))


@torch.no_grad()
def _check_head(network: Any, device: torch.device) -> None:
    ids = torch.tensor([probe(network, 0)], device=device)
    expected = network(input_ids=ids, use_cache=False).logits[0].float()
    states = partial(hidden_states, network, ids.tolist(), device, fastest=False)
    found = in_pass(network, lambda: _head(network).logits(states()))
    if not expected.isfinite().all():
        dtype = str(network.dtype).removeprefix("torch.")
        raise Failure("base", f"{network.config.model_type}: its logits are no numbers in {dtype}")
    if not torch.allclose(found, expected, rtol=1e-2, atol=1e-2 * float(expected.abs().max())):
        raise Failure("base", f"{network.config.model_type}: its logits are not those of its output head")


@torch.no_grad()
def _choose_attention(network: Any, device: torch.device) -> str:
    """Ours where it computes what the model's own does, else the model's own."""
    standard: str = network.config._attn_implementation
    documents = [probe(network, 0)]
    expected = in_pass(network, lambda: hidden_states(network, documents, device, fastest=False)).float()
    attention.register()
    try:
        _use(network, attention.NAME)
        found = in_pass(network, lambda: hidden_states(network, documents, device)).float()
    except (attention.Unsupported, TypeError, ValueError):
        found = torch.full_like(expected, torch.nan)
        give_up_pass(network)
    # What is rounded in another order may differ by so much after many layers.
    allowed = 1e-3 if network.dtype == torch.float32 else 0.1
    if not float((found - expected).norm()) <= allowed * float(expected.norm()):
        _use(network, standard)
    chosen: str = network.config._attn_implementation
    return chosen


def _use(network: Any, implementation: str) -> None:
    if network.config._attn_implementation != implementation:
        network.set_attn_implementation(implementation)


@torch.no_grad()
def _keeps_documents_apart(network: Any, device: torch.device) -> bool:
    """Whether another first document leaves the second's hidden states as they are, bit for bit."""
    first, other, second = (probe(network, start) for start in (0, 7, 14))
    pairs = ([first, second], [other, second])
    states = [in_pass(network, partial(hidden_states, network, pair, device))[-len(second) :] for pair in pairs]
    return torch.equal(states[0], states[1])


def probe(network: Any, start: int) -> list[int]:
    """A few ids that a model knows."""
    vocabulary = network.config.get_text_config().vocab_size
    return [(start + index * 31) % vocabulary for index in range(3, 10)]
