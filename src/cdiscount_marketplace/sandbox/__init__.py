"""A stateful Cdiscount on your own machine: `Sandbox` in your process, `SandboxServer` over HTTP.

It needs the extra `sandbox` (`pip install "cdiscount-marketplace[sandbox]"`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cdiscount_marketplace.sandbox.clock import VirtualClock
    from cdiscount_marketplace.sandbox.core import Sandbox
    from cdiscount_marketplace.sandbox.faults import Fault
    from cdiscount_marketplace.sandbox.generator import OrderSpec
    from cdiscount_marketplace.sandbox.server import SandboxServer
    from cdiscount_marketplace.sandbox.settings import Settings

__all__ = ["Fault", "OrderSpec", "Sandbox", "SandboxServer", "Settings", "VirtualClock"]

_HOMES = {
    "Fault": "faults",
    "OrderSpec": "generator",
    "Sandbox": "core",
    "SandboxServer": "server",
    "Settings": "settings",
    "VirtualClock": "clock",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("werkzeug", "waitress"):
            hint = 'the sandbox needs an extra: pip install "cdiscount-marketplace[sandbox]"'
            raise ModuleNotFoundError(hint, name=error.name) from error
        raise
