"""The marketplace's catalogue: categories, brands, products, and those that the seller submits. Protocol-neutral."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

QUOTA = "QuotaExceeded"
_HOUR: Final = timedelta(hours=1)


@frozen(kw_only=True)
class Property:
    """What can be said of a category's products."""

    reference: str
    label: str
    mandatory: bool
    unit: str | None = None
    choices: tuple[str, ...] = ()


@frozen(kw_only=True)
class Category:
    """A category; `parents` lead up to the root."""

    reference: str
    label: str
    level: int
    parents: tuple[str, ...] = ()
    properties: tuple[Property, ...] = ()


@frozen(kw_only=True)
class Product:
    """A product of the catalogue."""

    gtin: str
    title: str
    category: str
    brand: str
    description: str = ""


@frozen(kw_only=True)
class Submitted:
    """A product that the seller submitted; decided at `due`, with the errors that refuse it."""

    package: str
    values: Mapping[str, Any]
    at: datetime
    due: datetime
    errors: tuple[Mapping[str, str | None], ...]


def _colour(*, mandatory: bool) -> Property:
    return Property(reference="3263", label="Couleur", mandatory=mandatory, choices=("Blanc", "Noir", "Rouge"))


_WEIGHT: Final = Property(reference="9999", label="Poids", mandatory=False, unit="g")
CATEGORIES: Final = (
    Category(reference="0E", label="MAISON", level=1),
    Category(reference="0E04", label="LUMINAIRES", level=2, parents=("0E",)),
    Category(
        reference="0E040K",
        label="LAMPES DE BUREAU",
        level=3,
        parents=("0E04", "0E"),
        properties=(_colour(mandatory=True), _WEIGHT),
    ),
    Category(reference="0U", label="VETEMENTS", level=1),
    Category(reference="0U0O", label="ACCESSOIRES", level=2, parents=("0U",)),
    Category(
        reference="0U0O05",
        label="BONNETS",
        level=3,
        parents=("0U0O", "0U"),
        properties=(_colour(mandatory=False), _WEIGHT),
    ),
)
BRANDS: Final = ("AUCUNE", "Maison Claire", "Petit Bac", "Sablier")
_FIRST: Final = (
    Product(gtin="3701234567890", title="Lampe de bureau", category="0E040K", brand="Maison Claire"),
    Product(gtin="3701234567906", title="Bonnet de laine", category="0U0O05", brand="Sablier"),
)


class ProductBook:
    """All products of the marketplace, and what the seller submitted. Thread-safe."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.RLock()
        self._products: dict[str, Product] = {product.gtin: product for product in _FIRST}
        self._submitted: list[Submitted] = []
        self._packages = 0

    def products(self) -> list[Product]:
        """Return the catalogue, by GTIN."""
        with self._lock:
            self._settle()
            return [product for _, product in sorted(self._products.items())]

    def submit(self, products: Sequence[Mapping[str, Any]], *, duration: timedelta, quota: int | None) -> str:
        """Take products of one package, of which `quota` an hour may be new; return the package's id."""
        with self._lock:
            self._packages += 1
            package, now = f"PRD{self._packages:05d}", self._now()
            for values in products:
                errors = self._errors(values, quota, now)
                row = Submitted(package=package, values=values, at=now, due=now + duration, errors=errors)
                self._submitted.append(row)
            return package

    def reports(self, *, package: str | None = None, gtin: str | None = None) -> list[Submitted]:
        """Return what was submitted in a package, or of one GTIN, oldest first."""
        with self._lock:
            self._settle()
            return [
                row
                for row in self._submitted
                if package in (None, row.package) and gtin in (None, row.values.get("gtin"))
            ]

    def is_decided(self, row: Submitted) -> bool:
        """Return whether a submitted product is decided on by now."""
        return self._now() >= row.due

    def _errors(
        self, values: Mapping[str, Any], quota: int | None, now: datetime
    ) -> tuple[Mapping[str, str | None], ...]:
        recent = sum(row.at > now - _HOUR and not row.errors for row in self._submitted)
        if quota is not None and recent >= quota:
            return ({"code": QUOTA, "field": None, "message": "Quota exceeded"},)
        category = next((one for one in CATEGORIES if one.reference == values.get("categoryCode")), None)
        if category is None or category.level < 3:
            return ({"code": "CategorizationError", "field": "categoryCode", "message": "No such category"},)
        given = {str(one.get("propertyReference")) for one in values.get("attributes") or ()}
        missing = [one for one in category.properties if one.mandatory and one.reference not in given]
        return tuple({"code": "ER400-6067", "field": one.reference, "message": "Attribute required"} for one in missing)

    def _settle(self) -> None:
        for row in self._submitted:
            gtin = str(row.values.get("gtin"))
            if not row.errors and self.is_decided(row) and gtin not in self._products:
                self._products[gtin] = Product(
                    gtin=gtin,
                    title=str(row.values.get("title")),
                    category=str(row.values.get("categoryCode")),
                    brand=str(row.values.get("brand") or "AUCUNE"),
                    description=str(row.values.get("description") or ""),
                )
