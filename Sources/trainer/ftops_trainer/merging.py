"""A version as a model of its own: its adapter added to the base's weights, where it is one."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .adapters import adapted, read_adapter
from .bases import prepare
from .conversion import copy_notices
from .failures import Failure
from .files import read_json, whole_folder
from .gguf_writing import check_writable, write_gguf
from .jobs import BaseSpec, Fields
from .lora import SavedAdapter, linear_layers
from .models import load_network, probe
from .sharding import share, share_of
from .tokens import TextTokenizer
from .whole import is_whole, open_to_all, replace_weights, save_model

# Logits of so many places of so many texts are compared: with a vocabulary of 262,144 they take half a gigabyte.
_PLACES = 64
_TEXTS = 8
_LONGEST = 512
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# A folder that transformers reads, or one file.
_FORMATS = ("hf", "gguf")
_GGUF = "model.gguf"


@dataclass(frozen=True)
class Difference:
    """How far apart logits lie."""

    largest: float
    """The largest distance, in parts of the largest logit."""
    same: float
    """The share of places at which the likeliest token is the same."""


def export(request: Fields) -> dict[str, Any]:
    """Write the merged model of a request to its `target`, and say how near it is to base and adapter."""
    target = Path(request.get("target", str))
    if target.exists() and any(target.iterdir()):
        raise Failure("trainer", f"{target} is not empty")
    form = _form(request)
    folder, adapter = prepare(BaseSpec.parse(request.get("base", dict))), Path(request.get("adapter", str))
    network, tokenizer = load_network(folder, torch.float32).eval(), TextTokenizer(folder)
    if form == "gguf":
        check_writable(network, tokenizer)
    texts = list(_texts(network, tokenizer, request.strings("prompts")))
    with adapted(network, adapter):
        wanted = _logits(network, texts)
    if is_whole(adapter):
        replace_weights(network, adapter)
    else:
        merge(network, read_adapter(adapter))
    merging = _difference(wanted, _logits(network, texts))
    dtype = request.optional("dtype", str) or _own_dtype(folder)
    round_weights(network, _DTYPES[dtype])
    rounding = _difference(wanted, _logits(network, texts))
    if not math.isfinite(rounding.largest):
        raise Failure("trainer", f"the model's weights do not fit into {dtype}: take another type")
    network = network.to(_DTYPES[dtype])
    if form == "gguf":
        with whole_folder(target) as temporary:
            write_gguf(temporary / _GGUF, network, tokenizer, request.get("name", str, "model"))
            copy_notices(folder, temporary)
            open_to_all(temporary)
    else:
        save_model(network, folder, target)
    return {
        "dtype": dtype,
        "places": sum(len(logits) for logits in wanted),
        "merging": asdict(merging),
        "rounding": asdict(rounding),
    }


@torch.no_grad()
def merge(network: Any, saved: SavedAdapter) -> None:
    """Add an adapter to the weights of the layers that it adapts, in their precision."""
    layers = linear_layers(network)
    for name, halves in saved.layers.items():
        weight = layers[name].weight
        change = share_of(weight, halves.up @ halves.down).to(weight.device)
        share(weight).add_(change, alpha=saved.shape.scaling)


@torch.no_grad()
def round_weights(network: Any, dtype: torch.dtype) -> None:
    """Round weights to a type but leave them in their own, in which more can be told of what that changes."""
    for weight in network.parameters():
        weight.copy_(weight.to(dtype))


def _form(request: Fields) -> str:
    form = request.get("format", str, "hf")
    if form not in _FORMATS:
        raise Failure("trainer", f"format is {form!r}, expected one of {', '.join(_FORMATS)}")
    return form


def _own_dtype(folder: Path) -> str:
    config = read_json(folder / "config.json")
    found = config.get("dtype") or config.get("torch_dtype")
    return found if found in _DTYPES else "float32"


def _texts(network: Any, tokenizer: TextTokenizer, prompts: Sequence[str]) -> Iterator[list[int]]:
    if not prompts:
        yield probe(network, 0)
    for prompt in prompts[:_TEXTS]:
        yield tokenizer.prompt(prompt)[-_LONGEST:]


@torch.no_grad()
def _logits(network: Any, texts: Sequence[list[int]]) -> list[Tensor]:
    return [
        network(input_ids=torch.tensor([ids]), use_cache=False, logits_to_keep=_PLACES).logits[0].float()
        for ids in texts
    ]


def _difference(wanted: Sequence[Tensor], found: Sequence[Tensor]) -> Difference:
    pairs = list(zip(wanted, found, strict=True))
    largest = max(float((mine - theirs).abs().max() / theirs.abs().max()) for theirs, mine in pairs)
    same = sum(int((mine.argmax(-1) == theirs.argmax(-1)).sum()) for theirs, mine in pairs)
    return Difference(largest, same / sum(len(theirs) for theirs, _ in pairs))
