"""Renders a generated file of 4 GB and tells the speed and the peak of memory; the file goes away again.

make bench-large [SIZE=4]
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import data
import rows
import tools


def main() -> None:
    parser = argparse.ArgumentParser(description="rendering a large file")
    parser.add_argument("--gigabytes", type=float, default=4)
    options = parser.parse_args()
    size = int(options.gigabytes * 1e9)
    with tempfile.TemporaryDirectory(dir=Path(__file__).parents[2] / ".build-release") as scratch:
        free = shutil.disk_usage(scratch).free
        if free < 2.2 * size:
            sys.exit(f"{2.2 * size / 1e9:.0f} GB of disk are needed beside the build, and {free / 1e9:.0f} are free")
        folder = data.repository(Path(scratch))
        source = folder / "datasets" / "rows.jsonl"
        rows.write_large(source, size)
        target = folder / "train.jsonl"
        command = [tools.ftops(), "data", "render", "rows", "--template", "summarize", "--out", target]
        run = tools.run(command, folder)
        size = source.stat().st_size
    text = (
        f"{size / 1e9:.2f} GB rendered in {run.wall:.1f} s, {run.cpu:.1f} s of processors "
        f"({size / 1e6 / run.wall:.0f} MB/s); peak memory {run.memory / 1e6:.0f} MB ({tools.stamp()}).\n"
    )
    tools.section("large", text)
    tools.headline(f"render {options.gigabytes:g} GB", f"{run.wall:.1f} s, {run.memory / 1e6:.0f} MB of memory", "")


if __name__ == "__main__":
    main()
