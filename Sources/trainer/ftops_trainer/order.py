"""Which documents a step trains, as a pure function of seed, epoch and lengths."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from .jobs import Parameters

# So many packs are open at once: enough to fill nearly all of them, few enough to stay linear.
_OPEN_PACKS = 64

Unit = tuple[int, ...]
# Where the first document of a pack begins in it, and where the last one ends, if not with itself.
Cut = tuple[int, int | None]


@dataclass(frozen=True)
class Step:
    """One optimizer step: the documents of its rows or packs, in order."""

    epoch: int
    units: tuple[Unit, ...]
    ends_epoch: bool
    cuts: tuple[Cut, ...] = ()

    @property
    def documents(self) -> tuple[int, ...]:
        """The indices of all its documents."""
        return tuple(document for unit in self.units for document in unit)

    @property
    def ended(self) -> int:
        """How many documents end in it."""
        return len(self.documents) - sum(last is not None for _, last in self.cuts)

    def parts(self, lengths: Sequence[int]) -> list[tuple[int, int, int]]:
        """Its documents in order, each with the stretch of its tokens that this step trains."""
        found = []
        for unit, (first, last) in zip(self.units, self.cuts or ((0, None),) * len(self.units), strict=True):
            for place, document in enumerate(unit):
                ends_later = last is not None and place == len(unit) - 1
                stop = last if last is not None and ends_later else lengths[document]
                found.append((document, first if place == 0 else 0, stop))
        return found

    def numbered(self) -> "Step":
        """The same with its documents numbered in order, as `parts` has them."""
        numbers = iter(range(len(self.documents)))
        units = tuple(tuple(next(numbers) for _ in unit) for unit in self.units)
        return Step(self.epoch, units, self.ends_epoch)


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


def wrap(order: Sequence[int], lengths: Sequence[int], size: int) -> tuple[list[Unit], list[Cut]]:
    """Documents laid end to end and cut to packs of `size` tokens; the last may be short."""
    packs: list[Unit] = []
    cuts: list[Cut] = []
    current: list[int] = []
    first, room = 0, size
    for document in order:
        start = 0
        while lengths[document] - start > room:
            packs.append((*current, document))
            cuts.append((first if current else start, start + room))
            start += room
            current, first, room = [], start, size
        if not current:
            first = start
        current.append(document)
        room -= lengths[document] - start
        if room == 0:
            packs.append(tuple(current))
            cuts.append((first, None))
            current, room = [], size
    if current:
        packs.append(tuple(current))
        cuts.append((first, None))
    return packs, cuts


def epoch_steps(parameters: Parameters, lengths: Sequence[int], epoch: int, limit: int | None = None) -> list[Step]:
    """The steps of one epoch; the last may be short.

    Packs that cut documents have `limit` tokens where the base takes no more than that.
    """
    order = epoch_order(parameters.seed, epoch, len(lengths))
    cuts: list[Cut] = []
    if parameters.wraps:
        units, cuts = wrap(order, lengths, limit or parameters.chunk_size)
    elif parameters.pack_sequences:
        units = pack(order, lengths, parameters.chunk_size)
    else:
        units = [(document,) for document in order]
    size = parameters.train_batch_size
    starts = range(0, len(units), size)
    parts = [(tuple(units[start : start + size]), tuple(cuts[start : start + size])) for start in starts]
    return [Step(epoch, group, index == len(parts) - 1, cut) for index, (group, cut) in enumerate(parts)]


def all_steps(parameters: Parameters, lengths: Sequence[int], limit: int | None = None) -> list[Step]:
    """Every step of the run."""
    steps: list[Step] = []
    if parameters.max_steps is None:
        for epoch in range(parameters.num_train_epochs):
            steps += epoch_steps(parameters, lengths, epoch, limit)
        return steps
    epoch = 0
    while len(steps) < parameters.max_steps:
        steps += epoch_steps(parameters, lengths, epoch, limit)
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
