"""A base of the hub is fetched at its commit, whole or not at all; a version goes there in one commit."""

import io
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from huggingface_hub import constants

from conftest import HERE, events, in_child, kill_at
from ftops_trainer import fetching
from ftops_trainer.bases import prepare
from ftops_trainer.failures import Failure
from ftops_trainer.fetching import chosen
from ftops_trainer.jobs import BaseSpec
from ftops_trainer.runs import train
from ftops_trainer.serving import prepare as prepare_command
from hubpeer import COMMIT, HubPeer, hub_peer


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub on this machine, and a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    # Its client waits before it tries again.
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with hub_peer(tmp_path / "hub") as peer:
        monkeypatch.setenv("HF_ENDPOINT", peer.address)
        yield peer


def spec(repository: str = "acme/tiny", revision: str = COMMIT) -> BaseSpec:
    return BaseSpec.parse({"kind": "huggingface", "id": repository, "revision": revision, "name": "tiny"})


def bases(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "cache" / "ftops" / "bases").iterdir() if path.suffix != ".lock"}


def test_what_training_takes_is_fetched_once(hub: HubPeer, llama, tmp_path):
    served = hub.add("acme/tiny", llama)
    for name in ("pytorch_model.bin", "model.gguf", "model.fp16.safetensors", "README.md", ".gitattributes", "LICENSE"):
        (served / name).write_bytes(b"x")
    (served / "onnx").mkdir()
    (served / "onnx" / "config.json").write_text("{}")
    told: list[str] = []
    folder = prepare(spec(), told.append)
    assert folder == tmp_path / "cache" / "ftops" / "bases" / f"hf-acme--tiny-{COMMIT}" / "model"
    needed = {"LICENSE", "config.json", "generation_config.json", "model.safetensors"}
    assert {path.name for path in folder.iterdir()} == {*needed, "tokenizer.json", "tokenizer_config.json"}
    assert all((folder / path.name).read_bytes() == path.read_bytes() for path in llama.iterdir())
    assert all(path.stat().st_mode & stat.S_IROTH for path in folder.iterdir())
    assert bases(tmp_path) == {f"hf-acme--tiny-{COMMIT}"}
    assert told[0].startswith("fetching acme/tiny: 0.")
    assert told[0].endswith(" MB, once")
    assert not any((tmp_path / "home").glob("hub/*")), "the user's own cache stays as it is"
    asked = len(hub.requests("GET"))
    assert prepare(spec(), told.append) == folder
    assert (len(hub.requests("GET")), len(told)) == (asked, 1), "what is there needs no network"


def test_a_cut_is_gone_on_with_where_it_was(hub: HubPeer, llama, tmp_path, monkeypatch):
    hub.add("acme/tiny", llama)
    # Its client writes down so much at a time: ten megabytes, where nobody says so.
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    (hub.folder / "cut").write_text("5000")
    with pytest.raises(Failure, match="acme/tiny could not be fetched") as failure:
        prepare(spec())
    assert failure.value.kind == "base"
    assert bases(tmp_path) == {f".hf-acme--tiny-{COMMIT}.partial"}
    before = len(hub.requests("GET", "model.safetensors"))
    (hub.folder / "cut").unlink()
    folder = prepare(spec())
    (last,) = hub.requests("GET", "model.safetensors")[before:]
    assert last["headers"]["range"] == "bytes=5000-"
    assert (folder / "model.safetensors").read_bytes() == (llama / "model.safetensors").read_bytes()
    assert not (folder / ".cache").exists()


@pytest.mark.parametrize("function", ["_check", "sync"])
def test_one_that_was_killed_on_the_way_goes_on(hub: HubPeer, llama, tmp_path, monkeypatch, function):
    hub.add("acme/tiny", llama)
    kills = 0
    while True:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"cache-{kills}"))
        with monkeypatch.context() as patch:
            kill_at(kills + 1, fetching, function, patch)
            status = in_child(lambda: 0 if (prepare(spec()) / "config.json").is_file() else 1)
        folder = prepare(spec())
        assert all((folder / path.name).read_bytes() == path.read_bytes() for path in llama.iterdir())
        if status == 0:
            break
        assert status == signal.SIGKILL
        kills += 1
    assert kills >= len(list(llama.iterdir()))


def test_how_far_it_is_is_told_from_time_to_time(hub: HubPeer, llama, monkeypatch):
    hub.add("acme/tiny", llama)
    (hub.folder / "cut").write_text("5000")
    monkeypatch.setattr(fetching, "_TELL_SECONDS", 0.0)
    told: list[str] = []
    with pytest.raises(Failure):
        prepare(spec(), told.append)
    assert any(" of 0." in words for words in told[1:])


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_damaged_file_is_refused_and_fetched_anew(hub: HubPeer, llama, name):
    served = hub.add("acme/tiny", llama)
    whole, damaged = (served / name).read_bytes(), served / f"{name}.damaged"
    damaged.write_bytes(whole[:-1] + b"x")
    with pytest.raises(Failure, match=f"{re.escape(name)} is not what the hub says it is: start again"):
        prepare(spec())
    damaged.unlink()
    assert (prepare(spec()) / name).read_bytes() == whole


