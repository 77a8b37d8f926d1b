"""Crashing at any point where a job touches the outside world, and opening the store again."""

from __future__ import annotations

from contextlib import contextmanager

import requests
from attrs import define
from requests.adapters import HTTPAdapter

from cdiscount_marketplace.sandbox.core import HOST
from cdiscount_marketplace.sandbox.transport import SandboxAdapter
from support.model_channel import Crash

STORE = (
    "find", "save", "resolve", "acquire", "renew", "release", "load_checkpoint", "swap_checkpoint", "list_quarantine",
    "put_quarantine", "drop_quarantine", "put_unseen", "list_unseen", "list_shipments", "find_shipments",
    "swap_shipment", "list_decisions", "find_decision", "swap_decision", "list_refunds", "find_refunds", "swap_refund",
    "find_offers", "list_due_offers", "list_package", "count_offers", "swap_offers", "list_packages", "swap_package",
)  # fmt: skip
CHANNEL = ("fetch", "get", "ship", "decide")
OFFERS = ("missing_members", "create_package", "fill_package", "close_package", "read_package", "read_report")
SETTINGS = ("name", "settle_gap", "write_limit", "write_chunk", "upload_limit", "package_limit", "package_life")


@define
class Fuse:
    """Burns down by one at each point, and crashes at zero; points lie before and after each call."""

    left: int | None = None
    points: int = 0

    def point(self):
        self.points += 1
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise Crash


class FusedAdapter(HTTPAdapter):
    """Reaches a sandbox, and may crash before and after each request."""

    def __init__(self, sandbox, fuse):
        super().__init__(max_retries=0)
        self._inner, self._fuse = SandboxAdapter(sandbox.app, sandbox.clock, HOST), fuse

    def send(self, request, **options):
        self._fuse.point()
        answer = self._inner.send(request, **options)
        self._fuse.point()
        return answer


def fused_session(sandbox, fuse):
    """Return a session that reaches a sandbox, with the fuse asked around each request."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", FusedAdapter(sandbox, fuse))
    return session


def crashing(inner, names, fuse):
    """Wrap an object so that the fuse is asked before and after each of the named calls."""
    members = {name: _crashing_call(getattr(inner, name), fuse) for name in names}
    if hasattr(inner, "unit"):
        members["unit"] = _crashing_unit(inner, fuse)
    for name in SETTINGS:
        if hasattr(inner, name):
            members[name] = getattr(inner, name)
    return type("Crashing", (), members)()


def _crashing_call(call, fuse):
    def crash_around(self, *args, **options):
        fuse.point()
        answer = call(*args, **options)
        fuse.point()
        return answer

    return crash_around


def _crashing_unit(inner, fuse):
    @contextmanager
    def unit(self):
        fuse.point()
        with inner.unit():
            yield
            fuse.point()
        fuse.point()

    return unit
