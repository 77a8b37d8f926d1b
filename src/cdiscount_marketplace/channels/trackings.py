"""What shipments say of their parcels, checked before any request."""

from __future__ import annotations

from collections.abc import Sequence

from cdiscount_marketplace.models import Shipment
from cdiscount_marketplace.tracking import Tracking, validate_trackings


def trackings_of(shipments: Sequence[Shipment]) -> list[tuple[str, Tracking]]:
    """Return the order number and the tracking of each shipment; raises `InvalidRequest` for what cannot be right."""
    trackings = [(shipment.key, _tracking(shipment)) for shipment in shipments]
    validate_trackings(trackings)
    return trackings


def _tracking(shipment: Shipment) -> Tracking:
    return Tracking(carrier=shipment.carrier, number=shipment.tracking_number, url=shipment.tracking_url)
