"""What is counted before a training is what the training then says."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import HERE, events, write_rows
from ftops_trainer import counting
from ftops_trainer.counting import count
from ftops_trainer.runs import train
from records import record_rows


def asked(run: Path) -> dict:
    job = json.loads((run / "job.json").read_text())
    return {"base": job["base"], "rows": str(run / "train.jsonl"), "parameters": job["parameters"]}


def counted(run: Path) -> dict:
    sink = io.StringIO()
    assert count(io.StringIO(json.dumps(asked(run))), sink) == 0
    found: dict = json.loads(sink.getvalue())
    return found


@pytest.mark.parametrize(
    "changed",
    [{}, {"pack_sequences": True}, {"chunk_size": 60}, {"train_on_inputs": True}, {"max_steps": 3}],
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
        assert found["units"] < found["rows"]
    assert (found["rejected"] > 0) == ("chunk_size" in changed)


@pytest.mark.parametrize("line", ["no JSON", "[]", '{"prompt": "p"}'])
@pytest.mark.parametrize("place", [0, 17])
def test_a_row_that_cannot_be_counted_is_named(run_folder, monkeypatch, capsys, line, place):
    monkeypatch.setattr(counting, "_TOGETHER", 4)
    run = run_folder()
    lines = (run / "train.jsonl").read_text().splitlines()
    lines[place] = line
    (run / "train.jsonl").write_text("\n".join(lines) + "\n")
    assert count(io.StringIO(json.dumps(asked(run))), io.StringIO()) == 1
    assert f"train.jsonl:{place + 1}: " in capsys.readouterr().err


def test_a_file_without_rows_is_refused(run_folder, capsys):
    run = run_folder()
    write_rows(run / "train.jsonl", [])
    assert count(io.StringIO(json.dumps(asked(run))), io.StringIO()) == 1
    assert "no row" in capsys.readouterr().err


def test_counting_loads_no_pytorch():
    path = str(HERE.parents[1] / "Sources" / "trainer")
    code = "import sys; import ftops_trainer.counting; assert not {'torch', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, check=True)
