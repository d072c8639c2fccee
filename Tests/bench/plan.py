"""`ftops plan` of many fine-tunes, all trained and none changed, beside `dvc status` of as many stages; and the start.

make bench-plan [RUNS=3]
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import manifests
import tools

# More stages than these take dvc too long to be waited for.
DVC_LIMIT = 1000
COUNTS = [1000, 10_000]


def main() -> None:
    parser = argparse.ArgumentParser(description="planning many fine-tunes, beside dvc")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    dvc = tools.environment("dvc", tools.DVC).with_name("dvc")
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch)
        places = {"FTOPS_STATE": str(top / "state"), "XDG_CACHE_HOME": str(top / "cache")}
        stages = top / "stages"
        write_stages(stages, dvc)
        commands: dict[str, tuple[list[str | Path], Path]] = {"dvc": ([dvc, "status"], stages)}
        for count in COUNTS:
            folder = top / f"tunes-{count}"
            manifests.write(folder, tools.ftops(), count, places)
            commands[f"{count}"] = ([tools.ftops(), "plan"], folder)
        commands["start"] = ([tools.ftops(), "--help"], top)
        found: dict[str, list[tools.Run]] = {name: [] for name in commands}
        for number in range(options.runs + 1):
            for name, (command, folder) in commands.items():
                run = tools.run(command, folder, {**places, "DVC_NO_ANALYTICS": "1"})
                if number > 0:
                    found[name].append(run)
    release = subprocess.run([dvc, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    tools.section("plan", table(found, release))
    wall, cpu = tools.ratio(found["dvc"], found[f"{DVC_LIMIT}"])
    for count in COUNTS:
        ours = brief(found[f"{count}"])
        others = ""
        if count == DVC_LIMIT:
            others = f"dvc {release} status of as many stages {wall:.1f} times as long, {cpu:.1f} times the processors"
        tools.headline(f"plan {count:,} fine-tunes, none changed", ours, others)
    tools.headline("start", brief(found["start"]), "")


def brief(runs: list[tools.Run]) -> str:
    """The time on the clock, and that of the processors, which a busy machine does not make longer."""
    middle = tools.median(runs)
    return f"{middle.wall * 1000:.0f} ms, {middle.cpu * 1000:.0f} of processors"


def write_stages(folder: Path, dvc: Path) -> None:
    """A repository of dvc with as many stages as it has fine-tunes, all of them up to date."""
    manifests.git(folder.parent, "init", "--quiet", str(folder))
    subprocess.run([dvc, "init", "--quiet"], cwd=folder, check=True)
    subprocess.run([dvc, "config", "core.analytics", "false"], cwd=folder, check=True)
    (folder / "datasets").mkdir()
    (folder / "out").mkdir()
    for number in range(manifests.DATASETS):
        (folder / "datasets" / f"rows-{number}.jsonl").write_text(manifests.dataset(number))
    lines = ["stages:"]
    for number in range(DVC_LIMIT):
        (folder / "out" / f"{number}").write_text(f"{number}\n")
        lines += [
            f"  tune-{number:05}:",
            f"    cmd: echo {number} >out/{number}",
            f"    deps: [datasets/rows-{number % manifests.DATASETS}.jsonl]",
            f"    outs: [{{out/{number}: {{cache: false}}}}]",
        ]
    (folder / "dvc.yaml").write_text("\n".join(lines) + "\n")
    subprocess.run([dvc, "commit", "--quiet", "--force"], cwd=folder, check=True)


def table(found: dict[str, list[tools.Run]], release: str) -> str:
    text = f"""\
Nothing is to be done in any of them ({tools.stamp()}). Each figure is the median of {len(found["dvc"])} runs.

| | milliseconds | CPU milliseconds | times ftops' time | times ftops' CPU time |
|---|---|---|---|---|
"""
    ours = found[f"{DVC_LIMIT}"]
    wall, cpu = tools.ratio(found["dvc"], ours)
    titles = {"dvc": f"dvc {release} status, {DVC_LIMIT:,} stages", "start": "ftops --help"}
    for name, runs in found.items():
        middle = tools.median(runs)
        ratio = f"{wall:.1f} | {cpu:.1f}" if name == "dvc" else "1.0 | 1.0" if name == f"{DVC_LIMIT}" else "- | -"
        title = titles.get(name) or f"ftops plan, {int(name):,} fine-tunes"
        text += f"| {title} | {middle.wall * 1000:.0f} | {middle.cpu * 1000:.0f} | {ratio} |\n"
    return text


if __name__ == "__main__":
    main()
