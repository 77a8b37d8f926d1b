"""`client.relays`: the seller's own pick-up points, submitted as a file."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from cdiscount_marketplace.soap.codec.declare import element, model
from cdiscount_marketplace.soap.common import ServiceBaseMessage
from cdiscount_marketplace.soap.operations import Operation, Part
from cdiscount_marketplace.soap.packages import ensure_url, number_of
from cdiscount_marketplace.soap.service import Service


@model()
class ParcelShop:
    """A pick-up point. Hours are texts as the service writes them; a day has a morning and an afternoon."""

    reference: str | None = None
    """The seller's own reference."""
    name: str | None = None
    """Name."""
    street: str | None = element(default=None, name="StreetAndStreetNumber")
    """Number and street."""
    address_complement: str | None = None
    """Further line of the address."""
    locality: str | None = None
    """Place within the town."""
    zip_code: str | None = None
    """Postal code."""
    city: str | None = None
    """Town."""
    phone_number: str | None = None
    """Phone."""
    latitude: float | None = element(default=None, nillable=True)
    """Latitude in degrees."""
    longitude: float | None = element(default=None, nillable=True)
    """Longitude in degrees."""
    is_store_shipment_active: bool | None = None
    """Whether goods are shipped to it."""
    is_take_away_delivery_active: bool | None = None
    """Whether goods on stock there can be taken away."""
    opening_date: datetime | None = element(default=None, nillable=True)
    """Since when it is open (UTC)."""
    closing_date: datetime | None = element(default=None, nillable=True)
    """When it closes for good (UTC)."""
    temporary_closing_start_date: datetime | None = element(default=None, nillable=True)
    """From when on it is closed for a while (UTC)."""
    temporary_closing_end_date: datetime | None = element(default=None, nillable=True)
    """Until when it is closed for a while (UTC)."""
    exceptional_closing_date1: datetime | None = element(default=None, nillable=True)
    """First day on which it is closed (UTC)."""
    exceptional_closing_date2: datetime | None = element(default=None, nillable=True)
    """Second day on which it is closed (UTC)."""
    exceptional_closing_date3: datetime | None = element(default=None, nillable=True)
    """Third day on which it is closed (UTC)."""
    exceptional_closing_date4: datetime | None = element(default=None, nillable=True)
    """Fourth day on which it is closed (UTC)."""
    exceptional_closing_date5: datetime | None = element(default=None, nillable=True)
    """Fifth day on which it is closed (UTC)."""
    monday_morning_opening_hour: str | None = None
    """Monday: opens in the morning."""
    monday_morning_closing_hour: str | None = None
    """Monday: closes in the morning."""
    monday_afternoon_opening_hour: str | None = None
    """Monday: opens in the afternoon."""
    monday_afternoon_closing_hour: str | None = None
    """Monday: closes in the afternoon."""
    tuesday_morning_opening_hour: str | None = None
    """Tuesday: opens in the morning."""
    tuesday_morning_closing_hour: str | None = None
    """Tuesday: closes in the morning."""
    tuesday_afternoon_opening_hour: str | None = None
    """Tuesday: opens in the afternoon."""
    tuesday_afternoon_closing_hour: str | None = None
    """Tuesday: closes in the afternoon."""
    wednesday_morning_opening_hour: str | None = None
    """Wednesday: opens in the morning."""
    wednesday_morning_closing_hour: str | None = None
    """Wednesday: closes in the morning."""
    wednesday_afternoon_opening_hour: str | None = None
    """Wednesday: opens in the afternoon."""
    wednesday_afternoon_closing_hour: str | None = None
    """Wednesday: closes in the afternoon."""
    thursday_morning_opening_hour: str | None = None
    """Thursday: opens in the morning."""
    thursday_morning_closing_hour: str | None = None
    """Thursday: closes in the morning."""
    thursday_afternoon_opening_hour: str | None = None
    """Thursday: opens in the afternoon."""
    thursday_afternoon_closing_hour: str | None = None
    """Thursday: closes in the afternoon."""
    friday_morning_opening_hour: str | None = None
    """Friday: opens in the morning."""
    friday_morning_closing_hour: str | None = None
    """Friday: closes in the morning."""
    friday_afternoon_opening_hour: str | None = None
    """Friday: opens in the afternoon."""
    friday_afternoon_closing_hour: str | None = None
    """Friday: closes in the afternoon."""
    saturday_morning_opening_hour: str | None = None
    """Saturday: opens in the morning."""
    saturday_morning_closing_hour: str | None = None
    """Saturday: closes in the morning."""
    saturday_afternoon_opening_hour: str | None = None
    """Saturday: opens in the afternoon."""
    saturday_afternoon_closing_hour: str | None = None
    """Saturday: closes in the afternoon."""
    sunday_morning_opening_hour: str | None = None
    """Sunday: opens in the morning."""
    sunday_morning_closing_hour: str | None = None
    """Sunday: closes in the morning."""
    sunday_afternoon_opening_hour: str | None = None
    """Sunday: opens in the afternoon."""
    sunday_afternoon_closing_hour: str | None = None
    """Sunday: closes in the afternoon."""


