"""Weights & Biases: a run of its service, or one on this machine that `wandb sync` sends later."""

import netrc
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import wandb

from .points import Point
from .runs import Run

_SERVICE = "https://api.wandb.ai"


class WeightsAndBiases:
    """Writes one row a step, with all that was measured at it, and no row twice."""

    rewinds = False

    def __init__(self, run: Run) -> None:
        os.environ.setdefault("WANDB_MODE", "online" if _is_known() else "offline")
        folder = Path(os.environ.setdefault("WANDB_DIR", str(run.folder)))
        folder.mkdir(parents=True, exist_ok=True)
        if os.environ["WANDB_MODE"] == "offline":
            _forget(folder, run.identifier)
        self._run = wandb.init(
            id=run.identifier,
            # What the service has of the run stays, and the same steps are not taken again.
            resume="allow",
            name=run.name,
            project=os.environ.get("WANDB_PROJECT", run.project),
            config=dict(run.config),
            settings=_settings(),
        )
        self._row: tuple[int, dict[str, float]] | None = None

    def write(self, point: Point) -> None:
        """Add to the row of a step, which is sent once one of a later step begins."""
        if self._row is not None and self._row[0] == point.step:
            self._row[1].update(point.values)
        elif self._row is None or self._row[0] < point.step:
            self._send()
            self._row = point.step, dict(point.values)

    def rewind(self, step: int) -> None:
        """Nothing is taken back."""

    def flush(self) -> None:
        """The client sends by itself, and a row that is not whole would be there for good."""

    def finish(self, end: str | None) -> None:
        """Send the rest; of a run that was paused, the next one sends the last row, which may not be whole yet."""
        if end != "stopped":
            self._send()
        self._run.finish(exit_code=1 if end == "failed" else 0)
        wandb.teardown()

    def _send(self) -> None:
        if self._row is not None and self._row[0] >= self._run.starting_step:
            step, values = self._row
            self._run.log(values, step=step, commit=True)
        self._row = None


def _settings() -> wandb.Settings:
    """Nothing of this machine goes along: no code, no git, no host, no console, no use of its devices."""
    return wandb.Settings(
        console="off",
        host="ftops",
        disable_code=True,
        disable_git=True,
        disable_job_creation=True,
        silent=True,
        x_disable_machine_info=True,
        x_disable_meta=True,
        x_disable_stats=True,
    )


def _is_known() -> bool:
    """Whether somebody logged in, so that the service would know who it is."""
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = urlsplit(os.environ.get("WANDB_BASE_URL", _SERVICE)).hostname or ""
    try:
        return netrc.netrc().authenticators(host) is not None
    except (OSError, RuntimeError, netrc.NetrcParseError):
        return False


def _forget(folder: Path, run: str) -> None:
    """Remove what an earlier one wrote of the run and nobody has sent: the events tell all of it again."""
    for old in (folder / "wandb").glob(f"offline-run-*-{run}"):
        if not list(old.glob("*.wandb.synced")):
            shutil.rmtree(old)
