"""Requests written by hand, so that the sandbox is not asked by the very code that it answers with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import requests

from cdiscount_marketplace.sandbox.core import Sandbox

CDISCOUNT = "http://www.cdiscount.com"
ACTION = f"{CDISCOUNT}/IMarketplaceAPIService/"
HEADER = (
    '<headerMessage xmlns:a="http://schemas.datacontract.org/2004/07/Cdiscount.Framework.Core.Communication.Messages" '
    'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a:Context><a:CatalogID>1</a:CatalogID><a:SiteID>100</a:SiteID>'
    "</a:Context><a:Localization><a:Country>Fr</a:Country></a:Localization><a:Security><a:DomainRightsList "
    'i:nil="true"/><a:IssuerID i:nil="true"/><a:SessionID i:nil="true"/><a:TokenId>{token}</a:TokenId><a:UserName/>'
    "</a:Security><a:Version>1.0</a:Version></headerMessage>"
)
ALL_LINES = "<FetchOrderLines>true</FetchOrderLines>"


def envelope(operation: str, token: str, parts: str = "") -> bytes:
    """Write a request."""
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<{operation} xmlns="{CDISCOUNT}">{HEADER.format(token=token)}{parts}</{operation}>'
        "</s:Body></s:Envelope>"
    ).encode()


def order_filter(members: str) -> str:
    """Write the filter of GetOrderList."""
    return f"<orderFilter>{members}</orderFilter>"


def states(*names: str) -> str:
    """Write the filter's states."""
    return f"<States>{''.join(f'<OrderStateEnum>{name}</OrderStateEnum>' for name in names)}</States>"


def decision(number: str, state: str, lines: dict[str, str], *, tracking: str = "", carrier: str = "") -> str:
    """Write one decision of ValidateOrderList, its members in alphabetical order."""
    written = "".join(
        f"<ValidateOrderLine><AcceptationState>{line_state}</AcceptationState>"
        f"<SellerProductId>{reference}</SellerProductId></ValidateOrderLine>"
        for reference, line_state in lines.items()
    )
    return (
        f"<ValidateOrder>{carrier and f'<CarrierName>{carrier}</CarrierName>'}<OrderLineList>{written}</OrderLineList>"
        f"<OrderNumber>{number}</OrderNumber><OrderState>{state}</OrderState>"
        f"{tracking and f'<TrackingNumber>{tracking}</TrackingNumber>'}</ValidateOrder>"
    )


def shipment(number: str, *references: str) -> str:
    """Write a decision that ships lines."""
    lines = dict.fromkeys(references, "ShippedBySeller")
    return decision(number, "Shipped", lines, tracking="6A123", carrier="Colissimo")


class Hand:
    """A caller who knows XML and nothing else."""

    def __init__(self, sandbox: Sandbox, session: requests.Session | None = None) -> None:
        self.sandbox = sandbox
        self.session = session or sandbox.session()
        self.token = ""

    def login(self, login: str = "sandbox-api", password: str = "sandbox") -> requests.Response:
        """Ask for a token, and keep it."""
        answer = self.session.get(self.sandbox.token_url, auth=(login, password))
        found = re.search("[0-9a-f]{32}", answer.text)
        self.token = found[0] if found else ""
        return answer

    def post(self, body: bytes, action: str | None = None) -> requests.Response:
        """Send any bytes."""
        headers = {"Content-Type": "text/xml; charset=utf-8"} | ({"SOAPAction": f'"{action}"'} if action else {})
        return self.session.post(self.sandbox.service_url, data=body, headers=headers, timeout=(1, 30))

    def call(self, operation: str, parts: str = "") -> requests.Response:
        """Log in if need be, and call an operation."""
        if not self.token:
            self.login()
        return self.post(envelope(operation, self.token, parts), ACTION + operation)

    def list(self, members: str = ALL_LINES) -> list[ElementTree.Element]:
        """Read orders."""
        return list(find_all(parse(self.call("GetOrderList", order_filter(members))), "Order"))

    def numbers(self, members: str = ALL_LINES) -> list[str]:
        """Read orders and return their numbers."""
        return [text(order, "OrderNumber") for order in self.list(members)]

    def validate(self, *decisions: str) -> list[ElementTree.Element]:
        """Decide about orders and return the verdicts."""
        parts = f"<validateOrderListMessage><OrderList>{''.join(decisions)}</OrderList></validateOrderListMessage>"
        return list(find_all(parse(self.call("ValidateOrderList", parts)), "ValidateOrderResult"))


def parse(answer: requests.Response) -> ElementTree.Element:
    """Read an answer."""
    return ElementTree.fromstring(answer.content)


def local(element: ElementTree.Element) -> str:
    """Return an element's name without namespace."""
    return element.tag.rpartition("}")[2]


def find_all(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Yield the elements of a name below an element."""
    return (found for found in element.iter() if local(found) == name)


def text(element: ElementTree.Element, name: str) -> str:
    """Return the text of the first element of a name."""
    return next(find_all(element, name)).text or ""


def codes(verdict: ElementTree.Element) -> list[str]:
    """Return the types of a verdict's own errors."""
    errors = next(child for child in verdict if local(child) == "Errors")
    return [text(error, "ErrorType") for error in errors]


def skeleton(element: ElementTree.Element) -> tuple[object, ...]:
    """Return an element's structure: names, nil and empty or not, without values."""
    nil = element.get("{http://www.w3.org/2001/XMLSchema-instance}nil")
    filled = bool(element.text and element.text.strip())
    return (element.tag, nil, filled, tuple(skeleton(child) for child in element))
