"""Random models of a few thousand weights, with a tokenizer trained on the test's own rows."""

import json
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GraniteConfig,
    GraniteForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from records import record_rows

Architecture = tuple[PreTrainedConfig, type[PreTrainedModel]]
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|turn|>{{ m['role'] }}\n{{ m['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)
SPECIAL = ["<s>", "</s>", "<|turn|>", "<|end|>"]


def make_base(folder: Path, kind: str, chat: bool | str = False, pieces: str | None = None, **changed: Any) -> Path:
    """A model folder; its padding token is its end token, as in many real ones."""
    folder.mkdir(parents=True, exist_ok=True)
    if pieces is None:
        tokenizer = train_tokenizer()
        tokenizer.save(str(folder / "tokenizer.json"))
        size = tokenizer.get_vocab_size()
    else:
        size = train_sentencepiece(folder / "tokenizer.model", pieces)
    torch.manual_seed(0)
    config, network_class = _KINDS[kind](size)
    config.update(changed)
    network = network_class(config)
    with torch.no_grad():
        # Random weights as they are made barely move the logits: larger ones make mistakes visible.
        for weight in network.parameters():
            if weight.dim() == 2:
                weight.mul_(4)
    network.save_pretrained(folder)
    settings: dict[str, str | bool] = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>"}
    settings |= (
        {"tokenizer_class": "PreTrainedTokenizerFast"}
        if pieces is None
        else {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True}
    )
    if chat:
        settings["chat_template"] = chat if isinstance(chat, str) else CHAT_TEMPLATE
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


def train_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=SPECIAL, initial_alphabet=alphabet)
    tokenizer.train_from_iterator([row["prompt"] + row["completion"] for row in record_rows(60, 9)], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 0)]
    )
    return tokenizer


def train_sentencepiece(file: Path, kind: str) -> int:
    """A `tokenizer.model` of the kind `bpe` or `unigram`, and its size; its marks are <s> and </s>, as a llama's."""
    texts = [row["prompt"] + row["completion"] for row in record_rows(60, 9)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_prefix=str(file.with_suffix("")),
        model_type=kind,
        vocab_size=400,
        hard_vocab_limit=False,
        character_coverage=1.0,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        minloglevel=2,
    )
    return int(sentencepiece.SentencePieceProcessor(model_file=str(file)).get_piece_size())


def _llama(size: int) -> Architecture:
    config = LlamaConfig(
        vocab_size=size,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
        max_position_embeddings=512,
    )
    return config, LlamaForCausalLM


def _mistral(size: int) -> Architecture:
    return MistralConfig(**_llama(size)[0].to_diff_dict()), MistralForCausalLM


def _qwen2(size: int) -> Architecture:
    return Qwen2Config(**_llama(size)[0].to_diff_dict()), Qwen2ForCausalLM


def _qwen3(size: int) -> Architecture:
    return Qwen3Config(**_llama(size)[0].to_diff_dict()), Qwen3ForCausalLM


def _bloom(size: int) -> Architecture:
    """Without positions, and with an attention of its own: documents that lie end to end see each other."""
    return BloomConfig(vocab_size=size, hidden_size=32, n_layer=2, n_head=4), BloomForCausalLM


def _granite(size: int) -> Architecture:
    """Like a llama, but its logits are not those of its output head."""
    config, _ = _llama(size)
    return GraniteConfig(**(config.to_diff_dict() | {"logits_scaling": 3.0})), GraniteForCausalLM


def _gemma(size: int) -> Architecture:
    config = Gemma3TextConfig(
        vocab_size=size,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        sliding_window=8,
        layer_types=["sliding_attention", "full_attention"],
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
        max_position_embeddings=512,
        query_pre_attn_scalar=16,
    )
    return config, Gemma3ForCausalLM


_KINDS = {
    "llama": _llama,
    "mistral": _mistral,
    "qwen2": _qwen2,
    "qwen3": _qwen3,
    "gemma": _gemma,
    "granite": _granite,
    "bloom": _bloom,
}
