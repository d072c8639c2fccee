"""Text to ids and back, by the base's own tokenizer; one in `tokenizer.json` is read without loading transformers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from .failures import Failure
from .files import read_json


class TextTokenizer:
    """The tokenizer of a base, which never adds a special token that was not asked for."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = _read(folder)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        added = self._tokenizer.get_added_tokens_decoder()
        self._marks = frozenset(identifier for identifier, token in added.items() if token.special)
        self._settings = _json(folder / "tokenizer_config.json")
        self._config = _json(folder / "config.json")
        generation = _json(folder / "generation_config.json")
        self.eos = self._special("eos_token") or _first(self._config.get("eos_token_id"))
        self.bos = self._find_bos()
        ends = [*_ids(self._config.get("eos_token_id")), *_ids(generation.get("eos_token_id"))]
        self.ends = frozenset([*ends, *([] if self.eos is None else [self.eos])])
        first = self._tokenizer.encode("x", add_special_tokens=False).tokens
        self.adds_space = bool(first) and first[0].startswith("\u2581")
        self.chat_template = self._find_chat_template(folder)

    def prompt(self, text: str) -> list[int]:
        """Ids of the start of a document: one BOS where the base has one, however the text begins."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        if self.bos is not None and ids[:1] != [self.bos]:
            ids = [self.bos, *ids]
        return ids

    def continuation(self, text: str) -> list[int]:
        """Ids of text that follows other text, to be joined to it by ids."""
        if self.adds_space:
            # Such a tokenizer puts a space before any text; behind a line feed it does not.
            before = self._tokenizer.encode("\n", add_special_tokens=False).ids
            both: list[int] = self._tokenizer.encode("\n" + text, add_special_tokens=False).ids
            if both[: len(before)] == before:
                return both[len(before) :]
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def text(self, ids: Sequence[int]) -> str:
        """The text of ids, without special tokens."""
        decoded: str = self._tokenizer.decode(list(ids), skip_special_tokens=True)
        return decoded

    @property
    def definition(self) -> dict[str, Any]:
        """What a `tokenizer.json` says of the tokenizer."""
        found: dict[str, Any] = json.loads(self._tokenizer.to_str())
        return found

    @property
    def special_tokens(self) -> dict[str, str]:
        """The texts of BOS and EOS, as chat templates want them."""
        names = ("bos_token", "eos_token", "pad_token", "unk_token")
        return {name: text for name in names if (text := _content(self._settings.get(name))) is not None}

    @property
    def context(self) -> int | None:
        """How many tokens the base takes at most, where its config says so."""
        settings = self._config.get("text_config")
        settings = settings if isinstance(settings, dict) else self._config
        return _first(settings.get("max_position_embeddings"))

    def is_special(self, identifier: int) -> bool:
        """Whether an id is a mark of structure, not text."""
        return identifier in self._marks or identifier in self.ends

    def _special(self, name: str) -> int | None:
        text = _content(self._settings.get(name))
        found: int | None = None if text is None else self._tokenizer.token_to_id(text)
        return found

    def _find_bos(self) -> int | None:
        bos = self._special("bos_token")
        bos = _first(self._config.get("bos_token_id")) if bos is None else bos
        wanted = self._settings.get("add_bos_token")
        if isinstance(wanted, bool):
            return bos if wanted else None
        return bos if self._tokenizer.encode("x").ids[:1] == [bos] else None

    def _find_chat_template(self, folder: Path) -> str | None:
        file = folder / "chat_template.jinja"
        if file.is_file():
            return file.read_text(encoding="utf-8")
        found = self._settings.get("chat_template")
        if isinstance(found, list):
            found = next((item["template"] for item in found if item.get("name") == "default"), None)
        return found if isinstance(found, str) else None


class TextStream:
    """The text of a growing row of ids, a piece at a time, never a broken character."""

    def __init__(self, tokenizer: TextTokenizer, prompt: Sequence[int]) -> None:
        self._tokenizer = tokenizer
        # A few ids of the prompt go before, since some tokenizers drop the space of a first word.
        self._ids = list(prompt[-4:])
        self._from = 0
        self._read = len(self._ids)

    def push(self, identifier: int) -> str:
        """The text that this id completes."""
        self._ids.append(identifier)
        piece = self._rest()
        if piece.endswith("\ufffd"):
            return ""
        return self._take(piece)

    def finish(self) -> str:
        """What was held back, but for a character that has not become whole."""
        return self._take(self._rest().rstrip("\ufffd"))

    def _rest(self) -> str:
        before = self._tokenizer.text(self._ids[self._from : self._read])
        return self._tokenizer.text(self._ids[self._from :])[len(before) :]

    def _take(self, piece: str) -> str:
        if piece:
            self._from, self._read = self._read, len(self._ids)
        return piece


def _read(folder: Path) -> Any:
    file = folder / "tokenizer.json"
    try:
        if file.is_file():
            return Tokenizer.from_file(str(file))
        file = folder / "tokenizer.model"
        if file.is_file():
            return _from_sentencepiece(folder)
    except Exception as error:
        raise Failure("base", f"{file} cannot be read: {error}") from error
    raise Failure("base", f"{folder} has neither tokenizer.json nor tokenizer.model: it has no tokenizer")


def _from_sentencepiece(folder: Path) -> Any:
    """What transformers makes of a sentencepiece model, which says itself only half of how it is used."""
    from transformers import AutoTokenizer

    found = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    return Tokenizer.from_str(found.backend_tokenizer.to_str())


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = read_json(path)
    except ValueError as error:
        raise Failure("base", f"{path}: {error}") from error
    return found if isinstance(found, dict) else {}


def _content(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("content")
    return value if isinstance(value, str) else None


def _ids(value: Any) -> list[int]:
    if isinstance(value, int):
        return [value]
    return [item for item in value if isinstance(item, int)] if isinstance(value, list) else []


def _first(value: Any) -> int | None:
    found = _ids(value)
    return found[0] if found else None
