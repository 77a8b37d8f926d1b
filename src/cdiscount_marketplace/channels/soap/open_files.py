"""Packages of offers that are not submitted yet: they lie with us, and nobody else knows of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from attrs import define

if TYPE_CHECKING:
    from cdiscount_marketplace.channels.offers import PackageKind, PackageReading
    from cdiscount_marketplace.soap.offers.requests import OfferRequest

# Packages that were given up are not closed: the oldest make room.
_MOST: Final = 16


@define
class OpenFile:
    """What a package is to say, until it is submitted; `refusal` is why the marketplace did not take it."""

    kind: PackageKind
    offers: tuple[OfferRequest, ...] = ()
    refusal: PackageReading | None = None


class OpenFiles:
    """Open packages by their reference. Thread-safe.

    They are gone with the process: what they state is stated again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: OrderedDict[str, OpenFile] = OrderedDict()

    def put(self, reference: str, file: OpenFile) -> None:
        """Keep a package, in the place of one with this reference."""
        with self._lock:
            self._files[reference] = file
            while len(self._files) > _MOST:
                self._files.popitem(last=False)

    def find(self, reference: str) -> OpenFile | None:
        """Return a package, if there is one."""
        with self._lock:
            return self._files.get(reference)

    def drop(self, reference: str) -> None:
        """Forget a package."""
        with self._lock:
            self._files.pop(reference, None)
