"""Base and version are judged on the same examples, and their difference is told with its doubt."""

import json
from pathlib import Path

import pytest

from conftest import events, kill_at
from ftops_trainer import training
from ftops_trainer.runs import STOPPED, evaluate, train
from ftops_trainer.scores import SCORES

METRICS = ["loss", "perplexity", "exact_match", "rouge1", "rouge2", "rougeL", "f1", "json_validity"]


def judged(run: Path) -> dict:
    return json.loads((run / "evaluation.json").read_text())


def change_job(run: Path, **changed) -> None:
    job = json.loads((run / "job.json").read_text())
    job["evaluation"] |= changed
    (run / "job.json").write_text(json.dumps(job))


def compared(evaluation: dict) -> dict:
    return {(item["metric"], item["set"]): item for item in evaluation["comparison"]["metrics"]}


@pytest.fixture
def run(run_folder) -> Path:
    run = run_folder(evaluation=True)
    change_job(run, metrics=METRICS, validation_rows=5, max_new_tokens=24)
    assert train(str(run)) == 0
    return run


def test_every_metric_is_told_of_both_over_rows_and_prompts(run):
    found = judged(run)
    assert (found["comparison"]["confidence"], found["comparison"]["resamples"]) == (0.95, 10_000)
    items = compared(found)
    answered = [(name, of) for name in METRICS[2:] for of in ("validation", "prompts")]
    assert list(items) == [("loss", "validation"), ("perplexity", "validation"), *answered]
    for name, of in answered:
        item, answers = items[name, of], "validation_answers" if of == "validation" else "answers"
        for side in ("base", "version"):
            scores = [SCORES[name](answer["reference"], answer["text"]) for answer in found[side][answers]]
            assert item[side] == pytest.approx(sum(scores) / len(scores))
        assert item["examples"] == (5 if of == "validation" else 2)
        assert item["difference"] == pytest.approx(item["version"] - item["base"])
        assert item["interval"][0] <= item["difference"] <= item["interval"][1]


def test_losses_are_compared_row_by_row_and_are_the_figures_of_the_training(run):
    found = judged(run)
    item = compared(found)["loss", "validation"]
    (completed,) = events(run, "completed")
    assert item["base"] == pytest.approx(completed["base_validation_loss"], rel=1e-12)
    assert item["version"] == pytest.approx(completed["validation_loss"], rel=1e-12)
    assert item["examples"] == 5
    # Its rows became better by nearly as much each, far more alike than the rows are.
    assert item["interval"][1] < 0
    assert compared(found)["perplexity", "validation"]["version"] == pytest.approx(found["version"]["perplexity"])


def test_losses_of_the_training_are_not_measured_again(run_folder, monkeypatch):
    run = run_folder(evaluation=True)
    monkeypatch.setattr("ftops_trainer.evaluation.validation_losses", None)
    assert train(str(run)) == 0
    assert ("loss", "validation") in compared(judged(run))


def test_a_resumed_training_still_knows_the_losses_of_its_base(run_folder, run, monkeypatch):
    other = run_folder("stopped", evaluation=True)
    change_job(other, metrics=METRICS, validation_rows=5, max_new_tokens=24)
    with monkeypatch.context() as patch:
        kill_at(3, training.AdamW, "step", patch, number=15)
        assert train(str(other)) == STOPPED
    monkeypatch.setattr("ftops_trainer.evaluation.validation_losses", None)
    assert train(str(other)) == 0
    assert judged(other) == judged(run)


def test_rows_that_the_training_did_not_measure_are_measured(run_folder):
    run = run_folder(evaluation=True, run_validation=False)
    assert train(str(run)) == 0
    found = judged(run)
    item = compared(found)["loss", "validation"]
    assert item["version"] == found["version"]["loss"] < item["base"] == found["base"]["loss"]
    told = [event for event in events(run, "evaluating") if event["what"] == "losses"]
    assert [(event["model"], event["done"], event["of"]) for event in told] == [("base", 5, 5), ("version", 5, 5)]


def test_an_evaluation_tells_how_far_it_is(run):
    told = [(event["model"], event["what"], event["done"], event["of"]) for event in events(run, "evaluating")]
    assert told == [("base", "answers", 7, 7), ("version", "answers", 7, 7)]


def test_json_needs_no_reference_and_all_else_does(run_folder):
    run = run_folder(evaluation=True)
    prompts = [{"prompt": "Record:", "completion": None, "label": "one"}]
    change_job(run, metrics=["json_validity", "rougeL"], prompts=prompts, validation_rows=2)
    assert train(str(run)) == 0
    items = compared(judged(run))
    assert list(items) == [("json_validity", "validation"), ("json_validity", "prompts"), ("rougeL", "validation")]
    assert items["json_validity", "prompts"]["examples"] == 1
    assert items["json_validity", "prompts"]["interval"] is None
    # Nobody asked for it, so it is not told of rows.
    assert judged(run)["version"]["exact_match"]["validation"] is None


def test_metrics_that_this_trainer_does_not_know_are_refused(run_folder):
    run = run_folder(evaluation=True)
    change_job(run, metrics=["loss", "bleu"])
    assert train(str(run)) == 1
    (failed,) = events(run, "failed")
    assert failed["message"] == "evaluation: this trainer does not know the metrics bleu"


def test_evaluating_again_says_the_same(run):
    first = judged(run)
    (run / "evaluation.json").unlink()
    assert evaluate(str(run), str(run / "output")) == 0
    second = judged(run)
    assert second["comparison"]["resamples"] == first["comparison"]["resamples"]
    for key, item in compared(first).items():
        assert compared(second)[key]["interval"] == pytest.approx(item["interval"], rel=1e-5, abs=1e-9)
