"""The rows of a run as the ids and labels that ours trains on, in its order: what TRL is given."""

import json
from pathlib import Path


def write(name: str) -> None:
    from ftops_trainer.bases import prepare
    from ftops_trainer.jobs import Job
    from ftops_trainer.order import epoch_order
    from ftops_trainer.rows import RowEncoder
    from ftops_trainer.tokens import TextTokenizer

    folder = Path(name)
    job = Job.read(folder)
    base = prepare(job.base)
    documents = RowEncoder(TextTokenizer(base), "base").encode_all(job.train, job.parameters.chunk_size).documents
    rows = []
    for place in epoch_order(job.parameters.seed, 0, len(documents)):
        ids, learnt = list(documents[place].ids), list(documents[place].labels)
        labels = [identifier if label else -100 for identifier, label in zip(ids, learnt, strict=True)]
        rows.append({"input_ids": ids, "labels": labels})
    (folder / "rows.json").write_text(json.dumps({"base": str(base), "rows": rows}))
