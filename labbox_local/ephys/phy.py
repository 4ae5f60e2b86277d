"""phy and Kilosort folders, read by parsing alone: `params.py` is never executed, no pickle is opened.

Unit ids come from `spike_clusters.npy`, not from the tables of labels: a table lists only what was touched.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbox_local.ephys import literals
from labbox_local.ephys.sortings import SortingData, build
from labbox_local.errors import Invalid

ID_COLUMNS = ("cluster_id", "id")
UNSORTED = "unsorted"
MOST_TEMPLATE_BYTES = 2_000_000_000


def read(folder: Path, sampling_rate_hz: float | None = None) -> tuple[SortingData, list[str]]:
    """The sorting in a phy or Kilosort folder, and sentences about what is odd in it.

    Parameters
    ----------
    folder : Path
    sampling_rate_hz : float, optional
        Used in place of that of params.py.

    Raises
    ------
    Invalid
        At ``path`` or ``sampling_frequency``.
    """
    warnings: list[str] = []
    params = read_params(folder, warnings)
    rate = sampling_rate_hz or _rate(folder, params)
    times = _whole(_vector(folder, "spike_times.npy"), "spike_times.npy")
    clusters = _clusters(folder, len(times))
    unit_ids, units = np.unique(clusters, return_inverse=True)
    ids = [int(unit_id) for unit_id in unit_ids]
    sorting = build(
        ids,
        [(times, units)],
        rate,
        amplitude=_per_spike(folder, "amplitudes.npy", len(times), warnings),
        depth_um=_depths(folder, len(times), warnings),
        properties=properties(folder, ids, warnings),
        source={"kind": "phy", "path": str(folder), "params": _printable(params)},
        **_templates(folder, clusters, unit_ids, warnings),
    )
    return sorting, warnings


def read_params(folder: Path, warnings: list[str]) -> dict[str, Any]:
    """What params.py gives values to; empty, with a warning, when there is none.

    Raises
    ------
    Invalid
        When it does more than give values to names.
    """
    path = folder / "params.py"
    if not path.is_file():
        warnings.append("There is no params.py, so nothing is known of the recording that was sorted.")
        return {}
    try:
        return literals.assignments(path.read_text(encoding="utf-8", errors="replace"))
    except ValueError as error:
        raise Invalid({"path": f"{path} is not executed, and it is no plain list of values: {error}."}) from error


def properties(folder: Path, unit_ids: Sequence[int], warnings: list[str]) -> dict[str, list[Any]]:
    """Every column of every table with a column of cluster ids, (U,) each; None where a table leaves a unit out."""
    found: dict[str, list[Any]] = {}
    for path in sorted([*folder.glob("cluster_*.tsv"), *folder.glob("cluster_*.csv")]):
        rows = _table(path)
        key = next((name for name in ID_COLUMNS if rows and name in rows[0]), None)
        if key is None:
            warnings.append(f"{path.name} has no column cluster_id and is left out.")
            continue
        by_id = {row[key]: row for row in rows}
        for column in rows[0]:
            if column != key and column and column not in found:
                found[column] = _column([by_id.get(str(unit_id), {}).get(column) for unit_id in unit_ids])
    if "group" in found:
        found["group"] = [value or UNSORTED for value in found["group"]]
    return found


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ",")
        return [{str(name): (value or "").strip() for name, value in row.items() if name is not None} for row in reader]


def _column(texts: list[str | None]) -> list[Any]:
    numbers = [_number(text) if text else None for text in texts]
    if any(text and number is None for text, number in zip(texts, numbers, strict=True)):
        return [text or None for text in texts]
    return numbers


def _number(text: str) -> int | float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not np.isfinite(number):
        return None
    return int(text) if text.lstrip("+-").isdigit() else number


def _rate(folder: Path, params: Mapping[str, Any]) -> float:
    rate = params.get("sample_rate")
    if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0:
        return float(rate)
    raise Invalid(
        {"sampling_frequency": f"params.py in {folder} gives no sample_rate above 0: give the sampling rate."}
    )


def _clusters(folder: Path, count: int) -> NDArray[np.int64]:
    name = "spike_clusters.npy" if (folder / "spike_clusters.npy").is_file() else "spike_templates.npy"
    clusters = _whole(_vector(folder, name), name)
    if len(clusters) != count:
        raise Invalid({"path": f"spike_times.npy has {count:,} spikes and {name} {len(clusters):,}: they must agree."})
    return clusters


def _load(path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise Invalid({"path": f"{path} cannot be read: {error}."}) from error
    return array


def _vector(folder: Path, name: str) -> NDArray[Any]:
    array = _load(folder / name)
    if array.ndim > 2 or (array.ndim == 2 and 1 not in array.shape):
        raise Invalid({"path": f"{name} has the shape {array.shape}; one number per spike is expected."})
    return array.ravel()


def _whole(values: NDArray[Any], name: str) -> NDArray[np.int64]:
    if values.dtype.kind not in "iuf":
        raise Invalid({"path": f"{name} holds {values.dtype} and no numbers."})
    if values.dtype.kind == "f" and not np.array_equal(values, np.round(values)):
        raise Invalid({"path": f"{name} holds fractions; whole numbers are expected."})
    return values.astype(np.int64)


def _per_spike(folder: Path, name: str, count: int, warnings: list[str]) -> NDArray[Any] | None:
    if not (folder / name).is_file():
        return None
    values = _load(folder / name)
    if values.size != count:
        warnings.append(f"{name} has {values.size:,} values for {count:,} spikes and is left out.")
        return None
    return values.ravel()


def _depths(folder: Path, count: int, warnings: list[str]) -> NDArray[Any] | None:
    path = folder / "spike_positions.npy"
    if not path.is_file():
        return None
    positions = _load(path)
    if positions.ndim != 2 or len(positions) != count or positions.shape[1] < 2:
        warnings.append(f"spike_positions.npy has the shape {positions.shape} for {count:,} spikes and is left out.")
        return None
    return np.ascontiguousarray(positions[:, 1])


def _templates(
    folder: Path, clusters: NDArray[np.int64], unit_ids: NDArray[np.int64], warnings: list[str]
) -> dict[str, Any]:
    """Templates of the units, dense, as the recording would show them; empty when the folder has none."""
    path = folder / "templates.npy"
    if not path.is_file():
        warnings.append("There is no templates.npy, so units come without average waveforms.")
        return {}
    templates = _load(path)
    wanted = _template_of_units(folder, clusters, unit_ids)
    if templates.ndim != 3 or wanted.max(initial=0) >= len(templates):
        warnings.append(
            f"templates.npy has the shape {templates.shape}, which does not fit the spikes; it is left out."
        )
        return {}
    dense = _dense(folder, templates, wanted)
    if dense is None:
        warnings.append("The templates are too large to be kept, or their channels make no sense; they are left out.")
        return {}
    return {"templates": dense, "template_unit": "a.u."}


def _template_of_units(folder: Path, clusters: NDArray[np.int64], unit_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The template that most spikes of each unit were found by, (U,)."""
    path = folder / "spike_templates.npy"
    if not path.is_file():
        return unit_ids
    templates = _whole(_vector(folder, path.name), path.name)
    if len(templates) != len(clusters):
        return unit_ids
    pairs, counts = np.unique(np.c_[clusters, templates], axis=0, return_counts=True)
    order = np.lexsort((-counts, pairs[:, 0]))
    _, first = np.unique(pairs[order, 0], return_index=True)
    chosen: NDArray[np.int64] = pairs[order][first, 1]
    return chosen


