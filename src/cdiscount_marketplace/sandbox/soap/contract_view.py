"""The contract over HTTP, made of the same declarations as answers: whole as `?singleWsdl`, split as `?wsdl`."""

from __future__ import annotations

from functools import lru_cache

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.contract import render, render_split

_WHOLE = "singlewsdl"


def show_contract(request: Request) -> Response:
    """Return a document of the contract, with this server's own address in it."""
    queries = [f"{name.lower()}={value.lower()}".removesuffix("=") for name, value in request.args.items()]
    documents = _documents(request.base_url)
    document = next((documents[query] for query in queries if query in documents), None)
    if document is None:
        raise NotFound("this is a SOAP service: ask for ?wsdl or ?singleWsdl, or POST an envelope")
    return Response(document, content_type="text/xml; charset=utf-8")


# A client loads a dozen documents in a row; callers choose the address, so few are kept.
@lru_cache(maxsize=4)
def _documents(address: str) -> dict[str, bytes]:
    return {_WHOLE: render(OPERATIONS, address=address), **render_split(OPERATIONS, address=address)}
