"""A version taken away as a model of its own answers as the version does."""

import io
import json
import stat
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from ftops_trainer.runs import train
from ftops_trainer.serving import export
from records import record_rows
from test_serving import ask, peft_model
from tinybase import make_base


@pytest.fixture(params=["llama", "gemma"])
def trained(request, run_folder, tmp_path) -> tuple[Path, Path]:
    base = make_base(tmp_path / "base", request.param)
    run = run_folder(folder=base, lora_rank=3, lora_alpha=5)
    assert train(str(run)) == 0
    return base, run / "output"


def write(base: Path, adapter: Path, target: Path, **more) -> dict:
    prompts = [row["prompt"] for row in record_rows(3, 8)]
    spec = {"kind": "path", "path": str(base), "name": "tiny"}
    request = {"base": spec, "adapter": str(adapter), "target": str(target), "prompts": prompts, **more}
    sink = io.StringIO()
    assert export(io.StringIO(json.dumps(request)), sink) == 0
    found: dict = json.loads(sink.getvalue())
    return found


def test_the_merged_model_has_the_logits_and_the_answers_of_the_version(trained, tmp_path):
    base, adapter = trained
    found = write(base, adapter, tmp_path / "merged")
    network = AutoModelForCausalLM.from_pretrained(tmp_path / "merged", dtype="auto").eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "merged")
    version = peft_model(base, adapter)
    prompts = [row["prompt"] for row in record_rows(3, 8)]
    for prompt in prompts:
        ids = torch.tensor([tokenizer(prompt, add_special_tokens=False).input_ids])
        with torch.no_grad():
            ours, theirs = network(input_ids=ids).logits, version(input_ids=ids).logits
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4 * float(theirs.abs().max()))
    spec = {"kind": "path", "path": str(base), "name": "tiny"}
    merged = {"kind": "path", "path": str(tmp_path / "merged"), "name": "merged"}
    asked = {"prompts": prompts, "max_new_tokens": 12}
    version_says = ask(base=spec, models=[{"name": "m", "adapter": str(adapter)}], **asked)
    base_says = ask(base=spec, models=[{"name": "m", "adapter": None}], **asked)
    assert ask(base=merged, models=[{"name": "m", "adapter": None}], **asked) == version_says != base_says
    assert found["dtype"] == "float32"
    assert found["places"] > 3
    assert found["merging"]["same"] == 1
    assert 0 < found["merging"]["largest"] < 1e-4
    assert found["rounding"] == found["merging"]


def test_it_is_stored_in_the_bases_own_type_or_the_one_asked_for_and_says_what_that_costs(run_folder, llama, tmp_path):
    run = run_folder(folder=llama)
    assert train(str(run)) == 0
    found = write(llama, run / "output", tmp_path / "half", dtype="bfloat16")
    assert found["dtype"] == "bfloat16"
    assert found["rounding"]["largest"] > 10 * found["merging"]["largest"]
    assert json.loads((tmp_path / "half" / "config.json").read_text())["dtype"] == "bfloat16"
    base = tmp_path / "base"
    make_base(base, "llama")
    network = AutoModelForCausalLM.from_pretrained(base).to(torch.bfloat16)
    network.save_pretrained(base)
    assert write(base, run / "output", tmp_path / "own")["dtype"] == "bfloat16"


def test_a_type_that_the_weights_do_not_fit_into_is_refused(run_folder, tmp_path, capfd):
    base = make_base(tmp_path / "base", "llama")
    run = run_folder(folder=base)
    assert train(str(run)) == 0
    network = AutoModelForCausalLM.from_pretrained(base)
    with torch.no_grad():
        network.model.embed_tokens.weight[:, 0] = 1e5
    network.save_pretrained(base)
    spec = {"kind": "path", "path": str(base), "name": "tiny"}
    request = {"base": spec, "adapter": str(run / "output"), "target": str(tmp_path / "half"), "dtype": "float16"}
    assert export(io.StringIO(json.dumps(request)), io.StringIO()) == 1
    assert capfd.readouterr().err.splitlines()[-1] == "the model's weights do not fit into float16: take another type"
    assert not (tmp_path / "half").exists()


def test_what_lies_beside_the_bases_weights_goes_along_and_all_may_read_it(run_folder, tmp_path):
    base = make_base(tmp_path / "base", "llama", chat=True)
    (base / "LICENSE").write_text("terms")
    (base / "README.md").write_text("of the base")
    for name in ("notes.txt", "train.jsonl", ".env", "gemma_terms.md", "chat_template.jinja", "model.onnx"):
        (base / name).write_text("x")
    (base / "old.bin").write_bytes(b"weights")
    run = run_folder(folder=base)
    assert train(str(run)) == 0
    write(base, run / "output", tmp_path / "merged")
    names = {path.name for path in (tmp_path / "merged").iterdir()}
    kept = {"LICENSE", "gemma_terms.md", "chat_template.jinja", "tokenizer.json", "tokenizer_config.json"}
    assert names == kept | {"config.json", "generation_config.json", "model.safetensors"}
    assert "chat_template" in (tmp_path / "merged" / "tokenizer_config.json").read_text()
    assert all(path.stat().st_mode & stat.S_IROTH for path in (tmp_path / "merged").iterdir())


def test_a_folder_that_holds_something_is_left_alone(run_folder, llama, tmp_path, capfd):
    run = run_folder(folder=llama)
    assert train(str(run)) == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    spec = {"kind": "path", "path": str(llama), "name": "tiny"}
    request = {"base": spec, "adapter": str(run / "output"), "target": str(tmp_path / "mine"), "prompts": []}
    assert export(io.StringIO(json.dumps(request)), io.StringIO()) == 1
    assert capfd.readouterr().err.strip() == f"{tmp_path / 'mine'} is not empty"
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
