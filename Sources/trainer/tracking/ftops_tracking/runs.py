"""What a tracker is told of a run beside its figures."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Value = str | int | float | bool


@dataclass(frozen=True)
class Run:
    """A run as trackers know it."""

    identifier: str
    name: str
    model: str
    # Where what is kept on this machine lies.
    folder: Path
    config: Mapping[str, Value]

    @staticmethod
    def read(folder: Path) -> "Run":
        """The run of a folder: what it was asked, and what its tracking was told beside that."""
        job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
        told = json.loads((folder / "tracking.json").read_text(encoding="utf-8"))
        fine_tunes = told["fine_tunes"]
        config: dict[str, Value] = {
            "run": job["run"],
            "fingerprint": job["fingerprint"],
            "model": told["model"],
            "fine_tunes": ", ".join(fine_tunes),
            "commit": told["commit"],
            "base": _base(job["base"]),
            "device": job["device"],
        }
        config |= {name: _plain(value) for name, value in job["parameters"].items() if value is not None}
        name = f"{fine_tunes[0]} {job['run']}" if fine_tunes else job["run"]
        return Run(job["run"], name, told["model"], Path(told["folder"]), config)

    @property
    def project(self) -> str:
        """The model as a name without slashes and what else a project may not have."""
        return re.sub(r"[^A-Za-z0-9_.-]", "-", self.model)


def _base(base: Mapping[str, Any]) -> str:
    """A base by its public name, never by a path."""
    if base["kind"] == "python":
        return f"{base['package']}=={base['version']}"
    if base["kind"] == "huggingface":
        return f"{base['id']}@{base['revision']}"
    return str(base.get("name", ""))


def _plain(value: Any) -> Value:
    return value if isinstance(value, Value) else json.dumps(value, ensure_ascii=False)
