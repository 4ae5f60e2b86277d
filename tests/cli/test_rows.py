"""The keys that ``--json`` promises, and the summary of the demo."""

from __future__ import annotations

from labbox_local import cli_rows
from labbox_local.cli_demo import summary, text
from labbox_local.cli_list import counted, deletion_question
from labbox_local.services.library import Deletion

RECORDING = {"id": 1, "name": "Example recording", "channel_count": 32, "duration_s": 60.0}
SORTING = {"id": 2, "sorter": "tridesclous2", "unit_count": 3}
UNITS = [
    {"unit_id": 0, "accuracy": 0.95, "precision": 1.0, "recall": 0.95, "best_match": 4, "extra": "left out"},
    {"unit_id": 1, "accuracy": 0.8, "precision": 0.9, "recall": 0.85, "best_match": 5},
    {"unit_id": 2, "accuracy": 0.2, "precision": 0.3, "recall": 0.4, "best_match": None},
]


def test_a_summary_counts_the_units_at_or_above_the_threshold() -> None:
    found = summary(RECORDING, SORTING, UNITS, 12.34)
    assert (found["well_found"], found["true_unit_count"], found["units_found"]) == (2, 3, 3)
    assert found["well_found_fraction"] == 2 / 3
    assert found["seconds"] == 12.3
    assert found["units"][0] == {"unit_id": 0, "accuracy": 0.95, "precision": 1.0, "recall": 0.95, "best_match": 4}


def test_a_summary_for_a_person_ends_with_one_line_that_sums_it_up() -> None:
    lines = text(summary(RECORDING, SORTING, UNITS, 12.34)).splitlines()
    assert lines[0].split("  ")[0] == "true unit"
    assert lines[-1] == (
        "Example recording: 32 channels, 60 s. tridesclous2 found 3 units; 2 of 3 true units (67%) at accuracy ≥ 0.8. "
        "12.3 s."
    )


def test_a_summary_without_true_units_divides_by_nothing() -> None:
    found = summary(RECORDING, SORTING, [], 1.0)
    assert found["well_found_fraction"] is None
    assert "0 of 0 true units at accuracy" in text(found)


def test_every_column_is_a_key_of_its_rows() -> None:
    for columns, row in (
        (cli_rows.RECORDING_COLUMNS, cli_rows.recording_row),
        (cli_rows.SORTING_COLUMNS, cli_rows.sorting_row),
        (cli_rows.JOB_COLUMNS, cli_rows.job_row),
    ):
        constants = {name for name in row.__code__.co_consts if isinstance(name, tuple)}
        keys = {key for names in constants for key in names}
        assert set(columns) <= keys


def test_a_deletion_says_what_goes_and_what_stays() -> None:
    deletion = Deletion("trial 1", "recording", 3, 1, 2_500_000, "/data/trial.raw")
    assert deletion_question(deletion) == (
        "This deletes the recording “trial 1”, 3 sortings, 1 running job (2.5 MB of results). "
        "The raw data in /data/trial.raw stays. Go on?"
    )
    assert deletion_question(Deletion("x", "sorting", 0, 0, 0, "")) == "This deletes the sorting “x”. Go on?"


def test_one_is_not_many() -> None:
    assert [counted(number, "job") for number in (0, 1, 2)] == ["0 jobs", "1 job", "2 jobs"]
