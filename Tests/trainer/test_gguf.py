"""A GGUF of a version, read by those who read such files, has its logits, its ids and its answers."""

import io
import json
import math
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import gguf
import pytest
import torch
from gguf import TokenType
from tokenizers import AddedToken
from transformers import AutoModelForCausalLM, AutoTokenizer, GemmaTokenizer
from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_PRE_TOKENIZER_SPLITS

from ftops_trainer.adapters import read_adapter
from ftops_trainer.failures import Failure
from ftops_trainer.gguf_networks import tensors
from ftops_trainer.gguf_writing import check_writable, write_gguf
from ftops_trainer.merging import merge
from ftops_trainer.models import load_network
from ftops_trainer.runs import train
from ftops_trainer.serving import export
from ftops_trainer.tokens import TextTokenizer
from records import record_rows
from test_serving import ask, peft_model
from tinybase import SPECIAL, make_base

TEXTS = [
    *(row["prompt"] + row["completion"] for row in record_rows(3, 8)),
    "def f(x):\n    return x[0] + {'a': 1e-3}  # ok\n\n\tif not x:\n\t\tpass\n",
    "  two spaces before, and behind  ",
    "\n\nlines\r\nand more\n\n\n",
    "année, naïve, Ærø, Привет, 你好 世界, 12345678",
    "😀👩‍👩‍👧 a\u0301 <s> <|turn|>user\nhi<|end|>\n",
    "it's we'll I'M 3rd 1,000.50",
]
YARN = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 128}
YARN_OF_ITS_OWN = {
    "attention_factor": 1.0,
    "mscale": 1.0,
    "mscale_all_dim": 1.0,
    "beta_fast": 16.0,
    "beta_slow": 2.0,
    "truncate": False,
}
QWEN_RULE = GGUF_PRE_TOKENIZER_SPLITS["qwen2"]


@pytest.fixture(params=["llama", "llama-sentencepiece", "mistral", "qwen2", "qwen3", "gemma"])
def base(request, tmp_path) -> Path:
    """A base of each architecture, with a tokenizer of the kind that those of it have."""
    folder = tmp_path / "base"
    match request.param:
        case "llama-sentencepiece":
            return make_base(folder, "llama", chat=True, pieces="bpe")
        case "mistral":
            return make_base(folder, "mistral", chat=True, sliding_window=256)
        case "qwen2":
            return divided(make_base(folder, "qwen2", chat=True), QWEN_RULE)
        case "qwen3":
            # Transformers does not read the width of a head and takes 128.
            return divided(make_base(folder, "qwen3", chat=True, head_dim=128), QWEN_RULE)
        case "gemma":
            return tiny_gemma(folder)
        case kind:
            return make_base(folder, kind, chat=True)


def tiny_gemma(folder: Path) -> Path:
    """Gemma's layers and heads, and a tokenizer as Gemma's: no space before a text, and lines that stay whole."""
    layers = ["sliding_attention"] * 5 + ["full_attention", "sliding_attention"]
    heads = {"head_dim": 256, "query_pre_attn_scalar": 256}
    depth = {"num_hidden_layers": 7, "layer_types": layers}
    make_base(folder, "gemma", chat=True, pieces="bpe", vocab_size=410, **heads, **depth)
    model = TextTokenizer(folder).definition["model"]
    tokenizer = GemmaTokenizer(
        vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]], bos_token="<s>", eos_token="</s>"
    )
    backend = tokenizer.backend_tokenizer
    backend.add_tokens([AddedToken("\n\n", normalized=False), AddedToken("<table>", normalized=False)])
    (folder / "tokenizer.model").unlink()
    backend.save(str(folder / "tokenizer.json"))
    return folder


