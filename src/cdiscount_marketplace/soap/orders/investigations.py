"""Asking the carrier about parcels: an investigation, or a certificate of delivery."""

from __future__ import annotations

from collections.abc import Sequence

from cdiscount_marketplace.enums import Member
from cdiscount_marketplace.errors import CdiscountError, OutcomeUnknown
from cdiscount_marketplace.soap.codec.declare import WireEnum, element, model
from cdiscount_marketplace.soap.common import ServiceBaseMessage, ServiceMessage
from cdiscount_marketplace.soap.operations import Operation, Part
from cdiscount_marketplace.soap.service import Service


class ParcelAction(WireEnum, name="ParcelActionTypes", flags=True):
    """What to ask for."""

    INVESTIGATION = Member("AskingForInvestigation")
    DELIVERY_CERTIFICATION = Member("AskingForDeliveryCertification")


@model(name="ParcelInfos")
class ParcelRequest:
    """What to ask about one parcel."""

    action: ParcelAction | None = element(default=None, name="ManageParcel")
    """What to ask for."""
    parcel_number: str | None = None
    """The parcel's tracking number."""
    sku: str | None = None
    """The marketplace's reference of what is in it."""


@model()
class ManageParcelRequest:
    """What to ask about the parcels of an order."""

    order_number: str | None = element(default=None, name="ScopusId")
    """The order."""
    parcels: Sequence[ParcelRequest] = element(default=(), name="ParcelActionsList")
    """What to ask."""


@model()
class ParcelActionResult(ServiceMessage):
    """What became of one request; it has its own success."""

    action_type: ParcelAction | None = None
    """What was asked for."""
    parcel_number: str | None = None
    """The parcel's tracking number."""
    is_action_created: bool | None = None
    """Whether the carrier is asked now."""


@model()
class ManageParcelResultMessage(ServiceBaseMessage):
    """The answer of ManageParcel."""

    results: tuple[ParcelActionResult, ...] = element(default=(), name="ParcelActionResultList")
    """One per request."""


MANAGE_PARCEL = Operation(
    name="ManageParcel",
    parts=(Part("manageParcelRequest", ManageParcelRequest),),
    result=ManageParcelResultMessage,
    kind="write",
)


def ask_about_parcels(
    service: Service, order_number: str, parcels: Sequence[ParcelRequest]
) -> tuple[ParcelActionResult, ...]:
    """Ask about parcels of an order and return one result per request, in the order given."""
    request = ManageParcelRequest(order_number=order_number, parcels=parcels)
    try:
        answered = list(service.submit(MANAGE_PARCEL, request).results)
    except CdiscountError as error:
        raise error.about(order_numbers=(order_number,)) from error.__cause__
    results = [_take(parcel, answered) for parcel in parcels]
    known = tuple(result for result in results if result is not None)
    if len(known) < len(results):
        message = "it is not known whether the carrier is asked about every parcel"
        raise OutcomeUnknown(message, operation=MANAGE_PARCEL.name, order_numbers=(order_number,))
    return known


def _take(parcel: ParcelRequest, answered: list[ParcelActionResult]) -> ParcelActionResult | None:
    wanted = (parcel.parcel_number, parcel.action)
    result = next((one for one in answered if (one.parcel_number, one.action_type) == wanted), None)
    if result is not None:
        answered.remove(result)
    return result
