"""Categories, products of the catalogue, and products that a seller submits, as the REST API shows and takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.errors import Problem
from cdiscount_marketplace.octopia.codec import flag, many, raw, text, texts, whole, word

TITLE_LENGTH: Final = 132
RICH_LENGTH: Final = 5000


class Necessity(OpenEnum):
    """Whether a property of a category must be given."""

    MANDATORY = Member("Mandatory")
    RECOMMENDED = Member("Recommended")
    OPTIONAL = Member("Optional")


class ReportStatus(OpenEnum):
    """What became of a submitted product; other words are seen."""

    INTEGRATED = Member("Integrated")
    REFUSED = Member("Refused")
    PENDING = Member("Pending")


@frozen(kw_only=True, weakref_slot=False)
class Category:
    """A category; products go to active ones of level 3. `parent_references` lead up to the root."""

    category_reference: str | None = text(also=("reference", "code"))
    label: str | None = text()
    level: int | None = whole()
    is_active: bool | None = flag()
    is_brand_mandatory: bool | None = flag()
    is_variant: bool | None = flag()
    parent_references: tuple[str, ...] = texts()
    child_count: int | None = whole()


@frozen(kw_only=True, weakref_slot=False)
class CategoryProperty:
    """A property of a category's products. `choices` are its only values where there are any."""

    property_reference: str | None = text(also=("reference",))
    index: int | None = whole()
    necessity: Necessity | None = word(Necessity)
    label: str | None = text()
    unit: str | None = text()
    is_numeric: bool | None = flag()
    is_ranged: bool | None = flag()
    is_multiple: bool | None = flag()
    is_variation: bool | None = flag()
    is_size: bool | None = flag()
    choices: tuple[str, ...] = texts()


@frozen(kw_only=True, weakref_slot=False)
class Brand:
    """A brand; some answers are bare texts."""

    name: str | None = text(also=("label", "brand"))


@frozen(kw_only=True, weakref_slot=False)
class Product:
    """A product of the catalogue. Members of unknown shape are kept as parsed JSON."""

    product_reference: str | None = text(also=("reference", "productId", "id"))
    gtin: str | None = text()
    title: str | None = text(also=("label",))
    description: str | None = text()
    brand: str | None = text()
    category_reference: str | None = text(also=("categoryCode",))
    seller_product_reference: str | None = text()
    pictures: object = raw(also=("sellerPictureUrls",))
    attributes: object = raw()


@frozen(kw_only=True, weakref_slot=False)
class Picture:
    """A picture to fetch: 500 to 3000 pixels, 5 MB at most, at a URL that does not redirect."""

    index: int | None = whole()
    url: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class ProductAttribute:
    """The values of one property of the category."""

    property_reference: str | None = text()
    values: tuple[str, ...] = texts()


@frozen(kw_only=True, weakref_slot=False)
class ProductRequest:
    """A product to create. It needs a GTIN, the seller's reference, a title, a description without HTML, a category."""

    gtin: str | None = text()
    seller_product_reference: str | None = text()
    title: str | None = text()
    description: str | None = text()
    rich_marketing_description: str | None = text()
    brand: str | None = text()
    seller_picture_urls: tuple[Picture, ...] = many(Picture)
    category_code: str | None = text()
    variant_group_reference: str | None = text()
    color: str | None = text()
    size: str | None = text()
    attributes: tuple[ProductAttribute, ...] = many(ProductAttribute)

    def problems(self) -> Iterator[Problem]:
        """Name what the marketplace would refuse, as far as it is known."""
        needed = ("gtin", "seller_product_reference", "title", "description", "category_code")
        for name in needed:
            if not (getattr(self, name) or "").strip():
                yield Problem(name, "is required")
        limits = {"title": TITLE_LENGTH, "rich_marketing_description": RICH_LENGTH}
        for name, most in limits.items():
            length = len(getattr(self, name) or "")
            if length > most:
                yield Problem(name, f"has {length} characters, at most {most} are allowed")
        if "<" in (self.description or "") and ">" in (self.description or ""):
            yield Problem("description", "must be plain text, without HTML; see rich_marketing_description")


@frozen(kw_only=True, weakref_slot=False)
class ReportError:
    """Why a product was refused. `field` is the member, or the reference of the property."""

    code: str | None = text()
    field: str | None = text()
    message: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class ProductReport:
    """What became of a submitted product; `QuotaExceeded` among the errors passes: submit it again later."""

    seller_product_reference: str | None = text()
    gtin: str | None = text()
    status: ReportStatus | None = word(ReportStatus)
    category_code: str | None = text()
    package_id: str | None = text()
    submission_date: str | None = text()
    errors: tuple[ReportError, ...] = many(ReportError)

    @property
    def passes(self) -> bool:
        """Whether the same product may be taken later: only the hourly quota was in the way."""
        codes = {error.code for error in self.errors}
        return bool(codes) and codes == {"QuotaExceeded"}
