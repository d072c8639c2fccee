"""The learning rate of each step."""

import math

from .jobs import Parameters

# The last step still learns: at zero it would be spent for nothing.
FLOOR = 0.05


def warmup_steps(parameters: Parameters, steps: int) -> int:
    """How many steps the rate rises."""
    return min(math.ceil(parameters.warmup_ratio * steps), steps - 1)


def learning_rate(parameters: Parameters, step: int, steps: int) -> float:
    """The rate of step `step` of `steps`, counted from 1; the last one's is exactly the floor."""
    warmup = warmup_steps(parameters, steps)
    peak = parameters.learning_rate
    if step <= warmup:
        return peak * step / warmup
    if parameters.lr_scheduler_type == "constant" or steps == 1:
        return peak
    # Without a warm-up the first step has the peak, with one the warm-up's last step has it.
    first = max(warmup, 1)
    progress = (step - first) / (steps - first)
    share = 1 - progress if parameters.lr_scheduler_type == "linear" else (1 + math.cos(math.pi * progress)) / 2
    return peak * (FLOOR + (1 - FLOOR) * share)
