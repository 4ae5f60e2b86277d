"""Options as data: parsing, bounds, every error at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbox_local.errors import Invalid, Unavailable
from labbox_local.fields import Field, changed, check

RATE = Field("rate", "float", 30000.0, unit="Hz", minimum=1)
SIGN = Field("sign", "choice", "neg", choices=("neg", "pos", "both"))
SEED = Field("seed", "int", None, optional=True, minimum=0)
FILTER = Field("filter.on", "bool", True)
EXTRA = Field("extra", "json", {"a": 1})
NAME = Field("name", "text", "x")
FIELDS = (RATE, SIGN, SEED, FILTER, EXTRA, NAME)


@pytest.mark.parametrize(
    ("field", "entered", "value"),
    [
        (RATE, "20000", 20000.0),
        (RATE, " 1e3 ", 1000.0),
        (RATE, 5, 5.0),
        (SIGN, "pos", "pos"),
        (SEED, "", None),
        (SEED, "None", None),
        (SEED, "12345678901234567890", 12345678901234567890),
        (SEED, 3.0, 3),
        (FILTER, "off", False),
        (FILTER, "TRUE", True),
        (EXTRA, "[1, 2]", [1, 2]),
        (EXTRA, {"b": 2}, {"b": 2}),
        (NAME, "", ""),
        (NAME, ' <b>"q"</b> ', '<b>"q"</b>'),
        (RATE, "", 30000.0),
    ],
)
def test_what_is_entered_becomes_a_typed_value(field: Field, entered: Any, value: Any) -> None:
    parsed = field.parse(entered)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("field", "entered", "words"),
    [
        (RATE, "fast", "Must be a number"),
        (RATE, "nan", "finite"),
        (RATE, "inf", "finite"),
        (RATE, "0", "at least 1 Hz"),
        (RATE, True, "not true or false"),
        (SIGN, "up", "one of neg, pos, both"),
        (SEED, "1.5", "whole number"),
        (SEED, False, "whole number"),
        (SEED, "-1", "at least 0"),
        (FILTER, "maybe", "true or false"),
        (EXTRA, "{1", "JSON"),
        (Field("p", "int", 3, minimum=1, maximum=5), "9", "from 1 to 5"),
        (Field("p", "float", 3, maximum=5), "9", "at most 5"),
        (Field("p", "int", required=True), "", "needed"),
        (Field("p", "text", required=True), "  ", "needed"),
    ],
)
def test_what_cannot_be_meant_is_answered_with_a_sentence(field: Field, entered: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        field.parse(entered)


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        check(FIELDS, {"rate": "-3", "sign": "?", "typo": "1"}, prefix="p.")
    assert set(caught.value.fields) == {"p.rate", "p.sign", "p.typo"}
    assert "extra, filter.on" in caught.value.fields["p.typo"]


def test_missing_names_mean_defaults_and_only_changes_are_listed() -> None:
    values = check(FIELDS, {"rate": "20000", "filter.on": "true"})
    assert values["sign"] == "neg"
    assert changed(FIELDS, values) == {"rate": 20000.0}


def test_a_required_field_that_is_missing_is_an_error() -> None:
    with pytest.raises(Invalid, match="needed"):
        check([Field("rate", "float", required=True)], {})


@given(st.one_of(st.none(), st.integers(min_value=0)))
def test_text_of_a_value_parses_back(value: int | None) -> None:
    assert SEED.parse(SEED.text(value)) == value


@given(
    st.recursive(
        st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_values_parse_back(value: Any) -> None:
    text = EXTRA.text(value)
    assert EXTRA.parse(text) == value


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_crosses_processes_as_plain_data(field: Field) -> None:
    assert Field.of(json.loads(json.dumps(field.plain()))) == field


def test_errors_survive_pickling() -> None:
    import pickle

    invalid = pickle.loads(pickle.dumps(Invalid({"a": "Wrong."})))
    gone = pickle.loads(pickle.dumps(Unavailable("Not here.", "pip install it")))
    assert invalid.fields == {"a": "Wrong."}
    assert (str(gone), gone.hint) == ("Not here.", "pip install it")
