"""The commands: train, evaluate, generate, prepare, versions."""

import os
import sys

# A thread that waits must leave its core: on a machine with other work, spinning ones stop each other for long.
# The runtime reads this when torch loads it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def main(arguments: list[str]) -> int:
    """Run a command; what it needs is imported only then, since imports are most of a short run."""
    match arguments:
        case ["train", folder]:
            from .runs import train

            return train(folder)
        case ["evaluate", folder, adapter]:
            from .runs import evaluate

            return evaluate(folder, adapter)
        case ["generate"]:
            from .serving import generate

            return generate(sys.stdin, sys.stdout)
        case ["prepare"]:
            from .serving import prepare

            return prepare(sys.stdin, sys.stdout)
        case ["versions"]:
            import json

            from . import TRAINER
            from .versions import versions

            print(json.dumps({"trainer": TRAINER, **versions()}))
            return 0
        case _:
            print("usage: train FOLDER | evaluate FOLDER ADAPTER | generate | prepare | versions", file=sys.stderr)
            return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