def test_what_an_earlier_start_left_whole_is_held_against_the_hub_again(hub: HubPeer, llama, tmp_path):
    hub.add("acme/tiny", llama)
    left = tmp_path / "cache" / "ftops" / "bases" / f".hf-acme--tiny-{COMMIT}.partial" / "model"
    shutil.copytree(llama, left)
    for name in ("model.safetensors", "config.json"):
        # As a loss of power may leave a file: as long as ever, and nothing in it.
        (left / name).write_bytes(bytes((left / name).stat().st_size))
    folder = prepare(spec())
    assert all((folder / path.name).read_bytes() == path.read_bytes() for path in llama.iterdir())
    fetched = {request["path"].rpartition("/")[2] for request in hub.requests("GET", "resolve")}
    assert fetched == {"model.safetensors", "config.json"}


def test_a_file_is_on_the_disk_before_it_is_called_whole(hub: HubPeer, llama, monkeypatch):
    hub.add("acme/tiny", llama)
    synced, sync = [], fetching.sync

    def noted(path: Path) -> None:
        if path.suffix == ".part":
            assert not path.with_suffix("").exists()
            synced.append(path.stem)
        sync(path)

    monkeypatch.setattr(fetching, "sync", noted)
    assert {path.name for path in prepare(spec()).iterdir()} == set(synced)


def test_what_the_disk_has_no_room_for_is_not_begun(hub: HubPeer, llama, monkeypatch):
    hub.add("acme/tiny", llama)
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(Failure, match=r"acme/tiny takes 0\.1. MB more") as failure:
        prepare(spec())
    assert failure.value.kind == "disk"
    assert not hub.requests("GET", "resolve")


@pytest.mark.parametrize(
    ("repository", "revision", "token", "why"),
    [
        ("gated/tiny", COMMIT, None, "gated/tiny is gated: accept its licence at {hub}/gated/tiny, and set HF_TOKEN"),
        ("private/tiny", COMMIT, None, "there is no private/tiny for revision 0123456789abcdef.* set HF_TOKEN"),
        ("acme/none", COMMIT, None, "there is no acme/none for revision 0123456789abcdef"),
        ("acme/tiny", "f" * 40, None, "acme/tiny has no revision f{{40}}, says {hub}"),
        ("acme/tiny", COMMIT, "hf_bad", "HF_TOKEN may not read acme/tiny: make another token"),
        ("acme/empty", COMMIT, None, "acme/empty has no config.json with weights in safetensors"),
    ],
)
def test_what_is_not_to_be_had_says_why_and_what_to_do(
    hub: HubPeer, llama, tmp_path, monkeypatch, repository, revision, token, why
):
    for name in ("gated/tiny", "private/tiny", "acme/tiny"):
        hub.add(name, llama)
    (hub.folder / "acme" / "empty" / COMMIT).mkdir(parents=True)
    (hub.folder / "acme" / "empty" / COMMIT / "config.json").write_text("{}")
    if token is not None:
        monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(Failure, match=why.format(hub=hub.address)) as failure:
        prepare(spec(repository, revision))
    assert failure.value.kind == "base"
    assert "hf_bad" not in failure.value.message
    assert not any(name.startswith("hf-") for name in bases(tmp_path))


@pytest.mark.parametrize("repository", ["gated/tiny", "private/tiny"])
@pytest.mark.parametrize("behind", ["", "\r", "\n"])
def test_a_token_opens_what_is_gated_or_private(hub: HubPeer, llama, monkeypatch, repository, behind):
    hub.add(repository, llama)
    monkeypatch.setenv("HF_TOKEN", f"hf_good{behind}")
    assert (prepare(spec(repository)) / "config.json").is_file()


@pytest.mark.parametrize("token", ["hf_secret\rhf_other", "hf_secret\u00e9", "hf_secret hf_other"])
def test_what_is_no_token_is_refused_and_not_shown(hub: HubPeer, llama, monkeypatch, token):
    hub.add("acme/tiny", llama)
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(Failure, match="HF_TOKEN has characters that no token has: set it anew") as failure:
        prepare(spec())
    assert failure.value.kind == "base"
    code, _, errors = send(llama, token=token)
    assert (code, "HF_TOKEN has characters that no token has" in errors, "hf_" in errors) == (1, True, False)


