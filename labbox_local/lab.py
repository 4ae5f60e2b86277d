"""Where the rooms are joined, and the public Python API.

from labbox_local import Lab

with Lab() as lab:
    recording = lab.recordings.import_("/data/session1")
    sorting = lab.sortings.run(recording.id, "tridesclous2")
    lab.sortings.load(sorting.id)  # a SpikeInterface sorting
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any

from labbox_local.errors import LabError
from labbox_local.jobs.interactive import Interactive
from labbox_local.jobs.supervisor import Supervisor
from labbox_local.services import analysis, importing, library, sorting, tracing, viewing
from labbox_local.services import jobs as job_services
from labbox_local.services.tools import Event, Tools
from labbox_local.settings import Settings, remember_workspace
from labbox_local.store import lock, recordings, results, sortings
from labbox_local.store.jobs import Job
from labbox_local.store.recordings import Recording
from labbox_local.store.sortings import Sorting
from labbox_local.store.workspace import Workspace

Listener = Callable[[str, dict[str, Any]], None]


class Lab:
    """An open workspace with its workers; close it, or use it as a context manager.

    Several processes may open one workspace. The first owns it: only its supervisor runs jobs. The others queue
    jobs for it and watch them.

    Parameters
    ----------
    settings : Settings, optional
        Those of the settings file and the environment when left out.
    owner : bool
        Whether to run jobs when no other process does. A command that only lists things does not.
    """

    def __init__(self, settings: Settings | None = None, *, owner: bool = True) -> None:
        self.settings = settings or Settings.load()
        self.token = secrets.token_urlsafe(32)
        self.dialogs: Any = None  # the window puts its file dialogs here
        self._listeners: list[Listener] = []
        self._listening = threading.Lock()
        self._workspace = Workspace.open(self.settings.workspace)
        self._lock = lock.claim(self.settings.workspace) if owner else None
        self.tools = self._join()
        if self.owner:
            self.tools.supervisor.start()
        remember_workspace(self.settings.workspace)
        self.recordings = Recordings(self)
        self.sortings = Sortings(self)
        self.jobs = Jobs(self)

    @property
    def owner(self) -> bool:
        """Whether this process runs the workspace's jobs."""
        return self._lock is not None

    def _join(self) -> Tools:
        interactive = Interactive(
            self._workspace, slots=self.settings.interactive_slots, cache_bytes=self.settings.cache_mb * 1_000_000
        )
        completions: dict[str, Callable[[Any, Job, results.Result], list[Event]]] = {}
        supervisor = Supervisor(
            self._workspace,
            completions=completions,
            publish=self.publish,
            slots=self.settings.batch_slots,
            cores=self.settings.cores_per_job,
            recycle_after=self.settings.recycle_after,
        )
        tools = Tools(self._workspace, supervisor, interactive, self.settings)
        completions.update({name: partial(complete, tools) for name, complete in COMPLETIONS.items()})
        return tools

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` (from any thread) with every event; the answer ends that."""
        with self._listening:
            self._listeners.append(listener)
        return partial(self._forget, listener)

    def _forget(self, listener: Listener) -> None:
        with self._listening:
            self._listeners.remove(listener)

    def publish(self, event: str, data: dict[str, Any]) -> None:
        """Tell every listener that something changed; what it is, they ask for themselves."""
        with self._listening:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(event, data)

    def close(self) -> None:
        """End the workers, then the store; running jobs become lost and can be retried."""
        self.tools.interactive.close()
        self.tools.supervisor.stop()
        self._workspace.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def announce(self, url: str) -> None:
        """Leave the address of this process's server for other processes that open the workspace."""
        if self._lock is not None:
            self._lock.announce(url)

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


COMPLETIONS: Mapping[str, Callable[[Tools, Any, Job, results.Result], list[Event]]] = {
    "measure": importing.measured,
    "example": importing.example_made,
    "import_sorting": importing.sorting_imported,
    "sort": sorting.sorted_,
    "analyze": analysis.analyzed,
    "pyramid": tracing.pyramid_built,
}


class Recordings:
    """The library's recordings, as ``lab.recordings``."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def __call__(self) -> Sequence[Recording]:
        """All recordings, the newest first."""
        return recordings.all(self._lab.tools.workspace.db)

    def get(self, recording_id: int) -> Recording:
        """One recording's record. Raises NotFound."""
        return recordings.get(self._lab.tools.workspace.db, recording_id)

    def import_(
        self, path: str, format: str = "", *, name: str = "", probe: Mapping[str, Any] | None = None, **options: Any
    ) -> Recording:
        """Bring a recording into the library without copying it.

        Parameters
        ----------
        path : str
            File or folder.
        format : str
            SpikeInterface's name of the reader, or “binary”; found out from the path when empty.
        name : str
            The file's name when empty.
        probe : mapping, optional
            ``{"source": "probe_file", "path": ...}`` or
            ``{"source": "generated", "layout": "linear" | "grid" | "tetrode", "params": {...}}``.
        **options
            The reader's own options.

        Raises
        ------
        Invalid
            With a sentence for every field that is wrong.
        """
        request = importing.RecordingRequest(path, format, options, probe or importing.FROM_FILE)
        return importing.commit(self._lab.tools, request, name)

    def make_example(self, **options: Any) -> Recording:
        """Make a recording with ground truth, and wait for it."""
        known = {recording.id for recording in self()}
        self._lab.jobs.finished(importing.make_example(self._lab.tools, options))
        return next(recording for recording in self() if recording.id not in known)

    def load(self, recording_id: int) -> Any:
        """The recording as SpikeInterface has it (a ``BaseRecording``), probe and gains included."""
        # Imported here since SpikeInterface takes a second to import, which no other use of the Lab should pay.
        from labbox_local.ephys.recordings import open_recording
        from labbox_local.jobs.opening import located

        return open_recording(located(self.get(recording_id).spec, self._lab.tools.workspace.blobs.root))

    def delete(self, recording_id: int) -> None:
        """Take a recording and its sortings out of the library; its raw data stays."""
        library.delete_recording(self._lab.tools, recording_id)


class Sortings:
    """The library's sortings, as ``lab.sortings``."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def __call__(self, recording_id: int | None = None) -> Sequence[Sorting]:
        """All sortings, or those of one recording, the newest first."""
        return sortings.all(self._lab.tools.workspace.db, recording_id=recording_id)

    def get(self, sorting_id: int) -> Sorting:
        """One sorting's record. Raises NotFound."""
        return sortings.get(self._lab.tools.workspace.db, sorting_id)

    def run(self, recording_id: int, sorter: str = "", *, name: str = "", **params: Any) -> Sorting:
        """Sort a recording and wait for the sorting. Parameters with dots are given as ``**{"detection.x": 5}``."""
        ran = sorting.run(self._lab.tools, recording_id, sorter, params, name)
        if ran.sorting is not None:
            return ran.sorting
        assert ran.job is not None
        return self.made_by(self._lab.jobs.finished(ran.job))

    def import_(
        self, path: str, format: str = "", *, recording_id: int | None = None, name: str = "", **options: Any
    ) -> Sorting:
        """Bring a sorting (phy, Kilosort, SpikeInterface, npz, MDA, ...) into the library and wait for it."""
        request = importing.SortingRequest(path, format, options, recording_id, name)
        return self.made_by(self._lab.jobs.finished(importing.import_sorting(self._lab.tools, request)))

    def made_by(self, job: Job) -> Sorting:
        """The newest sorting that a finished job made."""
        return next(known for known in self() if known.result_key == job.key)

    def analyze(self, sorting_id: int) -> Sorting:
        """Compute what the views need, unless it is there, and wait for it."""
        if self.get(sorting_id).analyzer_key is None:
            self._lab.jobs.finished(analysis.analyze(self._lab.tools, sorting_id))
        return self.get(sorting_id)

    def accuracy(self, sorting_id: int) -> list[dict[str, Any]]:
        """Accuracy, precision and recall of each true unit, against the recording's ground truth."""
        job = self._lab.jobs.finished(analysis.compare_to_truth(self._lab.tools, sorting_id))
        units: list[dict[str, Any]] = results.get(self._lab.tools.workspace.db, job.key).summary["units"]
        return units

    def load(self, sorting_id: int) -> Any:
        """The sorting as SpikeInterface has it (a ``BaseSorting``)."""
        # Imported here since SpikeInterface takes a second to import, which no other use of the Lab should pay.
        from labbox_local.ephys.sortings import load, to_spikeinterface

        return to_spikeinterface(load(self._blob(self.get(sorting_id).result_key) / "sorting"))

    def load_analyzer(self, sorting_id: int) -> Any:
        """The sorting's ``SortingAnalyzer``. Raises LabError before post-processing is done."""
        from labbox_local.ephys.analyzers import open_analyzer

        key = self.get(sorting_id).analyzer_key
        if key is None:
            raise LabError("This sorting has not been post-processed yet; lab.sortings.analyze does it.")
        return open_analyzer(self._blob(key) / "analyzer")

    def draw(self, sorting_id: int, view: str, units: Sequence[str] = (), **settings: Any) -> bytes:
        """What a view shows of some units, as JSON."""
        return viewing.draw(self._lab.tools, sorting_id, view, viewing.Selection(units=units), settings)

    def delete(self, sorting_id: int) -> None:
        """Take a sorting out of the library."""
        library.delete_sorting(self._lab.tools, sorting_id)

    def _blob(self, key: str) -> Any:
        result = results.get(self._lab.tools.workspace.db, key)
        return self._lab.tools.workspace.blobs.path(result.blob or "")


class Jobs:
    """The workspace's jobs, as ``lab.jobs``."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def __call__(self, chosen: str = "") -> Sequence[Job]:
        """Jobs, the newest first; `chosen` is empty, “active”, “done”, “failed” or “cancelled”."""
        return job_services.page(self._lab.tools, chosen).jobs

    def get(self, job_id: int) -> Job:
        """One job. Raises NotFound."""
        return job_services.job_page(self._lab.tools, job_id).job

    def wait(self, job_id: int, on_progress: Callable[[Job], None] | None = None) -> Job:
        """Wait until a job has ended, however it ended."""
        return self._lab.tools.supervisor.wait(job_id, on_progress=on_progress)

    def finished(self, job: Job, on_progress: Callable[[Job], None] | None = None) -> Job:
        """Wait for a job to succeed. Raises LabError with the job's own sentence and the log's place otherwise."""
        ended = self.wait(job.id, on_progress)
        if ended.state != "done":
            path = self._lab.tools.workspace.log_path(job.id)
            raise LabError(f"{ended.title}: {ended.error or f'the job was {ended.state}.'} The log is in {path}.")
        return ended

    def cancel(self, job_id: int) -> Job:
        """End a job and its whole process tree."""
        job_services.cancel(self._lab.tools, job_id)
        return self.wait(job_id)

    def retry(self, job_id: int) -> Job:
        """Queue a failed, cancelled or lost job again."""
        return job_services.retry(self._lab.tools, job_id)
