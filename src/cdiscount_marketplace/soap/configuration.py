"""GetGlobalConfiguration: the carriers that the service knows."""

from __future__ import annotations

from cdiscount_marketplace.soap.codec.declare import element, model
from cdiscount_marketplace.soap.common import ServiceBaseMessage
from cdiscount_marketplace.soap.operations import Operation


@model()
class Carrier:
    """A carrier. The list changes over time; names are sent as listed, even with a trailing blank."""

    carrier_id: int | None = None
    """Number of the carrier; never sent."""
    default_url: str | None = element(default=None, name="DefaultURL")
    """A general tracking page; may begin with white space."""
    name: str | None = None
    """The name to report shipments with."""


@model()
class GlobalConfigurationMessage(ServiceBaseMessage):
    """The answer of GetGlobalConfiguration."""

    carriers: tuple[Carrier, ...] = element(default=(), name="CarrierList")
    """The carriers."""


GET_GLOBAL_CONFIGURATION = Operation(name="GetGlobalConfiguration", result=GlobalConfigurationMessage, kind="read")
