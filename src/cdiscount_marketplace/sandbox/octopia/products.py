"""Categories, products and submissions in the REST API's shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from cdiscount_marketplace.octopia.bodies import is_array, is_object
from cdiscount_marketplace.octopia.codec import write_moment
from cdiscount_marketplace.sandbox.exchange import Answer
from cdiscount_marketplace.sandbox.octopia.asked import Asked, Handler, count_answer, page_answer
from cdiscount_marketplace.sandbox.octopia.commands import object_of, read_json
from cdiscount_marketplace.sandbox.octopia.errors import Problem, json_answer
from cdiscount_marketplace.sandbox.octopia.listing import cursor_page, index_page
from cdiscount_marketplace.sandbox.products import BRANDS, CATEGORIES, Category, Product, Property, Submitted

_REPORT_ROWS: Final = 25
_MOST: Final = 1000
_INTEGRATION: Final = timedelta(minutes=10)


def _list_categories(asked: Asked) -> Answer:
    page = index_page(CATEGORIES, asked.query)
    fields = _fields(asked) or (_ALL if asked.switches.full_categories else {"categoryReference"})
    items = [_category(one) for one in page.items]
    return page_answer(asked, page, [{name: item[name] for name in item if name in fields} for item in items])


def _get_category(asked: Asked) -> Answer:
    return json_answer(_category(_find(asked)))


def _list_properties(asked: Asked) -> Answer:
    return json_answer({"items": [_property(index, one) for index, one in enumerate(_find(asked).properties)]})


def _find(asked: Asked) -> Category:
    found = next((one for one in CATEGORIES if one.reference == asked.parts[0]), None)
    if found is None:
        raise Problem(404, "The category does not exist.")
    return found


def _category(one: Category) -> dict[str, Any]:
    return {
        "categoryReference": one.reference,
        "label": one.label,
        "level": one.level,
        "isActive": True,
        "isBrandMandatory": False,
        "isVariant": False,
        "parentReferences": list(one.parents),
        "childCount": sum(one.reference in other.parents for other in CATEGORIES),
    }


_ALL: Final = frozenset(_category(CATEGORIES[0]))


def _property(index: int, one: Property) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "propertyReference": one.reference,
        "index": index + 1,
        "necessity": "Mandatory" if one.mandatory else "Optional",
        "label": one.label,
        "isNumeric": one.unit is not None,
        "isRanged": False,
        "isMultiple": False,
    }
    more = {"unit": one.unit, "choices": list(one.choices)}
    return {**shown, **{name: value for name, value in more.items() if value}}


def _list_brands(asked: Asked) -> Answer:
    page = index_page(BRANDS, asked.query)
    return page_answer(asked, page, [{"name": name} if "name" in _fields(asked) else {} for name in page.items])


def _list_products(asked: Asked) -> Answer:
    gtin, category = asked.query.get("gtin"), asked.query.get("categoryReference")
    products = [
        one for one in asked.market.products.products() if gtin in (None, one.gtin) and category in (None, one.category)
    ]
    page = cursor_page(products, asked.query)
    return page_answer(asked, page, [_product(one) for one in page.items])


def _product(one: Product) -> dict[str, Any]:
    return {
        "productReference": f"AUC{one.gtin}",
        "gtin": one.gtin,
        "title": one.title,
        "description": one.description,
        "brand": one.brand,
        "categoryReference": one.category,
    }


def _submit(asked: Asked) -> Answer:
    products = object_of(read_json(asked.body)).get("products")
    if not is_array(products) or not 1 <= len(products) <= _MOST or not all(map(is_object, products)):
        raise Problem.of_member("products", f"The value must be a list of 1 to {_MOST} products.")
    for index, product in enumerate(products):
        _ensure_shape(product, f"products[{index}]")
    quota = asked.switches.products_per_hour
    package = asked.market.products.submit(products, duration=_INTEGRATION, quota=quota)
    return json_answer({"packageId": package}, status=202)


def _ensure_shape(product: Mapping[str, Any], where: str) -> None:
    if not isinstance(product.get("gtin"), str):
        raise Problem.of_member(f"{where}.gtin", "The value must be a text.")
    attributes = product.get("attributes")
    if attributes is not None and not (is_array(attributes) and all(map(is_object, attributes))):
        raise Problem.of_member(f"{where}.attributes", "The value must be a list of objects.")


def _reports(asked: Asked) -> Answer:
    if "pageSize" in asked.query and asked.switches.reports == "capped":
        raise Problem.of_member("pageSize", "The parameter is not known.")
    package, gtin = asked.query.get("packageId"), asked.query.get("gtin")
    if not package and not gtin:
        raise Problem.of_member("packageId", "The value is required.")
    rows = asked.market.products.reports(package=package or None, gtin=gtin or None)
    shown = [_report(row, decided=asked.market.products.is_decided(row)) for row in rows]
    if asked.switches.reports == "paged":
        page = index_page(shown, asked.query)
        return page_answer(asked, page, list(page.items))
    items = shown[:_REPORT_ROWS]
    return json_answer({"itemsPerPage": len(items), "items": items})


def _report(row: Submitted, *, decided: bool) -> dict[str, Any]:
    status = "Pending" if not decided else "Refused" if row.errors else "Integrated"
    shown = {
        "sellerProductReference": row.values.get("sellerProductReference"),
        "gtin": row.values.get("gtin"),
        "status": status,
        "categoryCode": row.values.get("categoryCode"),
        "packageId": row.package,
        "submissionDate": write_moment(row.at),
    }
    shown = {name: value for name, value in shown.items() if isinstance(value, str)}
    return {**shown, "errors": list(row.errors)} if decided and row.errors else shown


def _fields(asked: Asked) -> frozenset[str]:
    return frozenset(name for name in asked.query.get("fields", "").split(",") if name)


HANDLERS: Mapping[str, Handler] = {
    "GET /categories": _list_categories,
    "GET /categories/count": lambda asked: count_answer(asked, len(CATEGORIES)),
    "GET /categories/{reference}": _get_category,
    "GET /categories/{reference}/properties": _list_properties,
    "GET /brands": _list_brands,
    "GET /products": _list_products,
    "GET /products/count": lambda asked: count_answer(asked, len(asked.market.products.products())),
    "POST /products-integration": _submit,
    "GET /products-integration-reports": _reports,
}
