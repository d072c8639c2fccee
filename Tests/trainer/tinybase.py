"""Random models of a few thousand weights, with a tokenizer trained on the test's own rows."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import Gemma3ForCausalLM, Gemma3TextConfig, LlamaConfig, LlamaForCausalLM

from records import record_rows

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|turn|>{{ m['role'] }}\n{{ m['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)
SPECIAL = ["<s>", "</s>", "<|turn|>", "<|end|>"]


def make_base(folder: Path, kind: str, chat: bool | str = False, **changed: int) -> Path:
    """A model folder; its padding token is its end token, as in many real ones."""
    tokenizer = train_tokenizer()
    size = tokenizer.get_vocab_size()
    torch.manual_seed(0)
    config = (_llama if kind == "llama" else _gemma)(size)
    config.update(changed)
    network = LlamaForCausalLM(config) if kind == "llama" else Gemma3ForCausalLM(config)
    with torch.no_grad():
        # Random weights as they are made barely move the logits: larger ones make mistakes visible.
        for weight in network.parameters():
            if weight.dim() == 2:
                weight.mul_(4)
    network.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>"}
    settings["tokenizer_class"] = "PreTrainedTokenizerFast"
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


def _llama(size: int) -> LlamaConfig:
    return LlamaConfig(
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


def _gemma(size: int) -> Gemma3TextConfig:
    return Gemma3TextConfig(
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