def divided(folder: Path, rule: str, **changed: Any) -> Path:
    """Let the tokenizer of a base divide texts by a rule."""
    file = folder / "tokenizer.json"
    definition = json.loads(file.read_text())
    split = {"type": "Split", "pattern": {"Regex": rule}, "behavior": "Isolated", "invert": False}
    level = definition["pre_tokenizer"] | {"use_regex": False}
    definition["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [split, level]}
    definition["model"] |= changed
    file.write_text(json.dumps(definition))
    return folder


@pytest.fixture
def trained(base, run_folder) -> Path:
    run = run_folder(folder=base, lora_rank=3, lora_alpha=5)
    assert train(str(run)) == 0
    return run / "output"


def write(base: Path, adapter: Path, target: Path, **more) -> dict:
    prompts = [row["prompt"] for row in record_rows(3, 8)]
    spec = {"kind": "path", "path": str(base), "name": "tiny"}
    request = {"base": spec, "adapter": str(adapter), "target": str(target), "prompts": prompts, "format": "gguf"}
    sink = io.StringIO()
    assert export(io.StringIO(json.dumps(request | more)), sink) == 0
    found: dict = json.loads(sink.getvalue())
    return found


def read(folder: Path) -> tuple:
    """What transformers makes of a GGUF."""
    network = AutoModelForCausalLM.from_pretrained(folder, gguf_file="model.gguf", dtype=torch.float32).eval()
    return network, AutoTokenizer.from_pretrained(folder, gguf_file="model.gguf")


def read_fields(file: Path) -> dict[str, Any]:
    return {name: field.contents() for name, field in gguf.GGUFReader(file).fields.items()}


def test_transformers_reads_it_back_with_the_versions_logits_ids_and_answers(base, trained, tmp_path):
    found = write(base, trained, tmp_path / "file", name="acme/tiny:1")
    assert found["dtype"] == "float32"
    assert [path.name for path in (tmp_path / "file").iterdir()] == ["model.gguf"]
    network, tokenizer = read(tmp_path / "file")
    ours, version = TextTokenizer(base), peft_model(base, trained)
    for text in TEXTS:
        assert tokenizer(text).input_ids == ours.prompt(text)
        given = torch.tensor([ours.prompt(text)])
        with torch.no_grad():
            theirs, read_back = version(input_ids=given).logits, network(input_ids=given).logits
        torch.testing.assert_close(read_back, theirs, rtol=1e-4, atol=1e-4 * float(theirs.abs().max()))
    spec = {"kind": "path", "path": str(base), "name": "tiny"}
    for row in record_rows(2, 8):
        given = torch.tensor([ours.prompt(row["prompt"])])
        asked = {"prompts": [row["prompt"]], "max_new_tokens": 12}
        answer = ask(base=spec, models=[{"name": "m", "adapter": str(trained)}], **asked)
        said = network.generate(given, max_new_tokens=12, do_sample=False)[0, given.shape[1] :]
        # A character that is not whole yet is not said.
        assert ours.text(said.tolist()).rstrip("\ufffd") == "".join(line.get("text", "") for line in answer)
    assert tokenizer.chat_template == ours.chat_template


def joined_by_score(text: str, found: dict[str, Any]) -> list[int]:
    """Ids of a text as those make them who know tokens and scores alone: the best neighbours are joined first."""
    ids = {token: identifier for identifier, token in enumerate(found["tokenizer.ggml.tokens"])}
    scores = found["tokenizer.ggml.scores"]
    parts = list(" " * found["tokenizer.ggml.add_space_prefix"] + text)
    parts = [part.replace(" ", "\u2581") for part in parts]
    while True:
        pairs = [
            (scores[ids[left + right]], -place)
            for place, (left, right) in enumerate(pairwise(parts))
            if left + right in ids
        ]
        if not pairs:
            break
        place = -max(pairs)[1]
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    spelled = [[part] if part in ids else [f"<0x{byte:02X}>" for byte in part.encode()] for part in parts]
    return [ids[token] for tokens in spelled for token in tokens]


@pytest.mark.parametrize("kind", ["llama", "mistral"])
def test_the_scores_alone_give_the_bases_ids(tmp_path, kind):
    base = make_base(tmp_path / "base", kind, pieces="bpe")
    found = described(base)
    for text in TEXTS:
        # Where a space is put before each text, readers put it before one that has its own too.
        if "<s>" not in text and not (found["tokenizer.ggml.add_space_prefix"] and text.startswith(" ")):
            assert joined_by_score(text, found) == TextTokenizer(base).prompt(text)[1:]


@pytest.mark.parametrize(("dtype", "kind"), [("float16", "F16"), ("bfloat16", "BF16")])
def test_it_is_stored_in_the_type_asked_for(llama, run_folder, tmp_path, dtype, kind):
    run = run_folder(folder=llama)
    assert train(str(run)) == 0
    assert write(llama, run / "output", tmp_path / "file", dtype=dtype)["dtype"] == dtype
    reader = gguf.GGUFReader(tmp_path / "file" / "model.gguf")
    assert {tensor.tensor_type.name for tensor in reader.tensors if len(tensor.shape) > 1} == {kind}
    assert {tensor.tensor_type.name for tensor in reader.tensors if len(tensor.shape) == 1} == {"F32"}
    merged = load_network(llama, torch.float32)
    merge(merged, read_adapter(run / "output"))
    network, _ = read(tmp_path / "file")
    for name, weight in merged.state_dict().items():
        assert torch.equal(network.state_dict()[name], weight.to(getattr(torch, dtype)).float())


def test_what_is_written_says_how_the_base_is_used(run_folder, tmp_path):
    base = make_base(tmp_path / "base", "mistral", chat=True, pieces="bpe", sliding_window=256)
    (base / "LICENSE").write_text("terms")
    run = run_folder(folder=base)
    assert train(str(run)) == 0
    write(base, run / "output", tmp_path / "file", name="acme/tiny:1")
    assert {path.name for path in (tmp_path / "file").iterdir()} == {"LICENSE", "model.gguf"}
    found = read_fields(tmp_path / "file" / "model.gguf")
    assert found["general.name"] == "acme/tiny:1"
    assert found["llama.context_length"] == 256
    ids = {name: found[f"tokenizer.ggml.{name}_token_id"] for name in ("bos", "eos", "unknown", "padding")}
    assert ids == {"bos": 1, "eos": 2, "unknown": 0, "padding": 2}
    assert (found["tokenizer.ggml.add_bos_token"], found["tokenizer.ggml.add_space_prefix"]) == (True, False)
    types = found["tokenizer.ggml.token_type"]
    assert types[:4] == [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL, TokenType.BYTE]
    assert types[-1] == TokenType.NORMAL


def test_the_end_of_a_turn_ends_an_answer_too(llama_chat):
    found = described(llama_chat)
    assert found["tokenizer.ggml.eos_token_id"] == SPECIAL.index("</s>")
    assert found["tokenizer.ggml.eot_token_id"] == SPECIAL.index("<|end|>")


@pytest.mark.parametrize(
    ("name", "rule", "whole"),
    [("llama-bpe", "llama-bpe", True), ("smaug-bpe", "llama-bpe", False), ("tekken", "tekken", True)],
)
def test_the_rule_by_which_a_tokenizer_divides_texts_has_its_name(llama_chat, name, rule, whole):
    divided(llama_chat, GGUF_PRE_TOKENIZER_SPLITS[rule], ignore_merges=whole)
    assert described(llama_chat)["tokenizer.ggml.pre"] == name


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_llama_3_s_positions_are_stretched_as_transformers_stretches_them(tmp_path, dtype):
    positions = {
        "rope_type": "llama3",
        "rope_theta": 10000.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32,
    }
    base = make_base(tmp_path / "base", "llama", head_dim=32, rope_parameters=positions)
    network = load_network(base, torch.float32)
    exact = network.model.rotary_emb.inv_freq.clone()
    # As an export in another type has it.
    found = dict(tensors(network.to(dtype)))["rope_freqs.weight"]
    assert found[0] == 1
    assert found[-1] == pytest.approx(8)
    plain = 10000.0 ** -(torch.arange(0, 32, 2) / 32)
    torch.testing.assert_close(plain / found, exact)


def test_positions_that_are_scaled_say_by_how_much(tmp_path):
    usual = {"attention_factor": 0.1 * math.log(4) + 1, "beta_fast": 32, "beta_slow": 1.0, "truncate": True}
    found = described(make_base(tmp_path / "base", "qwen2", rope_parameters=YARN | usual))
    scaling = {key: found[f"qwen2.rope.scaling.{key}"] for key in ("type", "factor", "original_context_length")}
    assert scaling == {"type": "yarn", "factor": 4.0, "original_context_length": 128}


def test_tokens_that_a_base_keeps_room_for_are_there(tmp_path):
    base = make_base(tmp_path / "base", "llama", vocab_size=410)
    found = described(base)
    assert len(found["tokenizer.ggml.tokens"]) == 410
    assert found["tokenizer.ggml.tokens"][-1] == "[PAD409]"
    assert found["tokenizer.ggml.token_type"][-1] == TokenType.UNUSED


def test_marks_that_the_network_has_no_room_for_are_left_out(llama_chat):
    file = llama_chat / "tokenizer.json"
    definition = json.loads(file.read_text())
    definition["added_tokens"].append(definition["added_tokens"][-1] | {"id": 400, "content": "<image>"})
    file.write_text(json.dumps(definition))
    assert len(described(llama_chat)["tokenizer.ggml.tokens"]) == 400


@pytest.mark.parametrize(
    ("kind", "changed", "why"),
    [
        ("granite", {}, "of a granite: ftops knows those of gemma3_text, llama, mistral, qwen2, qwen3"),
        ("llama", {"hidden_act": "gelu"}, "its activation is gelu, not silu"),
        ("llama", {"attention_bias": True}, "its layers have biases"),
        ("llama", {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}}, "scaled by dynamic"),
        *(
            ("qwen2", {"rope_parameters": YARN | {name: value}}, f"scaled by yarn with a {name} of {value}")
            for name, value in YARN_OF_ITS_OWN.items()
        ),
        ("gemma", {}, "its layers do not see all tokens in each 6th one alone"),
    ],
)
def test_a_base_that_readers_would_compute_otherwise_is_refused_with_the_reason(tmp_path, kind, changed, why):
    base = make_base(tmp_path / "base", kind, **changed)
    with pytest.raises(Failure, match=re.escape(why)) as failure:
        check_writable(load_network(base, torch.float32), TextTokenizer(base))
    assert failure.value.kind == "base"


