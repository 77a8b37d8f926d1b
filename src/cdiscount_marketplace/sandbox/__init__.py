"""A stateful Cdiscount on your own machine: `Sandbox` in your process, `SandboxServer` over HTTP.

It needs the extra `sandbox` (`pip install "cdiscount-marketplace[sandbox]"`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import Extra, lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.sandbox.clock import VirtualClock
    from cdiscount_marketplace.sandbox.core import Sandbox
    from cdiscount_marketplace.sandbox.faults import Fault
    from cdiscount_marketplace.sandbox.generator import OrderSpec
    from cdiscount_marketplace.sandbox.server import SandboxServer, serve
    from cdiscount_marketplace.sandbox.settings import Settings

__all__ = ["Fault", "OrderSpec", "Sandbox", "SandboxServer", "Settings", "VirtualClock", "serve"]

_HOMES = {
    "Fault": "faults",
    "OrderSpec": "generator",
    "Sandbox": "core",
    "SandboxServer": "server",
    "Settings": "settings",
    "VirtualClock": "clock",
    "serve": "server",
}


__getattr__: Callable[[str], object] = lazy(
    __name__,
    {name: f".{home}" for name, home in _HOMES.items()},
    needs=Extra("sandbox", frozenset({"werkzeug", "waitress"})),
)
