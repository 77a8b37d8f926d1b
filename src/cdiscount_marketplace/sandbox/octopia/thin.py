"""Operations that are known by name only: plausible answers, always the same, and whatever is made is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cdiscount_marketplace.sandbox.exchange import Answer
from cdiscount_marketplace.sandbox.octopia.asked import Asked, Handler, count_answer, page_answer
from cdiscount_marketplace.sandbox.octopia.commands import object_of, read_json
from cdiscount_marketplace.sandbox.octopia.errors import Problem, json_answer
from cdiscount_marketplace.sandbox.octopia.listing import cursor_page

_PDF: Final = b"%PDF-1.7 sandbox"
_LISTS: Final[Mapping[str, tuple[dict[str, Any], ...]]] = {
    "/payments": ({"paymentId": "P-1", "paymentState": "Paid", "amount": 120.5, "currency": "EUR"},),
    "/operations": (
        {"operationId": "O-1", "eventType": "Sale", "operationReference": "26030109A1", "amount": 42.0},
        {"operationId": "O-2", "eventType": "Commission", "operationReference": "26030109A1", "amount": -5.04},
    ),
    "/invoice-documents": ({"invoiceId": "I-1", "fileName": "commission.pdf"},),
    "/invoices/{id}/details": ({"label": "Commission", "amount": 5.04},),
    "/reports": ({"reportId": "R-1", "year": 2026},),
    "/inbound-shipments": ({"inboundShipmentId": "IN-1", "reference": "supply-1", "storageCountry": "DE"},),
    "/stocks": ({"id": "S-1", "productId": "AUC3701234567890", "productState": "New", "available": 12},),
    "/stock-seller-references": ({"sellerProductReference": "LAMP-1", "productId": "AUC3701234567890"},),
    "/outbound-shipments": ({"outboundShipmentId": "OUT-1", "reference": "web-1", "status": "Created"},),
    "/returns": ({"returnId": "RET-1", "status": "Created"},),
    "/typologies": ({"typologyCode": "order", "subTypologies": ["broken-product", "late-delivery", "other"]},),
    "/attachments": ({"attachmentId": "A-1", "fileName": "photo.jpg"},),
}
_COUNTED: Final = (
    "/payments",
    "/operations",
    "/invoices/{id}/details",
    "/inbound-shipments",
    "/outbound-shipments",
    "/returns",
)
_SINGLE: Final = ("/inbound-shipments", "/stocks", "/outbound-shipments", "/returns")
_FILES: Final = (
    "/invoices/{id}/documents",
    "/reports/{id}/report-documents",
    "/inbound-shipments/{id}/delivery-notes",
    "/returns/{id}/labels",
)
_MADE: Final = (
    "/fulfillment-products",
    "/inbound-shipments",
    "/outbound-shipments",
    "/outbound-cancellation-requests",
    "/returns",
)
_MODES: Final = (
    {"code": "THD", "label": "Suivi à domicile"},
    {"code": "SHD", "label": "Signé à domicile"},
    {"code": "NTHD", "label": "Non suivi à domicile"},
    {"code": "PPMR", "label": "Point relais"},
)


def _lister(items: tuple[dict[str, Any], ...]) -> Handler:
    def list_items(asked: Asked) -> Answer:
        page = cursor_page(items, asked.query)
        return page_answer(asked, page, list(page.items))

    return list_items


def _counter(items: tuple[dict[str, Any], ...]) -> Handler:
    return lambda asked: count_answer(asked, len(items))


def _getter(items: tuple[dict[str, Any], ...]) -> Handler:
    def get(asked: Asked) -> Answer:
        found = next((item for item in items if asked.parts[0] in item.values()), None)
        if found is None:
            raise Problem(404, "There is no such thing.")
        return json_answer(found)

    return get


def _file(_asked: Asked) -> Answer:
    return Answer(status=200, content_type="application/pdf", body=_PDF)


def _make(asked: Asked) -> Answer:
    reference = object_of(read_json(asked.body)).get("reference")
    named = {"reference": reference} if isinstance(reference, str) and reference.isprintable() else {}
    return json_answer({"id": "NEW-1", **named}, status=201)


def _show_channel(asked: Asked) -> Answer:
    return json_answer({"salesChannelId": asked.parts[0], "currency": "EUR", "countries": ["FR"]})


def _show_cancellation(asked: Asked) -> Answer:
    return json_answer({"id": asked.parts[0], "status": "Accepted"})


HANDLERS: Mapping[str, Handler] = {
    **{f"GET {path}": _lister(items) for path, items in _LISTS.items()},
    **{f"GET {path}/count": _counter(_LISTS[path]) for path in _COUNTED},
    **{f"GET {path}/{{id}}": _getter(_LISTS[path]) for path in _SINGLE},
    **{f"GET {path}": _file for path in _FILES},
    **{f"POST {path}": _make for path in _MADE},
    "GET /outbound-cancellation-requests/{id}": _show_cancellation,
    "GET /sales-channel-configurations/{salesChannelId}": _show_channel,
    "GET /delivery-modes": lambda _asked: json_answer({"count": len(_MODES), "items": list(_MODES)}),
}
