"""The commands: train, evaluate, generate, serve, count, prepare, export, upload, versions."""

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

# A thread that waits must leave its core: on a machine with other work, spinning ones stop each other for long.
# The runtime reads this when torch loads it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# Without it, cuBLAS may add up in another order each time.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
# A sixth of the time that imports take is the collector's, which finds nothing; it is on again with the model.
gc.disable()


_USAGE = (
    "train FOLDER | evaluate FOLDER ADAPTER | generate | serve FOLDER | count | prepare | export | upload | "
    "parquet SOURCE TARGET LIMIT | versions"
)


def main(arguments: list[str]) -> int:
    """Run a command; what it needs is imported only then, since imports are most of a short run."""
    match arguments:
        case ["train", folder]:
            from .runs import train

            return train(folder)
        case ["rank", folder, rank, of, meeting, writing, *adapter]:
            from .runs import take_part

            return take_part(folder, int(rank), int(of), meeting, int(writing), *adapter)
        case ["evaluate", folder, adapter]:
            from .runs import evaluate

            return evaluate(folder, adapter)
        case ["serve", folder]:
            from .worker import serve

            return serve(folder)
        case ["parquet", source, target, limit]:
            from .parquet import convert

            return convert(source, target, int(limit))
        case ["versions"]:
            import json

            from . import TRAINER
            from .versions import versions

            print(json.dumps({"trainer": TRAINER, **versions()}))
            return 0
        case [command]:
            return _answer(command)
        case _:
            return _usage()


def _answer(command: str) -> int:
    """Run a command that takes a request on standard input."""
    match command:
        case "generate":
            from .serving import generate as run
        case "count":
            from .counting import count as run
        case "prepare":
            from .serving import prepare as run
        case "export":
            from .serving import export as run
        case "upload":
            from .serving import upload as run
        case _:
            return _usage()
    return run(sys.stdin, sys.stdout)


def _usage() -> int:
    """Say which commands there are."""
    print(f"usage: {_USAGE}", file=sys.stderr)
    return 64


def end(code: int) -> NoReturn:
    """End at once: all is on the disk, and to take some thousand modules down in order takes a second."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    end(main(sys.argv[1:]))
