"""Reads back what trackers have of a run, by their own readers, as JSON: run by the Python that has their clients."""

import json
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_BLOCK, _HEADER = 32768, 7


def tensorboard(folder: Path) -> dict[str, Any]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams.metadata import parse_session_start_info_plugin_data

    accumulator = EventAccumulator(str(folder / "tensorboard" / "acme" / "greeter" / "3f9c1a2b7d10"))
    accumulator.Reload()
    curves = {
        tag: [[event.step, event.value] for event in accumulator.Scalars(tag)] for tag in accumulator.Tags()["scalars"]
    }
    (content,) = accumulator.PluginTagToContent("hparams").values()
    parameters = parse_session_start_info_plugin_data(content).hparams
    config = {name: getattr(value, value.WhichOneof("kind")) for name, value in parameters.items()}
    return {"curves": curves, "config": config}


def wandb(folder: Path) -> dict[str, Any]:
    from wandb.proto.wandb_internal_pb2 import Record

    curves: dict[str, list[list[float]]] = {}
    config: dict[str, Any] = {}
    found: dict[str, Any] = {}
    (file,) = folder.glob("wandb/offline-run-*/run-*.wandb")
    for data in _records(file.read_bytes()):
        record = Record.FromString(data)
        if record.HasField("run"):
            config |= {item.key: json.loads(item.value_json) for item in record.run.config.update}
            found |= {"project": record.run.project, "name": record.run.display_name, "host": record.run.host}
        if record.HasField("exit"):
            found["exit"] = record.exit.exit_code
        for item in record.history.item:
            name = item.key or "/".join(item.nested_key)
            if not name.startswith("_"):
                value = json.loads(item.value_json)
                curves.setdefault(name, []).append([record.history.step.num, value])
    return {"curves": curves, "config": config, **found}


def _records(content: bytes) -> Iterator[bytes]:
    """The records of a log of LevelDB, which W&B's files are behind a header of their own."""
    assert content[:4] == b":W&B"
    place, whole = _HEADER, b""
    while place + _HEADER <= len(content):
        if _BLOCK - place % _BLOCK < _HEADER:
            place += _BLOCK - place % _BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", content[place : place + _HEADER])
        whole += content[place + _HEADER : place + _HEADER + length]
        place += _HEADER + length
        # Whole, or the last of its parts.
        if kind in (1, 4):
            yield whole
            whole = b""


def mlflow(folder: Path) -> dict[str, Any]:
    from mlflow.tracking import MlflowClient

    client = MlflowClient(os.environ.get("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}"))
    experiment = client.get_experiment_by_name("acme/greeter")
    (run,) = client.search_runs([experiment.experiment_id])
    curves = {
        name: [[metric.step, metric.value] for metric in client.get_metric_history(run.info.run_id, name)]
        for name in run.data.metrics
    }
    return {"curves": curves, "config": run.data.params, "name": run.info.run_name, "status": run.info.status}


if __name__ == "__main__":
    print(json.dumps({"tensorboard": tensorboard, "wandb": wandb, "mlflow": mlflow}[sys.argv[1]](Path(sys.argv[2]))))
