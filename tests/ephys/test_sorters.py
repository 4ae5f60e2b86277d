"""What is told of each sorter, and what is checked before one runs."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest
from spikeinterface.sorters import BaseSorter
from spikeinterface.sorters.sorterlist import sorter_full_list

from labbox_local.ephys import sorter_catalog, sorter_fields, sorters
from labbox_local.errors import Invalid
from labbox_local.fields import Field

NAMES = sorted(sorter.sorter_name for sorter in sorter_full_list)
TOLD = [name for name in NAMES if name != "dartsort"]  # tells its parameters only once it is installed
RECORDING = {"sampling_rate_hz": 30_000.0, "channel_count": 16, "has_probe": True, "sample_counts": [900_000]}
BANDPASS = {"step": "bandpass_filter", "params": {"freq_min": 300.0, "freq_max": 4000.0}}


class Broken(BaseSorter):
    """A sorter whose package fails when it is looked at, as a half-installed one does."""

    sorter_name = "broken"
    sorter_description = "Fails."
    installation_mesg = "\nTo use it:\n\n   >>> pip install broken\n"

    @classmethod
    def is_installed(cls) -> bool:
        raise OSError("libbroken.so: cannot open shared object file")


def check(sorter: str = "tridesclous2", params: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    return sorters.check(**{**RECORDING, "sorter": sorter, "params": params or {}, **changed})


def refused(**arguments: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        check(**arguments)
    return caught.value.fields


class TestCatalog:
    def test_lists_every_sorter_of_spikeinterface_installed_ones_first(self) -> None:
        found = sorters.catalog()
        assert sorted(entry["name"] for entry in found) == NAMES
        installed = [entry["installed"] for entry in found]
        assert installed == sorted(installed, reverse=True)
        assert {"spykingcircus2", "tridesclous2", "simple"} <= {one["name"] for one in found if one["installed"]}
        json.dumps(found, allow_nan=False)

    @pytest.mark.parametrize("name", NAMES)
    def test_says_in_one_line_what_a_sorter_is_and_how_to_get_it(self, name: str) -> None:
        entry = next(entry for entry in sorters.catalog() if entry["name"] == name)
        assert entry["title"]
        assert entry["description"]
        assert bool(entry["how_to_get"]) != entry["installed"]
        assert bool(entry["version"]) == entry["installed"]
        assert not {"\n", ">>>"} & set(entry["description"].split() + entry["how_to_get"].split())

    def test_a_broken_sorter_does_not_break_the_list(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sorter_catalog, "sorter_full_list", [*sorter_full_list, Broken])
        entry = next(entry for entry in sorters.catalog() if entry["name"] == "broken")
        assert not entry["installed"]
        assert "libbroken.so" in entry["how_to_get"]
        assert entry["how_to_get"].endswith("pip install broken")

    def test_the_default_sorter_needs_nothing_more_installed(self) -> None:
        entry = next(entry for entry in sorters.catalog() if entry["name"] == sorters.DEFAULT_SORTER)
        assert entry["installed"]
        assert entry["internal"]

    def test_an_unknown_sorter_is_named(self) -> None:
        with pytest.raises(Invalid, match="no sorter called “kilosort99”"):
            sorters.fields("kilosort99")


class TestFields:
    @pytest.mark.parametrize("name", TOLD)
    def test_defaults_pass_their_own_form(self, name: str) -> None:
        for field in sorters.fields(name):
            assert field.parse(field.text(field.default)) == field.default
            assert Field.of(json.loads(json.dumps(field.plain(), allow_nan=False))) == field

    @pytest.mark.parametrize("name", TOLD)
    def test_an_untouched_form_is_the_sorters_own_default(self, name: str) -> None:
        sorter = sorter_catalog.find(name)
        untouched = sorter_fields.nested(sorter, sorter_fields.parse(name, {}))
        assert untouched == sorter_fields.defaults(sorter)
        assert {key: type(value) for key, value in untouched.items()} == {
            key: type(value) for key, value in sorter_fields.defaults(sorter).items()
        }

    @pytest.mark.parametrize("name", TOLD)
    def test_what_belongs_to_running_is_not_asked(self, name: str) -> None:
        names = {field.name.partition(".")[0] for field in sorters.fields(name)}
        assert not names & {"n_jobs", "progress_bar", "pool_engine", "mp_context", "job_kwargs", "debug", "verbose"}

    def test_nested_parameters_are_flat_with_dots_and_go_back_in_the_sorters_types(self) -> None:
        fields = {field.name: field for field in sorters.fields("spykingcircus2")}
        assert fields["filtering.freq_min"].topic == "filtering"
        assert fields["detection.method_kwargs.detect_threshold"].kind == "float"
        entered = {"filtering.freq_min": "250", "detection.method_kwargs.detect_threshold": "4.5"}
        values = sorter_fields.parse("spykingcircus2", entered | {"general.ms_after": "2"})
        nested = sorter_fields.nested(sorter_catalog.find("spykingcircus2"), values)
        assert nested["filtering"] == {"freq_min": 250, "freq_max": 7000, "ftype": "bessel", "filter_order": 2}
        assert isinstance(nested["filtering"]["freq_min"], int)
        assert nested["detection"]["method_kwargs"] == {"peak_sign": "neg", "detect_threshold": 4.5}
        assert nested["general"]["ms_after"] == 2.0

    @pytest.mark.parametrize(
        ("sorter", "name", "kind", "unit", "minimum"),
        [
            ("tridesclous2", "freq_min", "float", "Hz", 0),
            ("tridesclous2", "detection_radius_um", "float", "µm", 0),
            ("tridesclous2", "ms_before", "float", "ms", 0),
            ("tridesclous2", "detect_threshold", "float", "", 0),
            ("tridesclous2", "seed", "int", "", None),
            ("tridesclous2", "preprocessing_dict", "json", "", None),
            ("mountainsort5", "scheme1_detect_channel_radius", "float", "µm", 0),
            ("mountainsort5", "snippet_T1", "int", "", 1),
            ("mountainsort5", "filter", "bool", "", None),
            ("mountainsort4", "adjacency_radius", "float", "µm", None),
            ("spykingcircus2", "merging.max_distance_um", "float", "µm", 0),
        ],
    )
    def test_kinds_units_and_bounds_follow_from_default_and_name(
        self, sorter: str, name: str, kind: str, unit: str, minimum: float | None
    ) -> None:
        field = next(field for field in sorters.fields(sorter) if field.name == name)
        assert (field.kind, field.unit, field.minimum) == (kind, unit, minimum)

    @pytest.mark.parametrize(
        ("sorter", "name", "choices"),
        [
            ("mountainsort5", "detect_sign", ("-1", "0", "1")),
            ("mountainsort5", "scheme", ("1", "2", "3")),
            ("tridesclous2", "peak_sign", ("neg", "pos", "both")),
            ("spykingcircus2", "detection.method_kwargs.peak_sign", ("neg", "pos", "both")),
        ],
    )
    def test_choices_are_offered(self, sorter: str, name: str, choices: tuple[str, ...]) -> None:
        field = next(field for field in sorters.fields(sorter) if field.name == name)
        assert (field.kind, field.choices) == ("choice", choices)

    def test_a_sign_reaches_the_sorter_as_a_number(self) -> None:
        values = sorter_fields.parse("mountainsort5", {"detect_sign": "1"})
        assert sorter_fields.nested(sorter_catalog.find("mountainsort5"), values)["detect_sign"] == 1

    def test_descriptions_are_the_sorters_own_on_one_line(self) -> None:
        field = next(field for field in sorters.fields("spykingcircus2") if field.name == "cache_preprocessing.mode")
        assert field.help.startswith("How to cache the preprocessed recording.")
        assert "  " not in field.help

    def test_a_sorter_that_is_not_installed_may_keep_its_parameters_to_itself(self) -> None:
        with pytest.raises(Invalid, match="only once it is installed"):
            sorters.fields("dartsort")


class TestCheck:
    NYQUIST = "15000 Hz"
    CASES: ClassVar[dict[str, tuple[dict[str, Any], str, str]]] = {
        "unknown sorter": ({"sorter": "nothing"}, "sorter", "no sorter called"),
        "not installed": ({"sorter": "yass"}, "sorter", "pip install yass-algorithm"),
        "no probe": ({"has_probe": False}, "sorter", "give the recording a probe"),
        "too short": ({"sample_counts": [3_000]}, "sorter", "at least 1 s of recording; this one has 0.1 s"),
        "too short for one": ({"sorter": "spykingcircus2", "sample_counts": [45_000]}, "sorter", "at least 2 s"),
        "nothing there": ({"sample_counts": []}, "", "nothing to sort"),
        "above Nyquist": ({"params": {"freq_max": "16000"}}, "freq_max", "half the sampling rate, 15000 Hz"),
        "crossed edges": ({"params": {"freq_min": 5000, "freq_max": 400}}, "freq_min", "below freq_max"),
        "zero": ({"params": {"freq_min": 0}}, "freq_min", "between 0 and"),
        "nested": (
            {"sorter": "spykingcircus2", "params": {"filtering.freq_max": 20_000}}, "filtering.freq_max", "15000 Hz",
        ),
        "wrong type": ({"params": {"n_pca_features": "many"}}, "n_pca_features", "whole number"),
        "out of range": ({"params": {"detection_radius_um": -5}}, "detection_radius_um", "at least 0 µm"),
        "no such parameter": ({"params": {"magic": 1}}, "magic", "no option of this name"),
        "bad chain": ({"preprocessing": [{"step": "dance", "params": {}}]}, "preprocessing", "no step “dance”"),
    }  # fmt: skip

    @pytest.mark.parametrize("case", CASES)
    def test_says_at_the_field_what_would_do(self, case: str) -> None:
        arguments, field, words = self.CASES[case]
        problems = refused(**arguments)
        assert list(problems) == [field]
        assert words in problems[field]

    def test_gives_all_values_as_the_sorter_needs_them(self) -> None:
        values = check(params={"detect_threshold": "6", "peak_sign": "both"})
        assert (values["detect_threshold"], values["peak_sign"], values["freq_min"]) == (6.0, "both", 150.0)

    def test_all_wrong_parameters_are_told_at_once(self) -> None:
        problems = refused(params={"detect_threshold": "x", "freq_min": -1, "peak_sign": "up"})
        assert set(problems) == {"detect_threshold", "freq_min", "peak_sign"}

    def test_names_carry_the_prefix_of_a_larger_form(self) -> None:
        assert list(refused(params={"freq_max": 1e6}, prefix="sorter.")) == ["sorter.freq_max"]
        assert list(refused(has_probe=False, prefix="sorter.")) == ["sorter"]

    @pytest.mark.parametrize("switch", [{"preprocessing": [BANDPASS]}, {"params": {"apply_preprocessing": False}}])
    def test_cut_off_frequencies_of_a_filter_that_is_off_do_not_matter(self, switch: dict[str, Any]) -> None:
        slow = {"sampling_rate_hz": 10_000.0}
        assert list(refused(**slow)) == ["freq_max"]
        assert check(**slow, **switch)["freq_max"] == 6000.0

    def test_several_segments_are_no_obstacle(self) -> None:
        assert check(sorter="mountainsort5", sample_counts=[20_000, 20_000])
