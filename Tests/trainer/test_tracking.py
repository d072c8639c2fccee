"""Trackers get a run's figures as one curve, whoever is killed, and a run never has to do with what goes wrong."""

import http.server
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from conftest import HERE, events, in_child, kill_at, wait_until, waiters
from ftops_trainer import training
from ftops_trainer.runs import train

LAUNCH = HERE.parents[1] / "Sources" / "trainer" / "launch"
TRACKERS = ("tensorboard", "wandb", "mlflow")
KEY = "0123456789abcdef" * 2 + "01234567"


class Tracked:
    """A run's folder, and a state folder of its own for what trackers keep here."""

    def __init__(self, top: Path) -> None:
        self.run, self.state = top / "3f9c1a2b7d10", top / "state" / "tracking"
        self.run.mkdir()
        # Whoever works on ftops may have trackers of their own.
        own = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB_", "MLFLOW_"))}
        # Nor does a slow machine spoil what is sent.
        self.environment = {**own, "NETRC": str(top / "netrc"), "FTOPS_TRACKING_SECONDS": "600"}
        base = {"kind": "path", "path": str(top / "hidden" / "tiny"), "name": "tiny"}
        parameters = {"learning_rate": 1e-4, "target_modules": ["q_proj", "%s {0}"], "max_steps": None}
        job = {"run": self.run.name, "fingerprint": "v1-" + "0" * 64, "base": base, "device": "cpu"}
        self.write("job.json", {**job, "parameters": parameters})
        self.describe()
        self._time = 0

    def describe(self) -> None:
        told = {"format": 1, "model": "acme/greeter", "fine_tunes": ["greeter"], "commit": "c0ffee"}
        self.write("tracking.json", {**told, "folder": str(self.state)})

    def write(self, name: str, value: Any) -> None:
        (self.run / name).write_text(json.dumps(value))

    def tell(self, event: str, **fields: Any) -> None:
        self._time += 1
        line = json.dumps(
            {"time": f"2026-11-29T19:{self._time // 60:02}:{self._time % 60:02}.000Z", **fields, "event": event}
        )
        with (self.run / "events.jsonl").open("a") as file:
            file.write(line + "\n")

    def steps(self, first: int, last: int, scale: float = 3.0) -> None:
        for step in range(first, last + 1):
            told = {"loss": scale / step, "learning_rate": 1e-4, "grad_norm": 0.5, "tokens_per_second": 100.0 + step}
            self.tell("step", step=step, steps=8, epoch=step / 8, tokens=10 * step, **told)

    def start(self, tracker: str, **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [LAUNCH, "track", self.run, tracker],
            env=self.environment | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def follow(self, tracker: str, **environment: str) -> None:
        """Follow what is there to its end, of which a tracker that works says nothing."""
        process = self.start(tracker, **environment)
        assert process.communicate()[0] == ""
        assert process.returncode == 0

    def read(self, tracker: str, **environment: str) -> dict[str, Any]:
        command = [tracking_python(), HERE / "tracked.py", tracker, self.state]
        told = subprocess.run(command, env=self.environment | environment, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        found: dict[str, Any] = json.loads(told.stdout)
        return found

    def has_begun(self, tracker: str) -> bool:
        """Whether somebody wrote something of the run's steps."""
        if tracker == "mlflow":
            return (self.state / "mlflow.db").exists() and self._metrics() > 0
        pattern = {"tensorboard": "tensorboard/**/events.*", "wandb": "wandb/offline-run-*/run-*.wandb"}[tracker]
        return any(path.stat().st_size > 1000 for path in self.state.glob(pattern))

    def _metrics(self) -> int:
        try:
            with sqlite3.connect(self.state / "mlflow.db") as base:
                return int(base.execute("select count(*) from metrics").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def tracking_python() -> str:
    """The Python that has the clients, made where it is missing."""
    made = subprocess.run([LAUNCH, "environment", "tracking"], capture_output=True, text=True, check=True)
    return made.stdout.strip()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What MLflow makes of a path at first, which takes it some seconds."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    make = f"from mlflow.tracking import MlflowClient; MlflowClient('sqlite:///{path}').search_experiments()"
    subprocess.run([tracking_python(), "-c", make], capture_output=True, check=True)
    return path


@pytest.fixture
def tracked(tmp_path: Path, database: Path) -> Tracked:
    found = Tracked(tmp_path)
    found.state.mkdir(parents=True)
    shutil.copy(database, found.state)
    return found


def whole(tracked: Tracked) -> None:
    tracked.tell("started", resumed_from=None)
    tracked.tell("evaluation", step=0, loss=4.0, tokens=9)
    tracked.steps(1, 8)
    tracked.tell("evaluation", step=8, loss=1.5, tokens=9, accuracy=0.75)
    tracked.tell("completed", steps=8, seconds=1.5, validation_loss=1.5, dtype="float32")


@pytest.mark.parametrize("tracker", TRACKERS)
def test_it_has_all_figures_by_step_and_what_the_run_was_asked(tracked, tracker):
    shutil.rmtree(tracked.state)
    whole(tracked)
    tracked.follow(tracker)
    found = tracked.read(tracker)
    curves = found["curves"]
    assert [step for step, _ in curves["train/loss"]] == list(range(1, 9))
    assert [value for _, value in curves["train/loss"]] == pytest.approx([3 / step for step in range(1, 9)])
    assert curves["validation/loss"] == [[0, 4.0], [8, 1.5]]
    assert curves["validation/accuracy"] == [[8, 0.75]]
    assert curves["result/validation_loss"] == [[8, 1.5]]
    measured = {"loss", "learning_rate", "grad_norm", "tokens", "tokens_per_second", "epoch"}
    assert {f"train/{name}" for name in measured} == {name for name in curves if name.startswith("train/")}
    config = found["config"]
    assert float(config["learning_rate"]) == 1e-4
    assert config["target_modules"] == '["q_proj", "%s {0}"]'
    assert (config["model"], config["base"], config["fingerprint"]) == ("acme/greeter", "tiny", "v1-" + "0" * 64)
    assert "max_steps" not in config
    assert "hidden" not in json.dumps(found)
    assert found.get("name", "greeter 3f9c1a2b7d10") == "greeter 3f9c1a2b7d10"
    assert (found.get("status", "FINISHED"), found.get("exit", 0)) == ("FINISHED", 0)


@pytest.mark.parametrize("tracker", TRACKERS)
def test_one_that_is_killed_is_followed_by_one_that_doubles_nothing(tracked, tracker):
    tracked.tell("started", resumed_from=None)
    tracked.steps(1, 5)
    first = tracked.start(tracker)
    wait_until(lambda: tracked.has_begun(tracker))
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    tracked.steps(6, 8)
    tracked.follow(tracker)
    tracked.follow(tracker)
    assert [step for step, _ in tracked.read(tracker)["curves"]["train/loss"]] == list(range(1, 9))


@pytest.mark.parametrize("tracker", TRACKERS)
def test_a_run_that_went_on_from_a_checkpoint_is_one_curve(tracked, run_folder, monkeypatch, tracker):
    """Our own trainer, killed between two checkpoints, while it is followed."""
    run = run_folder(num_train_epochs=2, save_steps=2)
    tracked.run = run
    tracked.describe()
    follower = tracked.start(tracker)
    with monkeypatch.context() as patch:
        kill_at(4, training, "learning_rate", patch)
        assert os.WTERMSIG(in_child(lambda: train(str(run)))) == signal.SIGKILL
    wait_until(lambda: tracked.has_begun(tracker))
    assert in_child(lambda: train(str(run))) == 0
    assert events(run, "started")[1]["resumed_from"] == 2
    assert follower.communicate()[0] == ""
    losses = {event["step"]: event["loss"] for event in events(run, "step")}
    assert len(events(run, "step")) > len(losses)
    found = tracked.read(tracker)["curves"]
    assert [step for step, _ in found["train/loss"]] == sorted(losses)
    assert [value for _, value in found["train/loss"]] == pytest.approx([losses[step] for step in sorted(losses)])
    measured = sorted({event["step"] for event in events(run, "evaluation")})
    assert [step for step, _ in found["validation/loss"]] == measured


def test_tensorboard_shows_the_later_of_two_tellings(tracked):
    tracked.tell("started", resumed_from=None)
    tracked.tell("evaluation", step=0, loss=4.0)
    tracked.steps(1, 4, scale=9.0)
    tracked.tell("started", resumed_from=None)
    tracked.tell("evaluation", step=0, loss=5.0)
    tracked.steps(1, 2, scale=3.0)
    tracked.follow("tensorboard")
    curves = tracked.read("tensorboard")["curves"]
    assert curves["train/loss"] == [[1, 3.0], [2, 1.5]]
    assert curves["validation/loss"] == [[0, 5.0]]


@pytest.mark.parametrize(("tracker", "member", "said"), [("mlflow", "status", "FAILED"), ("wandb", "exit", 1)])
def test_how_it_ended_is_told(tracked, tracker, member, said):
    tracked.steps(1, 2)
    tracked.tell("failed", message="%s", **{"class": "data"})
    tracked.follow(tracker)
    assert tracked.read(tracker)[member] == said


@pytest.mark.parametrize("tracker", TRACKERS)
def test_what_is_no_figure_is_left_out_and_no_text_is_more_than_text(tracked, tracker):
    tracked.steps(1, 1)
    odd = {"loss": "%s%n{0}", "grad_norm": None, "tokens": True, "a b/../c": 1.0, "more": 10**400, "own": 7}
    tracked.tell("step", step=2, steps=8, **odd)
    tracked.tell("step", step=10**30, steps=8, loss=1.0)
    tracked.tell("step", step="3", loss=1.0)
    with (tracked.run / "events.jsonl").open("a") as file:
        file.write('{"event":"step","step":3,"loss":NaN}\nnonsense\n[' + "[" * 100_000 + "\n")
        file.write('{"event":"step","step":4,"loss":0.5}\n{"event":"step","step":5,"lo')
    tracked.follow(tracker)
    curves = tracked.read(tracker)["curves"]
    assert curves["train/loss"] == [[1, 3.0], [4, 0.5]]
    assert curves["train/own"] == [[2, 7.0]]
    assert [step for step, _ in curves["train/grad_norm"]] == [1]
    assert not [name for name in curves if "b" in name.removeprefix("train/").split("_")[0]]


def test_a_second_waits_for_the_first_to_end(tracked):
    whole(tracked)
    first = tracked.start("tensorboard")
    wait_until(lambda: tracked.has_begun("tensorboard"))
    second = tracked.start("tensorboard")
    wait_until(lambda: waiters(tracked.run / ".tracking-tensorboard.lock") == 1)
    assert first.communicate()[0] == ""
    assert second.communicate()[0] == ""
    assert len(list(tracked.state.glob("tensorboard/**/events.*"))) == 1


def test_a_server_that_is_not_there_is_told_in_a_line_without_what_is_secret(tracked):
    whole(tracked)
    place = {"MLFLOW_TRACKING_URI": "http://me:secret-word@127.0.0.1:9", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    process = tracked.start("mlflow", **place, MLFLOW_TRACKING_TOKEN="token-of-mine")
    said = process.communicate()[0]
    assert process.returncode == 1
    assert said.startswith("mlflow: ")
    assert not any(secret in said for secret in ("secret-word", "token-of-mine"))


def test_the_key_of_a_service_comes_into_no_file(tracked):
    whole(tracked)
    tracked.follow("wandb", WANDB_API_KEY=KEY, WANDB_MODE="offline")
    files = [path for top in (tracked.state, tracked.run) for path in top.rglob("*") if path.is_file()]
    assert any(path.suffix == ".wandb" for path in files)
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    (record,) = (path for path in files if path.suffix == ".wandb")
    assert str(LAUNCH.parent).encode() not in record.read_bytes()
    assert tracked.read("wandb")["host"] == "ftops"


def test_one_that_a_server_keeps_waiting_ends_by_itself_once_the_run_has(tracked):
    whole(tracked)
    with silent_server() as address:
        process = tracked.start("mlflow", FTOPS_TRACKING_SECONDS="6", MLFLOW_TRACKING_URI=address)
        said = process.communicate()[0]
    assert process.returncode == 1
    assert said.endswith("mlflow: not all was sent within 1 seconds\n")


class silent_server:  # noqa: N801
    """A server that takes requests, and answers none."""

    def __enter__(self) -> str:
        over = self._over = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                over.wait()

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()


def test_there_is_no_tracker_of_another_name(tracked):
    process = tracked.start("elsewhere")
    assert "tensorboard|wandb|mlflow" in process.communicate()[0]
    assert process.returncode == 64
