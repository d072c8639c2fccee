"""The command: FOLDER WRITER, to follow the run of a folder until standard input ends."""

import os
import sys
from pathlib import Path
from typing import NoReturn


def main(arguments: list[str]) -> int:
    """Follow a run for one tracker."""
    from .following import TRACKERS, follow

    if len(arguments) != 2 or arguments[1] not in TRACKERS:
        print(f"usage: track FOLDER {'|'.join(TRACKERS)}", file=sys.stderr)
        return 64
    return follow(Path(arguments[0]), arguments[1])


def end(code: int) -> NoReturn:
    """End at once: what a client left running must keep nobody."""
    os._exit(code)


if __name__ == "__main__":
    end(main(sys.argv[1:]))
