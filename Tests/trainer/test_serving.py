"""What is saved loads elsewhere, and answers as peft and transformers answer."""

import gc
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from conftest import HERE, events, write_rows
from ftops_trainer.adapters import load_adapter
from ftops_trainer.generation import AnswerStream, Sampling, answer_all
from ftops_trainer.models import load_model
from ftops_trainer.runs import train
from ftops_trainer.serving import generate, prepare
from ftops_trainer.tokens import TextStream, TextTokenizer
from records import record_rows
from tinybase import make_base

LAUNCH = HERE.parents[1] / "Sources" / "trainer" / "launch"


@pytest.fixture
def trained(run_folder, base) -> tuple[Path, Path]:
    # A scale that rounds: what is computed in another order shows.
    run = run_folder(folder=base, lora_rank=3, lora_alpha=5)
    assert train(str(run)) == 0
    return base, run / "output"


def peft_model(base: Path, adapter: Path) -> PeftModel:
    return PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), adapter).eval()


def ask(**request) -> list[dict]:
    sink = io.StringIO()
    assert generate(io.StringIO(json.dumps(request)), sink) == 0
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_a_saved_adapter_has_equal_logits_in_stock_peft(trained):
    base, output = trained
    model = load_model(base, "cpu", "float32", 1)
    load_adapter(model.network, output)
    ids = torch.tensor([TextTokenizer(base).prompt(record_rows(1, 8)[0]["prompt"])])
    with torch.no_grad():
        ours = model.for_generation()(input_ids=ids).logits
        theirs = peft_model(base, output)(input_ids=ids).logits
    assert torch.equal(ours, theirs)


def test_use_rslora_scales_by_the_root_of_the_rank_in_training_inference_and_stock_peft(run_folder, base):
    shape = {"folder": base, "lora_rank": 4, "max_steps": 2, "lora_dropout": 0.0}
    run = run_folder("stabilised", lora_alpha=3, use_rslora=True, **shape)
    # The same scale by the rank alone: 3 / 2 is 6 / 4.
    plain, other = run_folder("plain", lora_alpha=6, **shape), run_folder("other", lora_alpha=3, **shape)
    assert train(str(run)) == train(str(plain)) == train(str(other)) == 0
    found = [load_file(folder / "output" / "adapter_model.safetensors") for folder in (run, plain, other)]
    assert all(torch.equal(tensor, found[1][name]) for name, tensor in found[0].items())
    assert not all(torch.equal(tensor, found[2][name]) for name, tensor in found[0].items())
    config = json.loads((run / "output" / "adapter_config.json").read_text())
    assert (config["use_rslora"], config["lora_alpha"], config["r"]) == (True, 3, 4)
    model = load_model(base, "cpu", "float32", 1)
    load_adapter(model.network, run / "output")
    ids = torch.tensor([TextTokenizer(base).prompt(record_rows(1, 8)[0]["prompt"])])
    with torch.no_grad():
        logits = model.for_generation()(input_ids=ids).logits
        assert torch.equal(logits, peft_model(base, run / "output")(input_ids=ids).logits)
        assert torch.equal(logits, peft_model(base, plain / "output")(input_ids=ids).logits)


