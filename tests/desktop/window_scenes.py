"""Scenes with a real window, each run by `test_window.py` in a process of its own: `window_scenes.py SCENE FOLDER`.

A scene prints one line of JSON. The window belongs to the main thread; what a person would do is done by a thread or,
where it is a dialog of Qt, by a timer in the window's thread.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labbox_local.desktop import Server, Session, WindowDialogs, make_window, run_windows

LOAD_SECONDS = 60
PAGE = b"""<!doctype html><html><head><title>A page</title></head><body><h1>Units</h1>
<a id="file" href="/table.csv" download="table.csv">Save</a></body></html>"""
TABLE = b"unit,rate_hz\n1,2.5\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Serves one page with a link to a file."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    is_file = scope["path"] == "/table.csv"
    kind = b"text/csv" if is_file else b"text/html"
    disposition = [(b"content-disposition", b'attachment; filename="table.csv"')] if is_file else []
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind), *disposition]})
    await send({"type": "http.response.body", "body": TABLE if is_file else PAGE})


def say(**facts: Any) -> None:
    """The scene's answer."""
    print(json.dumps(facts), flush=True)


def shown(act: Callable[[Any], None]) -> None:
    """Show the page in a window, do `act` in another thread once it has loaded, and return when it is closed."""
    server = Server(app)
    server.start()
    window = make_window(server.address)

    def when_loaded() -> None:
        if not window.events.loaded.wait(LOAD_SECONDS):
            say(error="the page did not load")
            window.destroy()
            return
        act(window)

    person = threading.Thread(target=when_loaded)
    person.start()
    run_windows()
    person.join()
    server.stop()


def each_moment(view: Any, act: Callable[[], None]) -> None:
    """Call `act` in the window's thread again and again, inside dialogs as well."""
    from qtpy.QtCore import QTimer

    view.moments = QTimer(view)
    view.moments.timeout.connect(act)
    view.moments.start(100)


def type_path(dialog: Any, path: str) -> None:
    """Write a path where a person would; `selectFile` does nothing while that has the focus."""
    from qtpy.QtWidgets import QLineEdit

    dialog.findChild(QLineEdit).setText(path)


def press(dialog: Any, role: str) -> None:
    """Press the button of this role; what a dialog's own `accept` does is closed to Python here."""
    from qtpy.QtWidgets import QDialogButtonBox

    box = dialog.findChild(QDialogButtonBox)
    next(button for button in box.buttons() if box.buttonRole(button).name == role).click()