def _dense(folder: Path, templates: NDArray[Any], wanted: NDArray[np.int64]) -> NDArray[np.float32] | None:
    channels = _channel_count(folder, templates.shape[2])
    if len(wanted) * templates.shape[1] * channels * 4 > MOST_TEMPLATE_BYTES:
        return None
    chosen = templates[wanted].astype(np.float32)
    path = folder / "template_ind.npy"
    # Kilosort's templates_ind.npy (with an s) lists every channel for every template and says nothing.
    if path.is_file():
        columns = _load(path)
        if columns.shape != (len(templates), templates.shape[2]) or columns.max() >= channels:
            return None
        chosen = _spread(chosen, columns[wanted].astype(np.int64), channels)
    return _unwhitened(folder, chosen)


def _spread(sparse: NDArray[np.float32], columns: NDArray[np.int64], channels: int) -> NDArray[np.float32]:
    dense = np.zeros((*sparse.shape[:2], channels), dtype=np.float32)
    for unit, places in enumerate(columns):
        used = places >= 0
        dense[unit][:, places[used]] = sparse[unit][:, used]
    return dense


def _channel_count(folder: Path, columns: int) -> int:
    path = folder / "channel_map.npy"
    return max(columns, _load(path).size) if path.is_file() else columns


def _unwhitened(folder: Path, templates: NDArray[np.float32]) -> NDArray[np.float32]:
    path = folder / "whitening_mat_inv.npy"
    if not path.is_file():
        return templates
    inverse = _load(path)
    if inverse.shape != (templates.shape[2], templates.shape[2]):
        return templates
    return (templates @ inverse.astype(np.float32)).astype(np.float32)


def _printable(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if isinstance(value, str | int | float | bool)}
