"""What cannot be trained ends in one `failed` event with its class and one line that says why."""

import json
import os
import resource
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from conftest import events, in_child, write_rows
from ftops_trainer import events as event_files
from ftops_trainer import training
from ftops_trainer.failures import classify
from ftops_trainer.optimizer import AdamW
from ftops_trainer.runs import train
from records import record_rows
from test_runs import weights
from tinybase import make_base


def failed(run: Path) -> tuple[str, str]:
    """Class and message of the one `failed` event of a run that failed and left nothing half made."""
    (event,) = events(run, "failed")
    assert "\n" not in event["message"]
    assert len(event["message"]) < 600
    assert not (run / "output").exists()
    assert not list(run.glob("**/.*.tmp"))
    return event["class"], event["message"]


def damage(what: str) -> Callable[[Path], None]:
    """A way to spoil a model folder."""

    def lose_a_tensor(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        del tensors["model.layers.1.mlp.up_proj.weight"]
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})

    def spoil_the_numbers(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        tensors["model.norm.weight"].fill_(torch.nan)
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})

    def shrink_the_vocabulary(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        config = json.loads((folder / "config.json").read_text()) | {"vocab_size": 50}
        for name in ("model.embed_tokens.weight", "lm_head.weight"):
            tensors[name] = tensors[name][:50].clone()
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "config.json").write_text(json.dumps(config))

    return {
        "no tokenizer": lambda folder: (folder / "tokenizer.json").unlink(),
        "no config": lambda folder: (folder / "config.json").unlink(),
        "no weights": lambda folder: (folder / "model.safetensors").unlink(),
        "broken tokenizer": lambda folder: (folder / "tokenizer.json").write_text("{}"),
        "broken config": lambda folder: (folder / "config.json").write_text('{"model_type":'),
        "unknown model": lambda folder: (folder / "config.json").write_text('{"model_type": "nope"}'),
        "no safetensors": lambda folder: (folder / "model.safetensors").write_text("not safetensors"),
        "cut off weights": lambda folder: os.truncate(folder / "model.safetensors", 5000),
        "lost tensor": lose_a_tensor,
        "no numbers": spoil_the_numbers,
        "small vocabulary": shrink_the_vocabulary,
    }[what]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("no tokenizer", "tokenizer.json"),
        ("no config", "config.json"),
        ("no weights", "model.safetensors"),
        ("broken tokenizer", "tokenizer.json"),
        ("broken config", "config.json"),
        ("unknown model", "nope"),
        ("no safetensors", "cannot be loaded"),
        ("cut off weights", "cannot be loaded"),
        ("lost tensor", "model.layers.1.mlp.up_proj.weight"),
        ("no numbers", "no numbers"),
        ("small vocabulary", "50 ids"),
    ],
)
def test_a_base_that_cannot_be_used_is_told_with_what_is_wrong(run_folder, llama, tmp_path, capfd, what, message):
    base = tmp_path / "base"
    shutil.copytree(llama, base)
    damage(what)(base)
    run = run_folder(folder=base)
    assert train(str(run)) == 1
    kind, told = failed(run)
    assert kind == "base"
    assert message in told
    assert "Traceback" not in capfd.readouterr().err


def test_tied_weights_are_not_missing_ones(run_folder, gemma):
    assert "lm_head.weight" not in load_file(gemma / "model.safetensors")
    assert train(str(run_folder(folder=gemma))) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "train.jsonl has no rows"),
        (b'{"text":"a"}\n\n', "train.jsonl:2"),
        (b'{"text":"a"}\n[1]\n', "train.jsonl:2: the row is no JSON object"),
        (b'{"text":"a"}\n{"text":"\xff"}\n', "train.jsonl:2"),
        (b'{"text":"a"}\n{"text":1}\n', "train.jsonl:2"),
        (b'{"text":"a"}\n{"text":"b', "train.jsonl:2"),
        (b'{"messages":[]}\n', "train.jsonl:1"),
        (b'{"prompt":"a"}\n', "train.jsonl:1"),
    ],
)
def test_rows_that_cannot_be_used_are_told_with_their_line(run_folder, capfd, text, message):
    run = run_folder()
    (run / "train.jsonl").write_bytes(text)
    assert train(str(run)) == 1
    kind, told = failed(run)
    assert kind == "data"
    assert message in told
    assert "Traceback" not in capfd.readouterr().err


