"""A model in shares: each process of a run holds its part of every weight, and a layer is whole only while it computes.

PyTorch's FSDP2 does it: a pass goes through all processes at once, each with documents of its own, and the weights of a
layer are put together before it and left again behind it. What is in no layer, such as the embedding and the head, is
whole during all of the pass.
"""

from collections.abc import Callable
from types import MethodType
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from .failures import Failure

T = TypeVar("T")
_METHOD = "ftops_pass"


def mesh_of(device: torch.device) -> Any:
    """The devices of a run's processes; all of them ask at once, as each waits for the others."""
    import torch.distributed as dist
    from torch.distributed.device_mesh import init_device_mesh

    return init_device_mesh(device.type, (dist.get_world_size(),))


def share_out(network: Any, mesh: Any) -> Any:
    """Leave to each process its part of a model's weights, on its device; layer by layer, so that no device has all.

    Gives the model, for whose passes all processes have to be there from now on.
    """
    from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method

    for module in (*_layers(network), network):
        # The root too is left behind a pass: what changes weights between two passes changes shares alone.
        fully_shard(module, mesh=mesh, reshard_after_forward=True)
        # A step's gradient is a sum, whoever has computed which part of it.
        module.set_gradient_divide_factor(1.0)
        module.set_force_sum_reduction_for_comms(True)
    setattr(network, _METHOD, MethodType(_run, network))
    register_fsdp_forward_method(network, _METHOD)
    return network


def _layers(network: Any) -> list[nn.Module]:
    """The layers of a model, as transformers says that they are not to be split."""
    names = set(network._no_split_modules or ())
    found = [module for module in network.modules() if type(module).__name__ in names]
    if not found:
        kind = network.config.model_type
        raise Failure("base", f"sharding: which layers {kind} has is not known; train it with sharding none")
    return found


def _run(_network: Any, work: Callable[[], T]) -> T:
    return work()


def is_in_shares(network: Any) -> bool:
    """Whether a model's weights lie in shares."""
    return hasattr(network, _METHOD)


def in_pass(network: Any, work: Callable[[], T]) -> T:
    """Do work that takes a model's hidden states and its head; where they lie in shares, the head's weights are whole.

    All processes do it at once.
    """
    result: T = getattr(network, _METHOD)(work) if is_in_shares(network) else work()
    return result


def give_up_pass(network: Any) -> None:
    """Make room for another pass after one that all processes left by an error."""
    if is_in_shares(network):
        network.reset_iter_state()


def in_turns(work: Callable[[], T]) -> T:
    """Do what takes much memory in one process of a run after the other."""
    import torch.distributed as dist

    results = []
    for turn in range(dist.get_world_size()):
        if turn == dist.get_rank():
            results.append(work())
        dist.barrier()
    return results[0]


def is_share(parameter: Tensor) -> bool:
    """Whether of a parameter only a share lies here."""
    return hasattr(parameter, "to_local")


def share(parameter: Any) -> Tensor:
    """What of a parameter lies here, in its own memory: its share, or all of it."""
    found: Tensor = parameter.detach()
    return found.to_local() if is_share(parameter) else found  # type: ignore[attr-defined]


def share_of(parameter: Any, whole: Tensor) -> Tensor:
    """The part of a tensor of a parameter's size that the parameter's share is of it."""
    if not is_share(parameter):
        return whole
    mesh = parameter.device_mesh
    return whole[rows_of_share(len(whole), mesh.get_local_rank(), mesh.size())]


def rows_of_share(rows: int, rank: int, count: int) -> slice:
    """Which rows of a tensor one of so many processes has."""
    each = -(-rows // count)
    return slice(min(rows, rank * each), min(rows, (rank + 1) * each))


def put_together(parameter: Any) -> Tensor:
    """The whole of a parameter, for which all processes give their shares."""
    found: Tensor = parameter.detach().full_tensor()
    return found


def gradient_in(parameter: Any, flat: Tensor) -> Any:
    """A gradient for a parameter that lies in a flat tensor: of a share, that share of the gradient."""
    if not is_share(parameter):
        return flat.view(parameter.shape)
    from torch.distributed.tensor import DTensor

    return DTensor.from_local(
        flat.view(share(parameter).shape),
        parameter.device_mesh,
        parameter.placements,
        run_check=False,
        shape=parameter.shape,
        stride=parameter.stride(),
    )


def bytes_put_together(network: Any) -> int:
    """How much of a model that lies in shares is whole at once: what is in no layer, and two layers."""
    layers = [sum(_size(parameter) for parameter in layer.parameters()) for layer in _shared_layers(network)]
    rest = sum(_size(parameter) for parameter in network.parameters()) - sum(layers)
    return rest + 2 * max(layers)


def _shared_layers(network: Any) -> list[nn.Module]:
    from torch.distributed.fsdp import FSDPModule

    modules: list[nn.Module] = list(network.modules())
    return [module for module in modules if isinstance(module, FSDPModule) and module is not network]


def _size(parameter: Tensor) -> int:
    # Where all weights train, their gradient is whole too, before each process takes its share.
    return parameter.numel() * parameter.element_size() * (2 if parameter.requires_grad else 1)
