"""The commands that work in a run's folder."""

import fcntl
import os
import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .events import EventLog
from .failures import Failure, Stopped, classify
from .files import read_json
from .jobs import Job
from .signals import StopWish

# sysexits' EX_TEMPFAIL: stopped as asked, start again to go on.
STOPPED = 75


def train(name: str) -> int:
    """Train a run folder's job to its end, from wherever an earlier attempt left it."""
    return _guarded(Path(name), _train)


def evaluate(name: str, adapter: str) -> int:
    """Evaluate an adapter again, for an evaluation that has changed."""
    return _guarded(Path(name), lambda job, log, wish: _evaluate(job, Path(adapter), log, wish))


def _guarded(folder: Path, work: Callable[[Job, EventLog, StopWish], None]) -> int:
    wish = StopWish()
    wish.listen()
    try:
        lock = os.open(folder / ".trainer.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        fcntl.flock(lock, fcntl.LOCK_EX)
        log = EventLog(folder / "events.jsonl")
    except OSError as error:
        print(f"{folder}: {error.strerror}", file=sys.stderr)
        return 1
    try:
        work(Job.read(folder), log, wish)
    except Stopped:
        log.append("stopped", step=_last_step(folder))
        return STOPPED
    except BaseException as error:
        failure = classify(error)
        if not isinstance(error, Failure):
            traceback.print_exc()
        print(f"failed ({failure.kind}): {failure.message}", file=sys.stderr)
        log.append("failed", **{"class": failure.kind, "message": failure.message})
        return 1
    return 0


def _train(job: Job, log: EventLog, wish: StopWish) -> None:
    from .evaluation import Losses
    from .files import write_json
    from .training import Sets, Training

    output, summary = job.folder / "output", job.folder / "summary.json"
    if output.is_dir():
        known = read_json(summary)
        if job.evaluation is not None and not (job.folder / "evaluation.json").is_file():
            _evaluate(job, output, log, wish, Losses(known["base_validation_loss"], known["validation_loss"]))
        _complete(job, log, known)
        return
    tokenizer, sets = _sets(job)
    wish.check()
    model = _model(job)
    wish.check()
    training = Training(job, model, Sets(*sets), log, wish)
    training.resume()
    training.run()
    known = training.summary()
    if job.evaluation is not None:
        losses = Losses(training.progress.base_validation_loss, training.progress.validation_loss)
        _ask(job, model, tokenizer, training.state, losses, sets[1], wish)
    write_json(summary, known)
    _complete(job, log, known)


def _evaluate(job: Job, adapter: Path, log: EventLog, wish: StopWish, losses: Any = None) -> None:
    from .adapters import load_adapter
    from .evaluation import Losses

    tokenizer, sets = _sets(job, train=False)
    model = _model(job)
    loaded = load_adapter(model.network, adapter)
    _ask(job, model, tokenizer, loaded.state, losses or Losses(), sets[1], wish)


def _ask(job: Job, model: Any, tokenizer: Any, state: Any, losses: Any, validation: Any, wish: StopWish) -> None:
    from .evaluation import Evaluator
    from .files import write_json

    if job.evaluation is None:
        raise Failure("trainer", "job.json has no evaluation")
    evaluator = Evaluator(job, job.evaluation, model, tokenizer)
    documents = validation.documents if validation is not None else None
    write_json(job.folder / "evaluation.json", evaluator.evaluate(state, losses, documents, wish))


def _sets(job: Job, train: bool = True) -> Any:
    from .bases import prepare
    from .rows import Documents, RowEncoder
    from .tokens import TextTokenizer

    tokenizer = TextTokenizer(prepare(job.base))
    encoder = RowEncoder(tokenizer, job.base.name, job.parameters.train_on_inputs)
    limit = job.parameters.chunk_size
    rows = encoder.encode_all(job.train, limit) if train else Documents((), 0, 0)
    if train and not rows.documents:
        raise Failure("data", f"{job.train.name} has no row that leaves a token to learn within {limit} tokens")
    validation = encoder.encode_all(job.validation, limit) if job.validation is not None else None
    if validation is not None and not validation.documents:
        validation = None
    return tokenizer, (rows, validation)


def _model(job: Job) -> Any:
    from .bases import prepare
    from .models import load_model

    return load_model(prepare(job.base), job.device, job.dtype, job.threads)


def _complete(job: Job, log: EventLog, summary: dict[str, Any]) -> None:
    shutil.rmtree(job.folder / "checkpoints", ignore_errors=True)
    if not any(event["event"] == "completed" for event in log.events()):
        log.append("completed", **summary)


def _last_step(folder: Path) -> int:
    steps = [path.name.removeprefix("step-") for path in (folder / "checkpoints").glob("step-*")]
    return max((int(step) for step in steps if step.isdigit()), default=0)
