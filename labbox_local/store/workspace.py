"""A workspace: one folder with a database, results, logs and scratch space."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from sqlite_utils import Database

from labbox_local.errors import Unavailable
from labbox_local.store.blobs import Blobs
from labbox_local.store.database import connect, immediate
from labbox_local.store.faults import explained
from labbox_local.store.folder import DATABASE, SCRATCH, usable
from labbox_local.store.schema import migrate


class Workspace:
    """The open workspace. Threads may share it: each gets a connection of its own, and `close` closes them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blobs = Blobs(folder / "blobs")
        self.logs = folder / "logs"
        self.scratch = folder / SCRATCH / "jobs"  # beside the lock's files, so that clearing it leaves them alone
        self.growing = folder / SCRATCH / "growing"  # what jobs go on with after a crash
        self._connections: dict[threading.Thread, Database] = {}
        self._guard = threading.Lock()
        self._closed = False

    @classmethod
    def open(cls, folder: str | Path) -> Workspace:
        """Opens, and makes or brings up to date, the workspace in `folder`.

        Raises
        ------
        Unavailable
            When the folder holds something else, cannot be written, or comes from a newer program.
        """
        workspace = cls(usable(folder))
        try:
            # The database comes first: a folder with blobs/ but no database would be refused as someone else's.
            migrate(workspace.db)
            with explained(workspace.folder):
                for place in (workspace.blobs.root, workspace.logs, workspace.scratch):
                    place.mkdir(parents=True, exist_ok=True)
            workspace._check_writable()
        except BaseException:
            workspace.close()
            raise
        return workspace

    @property
    def db(self) -> Database:
        """This thread's connection."""
        thread = threading.current_thread()
        with self._guard:
            if self._closed:
                raise Unavailable(f"The workspace {self.folder} is closed.", "Start the program again.")
            if thread not in self._connections:
                self._close_of_ended_threads()
                self._connections[thread] = connect(self.folder / DATABASE)
            return self._connections[thread]

    def transaction(self) -> AbstractContextManager[Database]:
        """One write transaction on this thread's connection: all of the block happens, or nothing."""
        return immediate(self.db)

    def log_path(self, job_id: int) -> Path:
        """The log file of a job."""
        return self.logs / f"{job_id}.log"

    def close(self) -> None:
        """Closes the connections of all threads; twice does no harm."""
        with self._guard:
            self._closed = True
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _close_of_ended_threads(self) -> None:
        for thread in [thread for thread in self._connections if not thread.is_alive()]:
            self._connections.pop(thread).close()

    def _check_writable(self) -> None:
        with immediate(self.db) as db:  # SQLite opens a file that it may only read without a word
            version = db.conn.execute("PRAGMA user_version").fetchone()[0]
            db.execute(f"PRAGMA user_version = {version}")
