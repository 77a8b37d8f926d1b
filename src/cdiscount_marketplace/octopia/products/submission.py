"""Submitting products in a package that a report can show whole, and following it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from attrs import frozen

from cdiscount_marketplace.calls.waiting import attempts
from cdiscount_marketplace.errors import CallTimeout, InvalidRequest, Problem, UnreadableAnswer
from cdiscount_marketplace.octopia.api import Api, Reply, json_body
from cdiscount_marketplace.octopia.bodies import is_object, member
from cdiscount_marketplace.octopia.codec import encode
from cdiscount_marketplace.octopia.products.models import ProductReport, ProductRequest, ReportStatus

PACKAGE_SIZE: Final = 25
"""How many rows a report shows: there is no way to read more of a package."""
_PATH: Final = "/products-integration"
_REPORTS: Final = "/products-integration-reports"


@frozen(kw_only=True)
class ProductSubmission:
    """A package of products that was submitted. Thread-safe."""

    package_id: str
    count: int
    api: Api

    def status(self) -> tuple[ProductReport, ...]:
        """Read what the marketplace reports by now; it lags behind."""
        return read_reports(self.api, package_id=self.package_id)

    def wait(
        self, *, timeout: timedelta = timedelta(hours=2), poll: timedelta = timedelta(minutes=1)
    ) -> tuple[ProductReport, ...]:
        """Wait until every product is integrated or refused, and return their reports.

        Raises `CallTimeout` after `timeout`: the marketplace goes on, and may be asked again.
        """
        ended = 0
        for _ in attempts(self.api.caller.clock, timeout, poll):
            reports = self.status()
            ended = sum(report.status not in (None, ReportStatus.PENDING) for report in reports)
            if ended >= self.count:
                return reports
        raise CallTimeout(f"{ended} of {self.count} products are reported", operation=f"GET {_REPORTS}")


def submit_products(api: Api, products: Sequence[ProductRequest], language: str) -> ProductSubmission:
    """Check all products, then send them."""
    problems = [
        Problem(f"products[{index}].{problem.field}", problem.message)
        for index, product in enumerate(products)
        for problem in product.problems()
    ]
    if not 1 <= len(products) <= PACKAGE_SIZE:
        problems.append(Problem("products", f"give 1 to {PACKAGE_SIZE} at a time: a report shows no more"))
    if problems:
        raise InvalidRequest(problems, operation="submit")
    body = json_body({"products": [encode(product) for product in products]}, Accept_Language=language)
    reply = api.send(f"POST {_PATH}", _PATH, body)
    return ProductSubmission(package_id=_package_id(reply), count=len(products), api=api)


def read_reports(api: Api, *, package_id: str | None = None, gtin: str | None = None) -> tuple[ProductReport, ...]:
    """Read the reports of a package, or of one GTIN."""
    query = {name: value for name, value in (("packageId", package_id), ("gtin", gtin)) if value}
    if len(query) != 1:
        raise InvalidRequest([Problem("package_id", "give a package or a GTIN")])
    return api.read(f"GET {_REPORTS}", _REPORTS, query).decoded_many(ProductReport)


def _package_id(reply: Reply) -> str:
    data = reply.data
    package_id = member(data, "packageId") if is_object(data) else None
    package_id = package_id or (reply.location or "").rpartition("/")[2]
    if not isinstance(package_id, str) or not package_id:
        raise UnreadableAnswer("the answer names no package", status=reply.status, operation=reply.operation)
    return package_id
