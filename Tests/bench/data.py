"""Rendering 200 MB of JSON lines to train.jsonl: ftops beside Hugging Face datasets, polars and DuckDB.

    make bench-data [RUNS=3]

All read and write the same bytes in turn, and their results are compared. ftops digests the rows too, the others not.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import peers
import rows
import tools

ROWS = 203_234
MANIFEST = f"""\
apiVersion: ftops/v1
kind: Dataset
metadata: {{name: rows}}
spec: {{source: datasets/rows.jsonl}}
---
apiVersion: ftops/v1
kind: Template
metadata: {{name: summarize}}
spec: {json.dumps({"prompt": peers.HEAD + "{dialogue}" + peers.TAIL, "completion": " {summary}"})}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="rendering rows, beside other libraries")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    python = tools.environment("data", tools.PEERS)
    with tempfile.TemporaryDirectory() as scratch:
        folder = repository(Path(scratch))
        source = folder / "datasets" / "rows.jsonl"
        rows.write(source, ROWS)
        size = source.stat().st_size
        commands: dict[str, list[str | Path]] = {
            name: [python, Path(peers.__file__), name, source, folder / f"{name}.jsonl"] for name in peers.PEERS
        }
        ours = [tools.ftops(), "data", "render", "rows", "--template", "summarize", "--out", folder / "ftops.jsonl"]
        found: dict[str, list[tools.Run]] = {name: [] for name in commands}
        found["ftops"] = []
        for number in range(options.runs + 1):
            for name, command in {"ftops": ours, **commands}.items():
                # To replace a file costs ext4 more than to write a new one, in some ways of writing and not in others.
                (folder / f"{name}.jsonl").unlink(missing_ok=True)
                run = tools.run(command, folder)
                # The first of each finds nothing in the machine's memory.
                if number > 0:
                    found[name].append(run)
        for name in commands:
            compare(folder / "ftops.jsonl", folder / f"{name}.jsonl")
    tools.section("data", table(found, size, python))
    tools.headline(
        f"render and digest {size / 1e6:.0f} MB of JSONL",
        f"{tools.median(found['ftops']).wall:.2f} s",
        "; ".join(beside(name, runs, found["ftops"], python) for name, runs in found.items() if name != "ftops"),
    )


def repository(folder: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    (folder / "manifests").mkdir()
    (folder / "datasets").mkdir()
    (folder / "manifests" / "rows.yaml").write_text(MANIFEST)
    return folder


def compare(ours: Path, theirs: Path) -> None:
    with ours.open(encoding="utf-8") as one, theirs.open(encoding="utf-8") as other:
        for number, (left, right) in enumerate(zip(one, other, strict=True), start=1):
            assert json.loads(left) == json.loads(right), f"row {number} of {theirs.name} differs from ours"


def table(found: dict[str, list[tools.Run]], size: int, python: Path) -> str:
    text = f"""\
{ROWS:,} rows, {size / 1e6:.0f} MB ({tools.stamp()}). Results are compared row by row and are equal;
ftops digests its rows too, the others do not. Each figure is the median of {len(found["ftops"])} runs, taken in turn;
what a process takes to start and to import is in it.

| | seconds | CPU seconds | MB/s | peak memory | times ftops' time | times ftops' CPU time |
|---|---|---|---|---|---|---|
"""
    for name, runs in found.items():
        middle = tools.median(runs)
        wall, cpu = tools.ratio(runs, found["ftops"])
        title = name if name == "ftops" else name.replace(name.split(",")[0], version(name.split(",")[0], python), 1)
        text += (
            f"| {title} | {middle.wall:.2f} | {middle.cpu:.2f} | {size / 1e6 / middle.wall:.0f} "
            f"| {middle.memory / 1e6:.0f} MB | {wall:.1f} | {cpu:.1f} |\n"
        )
    return text


def beside(name: str, runs: list[tools.Run], ours: list[tools.Run], python: Path) -> str:
    package, _, how = name.partition(",")
    wall, _ = tools.ratio(runs, ours)
    return f"{version(package, python)}{how and f' ({how.strip()})'} {wall:.1f} times as long"


def version(package: str, python: Path) -> str:
    ask = f"import importlib.metadata as m; print(m.version({package!r}))"
    found = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    return f"{package} {found}"


if __name__ == "__main__":
    main()
