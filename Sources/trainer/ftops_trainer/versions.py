"""The versions that a record names, read without importing what they are of."""

import platform
from importlib.metadata import version


def versions(quantizes: bool = False) -> dict[str, str]:
    """Versions of Python and of the packages that decide what comes out."""
    packages = ("torch", "transformers", "peft", "tokenizers", *(["bitsandbytes"] if quantizes else []))
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
