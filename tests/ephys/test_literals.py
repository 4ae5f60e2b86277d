"""Python-like files are read and never run."""

from __future__ import annotations

from pathlib import Path

import pytest

from labbox_local.ephys import literals


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1", {"a": 1}),
        ("'''doc'''\na: int = -3  # why", {"a": -3}),
        ("dat_path = r'C:\\x.dat'\ndtype = 'int16'\nhp = False\nrate = 30000.", None),
        ("a = list(range(2)) + [5]", {"a": [0, 1, 5]}),
        ("a = {1: {}}\na[1]['x'] = (1, 2)", {"a": {1: {"x": (1, 2)}}}),
        ("n = 3\na = [i * 2 for i in range(n)]", {"n": 3, "a": [0, 2, 4], "i": 2}),
        ("a = {i: (0, 10 * i) for i in range(2)}", {"a": {0: (0, 0), 1: (0, 10)}, "i": 1}),
        ("a = dict(x=1, y=[2, 3])\nb = a['y'][1:]", {"a": {"x": 1, "y": [2, 3]}, "b": [3]}),
        ("a = [x + y for x, y in [(1, 2), (3, 4)]]", None),
        ("a = 7 // 2 + 7 % 2 + 2 ** 3 - 1 / 2", {"a": 3 + 1 + 8 - 0.5}),
        ("pass", {}),
    ],
)
def test_values_of_plain_files(text: str, expected: dict[str, object] | None) -> None:
    found = literals.assignments(text)
    assert found == (expected if expected is not None else found)
    assert expected is not None or found


def test_comprehension_unpacks_tuples() -> None:
    assert literals.assignments("a = [x + y for x, y in [(1, 2), (3, 4)]]")["a"] == [3, 7]


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "open({marker!r}, 'w').write('x')",
        "a = __import__('os').system('touch ' + {marker!r})",
        "a = [open({marker!r}, 'w') for _ in range(1)]",
        "a = (lambda: open({marker!r}, 'w'))()",
        "a = ().__class__.__bases__[0].__subclasses__()",
        "def f(): open({marker!r}, 'w')\nf()",
        "a = f'{{open({marker!r}, \"w\")}}'",
        "a = eval('open({marker!r}, \"w\")')",
        "exec('1')",
        "with open({marker!r}, 'w') as f: pass",
        "class A: b = open({marker!r}, 'w')",
        "a = b = [1]; a.append(open({marker!r}, 'w'))",
        "@open({marker!r}, 'w')\ndef f(): pass",
        "a = 1 if open({marker!r}, 'w') else 2",
        "list = 3\nprint(open({marker!r}, 'w'))",
    ],
)
def test_code_is_refused_and_not_run(tmp_path: Path, text: str) -> None:
    marker = tmp_path / "ran"
    with pytest.raises(ValueError, match=r"line \d"):
        literals.assignments(text.format(marker=str(marker)))
    assert not marker.exists()


@pytest.mark.parametrize(
    "text",
    [
        "a = 10 ** 10 ** 10",
        "a = 'x' * 10 ** 9",
        "a = [0] * 10 ** 9",
        "a = range(10 ** 12)",
        "a = [i for i in range(900000)]\n" + "b = a + a\n",
        "a = range(900000)\n" + "b = list(a)\n" * 10,
        "a = " + "(" * 5000 + ")" * 5000,
        "a = 9e300",
    ],
)
def test_files_that_would_fill_the_memory_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"long|large|parsed|worked out"):
        literals.assignments(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = b", "unknown name “b”"),
        ("a = 1\nb = 1 / 0", "line 2 cannot be worked out"),
        ("a = {}['x']", "line 1 cannot be worked out"),
        ("a = ", "cannot be parsed"),
        ("a = 'x' % 3", "formats text"),
        ("a = [i for i in range(3) if i]", "has a condition"),
        ("a = dict(**{})", "unpacks"),
        ("a = {**{}}", "unpacks"),
        ("a = 1\na[0] = 2", "no list or dict"),
        ("a.b = 1", "no name"),
        ("a = 1 @ 2", "not understood"),
        ("a = ~1", "not understood"),
        ("a = 1\n" * 2_000_000, "too long"),
    ],
)
def test_the_error_says_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        literals.assignments(text)
