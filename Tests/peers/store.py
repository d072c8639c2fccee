"""A store that speaks S3, with the files of a folder in its bucket `rows`.

    store.py rclone|seaweedfs BIN FOLDER

BIN has the programs. Prints its port once all files are there, and answers until its standard input is closed. The key
is `key`, the secret `secret`.
"""

import fcntl
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEADLINE = 60


def free_ports(count: int) -> list[int]:
    """Return ports that nobody has at the moment, and that the kernel gives nobody who does not name them."""
    ports: list[int] = []
    for port in random.sample(range(20_000, 32_000), 12_000):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        ports.append(port)
        if len(ports) == count:
            break
    return ports


@contextmanager
def alone() -> Iterator[None]:
    """Keep others from the ports that were found, until somebody listens there."""
    with (Path(tempfile.gettempdir()) / "ftops-store.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wait(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server speaks HTTP."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if server.poll() is not None:
            sys.exit(f"the store ended with {server.returncode}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("the store does not answer")


def rclone(programs: Path, folder: Path, work: Path) -> tuple[int, subprocess.Popen[bytes]]:
    """Serve a copy of the files."""
    shutil.copytree(folder, work / "rows")
    (port,) = free_ports(1)
    options = ["--addr", f"127.0.0.1:{port}", "--auth-key", "key,secret"]
    command = [programs / "rclone", "--config", work / "none", "serve", "s3", *options, work]
    return port, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def seaweedfs(programs: Path, folder: Path, work: Path) -> tuple[int, subprocess.Popen[bytes]]:
    """Serve from volumes."""
    identity = {"name": "test", "credentials": [{"accessKey": "key", "secretKey": "secret"}], "actions": ["Admin"]}
    (work / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (work / "data").mkdir()
    names = ["s3.port", "s3.port.grpc", "filer.port", "filer.port.grpc", "master.port", "master.port.grpc"]
    names += ["volume.port", "volume.port.grpc"]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    options = [f"-{name}={port}" for name, port in ports.items()]
    options += [f"-dir={work / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.config={work / 's3.json'}"]
    # Ports that two of them on one machine would both want.
    options += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"]
    options += ["-master.volumeSizeLimitMB=64", "-volume.max=4"]
    with (work / "log").open("wb") as log:
        server = subprocess.Popen([programs / "weed", "server", *options], stdout=log, stderr=log, cwd=work)
    wait(ports["s3.port"], server)
    upload(programs, folder, work, ports["s3.port"])
    return ports["s3.port"], server


def upload(programs: Path, folder: Path, work: Path, port: int) -> None:
    """Bring the files in by another client than ours; a fresh store refuses writes until its volumes are there."""
    settings = {
        "TYPE": "s3",
        "PROVIDER": "Other",
        "ENDPOINT": f"http://127.0.0.1:{port}",
        "ACCESS_KEY_ID": "key",
        "SECRET_ACCESS_KEY": "secret",
        "FORCE_PATH_STYLE": "true",
    }
    environment = os.environ | {f"RCLONE_CONFIG_STORE_{name}": value for name, value in settings.items()}
    command = [programs / "rclone", "--config", work / "none", "copy", folder, "store:rows", "--retries", "20"]
    subprocess.run(command, env=environment, check=True, timeout=DEADLINE)


def main() -> None:
    """Serve until nobody is there any more."""
    # The server is to end with this program, however it is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    kind, programs, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with tempfile.TemporaryDirectory(prefix="ftops-store-") as work:
        with alone():
            port, server = (rclone if kind == "rclone" else seaweedfs)(programs, folder, Path(work))
            wait(port, server)
        try:
            print(port, flush=True)
            sys.stdin.read()
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
