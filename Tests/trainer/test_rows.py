"""Rows become documents whose labels are what the model shall say."""

import json
import shutil
import tracemalloc
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, normalizers

from conftest import write_rows
from ftops_trainer.failures import Failure
from ftops_trainer.rows import RowEncoder
from ftops_trainer.tokens import TextStream, TextTokenizer
from records import record_rows
from tinybase import make_base

ROW = record_rows(1, 5)[0]


def labelled(document) -> list[int]:
    return [identifier for identifier, label in zip(document.ids, document.labels, strict=True) if label]


def test_loss_falls_on_the_completion_alone_and_on_one_end_appended_by_id(tokenizer, encoder):
    document = encoder.encode(ROW)
    answer = tokenizer.continuation(ROW["completion"])
    assert labelled(document) == [*answer, tokenizer.eos]
    assert document.ids.count(tokenizer.eos) == 1
    assert document.ids[-1] == tokenizer.eos


def test_an_end_that_is_already_there_is_not_added_again(tokenizer, encoder):
    document = encoder.encode({"prompt": "a", "completion": "b</s>"})
    assert document.ids.count(tokenizer.eos) == 1
    assert document.labels[-1]


def test_a_start_is_put_once_however_the_prompt_begins(tokenizer, encoder):
    for prompt in (ROW["prompt"], "<s>" + ROW["prompt"]):
        document = encoder.encode({"prompt": prompt, "completion": "x"})
        assert document.ids.count(tokenizer.bos) == 1
        assert document.ids[0] == tokenizer.bos


def test_prompt_and_completion_are_tokenised_apart_and_joined_by_ids(tokenizer, encoder):
    whole = tokenizer.prompt("Record:" + ' {"order"')
    document = encoder.encode({"prompt": "Reco", "completion": 'rd: {"order"'})
    apart = [*tokenizer.prompt("Reco"), *tokenizer.continuation('rd: {"order"'), tokenizer.eos]
    assert list(document.ids) == apart
    assert apart[:-1] != whole


def test_training_on_inputs_labels_the_prompt_too(tokenizer):
    document = RowEncoder(tokenizer, "tiny", train_on_inputs=True).encode(ROW)
    assert document.label_tokens == len(document.ids) - 1


def test_a_text_row_is_learnt_whole_with_start_and_end(tokenizer, encoder):
    document = encoder.encode({"text": "Order 12"})
    assert document.ids[0] == tokenizer.bos
    assert labelled(document) == [*tokenizer.continuation("Order 12"), tokenizer.eos]


def test_rows_that_truncation_leaves_without_a_label_are_rejected_and_counted(encoder, tmp_path):
    rows = [{"prompt": "long " * 50, "completion": "x"}, {"prompt": "a", "completion": "long " * 50}, {"text": "b"}]
    write_rows(tmp_path / "train.jsonl", rows)
    found = encoder.encode_all(tmp_path / "train.jsonl", 80)
    assert (len(found.documents), found.rejected, found.truncated) == (2, 1, 2)
    assert all(document.label_tokens for document in found.documents)


def test_rows_are_read_one_at_a_time_and_held_in_a_few_bytes_a_token(encoder, tmp_path):
    row = {"text": ROW["prompt"] * 20}
    write_rows(tmp_path / "train.jsonl", [row] * 200)
    tracemalloc.start()
    found = encoder.encode_all(tmp_path / "train.jsonl", 10_000)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.tokens > 100_000
    assert held < 6 * found.tokens
    assert peak - held < 2 * found.tokens


def test_a_base_without_a_chat_template_refuses_messages(encoder):
    with pytest.raises(Failure, match="no chat template") as caught:
        encoder.encode({"messages": [{"role": "user", "content": "a"}]})
    assert caught.value.kind == "base"


def test_only_assistant_turns_and_their_end_of_turn_carry_loss(tmp_path):
    tokenizer = TextTokenizer(make_base(tmp_path / "chat", "llama", chat=True))
    messages = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": "three"},
        {"role": "assistant", "content": "four"},
    ]
    document = RowEncoder(tokenizer, "tiny").encode({"messages": messages})
    assert document.ids.count(tokenizer.bos) == 1
    assert tokenizer._tokenizer.decode(labelled(document), skip_special_tokens=False) == "two<|end|>\nfour<|end|>\n"


