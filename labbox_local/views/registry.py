"""All views there are: the built-in ones and those of plug-ins, found the same way."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from labbox_local.errors import NotFound
from labbox_local.views.base import View, settings_fields

GROUP = "labbox_local.views"
BUILT_IN = {
    "units_table": "labbox_local.views.units_table:UnitsTable",
    "autocorrelograms": "labbox_local.views.autocorrelograms:Autocorrelograms",
    "waveforms": "labbox_local.views.waveforms:Waveforms",
    "amplitudes": "labbox_local.views.amplitudes:Amplitudes",
}


@dataclass(frozen=True)
class Failure:
    """A view that did not load: ``error`` is one sentence, ``traceback`` the whole."""

    name: str
    error: str
    traceback: str

    def plain(self) -> dict[str, str]:
        """The failure as JSON-able data."""
        return {"name": self.name, "error": self.error, "traceback": self.traceback}


@dataclass(frozen=True)
class Registry:
    """Views by id, in the order in which they are offered, where each plug-in comes from, and what failed."""

    views: dict[str, View]
    plugins: dict[str, str]
    failed: tuple[Failure, ...]

    def get(self, view_id: str) -> View:
        """The view of this id. Raises NotFound."""
        try:
            return self.views[view_id]
        except KeyError:
            raise NotFound(f"There is no view named “{view_id}”.") from None

    def plain(self) -> dict[str, Any]:
        """All declarations and failures as JSON-able data; ``plugin`` is empty for built-in views."""
        return {
            "views": [{**view.plain(), "plugin": self.plugins.get(name, "")} for name, view in self.views.items()],
            "failed": [failure.plain() for failure in self.failed],
        }


def load(found: Iterable[EntryPoint] | None = None) -> Registry:
    """Every view that loads; one that does not is reported and skipped.

    Parameters
    ----------
    found : iterable of EntryPoint, optional
        Plug-ins; those of all installed packages when None.
    """
    plugins = sorted(entry_points(group=GROUP) if found is None else found, key=lambda point: point.name)
    points = [*(EntryPoint(name, place, GROUP) for name, place in BUILT_IN.items()), *plugins]
    views: dict[str, View] = {}
    origins: dict[str, str] = {}
    failed: list[Failure] = []
    for point in points:
        try:
            view = _view(point, views)
        except Exception as error:  # The border to plug-ins, which may raise anything while they are imported.
            failed.append(Failure(point.name, f"{type(error).__name__}: {error}", traceback.format_exc()))
            continue
        views[view.id] = view
        origins[view.id] = _origin(point) if point in plugins else ""
    return Registry(views, origins, tuple(failed))


def _view(point: EntryPoint, known: dict[str, View]) -> View:
    made = point.load()
    view = made() if isinstance(made, type) else made
    if not isinstance(view, View):
        raise TypeError(f"{point.value} is not a View")
    if view.id in known:
        raise ValueError(f"another view is already called “{view.id}”")
    settings_fields(view.Settings)
    view.plain()
    return view


def _origin(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value.partition(":")[0]
