"""No message and no log has a token, a password, or an address that whoever reads it could use."""

import logging
import pickle
import sys

import pytest

from ftops_trainer.failures import Failure, explain
from ftops_trainer.hub import client
from ftops_trainer.redaction import redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Illegal header value b'Bearer hf_Abc\\r'", "Illegal header value b'Bearer …'"),
        ("no answer of https://me:pa@ss@hub.example/acme/tiny", "no answer of https://hub.example/acme/tiny"),
        ("403 for url: https://s3.example/a?X-Sig=1&b=2 (id 7)", "403 for url: https://s3.example/a?… (id 7)"),
        ("'https://s3.example/a?b=https://me@x#c'", "'https://s3.example/a?…#c'"),
        ("what? mail me@example.com: https://a.example/@me", "what? mail me@example.com: https://a.example/@me"),
    ],
)
def test_what_a_text_shows_of_secrets(text, shown):
    assert redacted(text) == shown
    assert redacted(shown) == shown


def test_the_environments_own_secrets_are_known_wherever_they_stand(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret-token\n")
    monkeypatch.setenv("HF_ENDPOINT", "https://me:pass/word@hub.example")
    assert redacted("'secret-token' or 'pass/word' of https://me:pass/word@hub.example") == (
        "'…' or '…' of https://hub.example"
    )
    monkeypatch.setenv("HF_TOKEN", "a")
    assert redacted("a b") == "a b"


@pytest.mark.parametrize("name", ["WANDB_API_KEY", "MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_PASSWORD"])
def test_the_secrets_of_trackers_are_known(monkeypatch, name):
    monkeypatch.setenv(name, "secret-token")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:pass/word@flow.example")
    monkeypatch.setenv("WANDB_BASE_URL", "https://you:other-word@wandb.example")
    assert redacted("secret-token, pass/word, other-word") == "…, …, …"


def test_no_failure_shows_them_nor_its_traceback(monkeypatch, capfd):
    monkeypatch.setenv("HF_TOKEN", "secret-token")
    failure = pickle.loads(pickle.dumps(Failure("base", "x" * 490 + " secret-token")))
    assert "sec" not in failure.message
    try:
        raise RuntimeError("secret-token at https://me:word@x/y?sig=1")
    except RuntimeError as error:
        explain(error)
    said = capfd.readouterr().err
    assert said.splitlines()[0] == "Traceback (most recent call last):"
    assert said.splitlines()[-1] == "RuntimeError: … at https://x/y?…"
    assert not any(secret in said for secret in ("secret-token", "word@", "sig=1"))


def test_what_the_hubs_client_logs_shows_none(monkeypatch, capfd):
    client()
    (handler,) = logging.getLogger("huggingface_hub").handlers
    monkeypatch.setattr(handler, "stream", sys.stderr)
    logging.getLogger("huggingface_hub.file_download").warning("Error at %s: %s", "https://s3.example/a?sig=1", "x")
    assert "Error at https://s3.example/a?…" in capfd.readouterr().err
