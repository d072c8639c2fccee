"""Renders rows as ftops does, by other libraries: python peers.py NAME INPUT OUTPUT"""

import sys

HEAD = "[INST] <<SYS>>\nUse the Input to provide a summary of a conversation.\n<</SYS>>\n\nInput:\n"
TAIL = " [/INST]\n\nSummary:"


def with_datasets(source: str, target: str, processes: int) -> None:
    import tempfile

    import datasets

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        rows = datasets.load_dataset("json", data_files=source, split="train", cache_dir=cache)
        rows = rows.map(render, num_proc=processes, remove_columns=rows.column_names)
        rows.to_json(target, num_proc=processes)


def render(row: dict[str, str]) -> dict[str, str]:
    return {"completion": " " + row["summary"], "prompt": HEAD + row["dialogue"] + TAIL}


def with_polars(source: str, target: str) -> None:
    import polars as pl

    schema = {"id": pl.String, "dialogue": pl.String, "summary": pl.String}
    completion = pl.concat_str(pl.lit(" "), pl.col("summary")).alias("completion")
    prompt = pl.concat_str(pl.lit(HEAD), pl.col("dialogue"), pl.lit(TAIL)).alias("prompt")
    pl.scan_ndjson(source, schema=schema).select(completion, prompt).sink_ndjson(target)


def with_duckdb(source: str, target: str) -> None:
    import duckdb

    columns = "{id: 'VARCHAR', dialogue: 'VARCHAR', summary: 'VARCHAR'}"
    read = f"read_json('{source}', format = 'newline_delimited', columns = {columns})"
    texts = "' ' || summary AS completion, $head || dialogue || $tail AS prompt"
    query = f"COPY (SELECT {texts} FROM {read}) TO '{target}' (FORMAT json)"
    duckdb.execute(query, {"head": HEAD, "tail": TAIL})


PEERS = {
    "datasets": lambda source, target: with_datasets(source, target, 1),
    "datasets, 2 processes": lambda source, target: with_datasets(source, target, 2),
    "polars": with_polars,
    "duckdb": with_duckdb,
}

if __name__ == "__main__":
    PEERS[sys.argv[1]](sys.argv[2], sys.argv[3])
