"""The program as a person meets it: the server in a thread, and a native window, the browser or an address.

The window belongs to the main thread, the server to its own; file dialogs are asked for from a worker thread.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

import platformdirs
import uvicorn

from labbox_local.desktop_probe import TOOLKIT, WindowProbe, window_environ
from labbox_local.desktop_quick import unused_hidden
from labbox_local.errors import Unavailable

if TYPE_CHECKING:
    from labbox_local.lab import Lab

HOST = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 10.0
WARM_AFTER_S = 1.0
TITLE = "Labbox Local"
CLOSING = "Jobs are still running. Closing the program ends them; they can be retried later. Close it?"
How = Literal["window", "browser", "none"]


class WindowDialogs:
    """The system's file dialogs, of a pywebview window and one at a time.

    Each call blocks until the person has chosen, so never call it in an event loop.
    """

    def __init__(self, window: Any) -> None:
        self._window = window
        self._one = threading.Lock()

    def open_file(self) -> str | None:
        """An existing file, or None."""
        return self._ask("OPEN")

    def open_folder(self) -> str | None:
        """An existing folder, or None."""
        return self._ask("FOLDER")

    def save_file(self, name: str = "") -> str | None:
        """A path to write to, `name` proposed, or None."""
        return self._ask("SAVE", save_filename=name)

    def _ask(self, kind: str, **options: Any) -> str | None:
        from webview import FileDialog

        with self._one:
            chosen = self._window.create_file_dialog(FileDialog[kind], **options)
        if not chosen:
            return None
        return str(chosen) if isinstance(chosen, str) else str(chosen[0])


class _Announcing(uvicorn.Server):
    """uvicorn, which says when it answers instead of letting others look again and again."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, and then say so."""
        await super().startup(sockets)
        self.settled.set()


class Server:
    """The web app on a socket of this machine, in a thread of its own.

    Parameters
    ----------
    app : ASGI application
    port : int
        0 for one that is free.
    end_streams : callable
        Called before the server stops: open event streams would keep it alive.

    Raises
    ------
    Unavailable
        When the port is taken or the server does not start.
    """

    def __init__(self, app: Any, port: int = 0, end_streams: Callable[[], None] | None = None) -> None:
        self._end_streams = end_streams
        self._socket = _bound(port)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app, log_config=None, access_log=False, ws="none", lifespan="on", timeout_graceful_shutdown=5
        )
        self._server = _Announcing(config)
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Return when the server answers."""
        self._thread.start()
        self._server.settled.wait(START_SECONDS)
        if not self._server.started:
            self.stop()
            raise Unavailable("The server did not start.", "labbox-local doctor")

    def stop(self) -> None:
        """End the streams, let requests finish, and return when the thread has ended; twice does no harm."""
        if self._end_streams is not None:
            self._end_streams()
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        try:
            # uvicorn exits when the app does not start; whether it has started is asked for by `start`
            with suppress(SystemExit):
                self._server.run(sockets=[self._socket])
        finally:
            self._server.settled.set()


class Session:
    """One run of the program for a person: the open Lab, its server, and the ways to show it.

    Parameters
    ----------
    lab : Lab
    port : int
        0 for one that is free.
    say : callable
        Takes a sentence for the terminal.
    """

    def __init__(self, lab: Lab, port: int, say: Callable[[str], None]) -> None:
        self.lab = lab
        self.say = say
        with unused_hidden():
            # Imported here so that a window can be probed while the server's libraries load.
            from labbox_local.web.app import create_app

            self.app = create_app(lab)
        self.server = Server(self.app, port, self.app.state.broadcaster.stop)
        self._over = threading.Event()

    def url(self, path: str = "/") -> str:
        """The address that lets a person in."""
        return with_token(self.server.address, self.lab.token, path)

    def show(self, how: How, path: str = "/", probe: WindowProbe | None = None) -> None:
        """Serve until the window is closed, or until the program is told to end."""
        with self._serving():
            if how == "window":
                lack = probe.lack() if probe else None
                if lack is None:
                    self._show_window(path)
                    return
                self.say(f"No window: {lack.says} To mend it: {lack.mend}")
            elif how == "browser" and not webbrowser.open(self.url(path)):
                self.say("No browser could be started; open the address by hand.")
            self.say(f"{TITLE} is at {self.url(path)}")
            self.say("End it with Ctrl+C.")
            self._wait()

    def end(self, *_: int | FrameType | None) -> None:
        """Make `show` return; safe from any thread and from a signal handler."""
        self._over.set()
        for window in _windows():
            window.destroy()

    @contextmanager
    def _serving(self) -> Iterator[None]:
        self.server.start()
        # Not at once: what a worker imports would slow down the first page.
        warming = threading.Timer(WARM_AFTER_S, self.lab.tools.interactive.warm)
        warming.daemon = True
        warming.start()
        try:
            self.lab.announce(self.url())
            with _signals(self.end):
                yield
        finally:
            warming.cancel()
            self.server.stop()

    def _wait(self) -> None:
        while not self._over.wait(0.5):  # a wait without end cannot be interrupted on every system
            pass

    def _show_window(self, path: str) -> None:
        window = make_window(self.url(path))
        self.lab.dialogs = WindowDialogs(window)
        window.events.closing += lambda: self._on_closing(window)
        run_windows()

    def _on_closing(self, window: Any) -> None:
        # This runs in the GUI's thread, where a dialog of ours would deadlock: the toolkit asks by itself when told to.
        window.confirm_close = not self._over.is_set() and any(self.lab.jobs("active"))


def with_token(address: str, token: str, path: str = "/") -> str:
    """The address of a page that also brings the key of this run."""
    return f"{address}{path}{'&' if '?' in path else '?'}token={quote(token, safe='')}"


def at_path(url: str, path: str) -> str:
    """The address of another page of the server at `url`, with the same query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=path))


