"""The training of one run: from its last checkpoint, or from the start, to its result."""

import math
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from . import devices
from .checkpoints import Part, Progress, newest_checkpoint, newest_step, save_checkpoint
from .events import EventLog
from .failures import Failure, Stopped
from .files import write_json
from .jobs import Job
from .keeping import Keeper
from .lora import LoraState
from .models import Model, bytes_a_token
from .optimizer import AdamW
from .order import Step, Unit, all_steps, micro_batches
from .preferences import preference_loss_sum
from .ranks import ALONE, Ranks
from .rows import Documents, Example, apart
from .samples import Sampler
from .schedule import learning_rate
from .sharding import bytes_put_together, is_in_shares
from .signals import StopWish
from .trainees import trainee
from .validation import Measured, RowLosses, measure, validation_losses
from .versions import versions

# Often enough that a kill costs little, seldom enough that writing does not show: a large one takes long.
_CHECKPOINT_SECONDS = 30.0
_WRITING_SHARE = 0.05


@dataclass(frozen=True)
class Sets:
    """The documents of a run, rows of one kind."""

    train: Documents
    validation: Documents | None

    def __post_init__(self) -> None:
        if self.validation is not None and self.validation.are_preferences != self.train.are_preferences:
            raise Failure("data", "either all rows, those to validate on too, have chosen and rejected, or none has")


