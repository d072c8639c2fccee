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
                    wanted = ["--no-deps", "--require-hashes", f"--requirements={_REQUIREMENTS}"]
                    what = f"bitsandbytes {BITSANDBYTES}, which peft_method qlora needs in {final},"
                    install(wanted, temporary, "trainer", what)
    if str(final) not in sys.path:
        # Before whatever else has the name, of which nobody knows the digest.
        sys.path.insert(0, str(final))
