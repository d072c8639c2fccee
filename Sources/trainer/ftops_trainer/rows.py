"""Rows to documents: ids, and for each whether it carries loss."""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .chat import ChatTemplate
from .failures import Failure
from .tokens import TextTokenizer


@dataclass(frozen=True, slots=True)
class Document:
    """One row as ids; `labels` says which of them the model is taught to predict.

    Those of a file are held as plain bytes, five a token: as objects they would take ten times that.
    """

    ids: Sequence[int]
    labels: Sequence[int]

    def __post_init__(self) -> None:
        if len(self.ids) != len(self.labels):
            raise ValueError("a document has one label a token")

    def __len__(self) -> int:
        """How many tokens it has."""
        return len(self.ids)

    @property
    def documents(self) -> tuple["Document", ...]:
        """Itself, where an example may be a pair as well."""
        return (self,)

    @property
    def label_tokens(self) -> int:
        """How many of its tokens carry loss: never the first, which nothing predicts."""
        return sum(self.labels[1:])

    def cut(self, limit: int | None) -> "Document":
        """Its first `limit` tokens, or all, compact."""
        return Document(array("i", self.ids[:limit]), bytes(self.labels[:limit]))

    def part(self, start: int, stop: int) -> "Document":
        """A stretch of its tokens as a document of its own, to whose first token nothing leads."""
        if start == 0 and stop == len(self.ids):
            return self
        return Document(self.ids[start:stop], self.labels[start:stop])


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of preferences: what is to be answered more likely, and what less; they are never parted."""

    chosen: Document
    rejected: Document

    def __len__(self) -> int:
        """How many tokens both have."""
        return len(self.chosen) + len(self.rejected)

    @property
    def documents(self) -> tuple[Document, ...]:
        """Both, what is chosen first."""
        return (self.chosen, self.rejected)

    @property
    def label_tokens(self) -> int:
        """How many tokens of both answers there are; none where one of them has none left, so that nothing is told."""
        counts = [document.label_tokens for document in self.documents]
        return sum(counts) if all(counts) else 0

    def cut(self, limit: int | None) -> "Pair":
        """The same with at most `limit` tokens of each, compact."""
        return Pair(self.chosen.cut(limit), self.rejected.cut(limit))

    def part(self, start: int, stop: int) -> "Pair":
        """Itself: packs, which alone cut rows, have no pairs."""
        assert (start, stop) == (0, len(self))
        return self


# What one row is: rows are counted, put in order and put together as these.
Example = Document | Pair


def apart(examples: Iterable[Example]) -> list[Document]:
    """The documents of examples in their order, two for a pair."""
    return [document for example in examples for document in example.documents]


@dataclass(frozen=True)
class Documents:
    """What the rows of a file are, with what was left out of them."""

    documents: tuple[Example, ...]
    rejected: int
    truncated: int
    limit: int

    @property
    def tokens(self) -> int:
        """All tokens."""
        return sum(len(document) for document in self.documents)

    @property
    def label_tokens(self) -> int:
        """All tokens that carry loss."""
        return sum(document.label_tokens for document in self.documents)

    @property
    def are_preferences(self) -> bool:
        """Whether the rows are pairs: all of a file are, or none."""
        return isinstance(self.documents[0], Pair)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSONL file, one at a time."""
    number = 1
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise Failure("data", f"{path.name}:{number}: the row is no JSON object")
                yield row
    except OSError as error:
        raise Failure("data", f"{path.name}: {error.strerror}") from error
    except ValueError as error:
        raise Failure("data", f"{path.name}:{number}: {error}") from error


class RowEncoder:
    """Tokenises rows of the four kinds."""

    def __init__(self, tokenizer: TextTokenizer, base: str, train_on_inputs: bool = False) -> None:
        self._tokenizer = tokenizer
        self._base = base
        self._train_on_inputs = train_on_inputs
        self._chat: ChatTemplate | None = None

    @property
    def chat(self) -> ChatTemplate:
        """The base's chat template, compiled when first needed."""
        if self._chat is None:
            self._chat = ChatTemplate(self._tokenizer, self._base)
        return self._chat

    def pieces(self, row: dict[str, Any]) -> list[tuple[str, bool]]:
        """The text of a row in pieces, each with whether it is what the model shall say: of two answers the chosen."""
        answer = row.get("chosen") if is_preference(row) else row.get("completion")
        if isinstance(row.get("prompt"), str) and isinstance(answer, str):
            return [(row["prompt"], False), (answer, True)]
        if isinstance(row.get("text"), str):
            return [("", False), (row["text"], True)]
        messages = row.get("messages")
        if isinstance(messages, list) and messages and all(is_message(message) for message in messages):
            return self.chat.turns(messages)
        raise Failure("data", "it has neither prompt and completion or chosen and rejected, nor text, nor messages")

    def encode(self, row: dict[str, Any]) -> Example:
        """What a row is, whole."""
        if not is_preference(row):
            return self._document(self.pieces(row), self._train_on_inputs, "messages" in row)
        # Of a loss on the prompt, which both share, nothing would be left.
        prompt = (row["prompt"], False)
        chosen, rejected = ([prompt, (row[answer], True)] for answer in ("chosen", "rejected"))
        return Pair(self._document(chosen, False, False), self._document(rejected, False, False))

    def _document(self, pieces: list[tuple[str, bool]], on_inputs: bool, conversation: bool) -> Document:
        ids: list[int] = []
        labels: list[bool] = []
        for text, answer in pieces:
            piece = self._tokenizer.continuation(text) if ids else self._tokenizer.prompt(text)
            ids += piece
            labels += [answer or on_inputs] * len(piece)
        # The end is added by id, so that it carries loss even where padding shares its id.
        if ids and self._tokenizer.eos is not None and not self._ends(ids, conversation):
            ids.append(self._tokenizer.eos)
            labels.append(True)
        return Document(ids, labels)

    def encode_all(self, path: Path, limit: int, whole: bool = False) -> Documents:
        """The documents of a file; one without a label is rejected.

        They are cut to `limit` tokens and the base's context, unless they are wanted whole.
        """
        limit = min(limit, self._tokenizer.context or limit)
        documents: list[Example] = []
        rejected = truncated = 0
        for number, row in enumerate(read_rows(path), 1):
            try:
                document = self.encode(row)
                if documents and isinstance(document, Pair) != isinstance(documents[0], Pair):
                    raise Failure("data", "rows with chosen and rejected are not mixed with others")
            except Failure as failure:
                raise Failure(failure.kind, f"{path.name}:{number}: {failure.message}") from failure
            truncated += not whole and any(len(part) > limit for part in document.documents)
            document = document.cut(None if whole else limit)
            if document.label_tokens == 0:
                rejected += 1
            else:
                documents.append(document)
        return Documents(tuple(documents), rejected, truncated, limit)

    def _ends(self, ids: list[int], conversation: bool) -> bool:
        if not conversation:
            return ids[-1] == self._tokenizer.eos
        # A turn ends with a special token of the template, behind which there may be white space.
        tail = ids[-1]
        if self._tokenizer.text([tail]).strip() == "" and len(ids) > 1 and not self._tokenizer.is_special(tail):
            tail = ids[-2]
        return self._tokenizer.is_special(tail)


def is_preference(row: dict[str, Any]) -> bool:
    """Whether a row has a prompt and two answers to it."""
    return all(isinstance(row.get(name), str) for name in ("prompt", "chosen", "rejected"))


def is_message(value: Any) -> bool:
    """Whether a value is a message with a role and a text."""
    return isinstance(value, dict) and isinstance(value.get("role"), str) and isinstance(value.get("content"), str)