class Training:
    """A model, what of it or beside it trains, and the steps between them and the result."""

    def __init__(
        self,
        job: Job,
        model: Model,
        sets: Sets,
        log: EventLog,
        wish: StopWish,
        ranks: Ranks = ALONE,
        sampler: Sampler | None = None,
    ) -> None:
        self.job = job
        self.model = model
        self.sets = sets
        self.log = log
        self.wish = wish
        self.ranks = ranks
        self.sampler = sampler
        parameters = job.parameters
        self._check_vocabulary()
        if parameters.pack_sequences and not model.keeps_documents_apart:
            name = model.network.config.model_type
            raise Failure("base", f"pack_sequences: the attention of {name} cannot keep packed rows apart; unset it")
        if parameters.pack_sequences and sets.train.are_preferences:
            raise Failure("trainer", "pack_sequences: rows with chosen and rejected are not packed; unset it")
        self.state = LoraState(seed=parameters.seed)
        self.trainee = trainee(job, model.network, self.state)
        trained = self.trainee.parameters
        self.optimizer = AdamW(trained, parameters.weight_decay, parameters.max_grad_norm, ranks)
        # Those that have shares of what trains.
        self.sharers = ranks if self.optimizer.in_shares else ALONE
        self.part = Part(tuple(tuple(parameter.shape) for parameter in trained), self.sharers.rank, self.sharers.count)
        if model.device.type == "cuda":
            self._fit(model.device)
        self.keeper = Keeper(parameters, self.optimizer)
        self.documents = sets.train.documents
        self.lengths = [len(document) for document in self.documents]
        self.steps = all_steps(parameters, self.lengths, sets.train.limit)
        self.progress = Progress(job.fingerprint, model.dtype)
        self.resumed_from: int | None = None

    def _fit(self, device: torch.device) -> None:
        memory, held = torch.cuda.get_device_properties(device).total_memory, torch.cuda.memory_allocated(device)
        if is_in_shares(self.model.network):
            held += bytes_put_together(self.model.network)
        with self.state.dropout():
            tokens = devices.tokens_that_fit(memory, held, bytes_a_token(self.model))
        self.model = replace(self.model, tokens_at_once=self.ranks.least(tokens))

    def resume(self) -> None:
        """Go on from the newest checkpoint where there is one."""
        found = newest_checkpoint(self._checkpoints, self.job.fingerprint, self.part, self.sharers.any)
        if found is not None and found[0].dtype == self.model.dtype:
            self.progress = found[0]
            self.optimizer.restore(found[1])
            self.keeper.restore(found[1])
            self.resumed_from = self.progress.step

    def run(self) -> None:
        """Train to the end and leave `output/`; ends early with `Stopped` after a checkpoint."""
        self._announce()
        written, between = time.monotonic(), _CHECKPOINT_SECONDS
        while True:
            done = self.progress.step
            if self._evaluation_due(done) and self.progress.evaluated != done:
                self._evaluate_or_stop()
            if done == len(self.steps) or self.keeper.is_patience_over(self.progress):
                break
            if self.ranks.any(self.wish.wished):
                self._stop()
            self._step(self.steps[done])
            now = time.monotonic()
            if self._checkpoint_due(now - written > between):
                self._save_checkpoint()
                written = time.monotonic()
                between = max(_CHECKPOINT_SECONDS, (written - now) / _WRITING_SHARE)
        self._publish()

    def _checkpoint_due(self, by_time: bool) -> bool:
        steps = self.job.parameters.save_steps
        if steps is not None:
            return self.progress.step % steps == 0
        # Of several clocks one counts.
        return self.sharers.any(by_time and self.sharers.leads)

    def _step(self, step: Step) -> None:
        began = time.monotonic()
        number = self.progress.step + 1
        rate = learning_rate(self.job.parameters, number, len(self.steps))
        loss, weight, tokens = self.accumulate(step, number)
        self._check(loss, f"loss of step {number}", untouched=number == 1)
        # A step of packs that have a part of a prompt alone teaches nothing.
        norm = self.optimizer.step(number, rate, weight) if weight else 0.0
        # Then the weights are still those of the step before.
        self._check(norm, f"gradient of step {number}", untouched=number == 1)
        seconds = time.monotonic() - began
        progress = self.progress
        progress.step = number
        progress.tokens += tokens
        progress.labels += weight
        progress.loss_sum += loss
        progress.seconds += seconds
        if number % self.job.parameters.logging_steps == 0 or number == len(self.steps):
            self._log_step(loss / weight if weight else None, rate, norm, tokens / seconds)

    def accumulate(self, step: Step, number: int) -> tuple[float, int, int]:
        """Add up the gradient of a step's whole loss over all processes; gives it, what it is of, and the tokens.

        It is the sum over label tokens, or over pairs.
        """
        self.state.step = number
        parts = [self.documents[index].part(start, stop) for index, start, stop in step.parts(self.lengths)]
        lengths = [len(part) for part in parts]
        groups = self._micro_batches(step.numbered(), lengths)
        sizes = [sum(lengths[index] for index in group) for group in groups]
        # What has no label teaches nothing.
        taught = [place for place, group in enumerate(groups) if any(parts[index].label_tokens for index in group)]
        total = 0.0
        with self.state.dropout():
            for turn, counts in self.ranks.turns([sizes[place] for place in taught]):
                place = taught[turn]
                self.state.first_token = sum(sizes[:place])
                loss = self._loss_sum([parts[index] for index in groups[place]]) * float(counts)
                loss.backward()  # type: ignore[no-untyped-call]
                total += loss.item()
        if not self.optimizer.in_shares:
            self.ranks.add(self.optimizer.gradient)
        weight = sum(part.label_tokens for part in parts) if self._beta is None else len(parts)
        return self.ranks.total(total), weight, sum(lengths)

    @property
    def _beta(self) -> float | None:
        """What the loss of preferences has, where it is that."""
        return self.job.parameters.dpo_beta if self.sets.train.are_preferences else None

    def _loss_sum(self, examples: Sequence[Example]) -> torch.Tensor:
        documents = apart(examples)
        if self._beta is None:
            return self.model.loss_sum(documents)
        return preference_loss_sum(self.model, self.trainee.off, documents, self._beta)

    def _micro_batches(self, step: Step, lengths: Sequence[int]) -> list[Unit]:
        if not self.model.keeps_documents_apart:
            return [(document,) for document in step.documents]
        limit = self.job.parameters.micro_batch_size
        # Of several processes each is to have some.
        tokens = min(self.model.tokens_at_once, math.ceil(sum(lengths) / self.ranks.count))
        return micro_batches(step, lengths, tokens, limit)

    def _evaluation_due(self, step: int) -> bool:
        if self.sets.validation is None or not self.job.parameters.run_validation:
            return False
        if step in (0, len(self.steps)):
            return True
        between = self.job.parameters.eval_steps
        return self.steps[step - 1].ends_epoch if between is None else step % between == 0

    def _evaluate_or_stop(self) -> None:
        try:
            self._evaluate()
        except Stopped:
            self._stop()

    def _evaluate(self) -> None:
        assert self.sets.validation is not None
        rows = self.job.parameters.validation_batch_size
        # One that left alone would be waited for.
        wish = self.wish if self.ranks.count == 1 else None
        losses = validation_losses(self.model, self.sets.validation.documents, rows, wish, ranks=self.ranks)
        progress, done = self.progress, self.progress.step
        progress.row_losses = list(losses.sums)
        if done == 0:
            progress.base_row_losses = progress.row_losses
        measured = self._measure(losses)
        loss = measured.loss.mean
        self._check(loss, f"validation loss after step {done}", untouched=done == 0)
        progress.evaluated, progress.validation_loss = done, loss
        self.keeper.note(progress, loss)
        if done == 0:
            progress.base_validation_loss = loss
        told = {} if measured.accuracy is None else {"accuracy": measured.accuracy}
        self.log.append("evaluation", step=done, loss=loss, tokens=self.sets.validation.label_tokens, **told)
        print(f"validation loss after step {done}: {loss:.4f}", flush=True)
        if self.sampler is not None:
            self.sampler.tell(self.model, done, progress.seconds, wish)

    def _measure(self, losses: RowLosses) -> Measured:
        base = self.progress.base_row_losses or losses.sums
        return measure(losses, RowLosses(base, losses.labels), self._beta)

    def _accuracy(self) -> float | None:
        found, validation = self.progress.row_losses, self.sets.validation
        if found is None or validation is None:
            return None
        labels = [document.label_tokens for document in apart(validation.documents)]
        return self._measure(RowLosses(found, labels)).accuracy

    def _check_vocabulary(self) -> None:
        known = self.model.network.get_input_embeddings().weight.shape[0]
        largest = max(
            max(document.ids)
            for part in (self.sets.train, self.sets.validation)
            if part
            for document in apart(part.documents)
        )
        if largest >= known:
            name = self.job.base.name
            raise Failure("base", f"the tokenizer of {name} makes id {largest}, but its weights know only {known} ids")

    def _check(self, value: float, what: str, untouched: bool) -> None:
        if math.isfinite(value):
            return
        if untouched:
            name, dtype = self.job.base.name, self.model.dtype
            raise Failure("base", f"the {what} is no number: {name} gives none in {dtype}, before any training")
        raise self._diverged(f"the {what} is no number")

    def _diverged(self, what: str) -> Failure:
        good, rate = newest_step(self._checkpoints), self.job.parameters.learning_rate
        left = "there is no checkpoint from before" if good is None else f"the last good checkpoint is of step {good}"
        return Failure("diverged", f"{what}; {left}; lower learning_rate ({rate:g})")

    def _announce(self) -> None:
        job, train = self.job, self.sets.train
        validation = self.sets.validation
        self.log.append(
            "started",
            run=job.run,
            device=self.model.device.type,
            dtype=self.model.dtype,
            threads=torch.get_num_threads(),
            processes=self.ranks.count,
            steps=len(self.steps),
            epochs=self.steps[-1].epoch + 1,
            rows=len(self.documents),
            validation_rows=len(validation.documents) if validation is not None else 0,
            tokens=train.tokens,
            label_tokens=train.label_tokens,
            rejected=train.rejected,
            truncated=train.truncated,
            trainable_parameters=sum(parameter.numel() for parameter in self.trainee.parameters),
            versions={**versions(job.parameters.quantizes), **devices.versions(self.model.device)},
            resumed_from=self.resumed_from,
        )

    def _log_step(self, loss: float | None, rate: float, norm: float, speed: float) -> None:
        number, steps = self.progress.step, len(self.steps)
        self.log.append(
            "step",
            step=number,
            steps=steps,
            epoch=round(self._epoch(number), 4),
            loss=loss,
            learning_rate=rate,
            grad_norm=norm,
            tokens=self.progress.tokens,
            tokens_per_second=round(speed, 1),
        )
        told = "none" if loss is None else f"{loss:.4f}"
        print(f"step {number}/{steps}: loss {told}, rate {rate:.3g}, {speed:.0f} tokens/s", flush=True)

    def _epoch(self, number: int) -> float:
        epoch = self.steps[number - 1].epoch
        before = bisect_left(self.steps, epoch, key=lambda step: step.epoch)
        trained = sum(step.ended for step in self.steps[before:number])
        return epoch + trained / len(self.documents)

    def _save_checkpoint(self) -> None:
        state = self.optimizer.state() | self.keeper.state()
        # The checkpoints from before are the last to go on from: none that leads nowhere takes their place.
        if self.sharers.any(not all(tensor.isfinite().all() for tensor in state.values())):
            raise self._diverged(f"the weights or their moments after step {self.progress.step} are no numbers")
        if not self.ranks.leads and not self.optimizer.in_shares:
            return
        save_checkpoint(self._checkpoints, self.progress, state, self.part, self.sharers.meet)
        self.log.append("checkpoint", step=self.progress.step)

    def _stop(self) -> None:
        self._save_checkpoint()
        raise Stopped

    def _publish(self) -> None:
        self.keeper.settle(self.progress)
        numbers = all(part.isfinite().all() for part in self.optimizer.parts)
        self._check(math.nan if self.sharers.any(not numbers) else 0.0, "trained weights", untouched=False)
        if not self.ranks.leads:
            self.trainee.give()
            return
        summary = self.summary()
        write_json(self.job.folder / "summary.json", summary)
        final = self.job.folder / "output"
        self.trainee.save(final)
        what = "model" if self.job.parameters.trains_all else "adapter"
        early = ", where early stopping ended the training" if summary["early_stopping_step"] is not None else ""
        print(f"the {what} of step {summary['kept_step']} of {summary['steps']}{early}, written to {final}", flush=True)

    def summary(self) -> dict[str, float | int | str | None]:
        """What `completed` says."""
        progress = self.progress
        kept, loss = self.keeper.kept(progress)
        accuracy = self._accuracy()
        return ({} if accuracy is None else {"accuracy": accuracy}) | {
            "steps": progress.step,
            "seconds": round(progress.seconds, 3),
            "train_loss": progress.loss_sum / progress.labels if progress.labels else None,
            "validation_loss": loss,
            "base_validation_loss": progress.base_validation_loss,
            "kept_step": kept,
            "early_stopping_step": progress.step if progress.step < len(self.steps) else None,
            "tokens": progress.tokens,
            "tokens_per_second": round(progress.tokens / max(progress.seconds, 1e-9), 1),
            "peak_memory_bytes": devices.peak_memory(self.model.device),
            "dtype": self.model.dtype,
            "threads": torch.get_num_threads(),
        }

    @property
    def _checkpoints(self) -> Path:
        return self.job.folder / "checkpoints"
