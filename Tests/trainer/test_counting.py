"""What is counted before a training is what the training then says."""

import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sentencepiece
from tokenizers import Tokenizer

from conftest import HERE, events, write_rows
from ftops_trainer import counting
from ftops_trainer.counting import count
from ftops_trainer.runs import train
from ftops_trainer.tokens import TextTokenizer
from records import record_rows
from tinybase import make_base


def asked(run: Path) -> dict:
    job = json.loads((run / "job.json").read_text())
    return {"base": job["base"], "rows": str(run / "train.jsonl"), "parameters": job["parameters"]}


def counted(run: Path) -> dict:
    sink = io.StringIO()
    assert count(io.StringIO(json.dumps(asked(run))), sink) == 0
    found: dict = json.loads(sink.getvalue().splitlines()[-1])
    return found


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"pack_sequences": True},
        {"chunk_size": 60},
        {"train_on_inputs": True},
        {"max_steps": 3},
        {"chunk_size": 60, "train_batch_size": 1, "pack_sequences": True, "wrap_packed_sequences": True},
    ],
)
@pytest.mark.parametrize("together", [1000, 4])
def test_a_count_is_what_the_training_says(run_folder, changed, together, monkeypatch):
    monkeypatch.setattr(counting, "_TOGETHER", together)
    rows = [*record_rows(18, 1), {"prompt": "Message: " * 40, "completion": " none"}]
    run = run_folder(rows=rows, **changed)
    found = counted(run)
    assert train(str(run)) == 0
    (started,) = events(run, "started")
    assert {name: started[name] for name in found if name != "units"} == {
        name: number for name, number in found.items() if name != "units"
    }
    if changed.get("pack_sequences"):
        assert found["units"] < found["rows"] or "chunk_size" in changed
    if changed.get("wrap_packed_sequences"):
        assert found["units"] == found["steps"] == -(-found["tokens"] // 60)
    assert (found["rejected"] > 0) == (changed == {"chunk_size": 60})


@pytest.mark.parametrize("line", ["no JSON", "[]", '{"prompt": "p"}'])
@pytest.mark.parametrize("place", [0, 17])
def test_a_row_that_cannot_be_counted_is_named(run_folder, monkeypatch, capsys, line, place):
    monkeypatch.setattr(counting, "_TOGETHER", 4)
    run = run_folder()
    lines = (run / "train.jsonl").read_text().splitlines()
    lines[place] = line
    (run / "train.jsonl").write_text("\n".join(lines) + "\n")
    sink = io.StringIO()
    assert count(io.StringIO(json.dumps(asked(run))), sink) == 1
    assert json.loads(sink.getvalue().splitlines()[-1])["failure"].startswith(f"train.jsonl:{place + 1}: ")
    assert f"train.jsonl:{place + 1}: " in capsys.readouterr().err


@pytest.fixture(scope="session", params=["bpe", "unigram"])
def sentences(request, tmp_path_factory) -> Path:
    """A base whose tokenizer is a sentencepiece model alone."""
    return make_base(tmp_path_factory.mktemp("base") / request.param, "llama", pieces=request.param)


@pytest.mark.parametrize("packed", [False, True])
def test_a_sentencepiece_model_counts_as_it_trains(run_folder, sentences, packed):
    assert not (sentences / "tokenizer.json").exists()
    run = run_folder(folder=sentences, pack_sequences=packed)
    found = counted(run)
    assert train(str(run)) == 0
    (started,) = events(run, "started")
    assert (found["tokens"], found["steps"]) == (started["tokens"], started["steps"])


def test_a_sentencepiece_model_makes_its_own_ids(tmp_path):
    base = make_base(tmp_path / "base", "llama", pieces="bpe")
    own = sentencepiece.SentencePieceProcessor(model_file=str(base / "tokenizer.model"))
    tokenizer = TextTokenizer(base)
    assert tokenizer.bos == own.bos_id()
    assert tokenizer.eos == own.eos_id()
    for row in [*record_rows(50, 3), {"prompt": "\u00fcn\u00ef \u65e5\u672c  two\n\n spaces\t"}]:
        assert tokenizer.prompt(row["prompt"]) == [own.bos_id(), *own.encode(row["prompt"])]


def test_the_count_of_a_byte_level_tokenizer_is_its_own(run_folder, llama):
    rows = record_rows(18, 1)
    found = counted(run_folder(rows=rows))
    own = Tokenizer.from_file(str(llama / "tokenizer.json"))
    ids = [own.encode(row[part], add_special_tokens=False).ids for row in rows for part in ("prompt", "completion")]
    assert found["tokens"] == sum(map(len, ids)) + 2 * len(rows)


def test_a_count_tells_how_far_it_is(run_folder, monkeypatch):
    monkeypatch.setattr(counting, "_TOGETHER", 4)
    monkeypatch.setattr(counting, "_NEWS", 0)
    run, sink = run_folder(), io.StringIO()
    assert count(io.StringIO(json.dumps(asked(run))), sink) == 0
    *news, last = [json.loads(line) for line in sink.getvalue().splitlines()]
    read = [line["read"] for line in news]
    assert read == sorted(set(read))
    assert read[-1] == (run / "train.jsonl").stat().st_size
    assert last["rows"] == 18


def test_a_count_that_takes_too_long_ends_by_itself(run_folder, tmp_path):
    template = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}"
    base = make_base(tmp_path / "base", "llama", chat=template)
    row = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    run = run_folder(folder=base, rows=[row])
    code = "import sys; from ftops_trainer.counting import count; sys.exit(count(sys.stdin, sys.stdout))"
    path = str(HERE.parents[1] / "Sources" / "trainer")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": path},
        input=json.dumps(asked(run) | {"seconds": 1}),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGALRM
    assert done.stdout == ""


def test_a_file_without_rows_is_refused(run_folder, capsys):
    run = run_folder()
    write_rows(run / "train.jsonl", [])
    assert count(io.StringIO(json.dumps(asked(run))), io.StringIO()) == 1
    assert "no row" in capsys.readouterr().err


def test_counting_loads_no_pytorch():
    path = str(HERE.parents[1] / "Sources" / "trainer")
    code = "import sys; import ftops_trainer.counting; assert not {'torch', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, check=True)