def test_a_password_of_the_hubs_address_is_not_shown(hub: HubPeer, llama, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", hub.address.replace("://", "://me:pass-word@"))
    code, _, errors = send(llama)
    assert (code, f"may not write to {hub.address}/acme/mine" in errors, "pass-word" in errors) == (1, True, False)
    hub.add("acme/tiny", llama)
    with pytest.raises(Failure, match=f"make another token at {hub.address}/settings") as failure:
        prepare(spec())
    assert "pass-word" not in failure.value.message
    monkeypatch.setenv("HF_ENDPOINT", hub.address.replace("://", "://me:good-word@"))
    assert json.loads(send(llama)[1])["url"] == f"{hub.address}/acme/mine"


def test_the_token_stays_with_the_hub_where_files_lie_elsewhere(hub: HubPeer, llama, monkeypatch):
    hub.add("moved/tiny", llama)
    monkeypatch.setenv("HF_TOKEN", "hf_good")
    folder = prepare(spec("moved/tiny"))
    assert (folder / "model.safetensors").read_bytes() == (llama / "model.safetensors").read_bytes()
    assert all("authorization" in request["headers"] for request in hub.requests("HEAD", "resolve"))
    elsewhere = hub.requests("GET", "resolve")
    assert elsewhere
    assert not any("authorization" in request["headers"] for request in elsewhere)


def test_nobody_there_is_a_failure_of_the_base(hub: HubPeer, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Failure, match="acme/tiny could not be fetched") as failure:
        prepare(spec())
    assert failure.value.kind == "base"


@pytest.mark.parametrize("identifier", ["../x", "a/b/c", "", "a b"])
def test_what_is_no_id_or_no_commit_is_refused(identifier):
    with pytest.raises(Failure, match="is no model of the hub at a commit"):
        spec(identifier or " ")
    with pytest.raises(Failure, match="is no model of the hub at a commit"):
        spec(revision="main")


def test_weights_are_chosen_by_their_form():
    beside = ["config.json", "tokenizer.json", "tokenizer.model", "chat_template.jinja", "LICENSE.txt", "merges.txt"]
    others = ["consolidated.safetensors", "original/model.safetensors", "tf_model.h5", "modeling.py", "USAGE.md"]
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"]
    pickled = ["pytorch_model-00001-of-00001.bin", "pytorch_model.bin.index.json"]
    assert chosen([*beside, *others, *shards, *pickled], "x") == [*shards, *beside]
    assert chosen([*beside, *others, *pickled], "x") == [*pickled, *beside]


def test_a_training_says_what_it_waits_for_and_which_weights_its_adapter_is_for(hub: HubPeer, llama, run_folder):
    hub.add("acme/tiny", llama)
    run = run_folder(max_steps=1)
    job = json.loads((run / "job.json").read_text())
    job["base"] = {"kind": "huggingface", "id": "acme/tiny", "revision": COMMIT, "name": "tiny"}
    (run / "job.json").write_text(json.dumps(job))
    assert train(str(run)) == 0
    assert [event["message"].split(":")[0] for event in events(run, "preparing")] == ["fetching acme/tiny"]
    config = json.loads((run / "output" / "adapter_config.json").read_text())
    assert (config["base_model_name_or_path"], config["revision"]) == ("acme/tiny", COMMIT)


def test_a_training_that_is_to_end_while_it_waits_ends_and_goes_on_later(
    hub: HubPeer, llama, run_folder, tmp_path, monkeypatch
):
    hub.add("acme/tiny", llama)
    run = run_folder(max_steps=1)
    job = json.loads((run / "job.json").read_text())
    job["base"] = {"kind": "huggingface", "id": "acme/tiny", "revision": COMMIT, "name": "tiny"}
    (run / "job.json").write_text(json.dumps(job))
    with monkeypatch.context() as patch:
        kill_at(1, fetching, "_check_room", patch, signal.SIGTERM)
        assert train(str(run)) == 75
    assert [event["step"] for event in events(run, "stopped")] == [0]
    assert bases(tmp_path) == {f".hf-acme--tiny-{COMMIT}.partial"}
    assert train(str(run)) == 0


def test_a_training_on_a_gated_base_fails_for_its_base(hub: HubPeer, llama, run_folder):
    hub.add("gated/tiny", llama)
    run = run_folder(max_steps=1)
    job = json.loads((run / "job.json").read_text())
    job["base"] = {"kind": "huggingface", "id": "gated/tiny", "revision": COMMIT, "name": "tiny"}
    (run / "job.json").write_text(json.dumps(job))
    assert train(str(run)) == 1
    (failed,) = events(run, "failed")
    assert (failed["class"], "accept its licence" in failed["message"]) == ("base", True)


def test_prepare_answers_with_the_folder(hub: HubPeer, llama):
    hub.add("acme/tiny", llama)
    sink = io.StringIO()
    request = {"kind": "huggingface", "id": "acme/tiny", "revision": COMMIT, "name": "tiny"}
    assert prepare_command(io.StringIO(json.dumps(request)), sink) == 0
    assert json.loads(sink.getvalue())["path"].endswith(f"hf-acme--tiny-{COMMIT}/model")


def send(
    folder: Path | None, repository: str = "acme/mine", token: str | None = "hf_good", **more
) -> tuple[int, str, str]:
    """The trainer's `upload`, as ftops starts it."""
    request = {"folder": folder and str(folder), "repository": repository, "message": "acme/mine:1", **more}
    environment = {**os.environ, "HF_HUB_DISABLE_XET": "1", "PYTHONPATH": str(HERE.parents[1] / "Sources" / "trainer")}
    if token is not None:
        environment["HF_TOKEN"] = token
    command = [sys.executable, "-m", "ftops_trainer", "upload"]
    done = subprocess.run(
        command, input=json.dumps(request), capture_output=True, text=True, env=environment, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_a_folder_is_sent_in_one_commit(hub: HubPeer, llama, tmp_path):
    llama = Path(shutil.copytree(llama, tmp_path / "model"))
    (llama / "README.md").write_text("---\ntags: [ftops]\n---\n")
    code, output, errors = send(llama)
    assert code == 0, errors
    assert json.loads(output)["url"] == f"{hub.address}/acme/mine"
    there = hub.folder / "uploaded" / "acme" / "mine"
    assert all((there / path.name).read_bytes() == path.read_bytes() for path in llama.iterdir())
    assert (there / ".private").read_text() == "true"
    (commit,) = [json.loads(line) for line in (hub.folder / "commits.jsonl").read_text().splitlines()]
    assert commit["summary"] == "acme/mine:1"
    assert send(llama, "acme/open", private=False)[0] == 0
    assert (hub.folder / "uploaded" / "acme" / "open" / ".private").read_text() == "false"


def test_what_is_left_of_another_form_goes_and_what_is_somebodys_own_stays(hub: HubPeer, llama, tmp_path):
    own = {"notes.md", "onnx/config.json", "onnx/tokenizer.json", "model-Q4_K_M.gguf", "model-00001-of-2.safetensors"}
    own |= {"adapter_notes.md", "lora.safetensors", "old/model-00001-of-00002.safetensors"}
    files = {"adapter_config.json", "adapter_model.safetensors", "model.gguf", "Modelfile"}
    files |= {"model-00001-of-00002.safetensors", "model.safetensors.index.json"}
    adapter = folder_of(tmp_path / "adapter", files)
    assert send(folder_of(tmp_path / "own", own))[0] == 0
    assert send(adapter)[0] == 0
    assert there(hub) == own | files
    assert send(llama)[0] == 0
    assert there(hub) == own | {path.name for path in llama.iterdir()}
    assert send(adapter)[0] == 0
    assert there(hub) == own | files


def folder_of(folder: Path, names: set[str]) -> Path:
    """A folder of such files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    return folder


def there(hub: HubPeer) -> set[str]:
    """What lies in the repository."""
    folder = hub.folder / "uploaded" / "acme" / "mine"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return files - {".private"}


@pytest.mark.parametrize(
    ("repository", "token", "why"),
    [
        ("acme/mine", None, "HF_TOKEN is not set"),
        ("acme/mine", "hf_bad", "HF_TOKEN may not write to {hub}/acme/mine: it needs the permission to write there"),
        ("foreign/mine", "hf_good", "HF_TOKEN may not write to {hub}/foreign/mine"),
    ],
)
def test_who_may_not_write_there_hears_what_to_do(hub: HubPeer, llama, repository, token, why):
    code, output, errors = send(llama, repository, token)
    assert (code, output) == (1, "")
    assert why.format(hub=hub.address) in errors.splitlines()[-1]
    assert "hf_" not in errors
    assert not (hub.folder / "commits.jsonl").exists()


def test_without_a_folder_it_is_asked_whether_one_may_be_sent(hub: HubPeer, tmp_path):
    code, output, errors = send(None)
    assert (code, json.loads(output)["commit"]) == (0, None), errors
    assert send(None, "foreign/mine")[0] == 1
    assert not (hub.folder / "commits.jsonl").exists()


def test_a_private_model_does_not_go_where_all_can_read_it(hub: HubPeer, llama):
    assert send(llama, private=False)[0] == 0
    code, _, errors = send(llama, private=True)
    assert code == 1
    assert "is public, and the model is private" in errors
    assert len((hub.folder / "commits.jsonl").read_text().splitlines()) == 1
