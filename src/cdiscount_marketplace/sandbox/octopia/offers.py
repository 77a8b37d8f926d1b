"""Offers and their packages in the REST API's shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

from cdiscount_marketplace.octopia.bodies import is_array, is_object
from cdiscount_marketplace.octopia.codec import write_moment
from cdiscount_marketplace.sandbox.exchange import Answer
from cdiscount_marketplace.sandbox.octopia.asked import Asked, Handler, page_answer
from cdiscount_marketplace.sandbox.octopia.commands import object_of, read_json
from cdiscount_marketplace.sandbox.octopia.errors import Problem, json_answer
from cdiscount_marketplace.sandbox.octopia.listing import Query, cursor_page, moment
from cdiscount_marketplace.sandbox.offers import Change, Offer, Package, PackageStage, Row

KINDS: Final = ("Upsert", "Update", "Delete")
_STATES: Final = {
    PackageStage.DIGESTING: "IntegrationPending",
    PackageStage.OPEN: "WaitingForCompletion",
    PackageStage.READY: "IntegrationPending",
    PackageStage.DONE: "Integrated",
}
_MOST: Final = 100
_TOO_EARLY: Final = "The retrieval of the offer requests results failed"


# --- packages ---------------------------------------------------------------------------------------------------------


def _create(asked: Asked) -> Answer:
    body = object_of(read_json(asked.body))
    kind = next((value for name, value in body.items() if name.casefold() == "packagetype"), None)
    if kind not in KINDS:
        raise Problem.of_member("packageType", "The value must be Upsert, Update or Delete.")
    channel = asked.headers.get("saleschannelid")
    if not channel:
        raise Problem(400, "The header SalesChannelId is required.")
    package = asked.market.offers.create(str(kind), channel)
    if asked.switches.package_answer == "body":
        return json_answer({"packageId": package.id, "status": "WaitingForCompletion"}, status=201)
    name = "Content-Location" if asked.switches.package_answer == "content-location" else "Location"
    return Answer(status=201, content_type="", headers=((name, f"offers-packages/{package.id}"),), ran=True)


def _upload(asked: Asked) -> Answer:
    package = _package(asked)
    if _stage(asked, package) not in (PackageStage.OPEN, PackageStage.DIGESTING):
        raise Problem(409, "Nothing can be added to the package any more.")
    items = read_json(asked.body)
    if not is_array(items) or not 1 <= len(items) <= _MOST:
        raise Problem.of_member("$", f"The value must be a list of 1 to {_MOST} offers.")
    changes = [_change(object_of(item), f"[{index}]") for index, item in enumerate(items)]
    asked.market.offers.add(package.id, changes, asked.switches.digestion)
    return Answer(status=asked.switches.upload_status, content_type="", ran=True)


def _patch(asked: Asked) -> Answer:
    package, body = _package(asked), object_of(read_json(asked.body))
    if next((value for name, value in body.items() if name.casefold() == "state"), None) != "Ready":
        raise Problem.of_member("state", "The value must be Ready.")
    if _stage(asked, package) != PackageStage.OPEN:
        raise Problem(400, "The package is not waiting for its completion.")
    asked.market.offers.ready(package.id, asked.switches.integration)
    return Answer(status=204, content_type="", ran=True)


def _get_package(asked: Asked) -> Answer:
    return json_answer(_shown(asked, _package(asked)))


def _list_packages(asked: Asked) -> Answer:
    wanted = (asked.query.get("state"), asked.query.get("salesChannelId"))
    packages = (package for package in asked.market.offers.packages() if _stage(asked, package) in _STATES)
    shown = [_shown(asked, package) for package in packages]
    items = [one for one in shown if wanted[0] in (None, one["state"]) and wanted[1] in (None, one["salesChannelId"])]
    page = cursor_page(items, asked.query)
    return page_answer(asked, page, list(page.items))


def _results(asked: Asked) -> Answer:
    package = _package(asked)
    if package.done_at is None:
        if asked.switches.early_results == "empty":
            return json_answer({"itemsPerPage": 0, "items": []})
        raise Problem(400, _TOO_EARLY)
    if asked.book.now() - package.done_at >= asked.switches.results_life:
        raise Problem(404, "The results are no longer available.")
    page = cursor_page([_result(row) for row in package.rows], asked.query)
    return page_answer(asked, page, list(page.items))


def _package(asked: Asked) -> Package:
    package = asked.market.offers.package(asked.parts[0])
    if package is None or _stage(asked, package) == PackageStage.LAPSED:
        raise Problem(404, "The package does not exist.")
    return package


def _stage(asked: Asked, package: Package) -> PackageStage:
    return asked.market.offers.stage(package, asked.switches.package_life)


def _shown(asked: Asked, package: Package) -> dict[str, Any]:
    return {
        "packageId": package.id,
        "packageType": package.kind,
        "salesChannelId": package.channel,
        "state": _STATES[_stage(asked, package)],
        "createdAt": write_moment(package.created_at),
    }


def _result(row: Row) -> dict[str, Any]:
    return {
        "sellerExternalReference": row.sku,
        "integrationStatus": "Integrated" if row.accepted else "Rejected",
        "results": [{"resultCode": row.code, "message": row.message}],
    }


# --- requests ---------------------------------------------------------------------------------------------------------


def _change(item: dict[str, Any], where: str) -> Change:
    """Read an offer request; raises `Problem` for a shape that no package takes."""
    sku = item.get("sellerExternalReference")
    if not isinstance(sku, str) or not sku.strip():
        raise Problem.of_member(f"{where}.sellerExternalReference", "The value must be a text that is not empty.")
    price, product = _part(item, "price", where), _part(item, "product", where)
    return Change(
        sku=sku,
        gtin=None if product.get("gtin") is None else str(product["gtin"]),
        condition=item.get("condition"),
        price=_amount(price, "price", f"{where}.price"),
        original_price=_amount(price, "originPrice", f"{where}.price"),
        quantity=_whole(item, "quantity", where),
        preparation_days=_whole(item, "preparationTime", where),
        delivery=_objects(item, "deliveryModes", where),
        taxes=_objects(price, "taxes", f"{where}.price"),
    )


def _part(item: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    value = item.get(name)
    if value is not None and not is_object(value):
        raise Problem.of_member(f"{where}.{name}", "The value must be an object.")
    return value or {}


def _amount(item: Mapping[str, Any], name: str, where: str) -> Decimal | None:
    value = item.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value < 0):
        raise Problem.of_member(f"{where}.{name}", "The value must be a number of at least 0.")
    return None if value is None else Decimal(value)


def _whole(item: Mapping[str, Any], name: str, where: str) -> int | None:
    value = item.get(name)
    if value is not None and (type(value) is not int or not 0 <= value < 10**9):
        raise Problem.of_member(f"{where}.{name}", "The value must be a whole number of at least 0.")
    return value


def _objects(item: Mapping[str, Any], name: str, where: str) -> tuple[Mapping[str, Any], ...] | None:
    value = item.get(name)
    if value is None:
        return None
    if not is_array(value) or not all(map(is_object, value)):
        raise Problem.of_member(f"{where}.{name}", "The value must be a list of objects.")
    return tuple(value)


# --- reading offers ---------------------------------------------------------------------------------------------------


def _list_offers(asked: Asked) -> Answer:
    channel = asked.query.get("salesChannelId")
    if not channel:
        raise Problem.of_member("salesChannelId", "The value is required.")
    tests = list(_tests(asked.query))
    offers = [offer for offer in asked.market.offers.offers(channel) if all(test(offer) for test in tests)]
    page = cursor_page(offers, asked.query)
    fields = [name for name in asked.query.get("fields", "").split(",") if name]
    return page_answer(asked, page, [_chosen(_offer(asked, offer), fields) for offer in page.items])


def _tests(query: Query) -> Iterator[Callable[[Offer], bool]]:
    wanted: dict[str, Callable[[Offer], object]] = {
        "sellerExternalReferences": lambda offer: offer.sku,
        "gtins": lambda offer: offer.gtin,
        "offerStates": _state,
    }
    for name, member in wanted.items():
        if query.get(name):
            yield partial(_is_one_of, member, frozenset(query[name].split(",")))
    since = moment(query, "updatedAtMin")
    if since is not None:
        yield lambda offer: offer.updated_at >= since


def _is_one_of(member: Callable[[Offer], object], values: frozenset[str], offer: Offer) -> bool:
    return member(offer) in values


def _offer(asked: Asked, offer: Offer) -> dict[str, Any]:
    gtin = offer.gtin or ""
    shown: object = int(gtin) if asked.switches.gtin_numbers and gtin.isdecimal() else gtin
    price = {"price": None if offer.price is None else float(offer.price)}
    return {
        "offerId": f"98979_{offer.gtin}_{offer.condition}_{offer.channel}",
        "sellerExternalReference": offer.sku,
        "offerState": _state(offer),
        "createdAt": write_moment(offer.created_at),
        "updatedAt": write_moment(offer.updated_at),
        "product": {"gtin": shown, "reference": f"AUC{gtin}"},
        "condition": offer.condition,
        "integrationPrice": price,
        "facialPrice": price,
        "quantity": offer.quantity,
    }


def _state(offer: Offer) -> str:
    return "Active" if offer.quantity > 0 else "Inactive"


_ALWAYS = frozenset({"offerId", "sellerExternalReference", "offerState", "createdAt", "updatedAt"})


def _chosen(item: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    if not fields:
        return item
    roots = {name.partition(".")[0] for name in fields}
    return {name: value for name, value in item.items() if name in roots or name in _ALWAYS}


HANDLERS: Mapping[str, Handler] = {
    "POST /offer-packages": _create,
    "GET /offer-packages": _list_packages,
    "GET /offer-packages/{packageId}": _get_package,
    "PATCH /offer-packages/{packageId}": _patch,
    "POST /offer-packages/{packageId}/offer-requests": _upload,
    "GET /offer-packages/{packageId}/offer-requests-results": _results,
    "GET /offers": _list_offers,
}
