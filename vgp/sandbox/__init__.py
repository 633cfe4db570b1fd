"""The locked-down process that loads the data by itself and executes organisms, and the module's side of it.

`Sandbox` is loaded when first asked for: the rest of the package needs no compiled module. README.md draws the protocol.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vgp.sandbox.process import EXECUTABLE, Sandbox

__all__ = ["EXECUTABLE", "Sandbox"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from vgp.sandbox import process

    return getattr(process, name)
