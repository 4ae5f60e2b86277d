"""The units table's numbers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from spikeinterface.metrics.quality.misc_metrics import isi_violations

from labbox_local.ephys import sortings
from labbox_local.views import base
from labbox_local.views.base import ViewData
from labbox_local.views.units_table import UnitsTable
from tests.ephys.samples import RATE_HZ


def draw(data: ViewData) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(base.draw(UnitsTable(), data, {}, {}))
    return table


def column(table: dict[str, Any], field: str) -> list[Any]:
    assert field in [one["field"] for one in table["columns"]]
    return [row[field] for row in table["rows"]]


@pytest.mark.parametrize("which", ["sparse", "tetrode"])
def test_numbers_equal_spikeinterfaces(which: str, request: pytest.FixtureRequest) -> None:
    data: ViewData = request.getfixturevalue(which)
    table, analyzer = draw(data), data.analyzer
    metrics = analyzer.get_extension("quality_metrics").get_data()
    filled = np.array(column(table, "spikes")) > 0
    for field, name in (("rate", "firing_rate"), ("snr", "snr"), ("isi_violations", "isi_violations_ratio")):
        ours = np.array(column(table, field), float)[filled]
        np.testing.assert_allclose(ours, metrics[name].to_numpy(float)[filled], rtol=1e-6)
    assert column(table, "spikes") == metrics["num_spikes"].tolist()
    locations = analyzer.get_extension("unit_locations").get_data()
    np.testing.assert_allclose(np.array(column(table, "depth"), float)[filled], locations[filled, 1], rtol=1e-6)
    average = analyzer.get_extension("templates").get_data()
    peaks = np.abs(average).max(axis=1).argmax(axis=1)
    expected = [str(analyzer.channel_ids[peak]) for peak in peaks]
    assert [one for one, has in zip(column(table, "channel"), filled, strict=True) if has] == [
        one for one, has in zip(expected, filled, strict=True) if has
    ]


def test_amplitude_is_the_median_over_all_segments(sparse: ViewData) -> None:
    by_unit = sparse.analyzer.get_extension("spike_amplitudes").get_data(outputs="by_unit")
    found = column(draw(sparse), "amplitude")
    for unit, unit_id in enumerate(sparse.sorting.unit_ids):
        own = np.concatenate([segment[unit_id] for segment in by_unit.values()])
        assert found[unit] == (pytest.approx(float(np.median(own)), rel=1e-6) if len(own) else None)


def test_a_unit_without_spikes_has_dashes(sparse: ViewData) -> None:
    row = draw(sparse)["rows"][2]
    assert (row["id"], row["spikes"], row["rate"]) == ("none", 0, 0.0)
    missing = ("channel", "depth", "amplitude", "snr", "isi_violations", "isi_count", "presence", "cutoff")
    assert {row[field] for field in missing} == {None}


def test_before_post_processing_what_spikes_tell_is_there(bare: ViewData) -> None:
    table, sorting = draw(bare), bare.sorting
    assert column(table, "id") == [str(unit_id) for unit_id in sorting.unit_ids]
    np.testing.assert_allclose(column(table, "rate"), sorting.spike_counts() / sorting.duration_s)
    for unit in range(sorting.unit_count):
        trains = [sorting.spike_train(unit, segment) / RATE_HZ for segment in range(sorting.segment_count)]
        ratio, _, count = isi_violations([train for train in trains if len(train)], sorting.duration_s, 0.0015, 0)
        row = table["rows"][unit]
        assert row["isi_violations"] == (None if np.isnan(ratio) else ratio)
        assert row["isi_count"] == (None if np.isnan(count) else count)
    assert "snr" not in [one["field"] for one in table["columns"]]
    assert "when post-processing is done" in table["note"]


def test_labels_and_imported_properties_are_columns(sparse: ViewData) -> None:
    table = draw(sparse)
    assert column(table, "label") == [None, "mua", None, None, None]
    assert column(table, "property:quality") == ["good", "mua", None, "good", "noise"]
    kinds = {one["field"]: (one["kind"], one["decimals"]) for one in table["columns"]}
    assert kinds["property:quality"][0] == "text"
    assert kinds["property:contamination"] == ("number", 3)


def test_an_import_without_a_recording_shows_what_came_with_it(imported: ViewData) -> None:
    table, sorting = draw(imported), imported.sorting
    own = sorting.unit_index == 0
    assert column(table, "depth")[0] == pytest.approx(float(np.median(np.asarray(sorting.depth_um)[own])))
    assert column(table, "amplitude")[1] is None
    assert next(one["unit"] for one in table["columns"] if one["field"] == "amplitude") == "scaled"
    assert column(table, "property:KSLabel") == ["good", "mua", "good"]
    assert table["note"].startswith("Imported without a recording")


def test_every_column_is_explained(sparse: ViewData, imported: ViewData) -> None:
    for data in (sparse, imported):
        table = draw(data)
        assert all(one["title"] and one["help"] for one in table["columns"])
        assert {one["kind"] for one in table["columns"]} <= {"number", "text"}
        assert len({one["field"] for one in table["columns"]}) == len(table["columns"])


def test_every_row_bears_the_units_colour(bare: ViewData) -> None:
    rows = draw(bare)["rows"]
    assert [row["colour"] for row in rows] == [base.unit_colour(position) for position in range(len(rows))]


def test_a_sorting_without_units_is_an_empty_table() -> None:
    table = draw(ViewData(sortings.build([], [(np.array([]), np.array([]))], RATE_HZ)))
    assert table["rows"] == []
    assert table["note"] == "This sorting has no units."
