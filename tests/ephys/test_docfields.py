"""Fields come from what a foreign function says of itself."""

from __future__ import annotations

import pytest

from labbox_local.ephys import docfields


class Reader:
    """Reads.

    Parameters
    ----------
    file_path : str
        The file.
    stream_id : str, default: None
        If there are several streams,
        which one.
    fill : "zeros" | "noise" | None, default: None
        How gaps are filled.
    band : {"ap", "lf"}, default: "ap"
        Which band.
    names, ids : list of str
        Two at once.
    all_annotations : bool, default: False
        Everything.
    rate
        Without a type.

    Returns
    -------
    reader : Reader
        Not an argument.
    """

    def __init__(
        self,
        file_path,
        count,
        stream_id=None,
        fill=None,
        band="ap",
        names=None,
        all_annotations=False,
        chunk: int | None = None,
        tolerance: float = 1.5,
        *more,
        flag: bool | None = None,
        **kwargs,
    ) -> None: ...


FIELDS = {field.name: field for field in docfields.fields_of(Reader, {"file_path"})}


@pytest.mark.parametrize(
    ("name", "kind", "default"),
    [
        ("count", "text", None),
        ("stream_id", "text", None),
        ("fill", "choice", None),
        ("band", "choice", "ap"),
        ("names", "json", None),
        ("all_annotations", "bool", False),
        ("chunk", "int", None),
        ("tolerance", "float", 1.5),
        ("flag", "bool", None),
    ],
)
def test_kinds_and_defaults(name: str, kind: str, default: object) -> None:
    assert (FIELDS[name].kind, FIELDS[name].default) == (kind, default)


def test_only_named_arguments_that_are_asked_are_fields() -> None:
    assert set(FIELDS) == {
        "count", "stream_id", "fill", "band", "names", "all_annotations", "chunk", "tolerance", "flag",
    }  # fmt: skip


def test_help_choices_and_needs() -> None:
    assert FIELDS["stream_id"].help == "If there are several streams, which one."
    assert FIELDS["fill"].choices == ("zeros", "noise")
    assert FIELDS["band"].choices == ("ap", "lf")
    assert FIELDS["count"].required
    assert not FIELDS["stream_id"].required
    assert FIELDS["stream_id"].optional
    assert FIELDS["all_annotations"].advanced


def test_defaults_are_given_back_by_their_own_fields() -> None:
    for field in FIELDS.values():
        if not field.required:
            assert field.parse(field.text(field.default)) == field.default


def test_a_function_without_words_still_has_fields() -> None:
    def bare(a, b=2): ...

    assert [field.name for field in docfields.fields_of(bare)] == ["a", "b"]
    assert docfields.documented("") == {}


def test_long_help_is_cut_between_words() -> None:
    text = "Parameters\n----------\na : int\n    " + "word " * 200
    help_text = docfields.documented(text)["a"][1]
    assert len(help_text) <= docfields.LONGEST_HELP
    assert help_text.endswith("word…")
