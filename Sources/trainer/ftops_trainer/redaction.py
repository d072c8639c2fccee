"""What messages and logs may have of a text: all but the secrets that an error of a client may hold."""

import os
import re
from collections.abc import Iterator

_HIDDEN = "…"
# Shorter ones are nobody's secret, and would be found in any text.
_SHORTEST = 4
_BEARER = re.compile(r"(bearer )[^\s'\"]+", re.IGNORECASE)
_USER = re.compile(r"(\w://)[^\s/?#'\"]*@")
# Who has an address that was signed has what lies there.
_QUERY = re.compile(r"(\w://[^\s?#'\"<>]*\?)[^\s#'\"<>]+")
_USER_OF_ENDPOINT = re.compile(r"\w://(.+)@")
_TOKENS = (
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
    "WANDB_API_KEY",
)
_ENDPOINTS = ("HF_ENDPOINT", "MLFLOW_TRACKING_URI", "WANDB_BASE_URL")


def redacted(text: str) -> str:
    """A text without tokens, without names and passwords in addresses, and without what these ask."""
    for secret in _secrets():
        text = text.replace(secret, _HIDDEN)
    text = _BEARER.sub(rf"\1{_HIDDEN}", text)
    return _QUERY.sub(rf"\1{_HIDDEN}", _USER.sub(r"\1", text))


def _secrets() -> Iterator[str]:
    """What is secret of the environment, the longest first where one is a part of another."""
    found = [os.environ.get(name, "").strip() for name in _TOKENS]
    for name in _ENDPOINTS:
        if user := _USER_OF_ENDPOINT.search(os.environ.get(name, "")):
            found += [user[1], user[1].partition(":")[2]]
    yield from sorted((secret for secret in found if len(secret) >= _SHORTEST), key=len, reverse=True)