def test_no_validation_rows_are_no_failure(run_folder):
    run = run_folder(evaluation=True)
    (run / "validation.jsonl").write_text("")
    assert train(str(run)) == 0
    (completed,) = events(run, "completed")
    assert completed["validation_loss"] is None
    assert json.loads((run / "evaluation.json").read_text())["version"]["loss"] is None


def test_validation_rows_of_which_none_can_be_used_are_a_failure(run_folder):
    run = run_folder(chunk_size=64)
    write_rows(run / "validation.jsonl", [{"prompt": "long " * 100, "completion": "x"}])
    assert train(str(run)) == 1
    assert failed(run)[0] == "data"


def test_rows_longer_than_the_base_takes_are_cut_to_it(run_folder):
    run = run_folder(rows=[*record_rows(4, 1), {"prompt": "a", "completion": "long " * 2000}], chunk_size=4096)
    assert train(str(run)) == 0
    (started,) = events(run, "started")
    assert started["truncated"] == 1
    assert started["rejected"] == 0
    assert started["tokens"] < 512 + 4 * 100


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"gpus": 2}, "trainer", "gpus is 2, and the device is cpu"),
        ({"parameters": {"target_modules": ["lm_head"]}}, "base", "output head"),
        ({"parameters": {"target_modules": ["q_proj", "w_pack"]}}, "base", "w_pack; it has down_proj, gate_proj"),
    ],
)
def test_a_job_that_this_trainer_cannot_do_is_refused(run_folder, gemma, change, kind, message):
    run = run_folder(folder=gemma)
    job = json.loads((run / "job.json").read_text())
    (run / "job.json").write_text(json.dumps(job | change))
    assert train(str(run)) == 1
    assert failed(run)[0] == kind
    assert message in failed(run)[1]


def test_a_fault_that_nobody_foresaw_has_its_traceback_in_the_log_and_one_line_at_the_end(
    run_folder, monkeypatch, capfd
):
    monkeypatch.setattr(training.Training, "accumulate", lambda *_: {}["lost"])
    run = run_folder()
    assert train(str(run)) == 1
    assert failed(run) == ("trainer", "KeyError: 'lost'")
    told = capfd.readouterr().err
    assert "Traceback" in told
    assert told.splitlines()[-1] == "KeyError: 'lost'"


def test_a_learning_rate_that_is_far_too_high_fails_as_diverged_beside_the_last_good_checkpoint(run_folder, capfd):
    run = run_folder(learning_rate=1e30, warmup_ratio=0.0, save_steps=1)
    assert train(str(run)) == 1
    message = "the loss of step 2 is no number; the last good checkpoint is of step 1; lower learning_rate (1e+30)"
    assert failed(run) == ("diverged", message)
    assert "Traceback" not in capfd.readouterr().err
    assert checkpoints(run) == ["step-1"]


def test_started_again_a_diverged_run_fails_at_once_and_keeps_its_checkpoint(run_folder):
    run = run_folder(learning_rate=1e30, warmup_ratio=0.0, save_steps=1)
    assert train(str(run)) == 1
    job = json.loads((run / "job.json").read_text())
    job["parameters"] |= {"save_steps": None, "micro_batch_size": 1}
    (run / "job.json").write_text(json.dumps(job))
    assert train(str(run)) == 1
    first, second = events(run, "failed")
    assert (first["class"], first["message"]) == (second["class"], second["message"])
    assert events(run, "started")[-1]["resumed_from"] == 1
    assert [event["step"] for event in events(run, "step")] == [1]
    assert checkpoints(run) == ["step-1"]


