"""A Python package that ships a GGUF, or a model folder, to a folder in Hugging Face layout.

Runs as a program of its own: python -m ftops_trainer.conversion PACKAGE SITE OUT. It leaves OUT/model.
"""

import csv
import importlib
import shutil
import sys
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from typing import Any

from .companions import is_notice
from .failures import Failure


def convert(package: str, site: Path, out: Path) -> None:
    """Make OUT/model of what the package in `site` ships."""
    # Behind the trainer's own, which the package may bring along in another version.
    sys.path.append(str(site))
    found = _distribution(package, site)
    model = out / "model"
    folder = next((path.parent for path in site.rglob("config.json") if _is_model(path.parent)), None)
    if folder is not None:
        shutil.copytree(folder, model)
    else:
        gguf = _gguf(found, site, out)
        _convert_gguf(gguf, model)
        if out in gguf.parents and site not in gguf.parents:
            gguf.unlink()
    copy_notices(site, model)


def _distribution(package: str, site: Path) -> Distribution:
    wanted = package.lower().replace("_", "-").replace(".", "-")
    for metadata in site.glob("*.dist-info"):
        found = PathDistribution(metadata)
        if found.metadata["Name"].lower().replace("_", "-").replace(".", "-") == wanted:
            return found
    raise Failure("base", f"{package} left no metadata")


def _is_model(folder: Path) -> bool:
    return any(folder.glob("*.safetensors"))


def _gguf(found: Distribution, site: Path, out: Path) -> Path:
    for module in _modules(found):
        # Packages too large for the index come in parts, and put them together themselves.
        assemble = getattr(importlib.import_module(module), "assemble", None)
        if callable(assemble):
            return Path(assemble(out / "model.gguf"))
    whole = sorted(site.rglob("*.gguf"))
    if len(whole) == 1:
        return whole[0]
    raise Failure("base", f"{found.metadata['Name']} ships no model that this trainer knows: {len(whole)} GGUF files")


def _modules(found: Distribution) -> list[str]:
    record = found.read_text("RECORD") or ""
    paths = [Path(row[0]) for row in csv.reader(record.splitlines()) if row]
    return sorted({path.parts[0] for path in paths if len(path.parts) == 2 and path.name == "__init__.py"})


def _convert_gguf(gguf: Path, model: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where: dict[str, Any] = {"gguf_file": gguf.name, "local_files_only": True}
    tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), **where)
    network = AutoModelForCausalLM.from_pretrained(str(gguf.parent), dtype=torch.float32, **where)
    # The weights are plain again: without these traces they are saved, and load, as such.
    for name in ("hf_quantizer", "quantization_method"):
        if hasattr(network, name):
            delattr(network, name)
    network.is_quantized = False
    if hasattr(network.config, "quantization_config"):
        del network.config.quantization_config
    network.save_pretrained(str(model))
    tokenizer.save_pretrained(str(model))
    for path in model.iterdir():
        path.chmod(0o644)


def copy_notices(site: Path, model: Path) -> None:
    """Put the licence, and what else a model's makers want to be passed on, beside what is made of the model."""
    for path in sorted(site.rglob("*")):
        if path.is_file() and is_notice(path.name) and "dist-info" not in str(path):
            shutil.copyfile(path, model / path.name)


if __name__ == "__main__":
    try:
        convert(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    except Failure as failure:
        sys.exit(failure.message)
