"""Values out of Python-like text files (`params.py`, `.prb`, `.prm`), found by reading, never by running, the text.

Understood are assignments of numbers, texts, lists, tuples, sets and dicts, arithmetic on them, `list`, `dict`,
`tuple`, `range`, `len`, `int`, `float`, `str`, names assigned before, subscripts, and simple comprehensions: what
such files are written with. Anything else is an error, and sizes are bounded, so a hostile file can do no more than
be refused.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

LARGEST_NUMBER = 1e30
LONGEST_SEQUENCE = 1_000_000
LONGEST_TEXT = 4_000_000
MOST_STEPS = 5_000_000

_SIZED = (list, tuple, set, dict, str, range)

Values = dict[str, Any]


def assignments(text: str) -> Values:
    """Every name that the text assigns, and its value.

    Raises
    ------
    ValueError
        When the text is no such file; the message names the line.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError("it is too long")
    try:
        tree = ast.parse(text)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"it cannot be parsed (line {getattr(error, 'lineno', '?')})") from None
    reader = _Reader()
    for statement in tree.body:
        try:
            reader.statement(statement)
        except (TypeError, KeyError, IndexError, ArithmeticError, RecursionError, AttributeError) as error:
            raise ValueError(f"line {statement.lineno} cannot be worked out ({error})") from None
    return reader.names


class _Reader:
    """Works out the values of one file; `names` holds what has been assigned so far."""

    def __init__(self) -> None:
        self.names: Values = {}
        self.steps = 0

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            value = self.value(node.value)
            for target in node.targets:
                self._assign(target, value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assign(node.target, self.value(node.value))
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) and not isinstance(
            node, ast.Pass
        ):
            raise ValueError(f"line {node.lineno} is more than a value given to a name")

    def _assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Subscript):
            container = self.value(target.value)
            if not isinstance(container, dict | list):
                raise ValueError(f"line {target.lineno} assigns into something that is no list or dict")
            container[self.value(target.slice)] = value
        else:
            raise ValueError(f"line {target.lineno} assigns to something that is no name")

    def value(self, node: ast.expr) -> Any:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise ValueError("it is too large to be worked out")
        handler = _HANDLERS.get(type(node))
        if handler is None:
            raise ValueError(f"line {node.lineno} is more than a plain value")
        result = _bounded(handler(self, node))
        self.steps += len(result) if isinstance(result, _SIZED) else 0
        return result

    def _constant(self, node: ast.Constant) -> Any:
        return node.value

    def _name(self, node: ast.Name) -> Any:
        if node.id not in self.names:
            raise ValueError(f"line {node.lineno} uses the unknown name “{node.id}”")
        return self.names[node.id]

    def _list(self, node: ast.List) -> list[Any]:
        return [self.value(item) for item in node.elts]

    def _tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self.value(item) for item in node.elts)

    def _set(self, node: ast.Set) -> set[Any]:
        return {self.value(item) for item in node.elts}

    def _dict(self, node: ast.Dict) -> Values:
        if any(key is None for key in node.keys):
            raise ValueError(f"line {node.lineno} unpacks a dict")
        return {self.value(key): self.value(item) for key, item in zip(node.keys, node.values, strict=True) if key}

    def _unary(self, node: ast.UnaryOp) -> Any:
        operation = _UNARY.get(type(node.op))
        if operation is None:
            raise ValueError(f"line {node.lineno} uses an operator that is not understood")
        return operation(self.value(node.operand))

    def _binary(self, node: ast.BinOp) -> Any:
        operation = _BINARY.get(type(node.op))
        if operation is None:
            raise ValueError(f"line {node.lineno} uses an operator that is not understood")
        left, right = self.value(node.left), self.value(node.right)
        # A text or list times a number, and large powers, are how three characters fill the memory.
        if isinstance(node.op, ast.Mult) and not all(isinstance(side, int | float) for side in (left, right)):
            length = max(len(side) for side in (left, right) if not isinstance(side, int | float))
            factor = next((side for side in (left, right) if isinstance(side, int)), 0)
            if length * factor > LONGEST_SEQUENCE:
                raise ValueError(f"line {node.lineno} makes a list that is too long")
        if isinstance(node.op, ast.Pow) and abs(right) > 64:
            raise ValueError(f"line {node.lineno} makes a number that is too large")
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            raise ValueError(f"line {node.lineno} formats text")
        return operation(left, right)

    def _subscript(self, node: ast.Subscript) -> Any:
        return self.value(node.value)[self.value(node.slice)]

    def _slice(self, node: ast.Slice) -> slice:
        return slice(*(part and self.value(part) for part in (node.lower, node.upper, node.step)))

    def _call(self, node: ast.Call) -> Any:
        function = _FUNCTIONS.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if function is None:
            raise ValueError(f"line {node.lineno} calls a function")
        arguments = [self.value(argument) for argument in node.args]
        if any(keyword.arg is None for keyword in node.keywords):
            raise ValueError(f"line {node.lineno} unpacks a dict")
        return function(*arguments, **{str(keyword.arg): self.value(keyword.value) for keyword in node.keywords})

    def _list_comprehension(self, node: ast.ListComp) -> list[Any]:
        return [self.value(node.elt) for _ in self._loop(node.generators)]

    def _dict_comprehension(self, node: ast.DictComp) -> Values:
        return {self.value(node.key): self.value(node.value) for _ in self._loop(node.generators)}

    def _loop(self, generators: list[ast.comprehension]) -> Iterator[None]:
        if not generators:
            yield
            return
        first, rest = generators[0], generators[1:]
        if first.ifs or first.is_async:
            raise ValueError(f"line {first.target.lineno} has a condition")
        for item in self.value(first.iter):
            self._bind(first.target, item)
            yield from self._loop(rest)

    def _bind(self, target: ast.expr, item: Any) -> None:
        if isinstance(target, ast.Tuple):
            for part, value in zip(target.elts, item, strict=True):
                self._bind(part, value)
        else:
            self._assign(target, item)


def _bounded(value: Any) -> Any:
    if isinstance(value, int | float) and abs(value) > LARGEST_NUMBER:
        raise ValueError("it holds a number that is too large")
    if isinstance(value, _SIZED) and len(value) > LONGEST_SEQUENCE:
        raise ValueError("it holds a list that is too long")
    return value


def _range(*arguments: int) -> list[int]:
    return list(_bounded(range(*arguments)))


_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "range": _range,
    "list": list,
    "tuple": tuple,
    "dict": dict,
    "len": len,
    "int": int,
    "float": float,
    "str": str,
}
_HANDLERS: Mapping[type[ast.expr], Callable[[_Reader, Any], Any]] = {
    ast.Constant: _Reader._constant,
    ast.Name: _Reader._name,
    ast.List: _Reader._list,
    ast.Tuple: _Reader._tuple,
    ast.Set: _Reader._set,
    ast.Dict: _Reader._dict,
    ast.UnaryOp: _Reader._unary,
    ast.BinOp: _Reader._binary,
    ast.Subscript: _Reader._subscript,
    ast.Slice: _Reader._slice,
    ast.Call: _Reader._call,
    ast.ListComp: _Reader._list_comprehension,
    ast.DictComp: _Reader._dict_comprehension,
}
