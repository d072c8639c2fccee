"""Parquet files of strangers: little memory, and one line that says what is wrong."""

import datetime
import random
import subprocess
import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from ftops_trainer import parquet

TRAINER = Path(parquet.__file__).parents[1]

READ = """
import sys
from ftops_trainer import parquet

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

{changes}
for path in sys.argv[1:]:
    print(parquet.convert(path, path + ".jsonl", 1 << 30), peak() >> 10, flush=True)
"""
"""Reads files one after the other; of each it prints the reason why not, the status, and the megabytes so far."""


def read(*paths: Path, changes: str = "") -> list[tuple[str, int, int]]:
    """Read files in a process of their own, as their reader bounds its memory: what each prints."""
    script = READ.format(changes=changes)
    command = [sys.executable, "-c", script, *paths]
    done = subprocess.run(command, cwd=TRAINER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found, reason = [], ""
    for line in done.stdout.splitlines():
        if line[:1] in "01" and line[1:2] == " ":
            status, megabytes = line.split()
            found.append((reason, int(status), int(megabytes)))
            reason = ""
        else:
            assert not reason, "more than one line"
            reason = line
    return found


def rows(path: Path) -> str:
    return path.with_name(path.name + ".jsonl").read_text()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.parquet"
    table = pyarrow.table(
        {
            "text": [f"row {number}" for number in range(300)],
            "list": [[number, None] for number in range(300)],
            "nested": [{"a": 1.5, "b": [{"c": "d"}]}] * 300,
            "time": [datetime.datetime(2026, 1, 2, 3)] * 300,
        }
    )
    pyarrow.parquet.write_table(table, path, row_group_size=100)
    return path


def test_a_row_group_of_any_size_takes_little_memory(good, tmp_path):
    path = tmp_path / "group.parquet"
    signs = random.Random(1)
    table = pyarrow.table({"text": [signs.randbytes(1000).hex() for _ in range(25_000)]})
    pyarrow.parquet.write_table(table, path, use_dictionary=False, compression="none")
    assert path.stat().st_size > 45 << 20
    (_, _, before), (reason, status, after) = read(good, path)
    assert (reason, status) == ("", 0)
    assert after - before < 25
    assert rows(path).count("\n") == 25_000


def test_a_damaged_file_is_told_in_one_line(good, tmp_path):
    whole = good.read_bytes()
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    paths = []
    for seed in range(200):
        signs = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(signs.randint(1, 5)):
            start = len(whole) - footer if signs.random() < 0.7 else 0
            damaged[signs.randrange(start, len(whole))] = signs.choice([0, 127, 128, 255, signs.randrange(256)])
        if signs.random() < 0.2:
            damaged = damaged[: signs.randrange(len(damaged))]
        paths.append(tmp_path / f"seed-{seed}.parquet")
        paths[-1].write_bytes(damaged)
    found = read(*paths)
    assert len(found) == len(paths)
    for path, (reason, status, _) in zip(paths, found, strict=True):
        assert (status == 1) == (reason != ""), path.name
        assert reason.isprintable(), path.name
    assert sum(status for _, status, _ in found) > 100


def test_deep_nesting_and_many_columns_are_refused(tmp_path):
    deep, wide = tmp_path / "deep.parquet", tmp_path / "wide.parquet"
    kind, value = pyarrow.int32(), 1
    for _ in range(300):
        kind, value = pyarrow.list_(kind), [value]
    pyarrow.parquet.write_table(pyarrow.table({"text": pyarrow.array([value], kind)}), deep)
    pyarrow.parquet.write_table(pyarrow.table({f"column {number}": [1] for number in range(300)}), wide)
    for path, changes, words in (deep, "", "too deeply nested"), (wide, "parquet.COLUMNS = 200", "Exceeded size limit"):
        ((reason, status, _),) = read(path, changes=changes)
        assert words in reason
        assert status == 1


def test_rows_that_burst_memory_are_refused(tmp_path):
    path = tmp_path / "bomb.parquet"
    texts = pyarrow.table({"text": ["x" * (16 << 20)] * 20})
    pyarrow.parquet.write_table(texts, path, compression="zstd", dictionary_pagesize_limit=1 << 30)
    assert path.stat().st_size < 1 << 20
    ((reason, status, _),) = read(path, changes="parquet.MEMORY = 512 << 20")
    assert (reason, status) == ("it takes more than 512 MiB of memory", 1)


def test_a_time_that_no_calendar_has_is_told(tmp_path):
    path = tmp_path / "time.parquet"
    times = pyarrow.array([2**53], pyarrow.timestamp("ms"))
    pyarrow.parquet.write_table(pyarrow.table({"time": times}), path)
    ((reason, status, _),) = read(path)
    assert (reason, status) == ("date value out of range", 1)