REWRITING = (
    "{% for m in messages %}[{{ m.role }}]{% if loop.last or m.role == 'user' %}{{ m.content }}{% endif %}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"
)
TALK = [{"role": role, "content": word} for role, word in zip(["user", "assistant"] * 2, "abcd", strict=True)]


@pytest.mark.parametrize(
    ("template", "pieces"),
    [
        (REWRITING, [("[user]a<|end|>[assistant]<|end|>[user]c<|end|>[assistant]", False), ("d<|end|>", True)]),
        ("{% if add_generation_prompt %}ask{% else %}tell{% endif %}", "keep an answer"),
        ("{{ raise_exception('no ' + messages[0].role) }}", "no user"),
        ("{% for %}", "does not parse"),
        (
            "{{ strftime_now('%d %b %Y') }}{{ messages[-1].content if not add_generation_prompt }}",
            [("26 Jul 2024", False), ("b", True)],
        ),
    ],
)
def test_a_template_of_any_make_tells_what_the_assistant_says_last_or_is_refused(tmp_path, template, pieces):
    encoder = RowEncoder(TextTokenizer(make_base(tmp_path / "chat", "llama", chat=template)), "tiny")
    talk = TALK[:2] if "strftime" in template else TALK
    if isinstance(pieces, list):
        assert encoder.pieces({"messages": talk}) == pieces
    else:
        with pytest.raises(Failure, match=pieces):
            encoder.pieces({"messages": talk})


@pytest.mark.parametrize(("adds", "count"), [(True, 1), (False, 0), (None, 1)])
def test_a_start_is_put_where_the_tokenizer_says_so(llama, tmp_path, adds, count):
    base = tmp_path / "base"
    shutil.copytree(llama, base)
    settings = json.loads((base / "tokenizer_config.json").read_text())
    (base / "tokenizer_config.json").write_text(json.dumps(settings | {"add_bos_token": adds}))
    tokenizer = TextTokenizer(base)
    assert tokenizer.prompt("Order").count(0) == count
    assert len(tokenizer.continuation("Order")) == len(tokenizer.prompt("Order")) - count


def test_the_end_of_turn_is_known(tmp_path):
    tokenizer = TextTokenizer(make_base(tmp_path / "chat", "llama", chat=True))
    chat = RowEncoder(tokenizer, "tiny").chat
    assert chat.end_of_turn(tokenizer) == {tokenizer._tokenizer.token_to_id("<|end|>")}


def test_a_broken_row_is_named_with_its_line(encoder, tmp_path):
    (tmp_path / "train.jsonl").write_text(json.dumps(ROW) + "\n" + '{"prompt": "a"}\n')
    with pytest.raises(Failure, match=r"train\.jsonl:2") as caught:
        encoder.encode_all(tmp_path / "train.jsonl", 100)
    assert caught.value.kind == "data"


def test_a_tokenizer_that_puts_a_space_before_text_puts_none_before_a_completion(tmp_path):
    tokenizer = spaced_tokenizer(tmp_path)
    ids = [*tokenizer.prompt("ab"), *tokenizer.continuation("ba")]
    assert tokenizer._tokenizer.decode(ids) == "abba"


def test_a_stream_of_ids_keeps_spaces_and_never_breaks_a_character(tokenizer):
    text = ' {"naïve": "日本 🙂"}'
    stream = TextStream(tokenizer, tokenizer.prompt("Record:"))
    pieces = [stream.push(identifier) for identifier in tokenizer.continuation(text)]
    assert "".join(pieces) + stream.finish() == text
    assert not any("\ufffd" in piece for piece in pieces)
    assert "" in pieces


def spaced_tokenizer(folder: Path) -> TextTokenizer:
    vocabulary = {"<s>": 0, "</s>": 1, "<unk>": 2, "\u2581": 3, "a": 4, "b": 5, "<0x0A>": 6, "\n": 7, "x": 8}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", "eos_token": "</s>"}))
    return TextTokenizer(folder)
