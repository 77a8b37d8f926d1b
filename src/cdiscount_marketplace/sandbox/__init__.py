"""A stateful Cdiscount on your own machine: `Sandbox` in your process, `SandboxServer` over HTTP.

It needs the extra `sandbox` (`pip install "cdiscount-marketplace[sandbox]"`).
"""

from __future__ import annotations

from cdiscount_marketplace.lazy import Extra, lazy

__getattr__ = lazy(__name__, needs=Extra("sandbox", frozenset({"jinja2", "werkzeug", "waitress"})))
