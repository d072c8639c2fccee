"""Attention over documents laid end to end: block-diagonal by construction, and without the work between blocks."""

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from .products import product

NAME = "ftops_documents"

# On a CPU, scores of documents up to this length are kept for the way back: small beside what else a token takes.
_KEPT_LENGTH = 512


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
    scale = scaling if scaling is not None else query.shape[-1] ** -0.5
    longest = max(end - start for start, end in pairwise(places))
    if query.device.type == "cpu" and longest <= _KEPT_LENGTH and query.shape[0] == 1:
        states = (part[0].transpose(0, 1) for part in (query, key, value))
        result: Tensor = _Attention.apply(*states, places, scale, sliding_window)
        return result[None], None
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
                scale=scale,
                enable_gqa=key.shape[1] != query.shape[1],
            )
        )
    return torch.cat(parts, dim=2).transpose(1, 2).contiguous(), None


class _Attention(torch.autograd.Function):
    """Attention with its scores whole, in fp32: at these lengths a few large products beat a kernel of many small ones.

    Queries, keys and values are [tokens, heads, width]; the heads of a group, which share keys, are rows of one matrix.
    """

    @staticmethod
    def forward(
        ctx: Any, query: Tensor, key: Tensor, value: Tensor, places: list[int], scale: float, size: int | None
    ) -> Tensor:
        wide = [states.float() for states in (query, key, value)]
        result, shares = torch.empty(query.shape), []
        for start, end in pairwise(places):
            rows, keys, values = (_groups(states[start:end], key.shape[1]) for states in wide)
            scores = _products(rows, keys.mT).mul_(scale)
            shaped = scores.view(key.shape[1], end - start, -1, end - start)
            shares.append(shaped.masked_fill_(_hidden(end - start, size), -torch.inf).softmax(-1).view(scores.shape))
            result[start:end] = _ungroup(_products(shares[-1], values), query.shape[1])
        ctx.save_for_backward(*wide, *shares)
        ctx.places, ctx.scale, ctx.dtype = places, scale, query.dtype
        return result.to(query.dtype)

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor | None, ...]:
        query, key, value, *shares = ctx.saved_tensors
        heads, groups = query.shape[1], key.shape[1]
        slope = outputs[0].float()
        found = [torch.empty_like(states, memory_format=torch.contiguous_format) for states in (query, key, value)]
        for (start, end), share in zip(pairwise(ctx.places), shares, strict=True):
            part = slice(start, end)
            rows, keys, values, slopes = (_groups(states[part], groups) for states in (query, key, value, slope))
            found[2][part] = _ungroup(_products(share.mT, slopes), groups)
            bent = torch._softmax_backward_data(_products(slopes, values.mT), share, -1, torch.float32).mul_(ctx.scale)
            found[0][part] = _ungroup(_products(bent, keys), heads)
            found[1][part] = _ungroup(_products(bent.mT, rows), groups)
        return *(states.to(ctx.dtype) for states in found), None, None, None


def _groups(states: Tensor, groups: int) -> Tensor:
    """[tokens, heads, width] as [groups, tokens times the heads of a group, width]."""
    tokens, _, width = states.shape
    return states.reshape(tokens, groups, -1, width).transpose(0, 1).reshape(groups, -1, width)


def _ungroup(rows: Tensor, heads: int) -> Tensor:
    groups, _, width = rows.shape
    return rows.view(groups, -1, heads // groups, width).transpose(0, 1).reshape(-1, heads, width)


def _products(left: Tensor, right: Tensor) -> Tensor:
    if len(left) == 1:
        return product(left[0], right[0])[None]
    return torch.bmm(left, right)


def _hidden(length: int, size: int | None) -> Tensor:
    """What a token does not see, by its place, for all heads at once."""
    window = _window(length, size, torch.device("cpu"))
    seen = torch.ones(length, length, dtype=torch.bool).tril_() if window is None else window
    return seen.logical_not_().view(1, length, 1, length)


def _window(length: int, size: int | None, device: torch.device) -> Tensor | None:
    if size is None or length <= size:
        return None
    # A byte a pair at once: with whole distances a long document's would take eight and more.
    return torch.ones(length, length, dtype=torch.bool, device=device).tril_().triu_(1 - size)
