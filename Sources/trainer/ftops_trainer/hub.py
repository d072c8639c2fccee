"""The Hugging Face hub: models are fetched from it at a commit, and sent to it in one."""

import glob
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .companions import is_tokenizer
from .failures import Failure, Stopped, classify, one_line
from .jobs import Fields
from .redaction import redacted

# What ftops sends of one form of a model, and would be taken for a part of another one.
_SENT = re.compile(
    r"adapter_config\.json|adapter_model\.safetensors|(generation_)?config\.json|Modelfile|model\.gguf"
    r"|model(-\d{5}-of-\d{5})?\.safetensors|model\.safetensors\.index\.json"
)
_TOKEN = re.compile(r"[!-~]+")


def endpoint() -> str:
    """The address of the hub."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def client() -> Any:
    """What speaks to the hub, with the token of the environment."""
    from huggingface_hub import HfApi
    from huggingface_hub.utils.tqdm import disable_progress_bars

    # In a log, a bar that is drawn over is one line of thousands of columns.
    disable_progress_bars()
    for handler in logging.getLogger("huggingface_hub").handlers:
        handler.addFilter(_without_secrets)
    return HfApi(endpoint=endpoint(), token=_token())


def _token() -> str | None:
    """The token of the environment, without the end of the line that a file of it may have had."""
    found = os.environ.get("HF_TOKEN", "").strip()
    if found and not _TOKEN.fullmatch(found):
        # Its client would show all of it in an error.
        raise ValueError("HF_TOKEN has characters that no token has: set it anew")
    return found or None


def _without_secrets(record: logging.LogRecord) -> bool:
    """Let a line into the log, but not where a file may be fetched by whoever reads it."""
    record.msg, record.args = redacted(record.getMessage()), None
    return True


def upload(request: Fields) -> dict[str, Any]:
    """Send a folder to a repository of the hub, which is made where it is missing, in one commit.

    Without a folder it is only seen to that one can be sent, which is worth to know before a model is made.
    """
    from huggingface_hub import get_token

    repository, private = request.get("repository", str), request.get("private", bool, True)
    page = redacted(f"{endpoint()}/{repository}")
    if get_token() is None:
        raise Failure("trainer", f"HF_TOKEN is not set: {page} takes files from nobody without a token")
    with explained(f"{repository} could not be sent", writing=repository):
        hub = client()
        hub.create_repo(repository, private=private, exist_ok=True)
        if private and not hub.model_info(repository).private:
            raise Failure("trainer", f"{page} is public, and the model is private: make one of them as the other is")
        folder = request.optional("folder", str)
        if folder is None:
            return {"url": page, "commit": None}
        commit = hub.upload_folder(
            repo_id=repository,
            folder_path=folder,
            commit_message=request.get("message", str),
            delete_patterns=[glob.escape(name) for name in _replaced(hub.list_repo_files(repository), Path(folder))],
        )
    return {"url": page, "commit": commit.oid}


def _replaced(there: list[str], folder: Path) -> list[str]:
    """What an earlier form of a model has left in a repository, and nothing that is somebody's own."""
    # An adapter goes with its base's tokenizer, and a GGUF has one.
    tokenizer = "config.json" in there and not (folder / "config.json").exists()
    return [name for name in there if _SENT.fullmatch(name) or (tokenizer and "/" not in name and is_tokenizer(name))]


@contextmanager
def explained(what: str, model: str = "", revision: str = "", writing: str = "") -> Iterator[None]:
    """Turn what the hub refuses into what to do about it; a full disk and the like stay what they are."""
    from huggingface_hub.errors import HfHubHTTPError

    try:
        yield
    except (Failure, Stopped):
        raise
    except Exception as error:
        if classify(error).kind in ("disk", "memory"):
            raise
        answer = error if isinstance(error, HfHubHTTPError) else error.__cause__
        reason = _reason(answer, model, revision, writing) if isinstance(answer, HfHubHTTPError) else None
        raise Failure("base" if model else "trainer", reason or f"{what}: {one_line(str(error))}") from error


def _reason(error: Any, model: str, revision: str, writing: str) -> str | None:
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    page, status = f"{endpoint()}/{model or writing}", error.response.status_code
    if writing and status in (401, 403):
        return f"HF_TOKEN may not write to {page}: it needs the permission to write there"
    if isinstance(error, GatedRepoError):
        return f"{model} is gated: accept its licence at {page}, and set HF_TOKEN to a token of the account that did"
    if isinstance(error, RevisionNotFoundError):
        return f"{model} has no revision {revision}, says {endpoint()}"
    if isinstance(error, RepositoryNotFoundError):
        return (
            f"there is no {model} for revision {revision} at {page}, or it is private: "
            "then set HF_TOKEN to a token that may read it"
        )
    if status in (401, 403):
        return f"HF_TOKEN may not read {model}: make another token at {endpoint()}/settings/tokens"
    return None
