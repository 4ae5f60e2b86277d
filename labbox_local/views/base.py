"""What a view is: it declares itself, and computes a figure or a table from a sorting, a selection and settings."""

from __future__ import annotations

import dataclasses
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from labbox_local.ephys.sortings import SortingData
from labbox_local.ephys.sortings import plain as plain_value
from labbox_local.errors import Invalid, NotFound, Unavailable
from labbox_local.fields import Field, check
from labbox_local.fields import Kind as FieldKind
from labbox_local.views.colours import unit_colour

__all__ = [
    "NoSettings",
    "Selection",
    "View",
    "ViewData",
    "choose",
    "draw",
    "plain",
    "plural",
    "setting",
    "settings_fields",
    "thin",
    "unit_colour",
]

Kind = Literal["figure", "table"]
Figure = dict[str, Any]
KINDS: Mapping[type, FieldKind] = {bool: "bool", int: "int", float: "float", str: "text"}


@dataclass(frozen=True)
class Selection:
    """What is chosen, the same for all views.

    ``units`` are positions in the sorting, in the order chosen; empty means none chosen, and views then show what
    they can of all. ``electrodes`` are channel ids as text.
    """

    units: tuple[int, ...] = ()
    time_range_s: tuple[float, float] | None = None
    cursor_s: float | None = None
    electrodes: tuple[str, ...] = ()

    @classmethod
    def of(cls, sorting: SortingData, chosen: Mapping[str, Any]) -> Selection:
        """The selection that plain data describes, its units by their ids as text.

        Raises
        ------
        NotFound
            When the sorting has no unit of such an id.
        """
        position = {str(unit_id): index for index, unit_id in enumerate(sorting.unit_ids)}
        ids = [str(unit_id) for unit_id in chosen.get("units") or ()]
        if missing := [unit_id for unit_id in ids if unit_id not in position]:
            raise NotFound(f"This sorting has no unit {missing[0]}.")
        span, cursor = chosen.get("time_range_s"), chosen.get("cursor_s")
        return cls(
            units=tuple(position[unit_id] for unit_id in dict.fromkeys(ids)),
            time_range_s=(float(span[0]), float(span[1])) if span else None,
            cursor_s=None if cursor is None else float(cursor),
            electrodes=tuple(str(channel) for channel in chosen.get("electrodes") or ()),
        )


@dataclass(frozen=True, eq=False)
class ViewData:
    """What a view is computed from.

    ``analyzer`` is SpikeInterface's ``SortingAnalyzer`` with the same units in the same order, None before
    post-processing. ``labels`` maps unit ids as text to labels.
    """

    sorting: SortingData
    analyzer: Any = None
    labels: Mapping[str, str] = field(default_factory=dict)
    has_recording: bool = True

    def extension(self, name: str) -> Any | None:
        """The analyzer's extension of this name, read now if need be; None when it was not computed."""
        return None if self.analyzer is None else self.analyzer.get_extension(name)

    @property
    def amplitude_unit(self) -> str:
        """Unit of whatever the analyzer measured in traces."""
        return "µV" if self.analyzer is not None and self.analyzer.return_in_uV else "a.u."

    def missing(self, what: str, verb: str = "need") -> Unavailable:
        """The error that says why `what` (a plural) cannot be shown, and what would mend it."""
        if not self.has_recording:
            return Unavailable(
                f"{what} {verb} the recording: this sorting was imported without one.",
                "Import the sorting onto its recording.",
            )
        if self.sorting.spike_count == 0:
            return Unavailable(f"{what} {verb} spikes, and this sorting has none.")
        return Unavailable(f"{what} have not been computed yet.", "They appear when post-processing is done.")


@dataclass(frozen=True)
class NoSettings:
    """The settings of a view that has none."""


