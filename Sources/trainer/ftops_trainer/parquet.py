"""Parquet as JSON lines: a row a line, some rows at a time."""

import base64
import datetime
import decimal
import json
import math
import resource
from pathlib import Path
from typing import Any

MEMORY = 4 << 30
"""Address space that a file may make the reader take: one that was made to burst it ends here."""

ROWS = 64
"""Rows that are held at once."""

PIECE = 1 << 20
"""Bytes of a column that are read at once, however large its row groups are."""

COLUMNS = 100_000
"""Columns that a file has at most: a description of more would take gigabytes."""


def plain(value: Any) -> Any:
    """Return a value as JSON says it: times by ISO 8601, exact decimals as text, NaN as null, bytes as base64."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return value.total_seconds()
        case decimal.Decimal():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case _:
            return str(value)


def convert(source: str, target: str, limit: int) -> int:
    """Write the rows of a file to another one; end with a message where it cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import pyarrow
    import pyarrow.parquet

    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    written = 0
    try:
        reader = pyarrow.parquet.ParquetFile(
            source, buffer_size=PIECE, pre_buffer=False, thrift_container_size_limit=COLUMNS
        )
        with Path(target).open("wb") as out, reader as file:
            for batch in file.iter_batches(batch_size=ROWS, use_threads=False):
                for row in batch.to_pylist():
                    line = json.dumps(plain(row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                    written += len(line)
                    if written > limit:
                        print(f"it has more than the {limit} bytes of rows that FTOPS_DOWNLOAD_LIMIT allows")
                        return 1
                    out.write(line)
    except MemoryError:
        print(f"it takes more than {MEMORY >> 20} MiB of memory")
        return 1
    except (pyarrow.ArrowException, OSError, ValueError, ArithmeticError) as error:
        text = "".join(sign if sign.isprintable() else " " for sign in str(error))
        print(" ".join(text.split())[:300] or type(error).__name__)
        return 1
    return 0