@pytest.mark.parametrize(
    ("model", "steps", "why"),
    [
        ({}, {"type": "Whitespace"}, "it has no bytes for what it does not know"),
        ({"byte_fallback": True}, None, "it makes some tokens in one way only"),
        ({"type": "WordLevel"}, None, "it is WordLevel, not BPE"),
    ],
)
def test_a_tokenizer_that_readers_would_use_otherwise_is_refused_with_the_reason(llama_chat, model, steps, why):
    file = llama_chat / "tokenizer.json"
    definition = json.loads(file.read_text()) | {"pre_tokenizer": steps}
    definition["model"] |= {"unk_token": "<s>"} | model
    file.write_text(json.dumps(definition))
    with pytest.raises(Failure, match=re.escape(why)):
        described(llama_chat)


def test_a_tokenizer_that_makes_a_token_late_and_early_is_refused(tmp_path):
    base = make_base(tmp_path / "base", "llama", pieces="bpe")
    definition = TextTokenizer(base).definition
    merges = definition["model"]["merges"]
    made = ["".join(pair) for pair in merges]
    twice = next(place for place, whole in enumerate(made) if whole == made[place + 1])
    merges.append(merges.pop(twice))
    (base / "tokenizer.json").write_text(json.dumps(definition))
    with pytest.raises(Failure, match="its merges are in no order of its tokens"):
        described(base)


