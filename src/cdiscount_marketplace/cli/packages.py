"""Commands on packages of offers and products: `packages submit | status`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from zipfile import is_zipfile

from attrs import frozen
from cyclopts import App, Parameter

from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.listing import Listing, Paging, listed
from cdiscount_marketplace.cli.marketplace import channel_of, open_octopia, open_soap
from cdiscount_marketplace.cli.options import DryRun, Marketplace
from cdiscount_marketplace.cli.output import Output
from cdiscount_marketplace.cli.resolving import UploadOption, load_upload
from cdiscount_marketplace.errors import InvalidRequest, NotReady, Problem
from cdiscount_marketplace.octopia.client import OctopiaClient
from cdiscount_marketplace.octopia.offers.models import PackageState
from cdiscount_marketplace.octopia.products.models import ReportStatus
from cdiscount_marketplace.soap.client import MarketplaceClient
from cdiscount_marketplace.soap.package_files import Upload
from cdiscount_marketplace.soap.packages import is_turned_down

app: App = App(name="packages", help="Submit packages, and follow them.")

Products = Annotated[bool, Parameter(negative="", help="It is a package of products; default: of offers.")]


@frozen(kw_only=True)
class PackageRow:
    """What became of one offer or product of a package; `integrated` is None while that is open."""

    reference: str | None
    integrated: bool | None
    errors: tuple[str, ...]


@frozen(kw_only=True)
class PackageStatus:
    """Where a package stands, in the marketplace's word, and the rows that it reports.

    `errors` is how many offers or products the marketplace counts as refused, where it counts them.
    """

    package: str
    status: str | None
    errors: int | None = None
    rows: tuple[PackageRow, ...]


@app.command
def submit(
    file: Annotated[Path | None, Parameter(help="A package's zip file, to be put at a URL by --upload.")] = None,
    *,
    url: Annotated[str | None, Parameter(help="Where the package lies, for the marketplace to fetch it.")] = None,
    upload: UploadOption = None,
    products: Products = False,
    dry_run: DryRun = False,
    at: Marketplace = Marketplace(),
    out: Output = Output(),
) -> None:
    """Submit a package that lies at a URL, or a file (SOAP)."""
    if channel_of(at) != "soap":
        raise InvalidRequest([Problem("--channel", "octopia takes no files: see `offers put` and `offers push`")])
    put = _source(file, url, upload)
    if dry_run:
        out.show({"package": None, "url": url, "dry_run": True}, f"would submit {url or file}")
        return
    with open_soap(at) as client:
        place = url or _put(file, put)
        section = client.products if products else client.offers
        package = str(section.submit(place).id)
    words = f"package {package} is submitted; `packages status {package}{' --products' if products else ''}` follows it"
    out.show({"package": package, "url": place, "dry_run": False}, words)


@app.command
def status(
    package: Annotated[str, Parameter(help="The package's number, as `packages submit` shows it.")],
    *,
    products: Products = False,
    paging: Paging = Paging(),
    at: Marketplace = Marketplace(),
    out: Output = Output(),
) -> Exit:
    """Show where a package stands, row by row.

    Exits with 1 for one that is refused in part or whole, or not known.
    """
    if channel_of(at) == "octopia":
        with open_octopia(at) as octopia:
            found = (_octopia_products if products else _octopia_offers)(octopia, package)
    else:
        with open_soap(at) as soap:
            found = _soap_status(soap, package, products=products)
    listing = _listing(found)
    out.show(found, lambda: listing.parts(paging))
    return Exit.NEEDS_PERSON if _is_refused(found) or _is_unknown(found) else Exit.DONE


def _is_refused(found: PackageStatus) -> bool:
    refused = any(row.integrated is False for row in found.rows)
    return refused or bool(found.errors) or is_turned_down(found.status)


def _is_unknown(found: PackageStatus) -> bool:
    return found.status is None and not found.rows


_COLUMNS = ("Reference", "Taken", "Errors")


def _source(file: Path | None, url: str | None, upload: str | None) -> Upload | None:
    """Reject a command that does not say where the package is, before anything is sent."""
    if (file is None) == (url is None):
        raise InvalidRequest([Problem("--url", "give either a URL or a file")])
    if file is None:
        return None
    put = load_upload(upload)
    if put is None:
        raise InvalidRequest([Problem("--upload", "name the function that puts the file where a URL leads to it")])
    if not is_zipfile(file):
        raise InvalidRequest([Problem(str(file), "is not a zip file")])
    return put


def _put(file: Path | None, put: Upload | None) -> str:
    if file is None or put is None:
        return ""
    with file.open("rb") as opened:
        return put(opened, f"{file.stem}-{uuid.uuid4().hex}.zip")


def _listing(found: PackageStatus) -> Listing[PackageRow]:
    refused = sum(row.integrated is False for row in found.rows)
    standing = found.status or "not begun, or unknown"
    title = f"Package {found.package}: {standing}, {len(found.rows)} reported, {refused} refused"
    return listed(found.rows, title=title, columns=_COLUMNS, row=_cells)


def _cells(row: PackageRow) -> Sequence[object]:
    return row.reference, row.integrated, "; ".join(row.errors)


def _soap_status(client: MarketplaceClient, package: str, *, products: bool) -> PackageStatus:
    if not package.isdecimal():
        raise InvalidRequest([Problem("package", f"must be a number, not {package}")])
    if products:
        report = client.products.package(int(package)).status()
        rows = [
            PackageRow(
                reference=row.sku,
                integrated=row.integrated,
                errors=tuple(_words(one.name, one.error_code, one.log_message) for one in row.errors),
            )
            for row in report.products
        ]
        return PackageStatus(
            package=package, status=report.package_integration_status, errors=report.number_of_errors, rows=tuple(rows)
        )
    offers = client.offers.package(int(package)).status()
    rows = [
        PackageRow(
            reference=row.seller_product_id,
            integrated=row.integrated,
            errors=tuple(_words(one.name, one.property_error, one.log_message) for one in row.errors),
        )
        for row in offers.offers
    ]
    return PackageStatus(
        package=package, status=offers.package_integration_status, errors=offers.number_of_errors, rows=tuple(rows)
    )


def _octopia_offers(client: OctopiaClient, package: str) -> PackageStatus:
    packages = client.offers.packages
    state = packages.get(package).state
    try:
        results = list(packages.results(package)) if state == PackageState.INTEGRATED else []
    except NotReady:
        results = []
    rows = [
        PackageRow(
            reference=row.seller_external_reference,
            integrated=row.integrated,
            errors=() if row.integrated else tuple(_words(one.result_code, one.message) for one in row.results),
        )
        for row in results
    ]
    return PackageStatus(package=package, status=state, rows=tuple(rows))


def _octopia_products(client: OctopiaClient, package: str) -> PackageStatus:
    reports = client.products.reports(package_id=package)
    rows = [
        PackageRow(
            reference=row.seller_product_reference,
            integrated=None if row.status in (None, ReportStatus.PENDING) else row.status == ReportStatus.INTEGRATED,
            errors=tuple(_words(one.field, one.code, one.message) for one in row.errors),
        )
        for row in reports
    ]
    pending = any(row.integrated is None for row in rows)
    return PackageStatus(
        package=package, status=None if not rows else "Pending" if pending else "Done", rows=tuple(rows)
    )


def _words(*parts: str | None) -> str:
    return ": ".join(dict.fromkeys(part for part in parts if part))
