"""job.json as typed values."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from .failures import Failure
from .files import read_json
from .scores import SCORES

T = TypeVar("T")
_REPOSITORY = re.compile(r"(\w[\w.-]*/)?\w[\w.-]*", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")


class Fields:
    """A JSON object whose fields are read with their types; a wrong one is named in the error."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise Failure("trainer", f"{where} is no JSON object")
        self._value = value
        self._where = where

    def get(self, name: str, kind: type[T], default: T | None = None) -> T:
        """The field `name`, or the default where it is absent or null."""
        found = self.optional(name, kind)
        if found is not None:
            return found
        if default is not None:
            return default
        raise Failure("trainer", f"{self._where} lacks {name!r}")

    def optional(self, name: str, kind: type[T]) -> T | None:
        """The field `name`, or None where it is absent or null."""
        found = self._value.get(name)
        if found is None:
            return None
        if kind is float and isinstance(found, int) and not isinstance(found, bool):
            found = float(found)
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            raise Failure("trainer", f"{self._where}: {name!r} is {found!r}, expected {kind.__name__}")
        return found

    def strings(self, name: str) -> tuple[str, ...]:
        """The field `name`, a list of strings, empty where absent."""
        found = self.optional(name, list) or []
        if not all(isinstance(item, str) for item in found):
            raise Failure("trainer", f"{self._where}: {name!r} is {found!r}, expected strings")
        return tuple(found)


@dataclass(frozen=True)
class BaseSpec:
    """Where a base model comes from, the public name that an adapter of it carries, and what training goes on from."""

    kind: str
    name: str
    path: str | None = None
    package: str | None = None
    version: str | None = None
    repository: str | None = None
    revision: str | None = None
    adapter: str | None = None

    @staticmethod
    def parse(value: Any) -> "BaseSpec":
        """A base from its JSON."""
        fields = Fields(value, "base")
        adapter = fields.optional("adapter", str)
        kind = fields.get("kind", str)
        if kind == "path":
            path = fields.get("path", str)
            name = fields.get("name", str, Path(path).name)
            return BaseSpec(kind, name, path=path, adapter=adapter)
        if kind == "python":
            package, version = fields.get("package", str), fields.get("version", str)
            name = fields.get("name", str, package)
            return BaseSpec(kind, name, package=package, version=version, adapter=adapter)
        if kind == "huggingface":
            repository, revision = fields.get("id", str), fields.get("revision", str)
            if not _REPOSITORY.fullmatch(repository) or not _COMMIT.fullmatch(revision):
                raise Failure("trainer", f"base: {repository!r} at {revision!r} is no model of the hub at a commit")
            name = fields.get("name", str, repository)
            return BaseSpec(kind, name, repository=repository, revision=revision, adapter=adapter)
        raise Failure("trainer", f"base: kind {kind!r} is not supported, expected path, python or huggingface")

    @property
    def public_name(self) -> str:
        """What `base_model_name_or_path` of an adapter says: never a path of this machine."""
        return self.repository or self.package or self.name

    @property
    def folder_name(self) -> str:
        """What its folder is called among those of bases that were made available."""
        if self.repository is not None:
            return f"hf-{self.repository.replace('/', '--')}-{self.revision}"
        return f"{self.package}-{self.version}"


_POSITIVE = (
    "num_train_epochs",
    "max_steps",
    "train_batch_size",
    "micro_batch_size",
    "lora_rank",
    "chunk_size",
    "save_steps",
    "logging_steps",
    "eval_steps",
    "validation_batch_size",
    "early_stopping_patience",
)


