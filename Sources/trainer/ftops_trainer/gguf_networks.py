"""Networks as a GGUF describes them: which ones it can hold, its names for their parts, and how these are laid out."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gguf
import torch
from torch import Tensor
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from .failures import Failure


@dataclass(frozen=True)
class Architecture:
    """What a GGUF calls a kind of network, and where its weights are not those that transformers has."""

    name: gguf.MODEL_ARCH
    activation: str = "silu"
    interleaved: bool = False
    """Queries and keys have the two numbers that a position turns together beside each other, not half a head apart."""
    norm_offset: float = 0.0
    """What is added to the weights of norms, which transformers adds when it computes."""


ARCHITECTURES = {
    "gemma3_text": Architecture(gguf.MODEL_ARCH.GEMMA3, "gelu_pytorch_tanh", norm_offset=1.0),
    "llama": Architecture(gguf.MODEL_ARCH.LLAMA, interleaved=True),
    # What reads a GGUF computes it as it does a llama.
    "mistral": Architecture(gguf.MODEL_ARCH.LLAMA, interleaved=True),
    "qwen2": Architecture(gguf.MODEL_ARCH.QWEN2),
    "qwen3": Architecture(gguf.MODEL_ARCH.QWEN3),
}

# Gemma 3 as its readers compute it, whatever a file says: each sixth layer sees all, the others turn by this base.
_GEMMA_PATTERN = 6
_GEMMA_LOCAL_THETA = 10000.0
# Yarn as its readers compute it: files of these architectures say nothing else of it.
_YARN = {
    "mscale": None,
    "mscale_all_dim": None,
    "beta_fast": 32.0,
    "beta_slow": 1.0,
    "truncate": True,
}


def architecture(config: Any) -> Architecture:
    """The architecture of a network that a GGUF can hold as it is."""
    found = ARCHITECTURES.get(config.model_type)
    if found is None:
        known = ", ".join(sorted(ARCHITECTURES))
        raise Failure("base", f"a GGUF cannot be made of a {config.model_type}: ftops knows those of {known}")
    for reason in _obstacles(config, found):
        raise Failure("base", f"a GGUF cannot be made of this {config.model_type}: {reason}")
    return found


def describe(writer: gguf.GGUFWriter, config: Any) -> None:
    """Write the sizes of a network."""
    heads = config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(_context(config))
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(width)
    writer.add_value_length(width)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_rope_dimension_count(width)
    if config.model_type == "gemma3_text":
        writer.add_sliding_window(config.sliding_window)
    _describe_positions(writer, _positions(config))


def tensors(network: Any) -> Iterator[tuple[str, Tensor]]:
    """The tensors of a network by the names and in the layout of a GGUF, each computed when it is asked for."""
    config = network.config
    kind = architecture(config)
    names = gguf.get_tensor_name_map(kind.name, config.num_hidden_layers)
    for name, tensor in network.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        found = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if found is None:
            raise Failure("base", f"a GGUF cannot be made of this {config.model_type}: it has no name for {name}")
        yield found, _laid_out(tensor, found, kind, config)
    if _positions(config)["rope_type"] == "llama3":
        yield gguf.TENSOR_NAMES[gguf.MODEL_TENSOR.ROPE_FREQS] + ".weight", _stretching(config)


def _obstacles(config: Any, kind: Architecture) -> Iterator[str]:
    """What about a network its readers would not learn from a GGUF, or compute otherwise."""
    activation = getattr(config, "hidden_activation", None) or getattr(config, "hidden_act", None)
    if activation != kind.activation:
        yield f"its activation is {activation}, not {kind.activation}"
    if getattr(config, "attention_bias", False) or getattr(config, "mlp_bias", False):
        yield "its layers have biases"
    positions = _positions(config)
    if positions["rope_type"] not in ("default", "linear", "llama3", "yarn"):
        yield f"its positions are scaled by {positions['rope_type']}"
    if positions.get("partial_rotary_factor", 1.0) != 1.0:
        yield "its positions turn a part of each head only"
    if positions["rope_type"] == "yarn":
        yield from _yarn_obstacles(positions)
    if config.model_type == "gemma3_text":
        yield from _gemma_obstacles(config)


def _yarn_obstacles(positions: dict[str, Any]) -> Iterator[str]:
    usual = _YARN | {"attention_factor": 0.1 * math.log(positions["factor"]) + 1.0}
    for name, value in usual.items():
        found = positions.get(name)
        if found is not None and found != value:
            yield f"its positions are scaled by yarn with a {name} of {found}"


def _gemma_obstacles(config: Any) -> Iterator[str]:
    layers = range(1, config.num_hidden_layers + 1)
    pattern = ["sliding_attention" if layer % _GEMMA_PATTERN else "full_attention" for layer in layers]
    if list(config.layer_types) != pattern:
        yield f"its layers do not see all tokens in each {_GEMMA_PATTERN}th one alone"
    local = config.rope_parameters["sliding_attention"]
    if local["rope_type"] != "default" or local["rope_theta"] != _GEMMA_LOCAL_THETA:
        yield "its sliding layers have positions of their own"
    if config.attn_logit_softcapping or config.final_logit_softcapping or config.use_bidirectional_attention:
        yield "its attention or its logits are not those of Gemma 3"
    if config.query_pre_attn_scalar != config.head_dim:
        yield "its attention is scaled by another number than the width of a head"


def _positions(config: Any) -> dict[str, Any]:
    parameters = config.rope_parameters
    found: dict[str, Any] = parameters.get("full_attention", parameters)
    return found


def _context(config: Any) -> int:
    """How many tokens a reader may give a network that would let it see all of them."""
    longest: int = config.max_position_embeddings
    window = getattr(config, "sliding_window", None)
    return longest if window is None or config.model_type == "gemma3_text" else min(longest, window)


def _describe_positions(writer: gguf.GGUFWriter, positions: dict[str, Any]) -> None:
    writer.add_rope_freq_base(positions["rope_theta"])
    kinds = {"linear": gguf.RopeScalingType.LINEAR, "yarn": gguf.RopeScalingType.YARN}
    scaling = kinds.get(positions["rope_type"])
    if scaling is None:
        return
    writer.add_rope_scaling_type(scaling)
    writer.add_rope_scaling_factor(positions["factor"])
    if "original_max_position_embeddings" in positions:
        writer.add_rope_scaling_orig_ctx_len(positions["original_max_position_embeddings"])


def _laid_out(tensor: Tensor, name: str, kind: Architecture, config: Any) -> Tensor:
    if kind.interleaved and ".attn_q." in name:
        return _interleaved(tensor, config.num_attention_heads)
    if kind.interleaved and ".attn_k." in name:
        return _interleaved(tensor, config.num_key_value_heads)
    if kind.norm_offset and name.endswith("norm.weight"):
        return tensor.float() + kind.norm_offset
    return tensor


def _interleaved(tensor: Tensor, heads: int) -> Tensor:
    halves = tensor.reshape(heads, 2, -1, *tensor.shape[1:])
    return halves.transpose(1, 2).reshape(tensor.shape)


def _stretching(config: Any) -> Tensor:
    """By how much each frequency of a Llama 3 is lower than its base alone would have it."""
    # A network that was rounded to another type has rounded frequencies too, and its readers compute with exact ones.
    found, _ = ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))
    theta = _positions(config)["rope_theta"]
    stretching: Tensor = theta ** -(torch.arange(len(found)) / len(found)) / found
    return stretching