@model()
class ParcelShopListMessage(ServiceBaseMessage):
    """The answer of GetParcelShopList."""

    shops: tuple[ParcelShop, ...] = element(default=(), name="ParcelShopList")
    """The pick-up points."""


@model()
class RelaysFileIntegrationRequest:
    """Where a file of pick-up points lies."""

    url: str | None = element(default=None, name="RelaysFileURI")
    """A URL that the marketplace can fetch without a login."""


@model()
class RelaysFileDepositMessage(ServiceBaseMessage):
    """The answer of SubmitRelaysFile."""

    relays_file_id: int | None = None
    """Number of the file, to read its report with."""


@model()
class RelaysFileFilter:
    """Which file to report on."""

    relays_file_id: int | None = None
    """Number of the file."""


@model(name="RelayIntegrationLog")
class RelayReport:
    """What became of one pick-up point of a file."""

    relay_reference: str | None = None
    """The seller's own reference."""
    validated: bool | None = None
    """Whether it was taken."""
    errors: tuple[str, ...] = ()
    """What is wrong."""
    log_date: datetime | None = None
    """When it was worked on (UTC)."""


@model(name="RelayIntegrationReportMessage")
class RelaysFileReport(ServiceBaseMessage):
    """How far a file of pick-up points is."""

    relays_file_id: int | None = None
    """Number of the file."""
    relays_file_integration_status: str | None = None
    """The service's own word for where it stands."""
    number_of_errors: int | None = None
    """How many pick-up points were refused."""
    relays: tuple[RelayReport, ...] = element(default=(), name="RelaysLogList", empty="nil")
    """One row per pick-up point."""


GET_PARCEL_SHOP_LIST = Operation(name="GetParcelShopList", result=ParcelShopListMessage, kind="read")
SUBMIT_RELAYS_FILE = Operation(
    name="SubmitRelaysFile",
    parts=(Part("relaysFileRequest", RelaysFileIntegrationRequest),),
    result=RelaysFileDepositMessage,
    kind="write",
)
GET_RELAYS_FILE_SUBMISSION_RESULT = Operation(
    name="GetRelaysFileSubmissionResult",
    parts=(Part("relaysFileFilter", RelaysFileFilter),),
    result=RelaysFileReport,
    kind="read",
)


@frozen
class Relays:
    """Read and submit the seller's own pick-up points. Thread-safe."""

    _service: Service

    def shops(self) -> tuple[ParcelShop, ...]:
        """Read the pick-up points (GetParcelShopList); may be repeated."""
        return self._service.read(GET_PARCEL_SHOP_LIST).result.shops

    def submit(self, url: str) -> int:
        """Submit the file that lies at a URL, and return its number (SubmitRelaysFile).

        May be repeated: the same file states the same points. Raises `OutcomeUnknown` when no clear answer came.
        """
        ensure_url(url, SUBMIT_RELAYS_FILE.name)
        answered = self._service.submit(SUBMIT_RELAYS_FILE, RelaysFileIntegrationRequest(url=url))
        return number_of(answered.relays_file_id, "file", SUBMIT_RELAYS_FILE.name)

    def report(self, relays_file_id: int) -> RelaysFileReport:
        """Read how far a file is (GetRelaysFileSubmissionResult); may be repeated.

        Raises `OperationFailed` for a file that the service does not know.
        """
        asked = RelaysFileFilter(relays_file_id=relays_file_id)
        return self._service.read(GET_RELAYS_FILE_SUBMISSION_RESULT, asked).result