@dataclass(frozen=True)
class Parameters:
    """The hyperparameters, all resolved."""

    num_train_epochs: int = 1
    max_steps: int | None = None
    learning_rate: float = 1e-4
    lr_scheduler_type: str = "linear"
    warmup_ratio: float = 0.03
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    train_batch_size: int = 32
    micro_batch_size: int | None = None
    peft_method: str = "lora"
    lora_rank: int = 8
    lora_alpha: float = 16.0
    lora_dropout: float = 0.05
    use_rslora: bool = False
    target_modules: tuple[str, ...] | None = None
    chunk_size: int = 2048
    pack_sequences: bool = False
    wrap_packed_sequences: bool = False
    train_on_inputs: bool = False
    dpo_beta: float = 0.1
    run_validation: bool = True
    eval_steps: int | None = None
    validation_batch_size: int | None = None
    keep: str = "last"
    early_stopping_patience: int | None = None
    seed: int = 42
    save_steps: int | None = None
    logging_steps: int = 1

    @staticmethod
    def parse(value: Any) -> "Parameters":
        """Parameters from their JSON; all of it must be known."""
        unknown = set(value) - set(Parameters.__dataclass_fields__) if isinstance(value, dict) else set()
        if unknown:
            raise Failure("trainer", f"parameters: this trainer does not know {', '.join(sorted(unknown))}")
        fields = Fields(value, "parameters")
        parameters = Parameters(target_modules=_targets(fields, value), **_plain(fields))
        parameters.check()
        return parameters

    def check(self) -> None:
        """Refuse values that would divide by zero or mean nothing."""
        for name in _POSITIVE:
            found = getattr(self, name)
            if found is not None and found < 1:
                raise Failure("trainer", f"parameters: {name} is {found}, expected at least 1")
        if self.lr_scheduler_type not in ("linear", "cosine", "constant"):
            raise Failure("trainer", f"parameters: lr_scheduler_type is {self.lr_scheduler_type!r}")
        if self.peft_method not in ("lora", "qlora", "none"):
            raise Failure("trainer", f"parameters: peft_method is {self.peft_method!r}, expected lora, qlora or none")
        if not 0 <= self.lora_dropout < 1 or not 0 <= self.warmup_ratio <= 1:
            raise Failure("trainer", "parameters: lora_dropout and warmup_ratio lie between 0 and 1")
        if not self.dpo_beta > 0:
            raise Failure("trainer", f"parameters: dpo_beta is {self.dpo_beta:g}, expected more than 0")
        if self.keep not in ("best", "last"):
            raise Failure("trainer", f"parameters: keep is {self.keep!r}, expected best or last")
        if self.wrap_packed_sequences and not self.pack_sequences:
            raise Failure("trainer", "parameters: wrap_packed_sequences needs pack_sequences")
        if self.decided_by_validation and not self.run_validation:
            raise Failure("trainer", f"parameters: {self.decided_by_validation} needs run_validation")

    @property
    def trains_all(self) -> bool:
        """Whether all weights of the base train, and not an adapter beside them."""
        return self.peft_method == "none"

    @property
    def quantizes(self) -> bool:
        """Whether the linear layers of the base lie in four bits."""
        return self.peft_method == "qlora"

    @property
    def wraps(self) -> bool:
        """Whether packs cut rows, so that none is too long."""
        return self.pack_sequences and self.wrap_packed_sequences

    @property
    def decided_by_validation(self) -> str | None:
        """The parameter by which validation losses decide what the result is."""
        if self.keep == "best":
            return "keep: best"
        return "early_stopping_patience" if self.early_stopping_patience is not None else None


def _plain(fields: Fields) -> dict[str, Any]:
    """The parameters that are there, but for the modules, each read with its type."""
    found: dict[str, Any] = {}
    for name, hint in get_type_hints(Parameters).items():
        if name == "target_modules":
            continue
        # Of `int | None`, that is `int`.
        kind = next(iter(get_args(hint)), hint)
        value = fields.optional(name, kind)
        if value is not None:
            found[name] = value
    return found


def _targets(fields: Fields, value: dict[str, Any]) -> tuple[str, ...] | None:
    """The modules that an adapter adapts: a list, a single one, or None for all linear layers."""
    if isinstance(value.get("target_modules"), list):
        return fields.strings("target_modules")
    found = fields.get("target_modules", str, "all-linear")
    return None if found == "all-linear" else (found,)


