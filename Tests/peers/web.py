"""A web server that behaves, or misbehaves, by the path it is asked for.

    web.py FOLDER [--cert FILE [--proxy]]

Serves the files of FOLDER below /file/ with ETag, Range and If-Range. Prints its port, answers until its standard input
is closed, and writes each request as a line of JSON to FOLDER/requests.jsonl.

As a proxy it is every host at once: what is asked for through it is served from FOLDER/sites/HOST/.

As the hub it has the datasets of FOLDER/hub/OWNER/NAME/REVISION/, slashes of a revision written as `+`.

A query `id` tells tests apart where a path has a memory: /cut breaks off the first answer only.
"""

import argparse
import gzip
import hashlib
import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

seen: dict[str, int] = {}
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    """Answers by the first part of the path."""

    protocol_version = "HTTP/1.1"
    folder: Path
    context: ssl.SSLContext | None = None
    site: str | None = None

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        """Find the handler of the path."""
        url = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(url.query).items()}
        first, _, self.rest = unquote(url.path).lstrip("/").partition("/")
        self.note()
        if self.site:
            first, self.rest = "file", f"sites/{self.site}{unquote(url.path)}"
        answer = getattr(self, "answer_" + first.replace("-", "_"), None)
        try:
            (answer or self.answer_missing)()
        except OSError:  # whoever asked went away, as many tests do
            self.close_connection = True

    def do_CONNECT(self) -> None:
        """Be the host that is asked for, whatever it is."""
        if self.context is None:
            return self.send(501)
        self.site = self.path.partition(":")[0]
        self.send_response(200)
        self.end_headers()
        self.connection = self.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.close_connection = False
        return None

    def note(self) -> None:
        """Write the request down, and count how often its id came."""
        key = self.query.get("id", self.path)
        with lock:
            seen[key] = seen.get(key, 0) + 1
            self.turn = seen[key]
            with (self.folder / "requests.jsonl").open("a") as log:
                headers = {name.lower(): value for name, value in self.headers.items()}
                print(json.dumps({"path": self.path, "headers": headers}), file=log)

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer."""
        self.send_response(status)
        headers.setdefault("Content_Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def answer_missing(self) -> None:
        """Know nothing of it."""
        self.send(404, b"there is no such thing\n")

    def answer_status(self) -> None:
        """Answer with the status in the path; with `times`, only so often."""
        if self.turn > int(self.query.get("times", sys.maxsize)):
            self.send(200, b"at last\n")
        else:
            self.send(int(self.rest), b"no\n")

    def answer_file(self) -> None:
        """Send a file, or the part of it that is asked for."""
        path = self.folder / self.rest
        if not path.is_file():
            return self.answer_missing()
        body = path.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        kind = "text/html" if self.rest.endswith(".html") else "application/octet-stream"
        if self.headers.get("If-None-Match") == etag:
            return self.send(304, ETag=etag, Content_Length="0")
        start, wanted = 0, self.headers.get("Range", "")
        if wanted.startswith("bytes=") and self.headers.get("If-Range", etag) == etag:
            start = int(wanted[6:].partition("-")[0])
        if start >= len(body) > 0 and start > 0:
            return self.send(416, Content_Range=f"bytes */{len(body)}")
        if start > 0:
            return self.send_part(206, body, start, etag, kind)
        return self.send_part(200, body, 0, etag, kind)

    def send_part(self, status: int, body: bytes, start: int, etag: str, kind: str) -> None:
        """Send a body from an offset."""
        headers = {"ETag": etag, "Content_Type": kind}
        if status == 206:
            headers["Content_Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self.send(status, body[start:], **headers)

    def revisions(self, owner: str, name: str) -> dict[str, Path]:
        """Return the folders of a dataset, by the revisions' names and by their commits."""
        folders = [path for path in (self.folder / "hub" / owner / name).glob("*") if path.is_dir()]
        named = {path.name.replace("+", "/"): path for path in folders}
        return named | {hashlib.sha1(str(path).encode()).hexdigest(): path for path in folders}

    def answer_api(self) -> None:
        """List the files of a dataset at a revision, as the hub does."""
        _, owner, name, _, revision = self.rest.split("/", 4)
        folder = self.revisions(owner, name).get(revision)
        if folder is None:
            return self.send(404, X_Error_Code="RevisionNotFound")
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        answer = {
            "sha": hashlib.sha1(str(folder).encode()).hexdigest(),
            "siblings": [{"rfilename": file} for file in files],
        }
        return self.send(200, json.dumps(answer).encode(), Content_Type="application/json")

    def answer_datasets(self) -> None:
        """Send a file of a dataset at a revision."""
        owner, name, _, rest = self.rest.split("/", 3)
        for revision, folder in self.revisions(owner, name).items():
            if rest.startswith(revision + "/"):
                self.rest = str((folder / rest[len(revision) + 1 :]).relative_to(self.folder))
                return self.answer_file()
        return self.answer_missing()

    def answer_cut(self) -> None:
        """Send a file, but break off halfway for the first time, or for as often as `times` says."""
        if self.turn > int(self.query.get("times", "1")):
            return self.answer_file()
        body = (self.folder / self.rest).read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.query.get("etag") == "other":
            etag = '"of an older file"'
        start = 0
        if self.headers.get("Range", "").startswith("bytes=") and self.headers.get("If-Range") == etag:
            start = int(self.headers["Range"][6:].partition("-")[0])
        part = body[start : start + (len(body) - start) // 2]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if self.query.get("etag") != "none":
            self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        self.wfile.write(part)
        self.wfile.flush()
        self.close_connection = True
        return None

    def answer_wrong_range(self) -> None:
        """Answer a range with another one."""
        body = (self.folder / self.rest).read_bytes()
        if "Range" not in self.headers:
            return self.answer_cut()
        start = 10 if self.query.get("wrong") == "start" else int(self.headers["Range"][6:].partition("-")[0])
        return self.send(200, body[start:], Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}", ETag='"other"')

    def answer_short(self) -> None:
        """Say a length that is less than what follows."""
        self.send(200, b"0123456789" * 10, Content_Length="10", Connection="close")
        self.close_connection = True

    def answer_redirect(self) -> None:
        """Send elsewhere: `to`, which may name {port}."""
        target = self.query["to"].replace("{port}", str(self.server.server_address[1]))
        self.send(int(self.query.get("status", "302")), b"over there\n", Location=target)

    def answer_hops(self) -> None:
        """Redirect as often as the path says."""
        left = int(self.rest)
        if left == 0:
            return self.send(200, b"arrived\n")
        return self.send(307, Location=f"/hops/{left - 1}")

    def answer_loop(self) -> None:
        """Redirect to itself."""
        self.send(301, Location=self.path)

    def answer_endless_redirect(self) -> None:
        """Redirect with a body that does not end."""
        self.send_response(302)
        self.send_header("Location", "/hops/0")
        self.end_headers()
        while True:
            self.wfile.write(b"x" * 65536)

    def answer_bomb(self) -> None:
        """Send a small body that says it would decompress to a gigabyte."""
        body = gzip.compress(bytes(1 << 20), 9)
        self.send(200, body * 64, Content_Encoding="gzip")

    def answer_trickle(self) -> None:
        """Send a byte now and then, for ever."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while True:
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def answer_silence(self) -> None:
        """Say nothing at all."""
        time.sleep(600)

    def answer_endless(self) -> None:
        """Send a body without a length and an end."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        while True:
            self.wfile.write(b"x" * 65536)

    def answer_endless_headers(self) -> None:
        """Send headers without an end."""
        self.send_response(200)
        while True:
            self.wfile.write(b"X-More: " + b"x" * 1000 + b"\r\n")

    def answer_echo(self) -> None:
        """Send the request's own headers back."""
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send(200, body)

    def answer_html(self) -> None:
        """Send a page."""
        self.send(200, b"<!DOCTYPE html>\n<html><body>Sign in</body></html>\n", Content_Type="text/html")


class Server(ThreadingHTTPServer):
    """A server that says nothing of clients that do not trust it."""

    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        """Keep quiet."""


def main() -> None:
    """Serve until standard input is closed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cert", help="speak TLS with this certificate")
    parser.add_argument("--proxy", action="store_true", help="be a proxy, and speak TLS for the hosts behind it")
    options = parser.parse_args()
    Handler.folder = options.folder
    server = Server(("127.0.0.1", 0), Handler)
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert)
        if options.proxy:
            Handler.context = context
        else:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
