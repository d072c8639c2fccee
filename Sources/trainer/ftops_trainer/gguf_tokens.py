"""A tokenizer as a GGUF describes it, such that what reads it makes the same ids of a text."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import gguf
from gguf import TokenType

from .chat import ChatTemplate
from .failures import Failure
from .tokens import TextTokenizer

_SPACE = "\u2581"
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
# The names of rules by which byte-level tokenizers divide a text, with whether these look a whole word up first.
_RULES = {"llama-bpe": True, "tekken": True, "smaug-bpe": False, "qwen2": False, "gpt-4o": False}


class TokenTable:
    """The tokens of a base, by their ids."""

    def __init__(self, tokenizer: TextTokenizer, size: int) -> None:
        self._tokenizer = tokenizer
        self._definition = tokenizer.definition
        self._model: dict[str, Any] = self._definition["model"]
        self._added = {token["content"]: token for token in self._definition["added_tokens"]}
        self._ids: dict[str, int] = self._model["vocab"] if self._model["type"] == "BPE" else {}
        self._ids = self._ids | {text: token["id"] for text, token in self._added.items()}
        # Some bases share a tokenizer with others, whose marks they cannot be shown.
        self._ids = {text: identifier for text, identifier in self._ids.items() if identifier < size}
        self._size = size
        self._rule = _rule(self._definition)
        if self._rule is None:
            _check_order(self._merges(), self._ids, self._added)

    def describe(self, writer: gguf.GGUFWriter) -> None:
        """Write the tokens, how they are put together, and those with a meaning of their own."""
        texts = {identifier: text for text, identifier in self._ids.items()}
        tokens = [texts.get(identifier, f"[PAD{identifier}]") for identifier in range(self._size)]
        writer.add_tokenizer_model("llama" if self._rule is None else "gpt2")
        writer.add_tokenizer_pre(self._rule or "default")
        writer.add_token_list(tokens)
        if self._rule is None:
            writer.add_token_scores(self._scores(tokens))
        else:
            writer.add_token_merges([f"{left} {right}" for left, right in self._merges()])
        writer.add_token_types([self._type(token) for token in tokens])
        self._describe_marks(writer)

    def _describe_marks(self, writer: gguf.GGUFWriter) -> None:
        tokenizer = self._tokenizer
        marks = {name: self._ids.get(text) for name, text in tokenizer.special_tokens.items()}
        marks["bos_token"] = tokenizer.bos if marks.get("bos_token") is None else marks["bos_token"]
        marks["unk_token"] = self._ids.get(self._model.get("unk_token") or "")
        marks["eos_token"], marks["turn"] = tokenizer.eos, self._end_of_turn()
        add = {
            "bos_token": writer.add_bos_token_id,
            "eos_token": writer.add_eos_token_id,
            "unk_token": writer.add_unk_token_id,
            "pad_token": writer.add_pad_token_id,
            "turn": writer.add_eot_token_id,
        }
        for name, method in add.items():
            identifier = marks.get(name)
            if identifier is not None:
                method(identifier)
        writer.add_add_bos_token(tokenizer.bos is not None)
        writer.add_add_eos_token(False)
        writer.add_add_space_prefix(tokenizer.adds_space)
        if tokenizer.chat_template is not None:
            writer.add_chat_template(tokenizer.chat_template)

    def _end_of_turn(self) -> int | None:
        """The mark, besides that of the end, behind which nothing of an answer comes."""
        tokenizer = self._tokenizer
        marks = set(tokenizer.ends)
        if tokenizer.chat_template is not None:
            # A template that refuses the conversation by which it is asked says nothing of its marks.
            with suppress(Failure):
                marks |= ChatTemplate(tokenizer, "the base").end_of_turn(tokenizer)
        return min(marks - {tokenizer.eos}, default=None)

    def _type(self, token: str) -> TokenType:
        if token not in self._ids:
            return TokenType.UNUSED
        if token == self._model.get("unk_token"):
            return TokenType.UNKNOWN
        added = self._added.get(token)
        if added is not None and added["special"]:
            return TokenType.CONTROL
        # Readers look for such a token in the text before its spaces are written so, where this one never is.
        if added is not None and not (self._rule is None and _SPACE in token):
            return TokenType.USER_DEFINED
        return TokenType.BYTE if self._rule is None and _BYTE.fullmatch(token) else TokenType.NORMAL

    def _merges(self) -> list[tuple[str, str]]:
        pairs = (pair.split(" ") if isinstance(pair, str) else pair for pair in self._model["merges"])
        return [(left, right) for left, right in pairs]

    def _scores(self, tokens: list[str]) -> list[float]:
        """Of two tokens that could be put together, readers take the one with the higher score."""
        first: dict[str, int] = {}
        for left, right in self._merges():
            first.setdefault(left + right, len(first))
        return [-float(first.get(token, len(first))) for token in tokens]


def _rule(definition: dict[str, Any]) -> str | None:
    """The name of the rule by which a byte-level tokenizer divides a text; none for one over characters and spaces."""
    model = definition["model"]
    if model["type"] != "BPE":
        raise Failure("base", f"a GGUF cannot be made with its tokenizer: it is {model['type']}, not BPE")
    steps = list(_steps(definition["pre_tokenizer"]))
    level = next((step for step in steps if step["type"] == "ByteLevel"), None)
    if level is None:
        if not model.get("byte_fallback"):
            raise Failure("base", "a GGUF cannot be made with its tokenizer: it has no bytes for what it does not know")
        return None
    whole = bool(model.get("ignore_merges"))
    found = None if level["add_prefix_space"] else _named(steps, level, whole)
    if found is None:
        raise Failure("base", "a GGUF cannot be made with its tokenizer: it divides texts as no reader of one does")
    return found


def _named(steps: list[dict[str, Any]], level: dict[str, Any], whole: bool) -> str | None:
    from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_PRE_TOKENIZER_SPLITS

    others = [step for step in steps if step is not level]
    if level["use_regex"]:
        if not others:
            return "gpt-2"
        digits = len(others) == 1 and others[0]["type"] == "Digits" and others[0]["individual_digits"]
        return "smollm" if digits else None
    if len(others) != 1 or others[0]["type"] != "Split" or others[0]["behavior"] != "Isolated":
        return None
    pattern = others[0]["pattern"].get("Regex")
    names = (name for name, looks in _RULES.items() if looks == whole and GGUF_PRE_TOKENIZER_SPLITS[name] == pattern)
    return next(names, None)


def _steps(step: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    if step is None:
        return
    if step["type"] == "Sequence":
        for part in step["pretokenizers"]:
            yield from _steps(part)
    else:
        yield step


def _check_order(merges: list[tuple[str, str]], ids: dict[str, int], added: dict[str, Any]) -> None:
    """A reader knows of a token only how early it is made, and makes it of any two that are there."""
    plain = {text for text in ids if text not in added}
    known = set(merges)
    made, current = set(), ""
    for left, right in merges:
        whole = left + right
        if whole in made and whole != current and whole in plain:
            raise Failure("base", "a GGUF cannot be made with its tokenizer: its merges are in no order of its tokens")
        made.add(whole)
        current = whole
    for whole in made & plain:
        pairs = ((whole[:place], whole[place:]) for place in range(1, len(whole)))
        if any(left in plain and right in plain and (left, right) not in known for left, right in pairs):
            raise Failure("base", "a GGUF cannot be made with its tokenizer: it makes some tokens in one way only")
