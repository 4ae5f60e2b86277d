"""What comes in from forms, and how inputs are drawn again."""

from __future__ import annotations

import pytest
from litestar import Litestar, post
from litestar.di import Provide
from litestar.testing import TestClient

from labbox_local.fields import Field
from labbox_local.web.forms import Form, FormGiven, Input, inputs, leftover, provide_form, topics

RATE = Field("sampling_frequency", "float", 30000.0, unit="Hz")
FLAG = Field("whiten", "bool", True, topic="preprocessing")
DEEP = Field("detection.sign", "choice", "neg", choices=("neg", "pos"), advanced=True)


@post("/echo", sync_to_thread=True, status_code=200)
def echo(form: FormGiven) -> dict[str, list[str]]:
    """What the form holds."""
    return {name: form.every(name) for name in form.names()}


@pytest.fixture
def echoing() -> TestClient[Litestar]:
    return TestClient(Litestar([echo], dependencies={"form": Provide(provide_form)}))


def test_urlencoded_forms_keep_repeated_names(echoing: TestClient[Litestar]) -> None:
    answer = echoing.post("/echo", data={"path": "/a b/ü&=", "box": ["false", "true"]})
    assert answer.json() == {"path": ["/a b/ü&="], "box": ["false", "true"]}


def test_multipart_forms_are_read_and_files_left_out(echoing: TestClient[Litestar]) -> None:
    answer = echoing.post("/echo", data={"name": "trial"}, files={"upload": ("x.txt", b"content")})
    assert answer.json() == {"name": ["trial"]}


def test_a_request_without_a_form_has_an_empty_one(echoing: TestClient[Litestar]) -> None:
    assert echoing.post("/echo").json() == {}


def test_a_ticked_box_wins_over_the_hidden_false_before_it() -> None:
    assert Form([("whiten", "false"), ("whiten", "true")]).text("whiten") == "true"
    assert Form([("whiten", "false")]).text("whiten") == "false"
    assert Form([]).text("whiten", "no") == "no"


def test_fields_under_a_prefix_lose_it() -> None:
    form = Form([("option.a", "1"), ("option.b.c", "2"), ("other", "3")])
    assert form.under("option.") == {"a": "1", "b.c": "2"}


def test_what_was_entered_is_kept_with_its_error() -> None:
    (made,) = inputs([RATE], {"sampling_frequency": "15 kHz"}, {"sampling_frequency": "Must be a number."}, "option.")
    assert (made.name, made.value, made.default) == ("option.sampling_frequency", "15 kHz", "30000")
    assert made.error == "Must be a number."
    assert made.changed


def test_values_and_errors_are_found_under_the_name_on_the_page_too() -> None:
    (made,) = inputs([RATE], {"option.sampling_frequency": "1"}, {"option.sampling_frequency": "Too low."}, "option.")
    assert (made.value, made.error) == ("1", "Too low.")


@pytest.mark.parametrize(
    ("entered", "shown", "changed"),
    [({}, "30000", False), ({"sampling_frequency": 15000.5}, "15000.5", True), ({"sampling_frequency": ""}, "", True)],
)
def test_defaults_stand_where_nothing_was_entered(entered: dict[str, object], shown: str, changed: bool) -> None:
    (made,) = inputs([RATE], entered, {})
    assert (made.value, made.changed) == (shown, changed)


def test_a_typed_value_is_drawn_as_it_would_be_entered() -> None:
    (made,) = inputs([FLAG], {"whiten": False}, {})
    assert made.value == "false"


def test_ids_are_safe_in_selectors() -> None:
    (made,) = inputs([DEEP], {}, {}, "p.")
    assert made.id == "f-p-detection-sign"


def test_inputs_fold_by_topic_with_the_common_ones_first() -> None:
    folded = topics(inputs([FLAG, DEEP, RATE], {}, {}))
    assert [(each.title, [one.name for one in each.inputs]) for each in folded] == [
        ("", ["sampling_frequency"]),
        ("preprocessing", ["whiten"]),
        ("Advanced", ["detection.sign"]),
    ]


def test_a_topic_opens_for_an_error_or_a_change() -> None:
    def opened(entered: dict[str, str], errors: dict[str, str]) -> bool:
        return topics(inputs([RATE, FLAG], entered, errors))[1].open

    assert topics(inputs([FLAG], {}, {}))[0].open, "the first topic, since nothing else would be seen"
    assert not opened({}, {})
    assert opened({"whiten": "false"}, {})
    assert opened({}, {"whiten": "Not here."})


def test_errors_without_an_input_stand_at_the_top_of_the_form() -> None:
    errors = {"": "The disk is full.", "sorter": "There is no such sorter.", "whiten": "Not here."}
    assert leftover(errors, ["whiten"]) == ["The disk is full.", "sorter: There is no such sorter."]


def test_an_input_of_the_default_is_unchanged() -> None:
    assert not Input(RATE, "x", "30000", "30000", "").changed
