"""The commands that work in a run's folder."""

import fcntl
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .events import EventLog, NoLog
from .failures import Failure, Stopped, explain
from .files import read_json, write_json
from .jobs import Job
from .ranks import ALONE, OtherLost, Ranks, end_with_parent, join, lead, tell, tell_ready
from .signals import StopWish

if TYPE_CHECKING:
    from .evaluation import KnownLoss, Side, Subjects
    from .models import Model
    from .rows import Documents, RowEncoder
    from .samples import Sampler
    from .tokens import TextTokenizer
    from .training import Training

    Texts = tuple[TextTokenizer, RowEncoder]

# sysexits' EX_TEMPFAIL: stopped as asked, start again to go on.
STOPPED = 75


def train(name: str) -> int:
    """Train a run folder's job to its end, from wherever an earlier attempt left it."""
    return _guarded(Path(name), _train)


def evaluate(name: str, adapter: str) -> int:
    """Evaluate an adapter again, for an evaluation that has changed."""
    return _guarded(Path(name), lambda job, log, wish: _evaluate_saved(job, Path(adapter), log, wish))


def take_part(name: str, rank: int, count: int, meeting: str, writing: int, adapter: str | None = None) -> int:
    """Be one more process of a training that another has started, or, of a model in shares, of an evaluation."""
    end_with_parent()
    wish = StopWish()
    wish.listen()
    try:
        job = Job.read(Path(name))
        texts = _tokenizer(job, None, wish)
        tell_ready(writing)
        with join(Path(meeting), rank, count, job.device, job.in_shares) as ranks:
            _take_part(job, texts, wish, ranks, adapter)
    except Stopped:
        return STOPPED
    except OtherLost:
        return 1
    except Exception as error:
        tell(explain(error), writing)
        return 1
    return 0


def _take_part(job: Job, texts: "Texts", wish: StopWish, ranks: Ranks, adapter: str | None) -> None:
    if adapter is not None:
        # Who leads ends all: one that left alone would be waited for.
        _ask_saved(job, texts, Path(adapter), NoLog(), StopWish(), ranks)
        return
    training = _trained(job, texts[1], NoLog(), wish, ranks)
    if job.in_shares and job.evaluation is not None:
        _ask_trained(job, texts[0], training, NoLog(), StopWish(), ranks)


def _guarded(folder: Path, work: Callable[[Job, EventLog, StopWish], None]) -> int:
    wish = StopWish()
    wish.listen()
    try:
        # Held until the process is gone: a second trainer waits, then finds the work done.
        lock = os.open(folder / ".trainer.lock", os.O_RDWR | os.O_CREAT, 0o644)
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
        return _fail(explain(error), log)
    finally:
        os.close(lock)
    return 0


def _fail(failure: Failure, log: EventLog) -> int:
    try:
        log.append("failed", **{"class": failure.kind, "message": failure.message})
    except OSError as error:
        print(f"events.jsonl: {error.strerror}", file=sys.stderr)
    return 1


def _train(job: Job, log: EventLog, wish: StopWish) -> None:
    if not (job.folder / "output").is_dir():
        _train_and_evaluate(job, log, wish)
    elif job.evaluation is not None and not (job.folder / "evaluation.json").is_file():
        _evaluate_trained(job, log, wish)
    shutil.rmtree(job.folder / "checkpoints", ignore_errors=True)
    if not any(event["event"] == "completed" for event in log.events()):
        log.append("completed", **read_json(job.folder / "summary.json"))


def _train_and_evaluate(job: Job, log: EventLog, wish: StopWish) -> None:
    tokenizer, encoder = _tokenizer(job, log, wish)
    wish.check()
    with lead(job.folder, job.processes, job.device, job.in_shares) as ranks:
        from .samples import Sampler

        training = _trained(job, encoder, log, wish, ranks, Sampler.of(job, encoder, tokenizer, log))
        if job.in_shares and job.evaluation is not None:
            _ask_trained(job, tokenizer, training, log, wish, ranks)
    if not job.in_shares and job.evaluation is not None:
        _ask_trained(job, tokenizer, training, log, wish, ALONE)


def _trained(
    job: Job,
    encoder: "RowEncoder",
    log: EventLog,
    wish: StopWish,
    ranks: Ranks,
    sampler: "Sampler | None" = None,
) -> "Training":
    train, validation = _documents(encoder, job, job.train, job.parameters.wraps), _validation(encoder, job)
    if job.parameters.decided_by_validation and validation is None:
        raise Failure("trainer", f"{job.parameters.decided_by_validation} needs validation rows, and there are none")
    from .training import Sets, Training

    model = _model(job, frozen=not job.parameters.trains_all, shares=ranks.in_step)
    if ranks.count == 1:
        # One of several that left here would be waited for.
        wish.check()
    training = Training(job, model, Sets(train, validation), log, wish, ranks, sampler)
    training.resume()
    training.run()
    return training