def test_weights_that_are_no_numbers_make_no_checkpoint(run_folder, monkeypatch):
    step = AdamW.step

    def overflow(optimizer: AdamW, *arguments) -> float:
        norm = step(optimizer, *arguments)
        optimizer.weights[0] = torch.inf
        return norm

    monkeypatch.setattr(AdamW, "step", overflow)
    run = run_folder(save_steps=1)
    assert train(str(run)) == 1
    kind, message = failed(run)
    assert kind == "diverged"
    assert message.startswith("the weights or their moments after step 1 are no numbers; there is no checkpoint")
    assert checkpoints(run) == []


def test_a_gradient_that_is_no_number_changes_nothing():
    weights = torch.nn.Parameter(torch.ones(3))
    optimizer = AdamW([weights], weight_decay=0.1, max_norm=1.0)
    optimizer.gradient.copy_(torch.tensor([1.0, torch.inf, 0.0]))
    assert optimizer.step(1, 0.1, labels=2) == torch.inf
    assert all(tensor.isfinite().all() for tensor in optimizer.state().values())
    assert weights.tolist() == [1, 1, 1]


def checkpoints(run: Path) -> list[str]:
    """The checkpoints of a run, all of whose numbers are numbers."""
    found = sorted((run / "checkpoints").glob("*"))
    for folder in found:
        assert all(tensor.isfinite().all() for tensor in load_file(folder / "state.safetensors").values())
    return [folder.name for folder in found]


def test_too_little_memory_fails_as_memory_without_a_traceback(run_folder, tmp_path, capfd):
    # The mask of a sliding window takes the square of a document's length.
    base = make_base(tmp_path / "wide", "gemma", max_position_embeddings=1 << 20)
    run = run_folder(rows=[{"text": "x " * 20_000}], folder=base, chunk_size=1 << 20, run_validation=False)

    def work() -> int:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (192 << 20),) * 2)
        return train(str(run))

    assert os.waitstatus_to_exitcode(in_child(work)) == 1
    kind, message = failed(run)
    assert kind == "memory"
    assert "chunk_size" in message
    assert len(capfd.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(12, "Cannot allocate memory"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.\nGPU 0 has 79 GiB"),
    ],
)
def test_whatever_runs_out_of_memory_is_of_one_class(error):
    assert classify(error).kind == "memory"
    assert "\n" not in classify(error).message


def test_a_disk_that_is_full_at_a_checkpoint_fails_as_disk_and_the_next_start_goes_on(run_folder, capfd):
    reference, run = run_folder("reference"), run_folder(save_steps=2)
    assert train(str(reference)) == 0

    def work() -> int:
        # Events fit below it, the state of a checkpoint does not. Of a module that is first imported here Python would
        # keep half of its bytecode, by which nobody could import it again.
        sys.dont_write_bytecode = True
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
        return train(str(run))

    capfd.readouterr()
    assert os.waitstatus_to_exitcode(in_child(work)) == 1
    assert failed(run)[0] == "disk"
    assert "Traceback" not in capfd.readouterr().err
    assert train(str(run)) == 0
    assert weights(run) == weights(reference)


def test_events_that_find_no_room_end_the_run_in_words(run_folder, capfd):
    run = run_folder()
    (run / "events.jsonl").symlink_to("/dev/full")
    assert train(str(run)) == 1
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 2
    assert "disk" in told[0]
    assert "No space left" in told[1]


def test_an_event_that_was_written_in_part_is_written_whole_or_ended(tmp_path, monkeypatch):
    log, write = event_files.EventLog(tmp_path / "events.jsonl"), os.write
    monkeypatch.setattr(event_files.os, "write", lambda file, data: write(file, data[:7]))
    log.append("step", step=1)
    monkeypatch.setattr(event_files.os, "write", write)
    write(log._file, b'{"event":"st')
    log.append("stopped", step=2)
    assert [event["event"] for event in log.events()] == ["step", "stopped"]


def test_a_folder_that_is_not_there_is_told_on_standard_error(tmp_path, capfd):
    assert train(str(tmp_path / "nowhere")) == 1
    assert "No such file or directory" in capfd.readouterr().err
