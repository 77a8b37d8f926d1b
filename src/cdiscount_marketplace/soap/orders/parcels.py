"""Parcels of an order, as the service knows them."""

from __future__ import annotations

from datetime import datetime

from cdiscount_marketplace.soap.codec.declare import element, model
from cdiscount_marketplace.soap.common import SOURCE_2020
from cdiscount_marketplace.soap.orders.enums import ParcelStatus


@model()
class Tracking:
    """One step of a parcel's way. The whole type is known only from later versions of the service."""

    insert_date: datetime | None = None
    """When the step was recorded (UTC)."""
    justification: str | None = None
    """What happened."""
    parcel_num: str | None = None
    """The parcel's number."""
    tracking_id: int | None = None
    """Number of the step."""


@model()
class ParcelItem:
    """Goods in a parcel."""

    product_name: str | None = None
    """Name of the product."""
    quantity: int | None = None
    """Pieces."""
    sku: str | None = None
    """The marketplace's id of the product."""


@model()
class Parcel:
    """A parcel."""

    customer_num: str | None = None
    """Number of the parcel for the customer."""
    external_carrier_name: str | None = None
    """Carrier."""
    external_carrier_tracking_url: str | None = element(default=None, private=True)
    """Where to follow the parcel."""
    is_customer_return: bool | None = None
    """Whether the customer sends it back."""
    parcel_items: tuple[ParcelItem, ...] = element(default=(), name="ParcelItemList")
    """What is in it."""
    parcel_status: ParcelStatus | None = element(default=None, nillable=True)
    """Where it is."""
    real_carrier_code: str | None = None
    """The carrier's code."""
    trackings: tuple[Tracking, ...] = element(default=(), name="TrackingList", since=SOURCE_2020, empty="absent")
    """Its way so far."""
