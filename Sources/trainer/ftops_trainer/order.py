"""Which documents a step trains, as a pure function of seed, epoch and lengths."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from .jobs import Parameters

# So many packs are open at once: enough to fill nearly all of them, few enough to stay linear.
_OPEN_PACKS = 64

Unit = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One optimizer step: the documents of its rows or packs, in order."""

    epoch: int
    units: tuple[Unit, ...]
    ends_epoch: bool

    @property
    def documents(self) -> tuple[int, ...]:
        """The indices of all its documents."""
        return tuple(document for unit in self.units for document in unit)


def epoch_order(seed: int, epoch: int, count: int) -> list[int]:
    """The order in which an epoch visits the documents."""
    order = list(range(count))
    random.Random(f"{seed}-{epoch}").shuffle(order)
    return order


def pack(order: Sequence[int], lengths: Sequence[int], size: int) -> list[Unit]:
    """Documents put together to packs of at most `size` tokens, first fit."""
    packs: list[list[int]] = []
    rooms: list[tuple[int, int]] = []
    for document in order:
        length = lengths[document]
        for slot, (index, room) in enumerate(rooms):
            if length <= room:
                packs[index].append(document)
                rooms[slot] = (index, room - length)
                break
        else:
            packs.append([document])
            rooms.append((len(packs) - 1, size - length))
            if len(rooms) > _OPEN_PACKS:
                rooms.remove(min(rooms, key=lambda item: item[1]))
    return [tuple(documents) for documents in packs]


def epoch_steps(parameters: Parameters, lengths: Sequence[int], epoch: int) -> list[Step]:
    """The steps of one epoch; the last may be short."""
    order = epoch_order(parameters.seed, epoch, len(lengths))
    packed = parameters.pack_sequences
    units = pack(order, lengths, parameters.chunk_size) if packed else [(document,) for document in order]
    size = parameters.train_batch_size
    groups = [tuple(units[start : start + size]) for start in range(0, len(units), size)]
    return [Step(epoch, group, index == len(groups) - 1) for index, group in enumerate(groups)]


def all_steps(parameters: Parameters, lengths: Sequence[int]) -> list[Step]:
    """Every step of the run."""
    steps: list[Step] = []
    if parameters.max_steps is None:
        for epoch in range(parameters.num_train_epochs):
            steps += epoch_steps(parameters, lengths, epoch)
        return steps
    epoch = 0
    while len(steps) < parameters.max_steps:
        steps += epoch_steps(parameters, lengths, epoch)
        epoch += 1
    return steps[: parameters.max_steps]


def micro_batches(step: Step, lengths: Sequence[int], tokens: int, limit: int | None) -> list[Unit]:
    """The step's documents in the groups that go through the model together, in the step's order.

    A group has at most `tokens` tokens (a longer document is alone) and parts of at most `limit` rows or packs.
    """
    groups: list[Unit] = []
    current: list[int] = []
    filled = units = 0
    for unit in step.units:
        if current and limit is not None and units == limit:
            groups.append(tuple(current))
            current, filled, units = [], 0, 0
        units += 1
        for document in unit:
            if current and filled + lengths[document] > tokens:
                groups.append(tuple(current))
                current, filled, units = [], 0, 1
            current.append(document)
            filled += lengths[document]
    groups.append(tuple(current))
    return groups
