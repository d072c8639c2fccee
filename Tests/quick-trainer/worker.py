"""The quick trainer's worker: answers at a socket, one client after another, until its folder is gone or nobody asks."""

import io
import json
import os
import select
import socket
import time
from contextlib import suppress


def serve(folder, generate, log):
    """Behave as FTOPS_QUICK_SERVE says: well with 1, else `fails`, `dies`, `breaks` in the middle, or `babbles`."""
    os.chdir(folder)
    idle = float(os.environ.get("FTOPS_WORKER_IDLE") or 60)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f".{os.getpid()}")
        listener.listen()
        os.replace(f".{os.getpid()}", "socket")
        asked = time.monotonic()
        while os.path.exists("socket") and time.monotonic() - asked < idle:
            if select.select([listener], [], [], 0.05)[0]:
                asked = time.monotonic()
                # Whoever asks may go away.
                with suppress(OSError):
                    answer(listener.accept()[0], generate, log)
    return 0


def answer(client, generate, log):
    """Answer a client."""
    kind = os.environ["FTOPS_QUICK_SERVE"]
    with client, client.makefile("rw", encoding="utf-8") as stream:
        request = stream.readline()
        log(f"served {os.getpid()}")
        match kind:
            case "dies":
                os._exit(1)
            case "fails":
                print(json.dumps({"failure": "it knows nothing"}), file=stream)
            case "babbles":
                while True:
                    print("bla" * 10000, end="", file=stream)
            case "breaks":
                whole = io.StringIO()
                generate(io.StringIO(request), whole)
                print(whole.getvalue().splitlines()[0], file=stream, flush=True)
                os._exit(1)
            case _:
                generate(io.StringIO(request), stream)
                print(json.dumps({"finished": True}), file=stream)
