"""What belongs to a model beside its weights: its configuration, its tokenizer, and its makers' terms."""

import re

_CONFIGURATION = ("config.json", "generation_config.json")
_TOKENIZER = re.compile(
    r"(special_tokens_map|added_tokens|vocab)\.json|(vocab|merges)\.txt"
    r"|tokenizer.*\.json|.*\.model|chat_template\.(jinja|json)",
    re.IGNORECASE,
)
_NOTICES = ("license", "licence", "notice", "terms", "use_policy", "copying")


def is_companion(name: str) -> bool:
    """Whether a file is one that training or serving a model takes, or that its makers want to be passed on."""
    return name in _CONFIGURATION or is_tokenizer(name) or is_notice(name)


def is_tokenizer(name: str) -> bool:
    """Whether a file is a part of a model's tokenizer, or its chat template."""
    return _TOKENIZER.fullmatch(name) is not None


def is_notice(name: str) -> bool:
    """Whether a file is a licence, or what else a model's makers want to be passed on."""
    return not name.startswith(".") and any(word in name.lower() for word in _NOTICES)