class View(ABC):
    """One way to look at a sorting.

    A subclass sets ``id`` (short, unique), ``title``, ``help`` (what is shown, how it is defined, in which units),
    ``kind``, ``needs`` (analyzer extensions without which it shows less) and ``Settings``, a frozen dataclass made
    with `setting`.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str]
    kind: ClassVar[Kind] = "figure"
    needs: ClassVar[tuple[str, ...]] = ()
    Settings: ClassVar[type[Any]] = NoSettings

    @abstractmethod
    def compute(self, data: ViewData, selection: Selection, settings: Any) -> Figure:
        """What there is to see.

        Parameters
        ----------
        data : ViewData
        selection : Selection
        settings : the view's ``Settings``

        Returns
        -------
        dict
            A figure: ``data`` and ``layout`` as Plotly has them, without a template; ``note``, a sentence on what is
            left out; ``table``, the numbers as column name to values. Or a table: ``columns``, ``rows``, ``note``.

        Raises
        ------
        LabError
            With a sentence that stands in the view's place.
        """

    def plain(self) -> dict[str, Any]:
        """The declaration as JSON-able data."""
        return {
            "id": self.id,
            "title": self.title,
            "help": " ".join(self.help.split()),
            "kind": self.kind,
            "needs": list(self.needs),
            "fields": [one.plain() for one in settings_fields(self.Settings)],
        }


def setting(
    default: Any,
    label: str = "",
    help: str = "",
    *,
    unit: str = "",
    choices: Sequence[str] = (),
    minimum: float | None = None,
    maximum: float | None = None,
) -> Any:
    """One field of a ``Settings`` dataclass, with what its form says about it."""
    told = {
        "label": label,
        "help": help,
        "unit": unit,
        "choices": tuple(choices),
        "minimum": minimum,
        "maximum": maximum,
    }
    return field(default=default, metadata=told)


def settings_fields(settings: type[Any]) -> list[Field]:
    """The form of a ``Settings`` dataclass; kinds come from the defaults."""
    return [
        Field(
            name=one.name,
            kind="choice" if one.metadata.get("choices") else KINDS.get(type(one.default), "json"),
            default=one.default,
            **one.metadata,
        )
        for one in dataclasses.fields(settings)
    ]


def draw(view: View, data: ViewData, selection: Mapping[str, Any], entered: Mapping[str, Any]) -> bytes:
    """What the view shows, as JSON text.

    Parameters
    ----------
    view : View
    data : ViewData
    selection : mapping
        As `Selection.of` takes it.
    entered : mapping
        Settings by name, text or typed; defaults elsewhere.

    Raises
    ------
    Invalid
        When a setting is wrong.
    LabError
        With the sentence that stands in the view's place.
    """
    values = check(settings_fields(view.Settings), entered)
    shown = view.compute(data, Selection.of(data.sorting, selection), view.Settings(**values))
    return json.dumps(shown, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def plain(values: NDArray[Any] | Sequence[Any]) -> list[Any]:
    """An array as nested lists without any rounding; what is not a finite number becomes None, a gap in a figure."""
    array = np.asarray(values)
    if array.dtype == np.float32 and np.isfinite(array).all():
        # The shortest decimal that is this float32: half as many digits as the same number has as a float64.
        array = array.astype("U32").astype(np.float64)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        cleaned: list[Any] = plain_value(array)
        return cleaned
    listed: list[Any] = array.tolist()
    return listed


def choose(data: ViewData, selection: Selection, most: int) -> tuple[tuple[int, ...], str]:
    """The units a view shows, at most `most`, and a sentence when these are not all that were asked for."""
    if data.sorting.unit_count == 0:
        raise Unavailable("This sorting has no units.")
    if selection.units:
        left_out = len(selection.units) > most
        return selection.units[:most], f"{most} of {len(selection.units)} chosen units." if left_out else ""
    count = data.sorting.unit_count
    note = f"The first {most} of {thin(count)} units; choose others in the table." if count > most else ""
    return tuple(range(min(count, most))), note


def thin(number: int) -> str:
    """A count with narrow spaces between thousands.

    >>> thin(290360)
    '290\\u202f360'
    """
    return f"{number:,}".replace(",", "\u202f")


def plural(count: int, noun: str) -> str:
    """``"1 unit"``, ``"2 units"``."""
    return f"{thin(count)} {noun}" if count == 1 else f"{thin(count)} {noun}s"


def require(condition: bool, name: str, sentence: str) -> None:
    """Refuses a setting.

    Raises
    ------
    Invalid
        Keyed by `name`, unless `condition` holds.
    """
    if not condition:
        raise Invalid({name: sentence})
