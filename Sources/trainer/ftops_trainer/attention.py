"""Attention over documents laid end to end: block-diagonal by construction, and without the work between blocks."""

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

NAME = "ftops_documents"


class Unsupported(Exception):
    """The model's attention needs something that this one does not do."""


def register() -> None:
    """Make the attention known to transformers by its name."""
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    ALL_ATTENTION_FUNCTIONS.register(NAME, attend)


def bounds(lengths: list[int]) -> Tensor:
    """Where documents of these lengths begin and end, under the name that transformers hands on."""
    return torch.tensor([0, *lengths]).cumsum(0)


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    cu_seq_lens_q: Tensor | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    """Causal attention inside each document; shapes are those of transformers' attention functions."""
    needed = [name for name in ("softcap", "position_bias", "s_aux", "cache") if others.get(name) is not None]
    if needed or attention_mask is not None or cu_seq_lens_q is None or not getattr(module, "is_causal", True):
        raise Unsupported(f"attention with {needed or 'a mask'}")
    places = cu_seq_lens_q.tolist()
    parts = []
    for start, end in pairwise(places):
        part = slice(start, end)
        window = _window(end - start, sliding_window, query.device)
        parts.append(
            nn.functional.scaled_dot_product_attention(
                query[:, :, part],
                key[:, :, part],
                value[:, :, part],
                attn_mask=window,
                is_causal=window is None,
                scale=scaling,
                enable_gqa=key.shape[1] != query.shape[1],
            )
        )
    return torch.cat(parts, dim=2).transpose(1, 2).contiguous(), None


def _window(length: int, size: int | None, device: torch.device) -> Tensor | None:
    if size is None or length <= size:
        return None
    # A byte a pair at once: with whole distances a long document's would take eight and more.
    return torch.ones(length, length, dtype=torch.bool, device=device).tril_().triu_(1 - size)