def test_the_saved_config_names_the_base_publicly_and_nothing_of_this_machine(trained):
    base, output = trained
    config = json.loads((output / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "tiny"
    assert config["modules_to_save"] is None
    assert config["use_rslora"] is False
    assert config["target_modules"] == ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]
    assert str(base.parent) not in (output / "adapter_config.json").read_text()
    with safe_open(output / "adapter_model.safetensors", "pt") as file:
        names = list(file.keys())
    assert all(name.startswith("base_model.model.model.layers.") for name in names)
    assert all(name.endswith(("lora_A.weight", "lora_B.weight")) for name in names)
    assert not any("_orig_mod" in name or "lm_head" in name or ".base." in name for name in names)


def test_greedy_answers_are_those_of_peft_and_transformers(trained):
    base, output = trained
    prompts = [row["prompt"] for row in record_rows(3, 8)]
    models = [{"name": "version", "adapter": str(output)}, {"name": "base", "adapter": None}]
    spec = {"kind": "path", "path": str(base), "name": "tiny"}
    lines = ask(
        base=spec, models=models, prompts=prompts, max_new_tokens=12, temperature=0.0, dtype="float32", threads=1
    )
    tokenizer, reference = AutoTokenizer.from_pretrained(base), peft_model(base, output)
    for index, prompt in enumerate(prompts):
        asked = tokenizer(prompt, return_tensors="pt")
        for name in ("version", "base"):
            with reference.disable_adapter() if name == "base" else torch.no_grad():
                ids = reference.generate(
                    input_ids=asked["input_ids"],
                    attention_mask=asked["attention_mask"],
                    do_sample=False,
                    max_new_tokens=12,
                )
            new = ids[0, asked["input_ids"].shape[1] :]
            mine = [line for line in lines if (line["model"], line["prompt"]) == (name, index)]
            text = "".join(line.get("text", "") for line in mine)
            assert text == tokenizer.decode(new, skip_special_tokens=True).rstrip("\ufffd")
            assert mine[-1]["done"]
            assert mine[-1]["tokens"] == len(new)


def test_our_ids_are_those_of_transformers_tokenizer(base):
    ours, theirs = TextTokenizer(base), AutoTokenizer.from_pretrained(base)
    for row in record_rows(5, 8):
        assert ours.prompt(row["prompt"]) == theirs(row["prompt"])["input_ids"]


def test_answers_asked_together_are_those_asked_alone(model, base):
    tokenizer = TextTokenizer(base)
    prompts = [tokenizer.prompt(row["prompt"][: 20 + 9 * index]) for index, row in enumerate(record_rows(5, 8))]
    sampling = Sampling(max_new_tokens=8)
    together = answer_all(model, tokenizer, prompts, sampling, tokenizer.ends)
    alone = [answer_all(model, tokenizer, [prompt], sampling, tokenizer.ends)[0] for prompt in prompts]
    assert together == alone


def test_a_prompt_that_leaves_no_room_is_refused_by_itself_and_answered_empty_among_others(tmp_path, capsys):
    base = make_base(tmp_path / "short", "llama", max_position_embeddings=24)
    model, tokenizer = load_model(base, "cpu", "float32", 1), TextTokenizer(base)
    prompts = [tokenizer.prompt("x " * count) for count in (3, 10, 60)]
    lengths = [len(prompt) for prompt in prompts]
    assert lengths[0] + 8 <= 24 < lengths[2]
    assert lengths[1] < 24 < lengths[1] + 8
    answers = answer_all(model, tokenizer, prompts, Sampling(max_new_tokens=8), frozenset())
    assert [answer.tokens for answer in answers] == [8, 24 - lengths[1], 0]
    spec = {"kind": "path", "path": str(base), "name": "tiny"}
    request = {"base": spec, "models": [{"name": "base"}], "prompts": ["x " * 60], "threads": 1, "dtype": "float32"}
    assert generate(io.StringIO(json.dumps(request)), io.StringIO()) == 1
    assert f"{lengths[2]} tokens, and the base takes 24" in capsys.readouterr().err


def test_a_seed_makes_sampling_repeatable(llama):
    spec = {"kind": "path", "path": str(llama), "name": "tiny"}
    request = {"base": spec, "models": [{"name": "base"}], "prompts": ["Record:"], "max_new_tokens": 20, "threads": 1}
    one = ask(**request, temperature=1.5, top_p=0.9, seed=1, dtype="float32")
    assert one == ask(**request, temperature=1.5, top_p=0.9, seed=1, dtype="float32")
    assert one != ask(**request, temperature=1.5, top_p=0.9, seed=2, dtype="float32")


def test_sampling_takes_from_the_whole_vocabulary_but_for_top_p(llama):
    model, tokenizer = load_model(llama, "cpu", "float32", 1), TextTokenizer(llama)
    prompts = [tokenizer.prompt("Record:")] * 400

    def texts(**sampling: float) -> set[str]:
        chosen = Sampling(max_new_tokens=1, **sampling)
        return {answer.text for answer in answer_all(model, tokenizer, prompts, chosen, frozenset(), together=400)}

    assert len(texts(temperature=100.0)) > 60
    assert texts(temperature=100.0, top_p=1e-6) == texts()
    assert len(texts()) == 1


def test_messages_are_asked_through_the_chat_template(tmp_path):
    base = make_base(tmp_path / "chat", "llama", chat=True)
    spec = {"kind": "path", "path": str(base), "name": "tiny"}
    request = {"base": spec, "models": [{"name": "base"}], "max_new_tokens": 8, "threads": 1, "dtype": "float32"}
    said = ask(**request, prompts=[{"messages": [{"role": "user", "content": "a"}]}])
    assert said == ask(**request, prompts=["<|turn|>user\na<|end|>\n<|turn|>assistant\n"])


def test_a_run_on_messages_goes_through_with_its_evaluation(run_folder, tmp_path):
    base = make_base(tmp_path / "chat", "llama", chat=True)
    rows = [
        {"messages": [{"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row["completion"]}]}
        for row in record_rows(6, 1)
    ]
    run = run_folder(rows=rows, evaluation=True, folder=base)
    write_rows(run / "validation.jsonl", rows[:3])
    assert train(str(run)) == 0
    measured = json.loads((run / "evaluation.json").read_text())["version"]
    assert measured["exact_match"]["validation"]["of"] == 3
    assert measured["validation_answers"][0]["reference"] == rows[0]["messages"][1]["content"]


def test_no_part_of_a_stop_sequence_is_shown(tokenizer):
    shown: list[str] = []
    stream = AnswerStream(TextStream(tokenizer, tokenizer.prompt("x")), ["STOP", "!!"], shown.append)
    for identifier in tokenizer.continuation("a STO b! ST STOP never"):
        if stream.push(identifier, tokenizer.ends):
            break
    answer = stream.close()
    assert "".join(shown) == answer.text == "a STO b! ST "
    assert answer.reason == "stop"


def test_held_back_text_is_shown_when_the_answer_ends_at_its_length(tokenizer):
    stream = AnswerStream(TextStream(tokenizer, tokenizer.prompt("x")), ["STOP"])
    for identifier in tokenizer.continuation("a STO"):
        stream.push(identifier, tokenizer.ends)
    assert stream.text == "a "
    assert stream.close().text == "a STO"
    assert stream.reason == "length"


def test_an_end_token_ends_an_answer(tokenizer):
    stream = AnswerStream(TextStream(tokenizer, []), [])
    assert stream.push(tokenizer.eos, tokenizer.ends)
    assert (stream.close().text, stream.close().reason, stream.close().tokens) == ("", "stop", 1)


def test_a_folder_that_is_no_model_is_refused_with_its_name(tmp_path, capsys):
    request = json.dumps({"kind": "path", "path": str(tmp_path), "name": "tiny"})
    assert prepare(io.StringIO(request), io.StringIO()) == 1
    assert f"{tmp_path} has no config.json" in capsys.readouterr().err


def test_prepare_tells_the_path(llama):
    sink = io.StringIO()
    assert prepare(io.StringIO(json.dumps({"kind": "path", "path": str(llama), "name": "tiny"})), sink) == 0
    assert json.loads(sink.getvalue()) == {"path": str(llama)}


def test_sigterm_ends_a_launched_run_after_its_step_with_75(run_folder):
    run = run_folder(max_steps=100000, save_steps=None)
    environment = {**os.environ, "PYTHONPATH": str(LAUNCH.parent)}
    process = subprocess.Popen([sys.executable, "-m", "ftops_trainer", "train", str(run)], env=environment)
    deadline = time.monotonic() + 120
    while not ((run / "events.jsonl").exists() and '"step":3' in (run / "events.jsonl").read_text()):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 75
    (stopped,) = events(run, "stopped")
    assert events(run, "step")[-1]["step"] == stopped["step"]
    assert (run / "checkpoints" / f"step-{stopped['step']}").is_dir()


def test_the_commands_and_versions_are_quick_to_name():
    environment = {**os.environ, "PYTHONPATH": str(LAUNCH.parent)}
    command = [sys.executable, "-X", "importtime", "-m", "ftops_trainer", "versions"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["trainer"] == 1
    assert " torch" not in done.stderr


def test_imports_come_without_the_collector_and_training_has_it(llama):
    environment = {**os.environ, "PYTHONPATH": str(LAUNCH.parent)}
    code = "import ftops_trainer.__main__, gc; raise SystemExit(gc.isenabled())"
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
    gc.disable()
    load_model(llama, "cpu", "float32", 1)
    assert gc.isenabled()
    gc.unfreeze()