# What can be measured of base and version.
METRICS = frozenset({"loss", "perplexity", *SCORES})


@dataclass(frozen=True)
class Prompt:
    """A prompt of the evaluation, with the answer that is hoped for where there is one."""

    prompt: str
    completion: str | None
    label: str


@dataclass(frozen=True)
class Evaluation:
    """What is measured and asked after the training."""

    metrics: tuple[str, ...]
    prompts: tuple[Prompt, ...]
    stop: tuple[str, ...]
    max_new_tokens: int
    validation_rows: int

    @staticmethod
    def parse(value: Any) -> "Evaluation":
        """An evaluation from its JSON."""
        fields = Fields(value, "evaluation")
        prompts = []
        for item in fields.get("prompts", list, []):
            prompt = Fields(item, "evaluation.prompts")
            label = prompt.optional("label", str)
            text = prompt.get("prompt", str)
            prompts.append(Prompt(text, prompt.optional("completion", str), text[:60] if label is None else label))
        metrics = fields.strings("metrics")
        unknown = [name for name in metrics if name not in METRICS]
        if unknown:
            raise Failure("trainer", f"evaluation: this trainer does not know the metrics {', '.join(unknown)}")
        return Evaluation(
            metrics=metrics,
            prompts=tuple(prompts),
            stop=tuple(stop for stop in fields.strings("stop") if stop),
            max_new_tokens=fields.get("max_new_tokens", int, 64),
            validation_rows=fields.get("validation_rows", int, 30),
        )


@dataclass(frozen=True)
class Job:
    """All that a run was asked to do."""

    folder: Path
    run: str
    fingerprint: str
    base: BaseSpec
    train: Path
    validation: Path | None
    parameters: Parameters
    device: str
    dtype: str | None
    threads: int | None
    processes: int
    sharding: str
    evaluation: Evaluation | None

    @property
    def in_shares(self) -> bool:
        """Whether each process has but its share of the base's weights."""
        return self.sharding == "full" and self.processes > 1

    @property
    def parent(self) -> Path | None:
        """The adapter that training goes on from."""
        return None if self.base.adapter is None else self.folder / self.base.adapter

    @staticmethod
    def read(folder: Path) -> "Job":
        """The job of a run folder."""
        try:
            value = read_json(folder / "job.json")
        except (OSError, ValueError) as error:
            raise Failure("trainer", f"job.json: {error}") from error
        fields = Fields(value, "job.json")
        if fields.get("format", int) != 1:
            raise Failure("trainer", f"job.json: format {fields.get('format', int)} is not supported, expected 1")
        device, gpus = fields.get("device", str, "cpu"), fields.optional("gpus", int) or 0
        if gpus > 1 and device != "cuda":
            raise Failure("trainer", f"job.json: gpus is {gpus}, and the device is {device}")
        sharding = fields.get("sharding", str, "none")
        if sharding not in ("none", "full"):
            raise Failure("trainer", f"job.json: sharding is {sharding!r}, expected none or full")
        validation = fields.optional("validation", str)
        evaluation = fields.optional("evaluation", dict)
        parameters = Parameters.parse(value.get("parameters"))
        if parameters.quantizes and sharding == "full":
            raise Failure("trainer", "job.json: a base in four bits is not shared out: take sharding none, or lora")
        return Job(
            folder=folder,
            run=fields.get("run", str),
            fingerprint=fields.get("fingerprint", str),
            base=BaseSpec.parse(value.get("base")),
            train=folder / fields.get("train", str, "train.jsonl"),
            validation=folder / validation if validation is not None else None,
            parameters=parameters,
            device=device,
            dtype=fields.optional("dtype", str),
            threads=fields.optional("threads", int),
            processes=max(1, gpus, fields.optional("processes", int) or 1),
            sharding=sharding,
            evaluation=Evaluation.parse(evaluation) if evaluation is not None else None,
        )
