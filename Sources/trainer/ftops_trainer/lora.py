"""Low-rank adapters on a frozen model's linear layers.

peft is the reference for the arithmetic and the files; what differs is where dropout's randomness comes from. Here it
is a pure function of seed, step, layer and the token's place in the step, so that neither micro batches nor a resumed
run change it.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .failures import Failure
from .products import are_fast, linear, product
from .quantization import unpacked, weight_of


@dataclass(frozen=True)
class LoraShape:
    """What an adapter is, apart from its weights."""

    rank: int
    alpha: float
    dropout: float = 0.0
    targets: tuple[str, ...] | None = None
    rank_stabilised: bool = False

    @property
    def scaling(self) -> float:
        """What the product of B and A is multiplied by."""
        return self.alpha / math.sqrt(self.rank) if self.rank_stabilised else self.alpha / self.rank

    def widened(self, rank: int) -> "LoraShape":
        """The same scale at a larger rank, on any layers."""
        wider = math.sqrt(rank / self.rank)
        alpha = self.alpha * wider if self.rank_stabilised else self.alpha * rank / self.rank
        return replace(self, rank=rank, alpha=alpha, targets=None)


@dataclass
class LoraState:
    """What all adapted layers of a model share."""

    seed: int = 0
    enabled: bool = True
    dropping: bool = False
    step: int = 0
    first_token: int = 0

    @contextmanager
    def dropout(self) -> Iterator[None]:
        """Drop inputs of the adapter, for a pass that trains."""
        self.dropping = True
        try:
            yield
        finally:
            self.dropping = False

    @contextmanager
    def off(self) -> Iterator[None]:
        """Leave out what trains, for a pass of what training started from."""
        self.enabled = False
        try:
            yield
        finally:
            self.enabled = True


@dataclass(frozen=True)
class Halves:
    """The two matrices of an adapter on one layer, frozen."""

    down: Tensor
    up: Tensor

    def scaled(self, factor: float) -> "Halves":
        """The same, but for a factor of their product."""
        return Halves(self.down, self.up * factor)

    def to(self, like: Tensor) -> "Halves":
        """The same where, and in the type that, a tensor is."""
        return Halves(self.down.to(like), self.up.to(like))


class LoraLinear(nn.Module):
    """A linear layer and its adapter, whose first rows may be those of an earlier training: these stay as they are."""

    def __init__(
        self, base: nn.Linear, index: int, shape: LoraShape, state: LoraState, earlier: Halves | None = None
    ) -> None:
        super().__init__()
        device = base.weight.device
        self.base = base
        self.index = index
        self.shape = shape
        self.state = state
        self.earlier = earlier
        self.lora_A = nn.Parameter(torch.zeros(shape.rank, base.in_features, device=device))
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, shape.rank, device=device))

    def forward(self, hidden: Tensor) -> Tensor:
        """The layer's output with the adapter's part added."""
        if not self.state.enabled and self.earlier is None:
            base: Tensor = self.base(hidden)
            return base
        if not are_fast() and not (self.state.enabled and torch.is_grad_enabled()):
            return self._inferred(hidden)
        flat = hidden.reshape(-1, hidden.shape[-1])
        scaling, kept = self.shape.scaling, None
        if self.state.enabled and self.state.dropping and self.shape.dropout > 0:
            kept = kept_bits(self.state, self.index, flat, self.shape.dropout)
            scaling /= 1 - self.shape.dropout
        earlier = None if self.earlier is None else self.earlier.scaled(self.shape.scaling).to(flat)
        # Bit for bit what an adapter computes before it has learnt anything.
        up = self.lora_B if self.state.enabled else torch.zeros_like(self.lora_B)
        weight, state = weight_of(self.base)
        result: Tensor = _AdaptedLinear.apply(
            flat, weight, state, self.base.bias, self.lora_A, up, scaling, kept, earlier
        )
        return result.view(*hidden.shape[:-1], -1)

    def _inferred(self, hidden: Tensor) -> Tensor:
        """As peft computes it, operation by operation, so that equal weights give equal tokens."""
        result: Tensor = self.base(hidden)
        halves = self.halves if self.state.enabled or self.earlier is None else self.earlier
        inner = nn.functional.linear(hidden.to(halves.down.dtype), halves.down)
        change = nn.functional.linear(inner, halves.up) * self.shape.scaling
        return (result + change).to(result.dtype)

    @property
    def halves(self) -> Halves:
        """The whole adapter of this layer: what was trained earlier, then what is trained here."""
        down, up = self.lora_A.detach(), self.lora_B.detach()
        if self.earlier is None:
            return Halves(down, up)
        return Halves(torch.cat([self.earlier.down, down]), torch.cat([self.earlier.up, up], 1))


class _AdaptedLinear(torch.autograd.Function):
    """A linear layer and its adapter in one step, in the base's precision with fp32 adapter weights.

    For the way back it keeps one copy of the input, where plain autograd keeps several and in fp32.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        state: Any | None,
        bias: Tensor | None,
        down: Tensor,
        up: Tensor,
        scaling: float,
        kept: Tensor | None,
        earlier: Halves | None,
    ) -> Tensor:
        down, up = down.to(hidden.dtype), up.to(hidden.dtype)
        taken = _keep(hidden, kept)
        inner = linear(taken, down)
        ctx.save_for_backward(taken, weight, down, up, inner, kept)
        ctx.scaling, ctx.earlier, ctx.state = scaling, earlier, state
        result = linear(hidden, unpacked(weight, state), bias).addmm_(inner, up.t(), alpha=scaling)
        if earlier is not None:
            result.addmm_(linear(hidden, earlier.down), earlier.up.t())
        return result

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor | None, ...]:
        taken, weight, down, up, inner, kept = ctx.saved_tensors
        (slope,) = outputs
        into = product(slope, up).mul_(ctx.scaling)
        for_up = for_down = None
        if ctx.needs_input_grad[4]:
            # The narrow matrix from the left: many times as fast.
            for_up = product(inner.t(), slope).t().float().mul_(ctx.scaling)
            for_down = product(into.t(), taken).float()
        back = None
        if ctx.needs_input_grad[0]:
            back = product(slope, unpacked(weight, ctx.state)).add_(_keep(product(into, down), kept))
            if ctx.earlier is not None:
                back.add_(product(product(slope, ctx.earlier.up), ctx.earlier.down))
        return back, None, None, None, for_down, for_up, None, None, None


