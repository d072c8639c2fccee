"""The one device of a run: chosen, made to repeat itself, and measured."""

import resource
from pathlib import Path

import torch

from .failures import Failure

CPU_INFO = Path("/proc/cpuinfo")
# On a GPU a forward pass takes what fits, up to here; 256 to 512 tokens are fastest on two cores.
CPU_TOKENS = 512
GPU_TOKENS = 16384
# Logits, gradients and what else is made and dropped within a pass.
_WORKSPACE = 2 << 30


def use(name: str) -> torch.device:
    """The device of a job; a GPU is told to give equal bits for equal work, as a CPU does of itself."""
    if name not in ("cpu", "cuda"):
        raise Failure("trainer", f"job.json: device {name!r} is not supported, expected cpu or cuda")
    if name == "cuda":
        if not torch.cuda.is_available():
            raise Failure(
                "trainer",
                f"PyTorch {torch.__version__} cannot use this machine's GPU: install a newer NVIDIA driver, "
                "or set CUDA_VISIBLE_DEVICES to nothing to train on the CPU",
            )
        torch.use_deterministic_algorithms(True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    return torch.device(name)


def best_dtype(device: torch.device) -> str:
    """bfloat16 where the hardware multiplies it, else float32."""
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    try:
        flags = set(CPU_INFO.read_text(encoding="ascii", errors="replace").split())
    except OSError:
        return "float32"
    return "bfloat16" if flags & {"avx512_bf16", "amx_bf16"} else "float32"


def tokens_that_fit(memory: int, held: int, bytes_a_token: float) -> int:
    """Tokens of a forward pass on a GPU of so much memory, by what a token's activations take.

    A function of sizes alone, so that equal runs on equal GPUs compute in equal groups.
    """
    room = memory * 0.9 - held - _WORKSPACE
    return max(CPU_TOKENS, min(GPU_TOKENS, int(room / bytes_a_token) // 256 * 256))


def peak_memory(device: torch.device) -> int:
    """The most bytes that this process has had: on its GPU, or else in memory."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def versions(device: torch.device) -> dict[str, str]:
    """What a record names of a device, beyond the libraries, because the bits depend on it."""
    if device.type != "cuda":
        return {}
    name = torch.cuda.get_device_name(device)
    return {"gpu": name, "cuda": str(torch.version.cuda), "algorithms": "deterministic"}
