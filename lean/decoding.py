"""Strict decoding of JSON objects into frozen dataclasses, driven by their type annotations.

For the driver's replies only: a missing field or a value of another type is a `ProtocolError` that
names the field by its path; one that may be None may also be missing. Fields that a dataclass does
not have are ignored, so that a newer driver may say more.
"""

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping

from lean.errors import ProtocolError

Decoder = Callable[[object, str], typing.Any]
T = typing.TypeVar("T")


def decode(shape: type[T], value: object, where: str) -> T:
    """`value` (parsed JSON) as an instance of the dataclass `shape`; `where` names it in errors.

    A field is looked up under its own name, or under `metadata["wire"]`. Raises ProtocolError.
    """
    hashable: typing.Any = shape
    decoder: Decoder = _object_decoder(hashable)
    return typing.cast(T, decoder(value, where))


@functools.cache
def _object_decoder(shape: typing.Any) -> Decoder:  # noqa: ANN401
    hints = typing.get_type_hints(shape)
    fields = [
        (
            field.metadata.get("wire", field.name),
            _decoder(hints[field.name]),
            type(None) in typing.get_args(hints[field.name]),
        )
        for field in dataclasses.fields(shape)
    ]

    def read(value: object, where: str) -> object:
        if not isinstance(value, Mapping):
            raise _wrong(where, "an object", value)
        arguments = []
        for name, decoder, optional in fields:
            if name in value:
                arguments.append(decoder(value[name], f"{where}.{name}"))
            elif optional:
                arguments.append(None)
            else:
                raise ProtocolError(f"The Lean driver's reply lacks the field {where}.{name}.")
        return shape(*arguments)

    return read


def _decoder(hint: object) -> Decoder:
    if dataclasses.is_dataclass(hint):
        # Found at the time of use, so that shapes may refer to each other.
        return lambda value, where: _object_decoder(typing.cast(type, hint))(value, where)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and arguments[1:] == (...,):
        return _list_decoder(_decoder(arguments[0]))
    if origin is tuple:
        return _row_decoder([_decoder(argument) for argument in arguments])
    if origin is typing.Literal:
        return _literal_decoder(arguments)
    if origin in (typing.Union, types.UnionType):
        (inner,) = [argument for argument in arguments if argument is not type(None)]
        present = _decoder(inner)
        return lambda value, where: None if value is None else present(value, where)
    return _scalar_decoder(typing.cast(type, hint))


def _scalar_decoder(kind: type) -> Decoder:
    def read(value: object, where: str) -> object:
        # bool is an int in Python; on the wire they are different things.
        if type(value) is kind:
            return value
        raise _wrong(
            where, {str: "text", int: "a whole number", bool: "true or false"}[kind], value
        )

    return read


def _literal_decoder(allowed: tuple[object, ...]) -> Decoder:
    def read(value: object, where: str) -> object:
        if value in allowed:
            return value
        raise _wrong(where, "one of " + ", ".join(map(str, allowed)), value)

    return read


def _list_decoder(element: Decoder) -> Decoder:
    def read(value: object, where: str) -> object:
        if not isinstance(value, list):
            raise _wrong(where, "a list", value)
        return tuple([element(item, f"{where}[{index}]") for index, item in enumerate(value)])

    return read


def _row_decoder(elements: list[Decoder]) -> Decoder:
    def read(value: object, where: str) -> object:
        if not isinstance(value, list) or len(value) != len(elements):
            raise _wrong(where, f"a list of {len(elements)}", value)
        pairs = zip(elements, value, strict=True)
        return tuple([element(item, f"{where}[{i}]") for i, (element, item) in enumerate(pairs)])

    return read


def _wrong(where: str, expected: str, value: object) -> ProtocolError:
    shown = repr(value)
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    return ProtocolError(
        f"The Lean driver's reply has {shown} in the field {where}, where {expected} belongs."
    )
