"""Conversations to text by the base's own chat template."""

import json
from datetime import datetime
from typing import Any

from jinja2 import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .failures import Failure
from .tokens import TextTokenizer

# What templates that name the day are told: always the same, as equal rows are to give equal weights on any day, and
# the model is to be asked as it was trained.
_DAY = datetime(2024, 7, 26)


class ChatTemplate:
    """Renders messages, and cuts them into what is asked and what the assistant answers."""

    def __init__(self, tokenizer: TextTokenizer, name: str) -> None:
        if tokenizer.chat_template is None:
            raise Failure("base", f"{name} has no chat template: rows with messages need one, or use a Template")
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
        environment.filters["tojson"] = _to_json
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = _DAY.strftime
        try:
            self._template = environment.from_string(tokenizer.chat_template)
        except TemplateError as error:
            raise Failure("base", f"the chat template of {name} does not parse: {error}") from error
        self._special = tokenizer.special_tokens

    def render(self, messages: list[dict[str, str]], ask: bool) -> str:
        """The text of messages; `ask` adds the opening of the assistant's next turn."""
        try:
            text: str = self._template.render(messages=messages, add_generation_prompt=ask, **self._special)
            return text
        except TemplateError as error:
            raise Failure("data", f"the base's chat template refuses the messages: {error}") from error

    def end_of_turn(self, tokenizer: TextTokenizer) -> frozenset[int]:
        """The mark with which the template ends what the assistant says, where it has one."""
        said = self.turns([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}])
        marks = [identifier for identifier in tokenizer.continuation(said[-1][0]) if tokenizer.is_special(identifier)]
        return frozenset(marks[-1:])

    def turns(self, messages: list[dict[str, str]]) -> list[tuple[str, bool]]:
        """The text of a conversation in pieces, each with whether the assistant says it."""
        pieces: list[tuple[str, bool]] = []
        done = ""
        for index, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            asked = self.render(messages[:index], ask=True)
            answered = self.render(messages[: index + 1], ask=False)
            if not asked.startswith(done) or not answered.startswith(asked):
                # Some templates rewrite earlier turns; then the last answer alone can be told apart.
                return self._last_turn(messages)
            pieces += [(asked[len(done) :], False), (answered[len(asked) :], True)]
            done = answered
        return pieces

    def _last_turn(self, messages: list[dict[str, str]]) -> list[tuple[str, bool]]:
        last = max(index for index, message in enumerate(messages) if message["role"] == "assistant")
        asked = self.render(messages[:last], ask=True)
        answered = self.render(messages[: last + 1], ask=False)
        if not answered.startswith(asked):
            raise Failure("data", "the base's chat template does not keep an answer behind its question")
        return [(asked, False), (answered[len(asked) :], True)]


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> None:
    raise TemplateError(message)
