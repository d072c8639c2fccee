"""MLflow: a run of the server, or of the database of this machine."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient

from .points import Point
from .runs import Run

_TAG = "ftops.run"
# What a server takes at once, and of a text.
_METRICS, _PARAMETERS, _LENGTH = 1000, 100, 500
_STATES = {"completed": "FINISHED", "failed": "FAILED", "stopped": "KILLED"}


class MLflow:
    """Writes one run, found by a tag, and no figure of a step that it has already."""

    rewinds = False

    def __init__(self, run: Run) -> None:
        self._own = None if os.environ.get("MLFLOW_TRACKING_URI") else run.folder
        with self._alone():
            uri = None if self._own is None else f"sqlite:///{self._own / 'mlflow.db'}"
            self._client = MlflowClient(tracking_uri=uri)
            self._run = self._find(run)
        self._known = {
            (name, metric.step)
            for name in self._client.get_run(self._run).data.metrics
            for metric in self._client.get_metric_history(self._run, name)
        }
        self._waiting: list[Metric] = []

    def write(self, point: Point) -> None:
        """Keep what is new for the next flush."""
        for name, value in point.values.items():
            if (name, point.step) not in self._known:
                self._known.add((name, point.step))
                self._waiting.append(Metric(name, value, int(point.seconds * 1000), point.step))

    def rewind(self, step: int) -> None:
        """Nothing is taken back."""

    def flush(self) -> None:
        """Send what is waiting."""
        while self._waiting:
            self._client.log_batch(self._run, metrics=self._waiting[:_METRICS])
            del self._waiting[:_METRICS]

    def finish(self, end: str | None) -> None:
        """Send the rest, and say how the run ended."""
        self.flush()
        self._client.set_terminated(self._run, _STATES.get(end or "", "KILLED"))

    def _find(self, run: Run) -> str:
        experiment = self._experiment(run)
        found = self._client.search_runs([experiment], filter_string=f"tags.`{_TAG}` = '{run.identifier}'")
        if found:
            identifier = str(found[0].info.run_id)
            self._client.update_run(identifier, status="RUNNING")
            return identifier
        tags = {_TAG: run.identifier, "mlflow.runName": run.name}
        identifier = str(self._client.create_run(experiment, tags=tags, run_name=run.name).info.run_id)
        parameters = [Param(name, str(value)[:_LENGTH]) for name, value in run.config.items()]
        for start in range(0, len(parameters), _PARAMETERS):
            self._client.log_batch(identifier, params=parameters[start : start + _PARAMETERS])
        return identifier

    def _experiment(self, run: Run) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", run.model)
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        place = None if self._own is None else str(self._own / "mlflow-artifacts")
        return str(self._client.create_experiment(name, artifact_location=place))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One after another where several runs of this machine would make the database, or an experiment, at once."""
        if self._own is None:
            yield
            return
        self._own.mkdir(parents=True, exist_ok=True)
        lock = os.open(Path(self._own, "mlflow.lock"), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