def open_other(url: str, how: How, say: Callable[[str], None], probe: WindowProbe | None = None) -> None:
    """Show what another process of ours serves."""
    if how == "window" and (probe is None or probe.lack() is None):
        make_window(url)
        run_windows()
        return
    if how == "browser" and webbrowser.open(url):
        return
    say(f"{TITLE} is already open on this workspace, at {url}")


def make_window(url: str) -> Any:
    """A window on `url`, to be shown by `run_windows`."""
    os.environ.update(window_environ(os.environ))
    os.environ.setdefault("PYWEBVIEW_LOG", "ERROR")
    # Imported here: only a window needs it, and it may be missing.
    import webview

    window: Any = webview.create_window(
        TITLE,
        url,
        width=1440,
        height=900,
        min_size=(1024, 640),
        text_select=True,
        zoomable=True,
        localization={"global.quitConfirmation": CLOSING},
    )
    if TOOLKIT == "qt":
        window.events.before_show += lambda: accept_downloads(window.native)
    else:
        webview.settings["ALLOW_DOWNLOADS"] = True
    return window


def run_windows() -> None:
    """Show the windows that were made, and return when the last one is closed; on the main thread only."""
    import webview

    storage = platformdirs.user_cache_path("labbox-local", appauthor=False) / "window"
    webview.start(gui=TOOLKIT, private_mode=False, storage_path=str(storage))


def accept_downloads(view: Any) -> None:
    """Let a pywebview window on Qt 6 save what a page offers, at the place that the person chooses.

    pywebview 6.2 calls a method that Qt 6 has no more, which would end the program.
    """
    from qtpy.QtWidgets import QFileDialog

    def save(request: Any) -> None:
        proposed = platformdirs.user_downloads_path() / request.downloadFileName()
        chosen, _ = QFileDialog.getSaveFileName(view, "Save", str(proposed))
        if not chosen:
            request.cancel()
            return
        request.setDownloadDirectory(str(Path(chosen).parent))
        request.setDownloadFileName(Path(chosen).name)
        request.accept()

    view.webview.page().profile().downloadRequested.connect(save)


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError as error:
        bound.close()
        raise Unavailable(
            f"Port {port} of this machine cannot be used: {error.strerror or error}.",
            "Give another port with --port, or none for one that is free.",
        ) from error
    return bound


@contextmanager
def _signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """SIGINT and SIGTERM end the program in order."""
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _windows() -> list[Any]:
    webview = sys.modules.get("webview")
    return list(webview.windows) if webview else []
