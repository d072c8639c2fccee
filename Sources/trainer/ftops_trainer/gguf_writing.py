"""A network and its tokenizer as one GGUF file, the format of llama.cpp, Ollama and LM Studio."""

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from torch import Tensor

from . import gguf_networks
from .gguf_tokens import TokenTable
from .tokens import TextTokenizer

_TYPES = {
    torch.float32: (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
    torch.float16: (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    torch.bfloat16: (gguf.GGMLQuantizationType.BF16, gguf.LlamaFileType.MOSTLY_BF16),
}

_BYTES = {kind: gguf.GGML_QUANT_SIZES[kind][1] for kind, _ in _TYPES.values()}


def check_writable(network: Any, tokenizer: TextTokenizer) -> None:
    """Refuse a network or a tokenizer of which no GGUF can be made that says the same."""
    gguf_networks.architecture(network.config)
    TokenTable(tokenizer, network.config.vocab_size)


def write_gguf(path: Path, network: Any, tokenizer: TextTokenizer, name: str) -> None:
    """Write a network in its own type to a file; what has one dimension stays in fp32, as is usual."""
    config = network.config
    kind, file_type = _TYPES[network.dtype]
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[gguf_networks.architecture(config).name])
    try:
        writer.add_type(gguf.GGUFType.MODEL)
        writer.add_name(name)
        writer.add_file_type(file_type)
        gguf_networks.describe(writer, config)
        TokenTable(tokenizer, config.vocab_size).describe(writer)
        # Twice, so that no more than one is there in another layout at a time.
        for label, tensor in gguf_networks.tensors(network):
            stored = _type(tensor, kind)
            size = tensor.numel() * _BYTES[stored]
            writer.add_tensor_info(label, tensor.shape, np.dtype(np.float32), size, raw_dtype=stored)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for _, tensor in gguf_networks.tensors(network):
            writer.write_tensor_data(_stored(tensor, kind))
    finally:
        writer.close()


def _type(tensor: Tensor, kind: gguf.GGMLQuantizationType) -> gguf.GGMLQuantizationType:
    return kind if tensor.dim() > 1 else gguf.GGMLQuantizationType.F32


def _stored(tensor: Tensor, kind: gguf.GGMLQuantizationType) -> Any:
    return gguf.quants.quantize(tensor.detach().float().cpu().numpy(), _type(tensor, kind))
