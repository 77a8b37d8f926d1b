"""The contract over HTTP: `?wsdl` and `?singleWsdl` give one document, made of the same declarations as answers."""

from __future__ import annotations

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.contract import render

_ASKED = frozenset({"wsdl", "singlewsdl"})


def show_contract(request: Request) -> Response:
    """Return the contract with this server's own address in it."""
    if not _ASKED & {name.lower() for name in request.args}:
        raise NotFound("this is a SOAP service: ask for ?wsdl, or POST an envelope")
    return Response(render(OPERATIONS, address=request.base_url), content_type="text/xml; charset=utf-8")