def until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds, or after a time in which it should."""
    moment = threading.Event()
    for _ in range(LOAD_SECONDS * 20):
        if condition():
            return
        moment.wait(0.05)


def load(folder: Path) -> None:
    """The page is there and its script world answers; closing ends the loop."""

    def act(window: Any) -> None:
        say(
            title=window.evaluate_js("document.title"),
            heading=window.evaluate_js("document.querySelector('h1').innerText"),
        )
        window.destroy()

    shown(act)


def download(folder: Path) -> None:
    """A link to a file asks where to save it and saves it there."""
    target = folder / "saved.csv"
    seen: list[str] = []

    def answer_dialog() -> None:
        from qtpy.QtWidgets import QApplication, QFileDialog

        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QFileDialog) and not seen:
            seen.extend(Path(name).name for name in dialog.selectedFiles())
            type_path(dialog, str(target))
            press(dialog, "AcceptRole")

    def act(window: Any) -> None:
        window.evaluate_js("document.getElementById('file').click()")
        until(lambda: target.exists() and target.read_bytes() == TABLE)
        say(proposed=seen, saved=target.read_text() if target.exists() else None)
        window.destroy()

    with_dialogs(act, answer_dialog)


def dialogs(folder: Path) -> None:
    """File dialogs asked from another thread give the chosen path, or None when closed without."""
    existing = folder / "trial.raw"
    existing.write_bytes(b"raw")
    answers = [str(existing), None]

    def answer_dialog() -> None:
        from qtpy.QtWidgets import QApplication, QFileDialog

        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QFileDialog) and answers:
            path = answers.pop(0)
            if path:
                type_path(dialog, path)
            press(dialog, "AcceptRole" if path else "RejectRole")

    def act(window: Any) -> None:
        ask = WindowDialogs(window)
        say(file=ask.open_file(), folder=ask.open_folder())
        window.destroy()

    with_dialogs(act, answer_dialog)


def with_dialogs(act: Callable[[Any], None], answer_dialog: Callable[[], None]) -> None:
    """As `shown`, with Qt's own dialogs, which a test can answer where the system's cannot."""
    from qtpy.QtCore import QCoreApplication, Qt

    QCoreApplication.setAttribute(Qt.AA_DontUseNativeDialogs)

    def prepared(window: Any) -> None:
        from webview.platforms.qt import BrowserView

        begin = threading.Event()

        def start() -> None:
            each_moment(BrowserView.instances[window.uid], answer_dialog)
            begin.set()

        BrowserView.instances[window.uid].create_window_trigger.emit(start)
        begin.wait(LOAD_SECONDS)
        act(window)

    shown(prepared)


def lab_on(folder: Path, owner: bool = False) -> Any:
    """A Lab that runs nothing unless it owns the workspace, so that a queued job stays."""
    from labbox_local.lab import Lab
    from labbox_local.settings import Settings

    return Lab(Settings.load(folder / "settings.json", {}, workspace=folder / "workspace"), owner=owner)


def session(folder: Path, act: Callable[[Any, Any], None], owner: bool = False) -> list[str]:
    """The real program in its window; `act` gets the lab and the window."""
    import webview

    said: list[str] = []
    with lab_on(folder, owner) as lab:
        run = Session(lab, 0, said.append)

        def when_loaded() -> None:
            until(lambda: bool(webview.windows))
            window = webview.windows[0]
            window.events.loaded.wait(LOAD_SECONDS)
            act(lab, window)

        person = threading.Thread(target=when_loaded)
        person.start()
        run.show("window")
        person.join()
    return said


def library(folder: Path) -> None:
    """The real program opens on its library, and its dialogs are those of the window."""

    def act(lab: Any, window: Any) -> None:
        heading = window.evaluate_js("document.querySelector('h1').innerText")
        say(heading=heading, dialogs=lab.dialogs is not None, address=window.get_current_url().partition("?")[0][-1:])
        window.destroy()

    session(folder, act)


def units(folder: Path) -> None:
    """A sorting's page in the window: its table and its figures are drawn as in a browser."""
    import numpy as np

    spikes = folder / "spikes.npz"
    np.savez(
        spikes,
        unit_ids=np.array([3, 8]),
        num_segment=np.array([1]),
        sampling_frequency=np.array([20000.0]),
        spike_indexes_seg0=np.arange(100, 40100, 100),
        spike_labels_seg0=np.tile([3, 8], 200),
    )

    def act(lab: Any, window: Any) -> None:
        made = lab.sortings.import_(str(spikes))
        window.evaluate_js(f"location.href = '/sortings/{made.id}'")
        rows = "document.querySelectorAll('#view-units_table .tabulator-row').length"
        curves = "document.querySelectorAll('#view-autocorrelograms .barlayer .trace').length"
        until(lambda: window.evaluate_js(rows) == 2 and window.evaluate_js(curves) == 2)
        say(rows=window.evaluate_js(rows), autocorrelograms=window.evaluate_js(curves))
        window.destroy()

    session(folder, act, owner=True)


def closing(folder: Path) -> None:
    """With a job that waits, closing asks; the first answer is no, the second yes."""
    asked: list[str] = []

    def answer_question() -> None:
        from qtpy.QtWidgets import QApplication, QMessageBox

        question = QApplication.activeModalWidget()
        if isinstance(question, QMessageBox):
            asked.append(question.text())
            question.button(QMessageBox.No if len(asked) == 1 else QMessageBox.Yes).click()

    def act(lab: Any, window: Any) -> None:
        from webview.platforms.qt import BrowserView

        from labbox_local.services import importing

        importing.make_example(lab.tools, {"duration_s": 5})
        view = BrowserView.instances[window.uid]
        view.create_window_trigger.emit(lambda: each_moment(view, answer_question))
        window.destroy()
        until(lambda: bool(asked))
        alive = window.evaluate_js("1 + 1")
        say(asked=asked, after_no=alive)
        window.destroy()

    session(folder, act)
    say(asked=len(asked), ended=True)


def terminated(folder: Path) -> None:
    """SIGTERM closes the window at once, jobs or not."""

    def act(lab: Any, window: Any) -> None:
        from labbox_local.services import importing

        importing.make_example(lab.tools, {"duration_s": 5})
        os.kill(os.getpid(), signal.SIGTERM)

    session(folder, act)
    say(ended=True)


SCENES = {scene.__name__: scene for scene in (load, download, dialogs, library, units, closing, terminated)}

if __name__ == "__main__":
    SCENES[sys.argv[1]](Path(sys.argv[2]))
