"""Writes the rows of FOLDER/rows.jsonl, whose fields are all texts, in every other format beside it.

    formats.py FOLDER

It needs pyarrow, which the trainer's environment has.
"""

import csv
import gzip
import json
import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet


def main(folder: Path) -> None:
    """Write them all."""
    text = (folder / "rows.jsonl").read_bytes()
    rows = [json.loads(line) for line in text.splitlines()]
    (folder / "rows.json").write_text(json.dumps(rows, indent=1))
    for name, separator in (("rows.csv", ","), ("rows.tsv", "\t")):
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
            writer.writeheader()
            writer.writerows(rows)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "rows.parquet", row_group_size=300)
    for name in ("rows.jsonl", "rows.json", "rows.csv"):
        data = (folder / name).read_bytes()
        (folder / f"{name}.gz").write_bytes(gzip.compress(data))
        with pyarrow.CompressedOutputStream(str(folder / f"{name}.zst"), "zstd") as file:
            file.write(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