def _known(training: "Training") -> "dict[Side, KnownLoss]":
    """The losses that a training measured."""
    from .evaluation import KnownLoss
    from .rows import apart
    from .validation import RowLosses

    validation = training.sets.validation
    labels = [document.label_tokens for document in apart(validation.documents)] if validation is not None else []

    def known(mean: float | None, sums: list[float] | None) -> KnownLoss:
        return KnownLoss(mean, None if sums is None else RowLosses(sums, labels))

    progress = training.progress
    return {
        "base": known(progress.base_validation_loss, progress.base_row_losses),
        "version": known(progress.validation_loss, progress.row_losses),
    }


def _evaluate_trained(job: Job, log: EventLog, wish: StopWish) -> None:
    from .evaluation import KnownLoss

    known = read_json(job.folder / "summary.json")
    base, version = KnownLoss(known["base_validation_loss"]), KnownLoss(known["validation_loss"])
    _evaluate_saved(job, job.folder / "output", log, wish, {"base": base, "version": version})


def _evaluate_saved(
    job: Job, adapter: Path, log: EventLog, wish: StopWish, known: "dict[Side, KnownLoss] | None" = None
) -> None:
    texts = _tokenizer(job, log, wish)
    # A model that is whole is not asked by several.
    count = job.processes if job.in_shares else 1
    with lead(job.folder, count, job.device, job.in_shares, [str(adapter)]) as ranks:
        _ask_saved(job, texts, adapter, log, wish, ranks, known)


def _ask_saved(
    job: Job,
    texts: "Texts",
    adapter: Path,
    log: EventLog,
    wish: StopWish,
    ranks: Ranks,
    known: "dict[Side, KnownLoss] | None" = None,
) -> None:
    tokenizer, encoder = texts
    validation = _validation(encoder, job)
    from .adapters import adapted
    from .evaluation import Subjects

    model = _model(job, shares=ranks.in_step)
    base, version = (partial(adapted, model.network, folder) for folder in (job.parent, adapter))
    _ask(job, model, tokenizer, Subjects(base, version, known or {}), validation, log, wish, ranks)


def _ask_trained(
    job: Job, tokenizer: "TextTokenizer", training: "Training", log: EventLog, wish: StopWish, ranks: Ranks
) -> None:
    from .evaluation import Subjects

    subjects = Subjects(training.trainee.off, nullcontext, _known(training))
    _ask(job, training.model, tokenizer, subjects, training.sets.validation, log, wish, ranks)


def _ask(
    job: Job,
    model: "Model",
    tokenizer: "TextTokenizer",
    subjects: "Subjects",
    validation: "Documents | None",
    log: EventLog,
    wish: StopWish,
    ranks: Ranks,
) -> None:
    """Write what a model answers; where it lies in shares, all processes ask the same, and the first one writes."""
    from .evaluation import Evaluator

    if job.evaluation is None:
        raise Failure("trainer", "job.json has no evaluation")

    def tell(model: str, what: str, done: int, of: int) -> None:
        log.append("evaluating", model=model, what=what, done=done, of=of)

    evaluator = Evaluator(job, job.evaluation, model, tokenizer, tell)
    documents = validation.documents if validation is not None else ()
    found = evaluator.evaluate(subjects, documents, wish)
    if ranks.leads:
        write_json(job.folder / "evaluation.json", found)


def _tokenizer(job: Job, log: EventLog | None, wish: StopWish) -> "Texts":
    from .bases import prepare
    from .packages import have_bitsandbytes
    from .rows import RowEncoder
    from .tokens import TextTokenizer

    notice = None if log is None else lambda words: log.append("preparing", message=words)
    tokenizer = TextTokenizer(prepare(job.base, notice, wish.check))
    if job.parameters.quantizes:
        have_bitsandbytes(notice or (lambda _: None), wish.check)
    return tokenizer, RowEncoder(tokenizer, job.base.name, job.parameters.train_on_inputs)


def _documents(encoder: "RowEncoder", job: Job, path: Path, whole: bool = False) -> "Documents":
    found = encoder.encode_all(path, job.parameters.chunk_size, whole)
    if found.rejected or found.truncated:
        print(f"{path.name}: {found.truncated} rows cut to {found.limit} tokens, {found.rejected} of no use left out")
    if not found.documents:
        lack = f"row that leaves a token to learn within {found.limit} tokens" if found.rejected else "rows"
        raise Failure("data", f"{path.name} has no {lack}")
    return found


def _validation(encoder: "RowEncoder", job: Job) -> "Documents | None":
    if job.validation is None or (job.validation.is_file() and job.validation.stat().st_size == 0):
        return None
    return _documents(encoder, job, job.validation)


def _model(job: Job, frozen: bool = True, shares: bool = False) -> "Model":
    from .bases import prepare
    from .models import load_model

    threads = None if job.threads is None else max(1, job.threads // job.processes)
    # What trains keeps all of its bits: in fewer, small steps are lost.
    dtype = "float32" if job.parameters.trains_all else job.dtype
    return load_model(prepare(job.base), job.device, dtype, threads, frozen, shares, job.parameters.quantizes)


def _last_step(folder: Path) -> int:
    if (folder / "output").is_dir():
        steps: int = read_json(folder / "summary.json")["steps"]
        return steps
    from .checkpoints import newest_step

    return newest_step(folder / "checkpoints") or 0
