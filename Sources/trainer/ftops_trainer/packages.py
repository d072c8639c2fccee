"""Packages that some trainings alone need, each of one version and of known digests."""

import sys
from collections.abc import Callable
from pathlib import Path

from .bases import cache_folder, install, locked
from .fetching import Waiting
from .files import whole_folder

BITSANDBYTES = "0.50.2"
_REQUIREMENTS = Path(__file__).with_name("packages.txt")


def have_bitsandbytes(tell: Callable[[str], None], check: Callable[[], None] = lambda: None) -> None:
    """Let what quantises be imported; it is installed once, beside the bases."""
    final = cache_folder() / "packages" / f"bitsandbytes-{BITSANDBYTES}"
    if not final.is_dir():
        with locked(final, Waiting(tell, check)):
            if not final.is_dir():
                tell(f"installing bitsandbytes {BITSANDBYTES}: some seconds, 41 MB to fetch and 124 MB of disk, once")
                with whole_folder(final) as temporary:
                    install(["--no-deps", "--require-hashes", f"--requirements={_REQUIREMENTS}"], temporary, "trainer")
    if str(final) not in sys.path:
        sys.path.append(str(final))
