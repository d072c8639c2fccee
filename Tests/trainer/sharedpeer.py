"""One of two processes that have a model in shares: `sharedpeer.py RUN BASE RANK OUT`.

What it finds of the first steps goes to OUT. A process of its own, as the threads of a fork cannot go the way back.
"""

import sys
from pathlib import Path

import torch

from conftest import HERE
from ftops_trainer.models import bytes_a_token, load_model
from ftops_trainer.ranks import join
from ftops_trainer.sharding import bytes_put_together, is_share, share
from test_ranks import first_steps

assert str(HERE) in sys.path


def check_shares(base: Path) -> None:
    """Half of the weights lie here, and what activations take is told without those that are put together."""
    shares, whole = (load_model(base, "cpu", "float32", 1, shares=shares) for shares in (True, False))
    parameters, plain = (list(model.network.parameters()) for model in (shares, whole))
    assert all(is_share(parameter) for parameter in parameters)
    count = sum(parameter.numel() for parameter in plain)
    assert sum(parameter.numel() for parameter in parameters) == count
    assert 0.45 * count < sum(share(parameter).numel() for parameter in parameters) < 0.55 * count
    for model in (shares, whole):
        model.network.requires_grad_(True)
    assert bytes_a_token(shares) == bytes_a_token(whole)
    assert 4 * count < bytes_put_together(shares.network) <= 8 * count


if __name__ == "__main__":
    torch.set_num_threads(1)
    run, base, rank, out = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    with join(run / "meeting", rank, 2, "cpu", in_step=True) as ranks:
        check_shares(base)
        sys.exit(first_steps(run, base, ranks, out))