def _keep(values: Tensor, kept: Tensor | None) -> Tensor:
    # Zeroing by bits is ten times faster than by a mask of booleans.
    return values if kept is None else (values.view(kept.dtype) & kept).view(values.dtype)


def kept_bits(state: LoraState, layer: int, hidden: Tensor, rate: float) -> Tensor:
    """All bits set where an input is kept, none where dropout takes it.

    Each token of the step has its own stretch of a counter-based generator, whatever it is computed together with.
    """
    if hidden.device.type != "cpu":
        kept = mixed_bits(state, layer, hidden) >= round(rate * 65536)
        return kept.to(torch.int16 if hidden.element_size() == 2 else torch.int32).neg_()
    tokens, width = hidden.shape
    blocks = -(-width // 16)
    key = np.array([state.seed % 2**64, (state.step << 24) | layer], dtype=np.uint64)
    counter = np.array([state.first_token * blocks, 0, 0, 0], dtype=np.uint64)
    generator = np.random.Generator(np.random.Philox(key=key, counter=counter))
    words = generator.integers(0, 2**64, dtype=np.uint64, size=(tokens, blocks * 4))
    kept = torch.from_numpy(words.view(np.uint16)[:, :width] >= round(rate * 65536))
    return kept.to(torch.int16 if hidden.element_size() == 2 else torch.int32).neg_()


def mixed_bits(state: LoraState, layer: int, hidden: Tensor) -> Tensor:
    """16 random bits for each input, by SplitMix64 of its place: made where the inputs are, which spares the way there.

    On a CPU the generator of numpy is many times as fast.
    """
    tokens, width = hidden.shape
    device = hidden.device
    key = np.random.SeedSequence([state.seed % 2**64, state.step, layer]).generate_state(1, np.uint64)[0]
    places = torch.arange(tokens, device=device)[:, None] + state.first_token
    mixed = places * width + torch.arange(width, device=device)
    mixed = mixed.mul_(_signed(0x9E3779B97F4A7C15)).add_(_signed(int(key)))
    mixed.bitwise_xor_((mixed >> 30).bitwise_and_((1 << 34) - 1)).mul_(_signed(0xBF58476D1CE4E5B9))
    mixed.bitwise_xor_((mixed >> 27).bitwise_and_((1 << 37) - 1)).mul_(_signed(0x94D049BB133111EB))
    return mixed.bitwise_xor_((mixed >> 31).bitwise_and_((1 << 33) - 1)).bitwise_and_(0xFFFF)


def _signed(value: int) -> int:
    """The 64 bits of a number as torch has them."""
    return value - 2**64 if value >= 2**63 else value


@dataclass(frozen=True)
class SavedAdapter:
    """An adapter as its files have it: its halves by the names of their layers."""

    shape: LoraShape
    layers: dict[str, Halves]


@dataclass
class Adapter:
    """The adapted layers of a model, by their names in it: those that train, and those of an earlier training alone."""

    shape: LoraShape
    state: LoraState
    layers: dict[str, LoraLinear] = field(default_factory=dict)
    kept: dict[str, LoraLinear] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    earlier_rank: int = 0

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All trainable parameters, in a fixed order."""
        return [parameter for layer in self.layers.values() for parameter in (layer.lora_A, layer.lora_B)]

    def initialise(self, seed: int) -> None:
        """Random A, zero B: the adapted model starts equal to what it goes on from."""
        generator = torch.Generator().manual_seed(seed)
        for layer in self.layers.values():
            bound = 1 / math.sqrt(layer.base.in_features)
            fresh = torch.empty(layer.lora_A.shape).uniform_(-bound, bound, generator=generator)
            with torch.no_grad():
                layer.lora_A.copy_(fresh)
                layer.lora_B.zero_()

    def whole(self) -> SavedAdapter:
        """One adapter that does what all trainings have done, in the layers of each: their halves laid side by side.

        All layers have the same rank and scale, as some who serve adapters expect: rows of zeros fill them up.
        """
        mine = self.shape
        rank = self.earlier_rank + mine.rank
        found = {}
        for name, layer in self.layers.items():
            found[name] = _filled(layer.halves, self.earlier_rank if layer.earlier is None else 0, 0)
        for name, layer in self.kept.items():
            found[name] = _filled(layer.halves.scaled(layer.shape.scaling / mine.scaling), 0, mine.rank)
        return SavedAdapter(mine.widened(rank), found)


def _filled(halves: Halves, before: int, behind: int) -> Halves:
    pad = nn.functional.pad
    return Halves(pad(halves.down, (0, 0, before, behind)), pad(halves.up, (before, behind)))


def attach(model: nn.Module, shape: LoraShape, state: LoraState, earlier: SavedAdapter | None = None) -> Adapter:
    """Put an adapter on the wanted linear layers of a model, and freeze all else, an earlier adapter too."""
    model.requires_grad_(False)
    adapter = Adapter(shape, state, earlier_rank=0 if earlier is None else earlier.shape.rank)
    linear = linear_layers(model)
    _refuse_head(model, shape.targets or ())
    wanted = _wanted(linear, shape.targets)
    before = {} if earlier is None else _fitting(earlier, linear)
    for name, layer in linear.items():
        if name in wanted:
            halves = before.get(name)
            if halves is not None and earlier is not None:
                halves = halves.scaled(earlier.shape.scaling / shape.scaling)
            adapted = LoraLinear(layer, len(adapter.layers), shape, state, halves)
            adapter.layers[name] = adapted
        elif name in before and earlier is not None:
            adapted = LoraLinear(layer, 0, earlier.shape, LoraState())
            adapted.requires_grad_(False)
            adapted.lora_A.copy_(before[name].down)
            adapted.lora_B.copy_(before[name].up)
            adapter.kept[name] = adapted
        else:
            continue
        _replace(model, name, adapted)
    adapter.targets = _named(linear, {*adapter.layers, *adapter.kept})
    return adapter


def linear_layers(model: nn.Module) -> dict[str, nn.Linear]:
    """The linear layers that can have an adapter, by their names: all but the output head."""
    head = _head(model)
    return {name: layer for name, layer in model.named_modules() if isinstance(layer, nn.Linear) and layer is not head}


def _head(model: nn.Module) -> nn.Module | None:
    head: nn.Module | None = getattr(model, "get_output_embeddings", lambda: None)()
    return head


def _refuse_head(model: nn.Module, targets: tuple[str, ...]) -> None:
    head = _head(model)
    if any(layer is head and _matches(name, targets) for name, layer in model.named_modules()):
        raise Failure("base", "target_modules: an adapter on the output head is not supported")


def _fitting(saved: SavedAdapter, linear: dict[str, nn.Linear]) -> dict[str, Halves]:
    for name, halves in saved.layers.items():
        layer = linear.get(name)
        if layer is None or (layer.in_features, layer.out_features) != (halves.down.shape[1], halves.up.shape[0]):
            raise Failure("base", f"the adapter to go on from was trained on another base: {name} is not this one's")
    some = next(iter(linear.values())).weight.device
    return {name: Halves(halves.down.to(some), halves.up.to(some)) for name, halves in saved.layers.items()}


def _named(linear: dict[str, nn.Linear], adapted: set[str]) -> tuple[str, ...]:
    """How a config names the adapted layers: by the last parts of their names where these say it, else by the whole."""
    lasts = {name.rsplit(".", 1)[-1] for name in adapted}
    meant = {name for name in linear if name.rsplit(".", 1)[-1] in lasts}
    return tuple(sorted(lasts if meant == adapted else adapted))


def detach(model: nn.Module, adapter: Adapter) -> None:
    """Take an adapter off again."""
    for name, layer in adapter.layers.items():
        _replace(model, name, layer.base)


def _wanted(linear: dict[str, nn.Linear], targets: tuple[str, ...] | None) -> set[str]:
    if not linear:
        raise Failure("base", "the base has no linear layers to adapt")
    if targets is None:
        return set(linear)
    missing = [target for target in targets if not any(_matches(name, (target,)) for name in linear)]
    if missing:
        known = ", ".join(sorted({name.rsplit(".", 1)[-1] for name in linear}))
        raise Failure("base", f"target_modules: the base has no linear layer {missing[0]}; it has {known}")
    return {name for name in linear if _matches(name, targets)}


def _matches(name: str, targets: tuple[str, ...]) -> bool:
    return any(name == target or name.endswith(f".{target}") for target in targets)


def _replace(model: nn.Module, name: str, layer: nn.Module) -> None:
    parent, _, last = name.rpartition(".")
    setattr(model.get_submodule(parent), last, layer)
