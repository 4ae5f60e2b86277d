"""Tasks for the tests of the engine: small, and each does one thing that a worker must bear."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

import tqdm

from labbox_local.errors import Conflict, Invalid, NotFound, Unavailable
from labbox_local.jobs.catalog import TaskInfo
from labbox_local.jobs.context import Context

STUBBORN = """
import os, pathlib, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\n")
while True:
    signal.pause()
"""


def echo(ctx: Context, params: dict[str, Any]) -> Any:
    return params


def note(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Adds a line to a file, whose order is the order of the calls."""
    with open(params["file"], "a") as file:
        file.write(f"{params['line']}\n")
    return {}


def write(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Leaves files in its output, its scratch and where it stands."""
    (ctx.output / "sub").mkdir()
    for name, text in params["files"].items():
        (ctx.output / name).write_text(text * params.get("times", 1))
    (ctx.scratch / "rubbish").write_text("x")
    Path("dropped").write_text("x")
    return {"count": len(params["files"])}


def work(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Says how far it is, one stage for each word that comes out of a named pipe."""
    stages = []
    with open(params["gate"]) as gate:
        for line in gate:
            stages.append(line.strip())
            ctx.progress(stages[-1], len(stages) / 10)
    return {"stages": stages}


def talk(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Prints in every way there is."""
    os.write(1, b"first byte\n")
    print("from python", flush=False)
    print("to stderr", file=sys.stderr)
    ctypes.CDLL(None).puts(b"from C")
    subprocess.run(["sh", "-c", "echo from a child; echo child error >&2"], check=True)
    return {"stdin": sys.stdin.read() + os.read(0, 10).decode()}


def bars(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """A loop of other people's code, which knows tqdm only, held at its middle by a named pipe."""
    with tqdm.tqdm(total=10, desc="detect peaks", mininterval=0) as bar:
        for _ in range(5):
            bar.update(1)
        Path(params["gate"]).read_text()
        bar.update(5)
    return {}


def fail(ctx: Context, params: dict[str, Any]) -> None:
    (ctx.output / "half").write_text("half")
    raise ValueError(f"no such thing as {params.get('what', 'this')}")


def refuse(ctx: Context, params: dict[str, Any]) -> None:
    raise {
        "NotFound": NotFound("It is not there."),
        "Invalid": Invalid({"bin_ms": "must divide the window of 50 ms; 7 does not"}),
        "Conflict": Conflict("Somebody was faster."),
        "Unavailable": Unavailable("The sorter is not installed.", "pip install it"),
    }[params["kind"]]


def leave(ctx: Context, params: dict[str, Any]) -> None:
    sys.exit("I am a rude sorter")


def die(ctx: Context, params: dict[str, Any]) -> None:
    if params.get("unless") and Path(params["unless"]).exists():
        return {}  # type: ignore[return-value]
    print("last words", flush=True)
    os.kill(os.getpid(), params["signal"])


def end(ctx: Context, params: dict[str, Any]) -> None:
    os._exit(params["status"])


def fill(ctx: Context, params: dict[str, Any]) -> None:
    with open("/dev/full", "w") as file:
        file.write("x" * 100_000)


def odd(ctx: Context, params: dict[str, Any]) -> Any:
    """Answers with what is no JSON."""
    return {"set": {1, 2}}


def nan(ctx: Context, params: dict[str, Any]) -> Any:
    return {"snr": float("nan")}


def link(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    (ctx.output / "link").symlink_to("/etc/hostname")
    return {}


def who(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    return {"pid": os.getpid(), "session": os.getsid(0), "group": os.getpgrp(), "cores": ctx.cores}


def wait(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Waits until it is interrupted, or until `until` (a named pipe) gives something."""
    if params.get("until"):
        return {"got": Path(params["until"]).read_text()}
    threading.Event().wait()
    return {}


def tree(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Has children that ignore every polite signal, one of them in a session of its own, and a forked one."""
    pids = Path(params["pids"])
    command = [sys.executable, "-c", STUBBORN, str(pids)]
    own = [subprocess.Popen(command, start_new_session=new) for new in (True, False)]
    forked = multiprocessing.get_context("fork").Process(target=_stubborn_fork, args=(str(pids),))
    forked.start()
    (ctx.scratch / "big").write_text("x" * 1000)
    while params.get("deaf"):
        try:
            own[0].wait()
        except KeyboardInterrupt:
            print("I heard it and go on", flush=True)
    own[0].wait()
    return {}


def share(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Takes shared memory, says its name and never gives it back by itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    memory = SharedMemory(create=True, size=1000)
    Path(params["name"]).write_text(memory.name)
    if params.get("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()
    return {}


def _stubborn_fork(pids: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(pids, "a") as file:
        file.write(f"{os.getpid()}\n")
    while True:
        signal.pause()


def orphan(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Leaves a child behind that ignores signals, and ends well."""
    gate = Path(params["pids"])
    os.mkfifo(gate)
    subprocess.Popen([sys.executable, "-c", STUBBORN, str(gate)])
    return {"child": int(gate.read_text())}


def big(ctx: Context, params: dict[str, Any]) -> bytes:
    return bytes(params["size"])


def heed(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Swallows the interrupt, as some libraries do, and looks at `cancelled` instead."""
    print("waiting", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        Path(params["heard"]).write_text(str(ctx.cancelled()))
    return {}


def places(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    (ctx.scratch / "mine").write_text("x")
    return {"scratch": str(ctx.scratch), "blobs": str(ctx.blobs), "cache_bytes": ctx.cache_bytes}


FUNCTIONS: dict[str, Callable[[Context, dict[str, Any]], Any]] = {
    function.__name__: function
    for function in (
        echo, note, write, work, talk, bars, fail, refuse, leave, die, end, fill, odd, nan, link, who, wait, tree,
        orphan, share, big, heed, places,
    )
}  # fmt: skip
TASKS = {name: TaskInfo(name, 1, "batch", f"Test {name}", packages=("psutil",)) for name in FUNCTIONS}
TASKS["who"] = TaskInfo("who", 1, "batch", "Test who", packages=("psutil",), parallel=True)
