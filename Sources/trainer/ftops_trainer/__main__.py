"""The commands: train, evaluate, generate, prepare, versions."""

import sys


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
