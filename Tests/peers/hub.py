"""The model hub as its client sees it, for the models of a folder.

    hub.py FOLDER

Serves FOLDER/OWNER/NAME/REVISION/. Files of OWNER `gated` want the token `hf_good`, and so does all of OWNER `private`;
any other token is refused. The files of OWNER `moved` lie at another host. Who
uploads needs the token too, and may not write to OWNER `foreign`. Prints its port, answers
until its standard input is closed, and writes each request as a line of JSON to FOLDER/requests.jsonl.

In the place of a file that has another beside it, with `.damaged` behind its name, that one is served. While there is a
file FOLDER/cut, files in safetensors are served up to the byte that it names.
What is uploaded lies in FOLDER/uploaded/OWNER/NAME/, and each commit is a line of FOLDER/commits.jsonl.
"""

import base64
import hashlib
import json
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

# Who has a name and a password in the hub's address sends them in the token's place.
GOOD = ("Bearer hf_good", f"Basic {base64.b64encode(b'me:good-word').decode()}")
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    """Answers as huggingface.co does, as far as its client asks."""

    protocol_version = "HTTP/1.1"
    folder: Path

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""

    def do_HEAD(self) -> None:
        """Say what a file is."""
        self.answer()

    def do_GET(self) -> None:
        """List the files of a model, or send one."""
        self.answer()

    def do_POST(self) -> None:
        """Make a repository, take a commit, or say where files go."""
        self.answer()

    def do_PUT(self) -> None:
        """Take a large file."""
        self.answer()

    def answer(self) -> None:
        """Find what is asked for."""
        self.path = unquote(urlsplit(self.path).path)
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.note()
        if self.headers.get("Authorization") not in (None, *GOOD):
            return self.refuse(401, "", "Invalid credentials in Authorization header")
        match self.path.strip("/").split("/"):
            case ["api", "validate-yaml"]:
                return self.say({"warnings": [], "errors": []})
            case ["api", "repos", "create"]:
                return self.create()
            case ["api", "models", owner, name, "tree", "main"]:
                return self.say(list(entries(self.folder / "uploaded" / owner / name)))
            case ["api", "models", owner, name, "tree", revision]:
                return self.tree(owner, name, revision)
            case ["api", "models", owner, name]:
                return self.about(owner, name)
            case ["api", "models", owner, name, "preupload" | "commit" as what, _]:
                return self.preupload() if what == "preupload" else self.commit(owner, name)
            case [_, _, "info", "lfs", "objects", "batch"]:
                return self.batch()
            case ["lfs", digest]:
                (self.folder / "lfs").mkdir(exist_ok=True)
                (self.folder / "lfs" / digest).write_bytes(self.body)
                return self.send(200)
            case [owner, name, "resolve", revision, *path]:
                return self.resolve(owner, name, revision, "/".join(path))
            case _:
                return self.refuse(404, "RepoNotFound", "Repository not found")

    def note(self) -> None:
        """Write the request down."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        line = {"method": self.command, "path": self.path, "headers": headers}
        with lock, (self.folder / "requests.jsonl").open("a") as log:
            print(json.dumps(line), file=log)

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send an answer whole."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def say(self, value: Any, status: int = 200) -> None:
        """Send JSON."""
        self.send(status, json.dumps(value).encode(), Content_Type="application/json")

    def refuse(self, status: int, code: str, message: str) -> None:
        """Send an error as the hub does."""
        self.send(status, json.dumps({"error": message}).encode(), X_Error_Code=code, X_Error_Message=message)

    def model(self, owner: str, name: str, revision: str) -> Path | None:
        """The folder of a model at a commit; where there is none, that is said."""
        folder = self.folder / owner / name
        if not folder.is_dir() or (owner == "private" and not self.is_known()):
            # Who may not know of a model hears the same as of one that is not there.
            self.refuse(401, "RepoNotFound", "Repository not found")
            return None
        if not (folder / revision).is_dir():
            self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return None
        return folder / revision

    def is_known(self) -> bool:
        """Whether the one token came along."""
        return self.headers.get("Authorization") in GOOD

    def tree(self, owner: str, name: str, revision: str) -> None:
        """List the files of a commit."""
        folder = self.model(owner, name, revision)
        if folder is not None:
            self.say(list(entries(folder)))

    def resolve(self, owner: str, name: str, revision: str, path: str) -> None:
        """Send a file, or the part that is asked for."""
        folder = self.model(owner, name, revision)
        if folder is None:
            return None
        if owner == "gated" and not self.is_known():
            return self.refuse(403, "GatedRepo", f"Access to model {owner}/{name} is restricted")
        file = folder / path
        if not file.is_file():
            return self.refuse(404, "EntryNotFound", "Entry not found")
        if owner == "moved" and self.command == "HEAD":
            place = f"http://localhost:{self.server.server_address[1]}{self.path}"
            linked = {"X_Linked_Size": str(file.stat().st_size), "X_Linked_ETag": '"0"', "X_Repo_Commit": revision}
            return self.send(302, Location=place, **linked)
        damaged = file.with_name(f"{file.name}.damaged")
        data, served = file.read_bytes(), damaged if damaged.exists() else file
        headers = {"ETag": f'"{etag(file, data)}"', "X_Repo_Commit": revision, "Accept_Ranges": "bytes"}
        data, asked = served.read_bytes(), self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
        if asked:
            headers["Content_Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        cut = self.folder / "cut"
        if self.command == "GET" and path.endswith(".safetensors") and cut.exists():
            return self.break_off(data[start:], max(0, int(cut.read_text()) - start), 206 if asked else 200, headers)
        return self.send(206 if asked else 200, data[start:], **headers)

    def break_off(self, data: bytes, size: int, status: int, headers: dict[str, str]) -> None:
        """Send the beginning alone and go away."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:size])
        self.wfile.flush()
        self.close_connection = True

    def create(self) -> None:
        """Make a repository, unless it is there."""
        asked = json.loads(self.body)
        owner, name = asked["organization"], asked["name"]
        if not self.is_known():
            return self.refuse(401, "", "Invalid username or password.")
        if owner == "foreign":
            return self.refuse(403, "", f"You don't have the rights to create a model under the namespace {owner}")
        there = self.folder / "uploaded" / owner / name
        url = f"http://127.0.0.1:{self.server.server_address[1]}/{owner}/{name}"
        status = 409 if there.exists() else 200
        there.mkdir(parents=True, exist_ok=True)
        if status == 200:
            (there / ".private").write_text(
                json.dumps(asked.get("visibility") == "private" or bool(asked.get("private")))
            )
        return self.say({"url": url, "name": f"{owner}/{name}"}, status)

    def about(self, owner: str, name: str) -> None:
        """Say who may see a repository."""
        mark = self.folder / "uploaded" / owner / name / ".private"
        if not mark.exists():
            return self.refuse(404, "RepoNotFound", "Repository not found")
        return self.say({"id": f"{owner}/{name}", "private": mark.read_text() == "true", "siblings": []})

    def preupload(self) -> None:
        """Say which files are large."""
        files = [file["path"] for file in json.loads(self.body)["files"]]
        large = (".safetensors", ".gguf")
        modes = [
            {"path": path, "uploadMode": "lfs" if path.endswith(large) else "regular", "shouldIgnore": False}
            for path in files
        ]
        self.say({"files": modes})

    def batch(self) -> None:
        """Say where the large files go."""
        here = f"http://127.0.0.1:{self.server.server_address[1]}/lfs/"
        objects = [
            {"oid": item["oid"], "size": item["size"], "actions": {"upload": {"href": here + item["oid"]}}}
            for item in json.loads(self.body)["objects"]
        ]
        self.say({"transfer": "basic", "objects": objects})

    def commit(self, owner: str, name: str) -> None:
        """Take the files of a commit."""
        lines = [json.loads(line) for line in self.body.splitlines()]
        there = self.folder / "uploaded" / owner / name
        for line in lines[1:]:
            file = there / line["value"]["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            if line["key"] == "deletedFile":
                file.unlink()
            elif line["key"] == "lfsFile":
                shutil.copyfile(self.folder / "lfs" / line["value"]["oid"], file)
            else:
                file.write_bytes(base64.b64decode(line["value"]["content"]))
        with lock, (self.folder / "commits.jsonl").open("a") as log:
            print(json.dumps(lines[0]["value"]), file=log)
        oid = hashlib.sha1(self.body, usedforsecurity=False).hexdigest()
        url = f"http://127.0.0.1:{self.server.server_address[1]}/{owner}/{name}/commit/{oid}"
        self.say({"success": True, "commitOid": oid, "commitUrl": url})


def entries(folder: Path) -> Iterator[dict[str, Any]]:
    """The files of a folder as the hub lists them."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        data, path = file.read_bytes(), str(file.relative_to(folder))
        entry: dict[str, Any] = {"type": "file", "path": path, "size": len(data), "oid": blob(data)}
        if is_large(file):
            entry["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
        yield entry


def is_large(file: Path) -> bool:
    """Whether the hub keeps a file apart from git."""
    return file.suffix in (".safetensors", ".bin", ".gguf")


def etag(file: Path, data: bytes) -> str:
    """What tells one content of a file from another."""
    return hashlib.sha256(data).hexdigest() if is_large(file) else blob(data)


def blob(data: bytes) -> str:
    """What git calls some bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def main() -> None:
    """Serve until standard input ends."""
    Handler.folder = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
