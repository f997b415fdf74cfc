"""How messages of our own become Python: pygls' converter, but what it has no type for stays JSON.

Its own fallback makes named tuples, which rename keys and lose some.
"""

from typing import Any

from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
    default_converter,
)


def plain_converter() -> Any:  # noqa: ANN401 - cattrs' converter
    """A converter for either side of a conversation."""
    converter = default_converter()  # type: ignore[no-untyped-call]
    converter.register_structure_hook(
        JsonRPCNotification,
        lambda said, _: JsonRPCNotification(said["method"], said["jsonrpc"], said.get("params")),
    )
    converter.register_structure_hook(
        JsonRPCRequestMessage,
        lambda said, _: JsonRPCRequestMessage(
            said["id"], said["method"], said["jsonrpc"], said.get("params")
        ),
    )
    converter.register_structure_hook(
        JsonRPCResponseMessage,
        lambda said, _: JsonRPCResponseMessage(said["id"], said["jsonrpc"], said.get("result")),
    )
    return converter