def test_a_rule_that_no_reader_knows_is_refused(llama_chat):
    divided(llama_chat, ".")
    with pytest.raises(Failure, match="it divides texts as no reader of one does"):
        described(llama_chat)


def test_nothing_is_merged_where_no_gguf_can_be_made(run_folder, tmp_path, capfd):
    base = make_base(tmp_path / "base", "granite")
    request = {"base": {"kind": "path", "path": str(base)}, "adapter": "none", "target": str(tmp_path / "file")}
    assert export(io.StringIO(json.dumps(request | {"format": "gguf"})), io.StringIO()) == 1
    assert "a GGUF cannot be made of a granite" in capfd.readouterr().err
    assert export(io.StringIO(json.dumps(request | {"format": "onnx"})), io.StringIO()) == 1
    assert capfd.readouterr().err.strip() == "format is 'onnx', expected one of hf, gguf"
    assert not (tmp_path / "file").exists()


@pytest.fixture
def llama_chat(tmp_path) -> Path:
    return make_base(tmp_path / "chat", "llama", chat=True)


def described(base: Path) -> dict[str, Any]:
    """What the GGUF of a base says of it."""
    file = base.with_suffix(".gguf")
    write_gguf(file, load_network(base, torch.float32), TextTokenizer(base), "tiny")
    return read_fields(file)
