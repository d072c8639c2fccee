"""The model hub of Tests/peers, with models in its folder."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SERVER = Path(__file__).resolve().parents[1] / "peers" / "hub.py"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HubPeer:
    """A hub that answers at `address`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"

    def add(self, repository: str, model: Path, revision: str = COMMIT) -> Path:
        """Have a model at a commit."""
        folder = self.folder / repository / revision
        shutil.copytree(model, folder)
        return folder

    def requests(self, method: str, part: str = "") -> list[dict[str, Any]]:
        """What was asked of it so."""
        log = self.folder / "requests.jsonl"
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return [line for line in lines if line["method"] == method and part in line["path"]]


@contextmanager
def hub_peer(folder: Path) -> Iterator[HubPeer]:
    """A hub for a while."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-B", str(SERVER), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield HubPeer(folder, int(server.stdout.readline()))
        finally:
            server.stdin.close()
