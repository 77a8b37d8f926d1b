"""What an operation is: its name on the wire, what it takes and what it gives."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from attrs import frozen

from cdiscount_marketplace.soap.codec.declare import CDISCOUNT
from cdiscount_marketplace.soap.common import ServiceMessage

R = TypeVar("R", bound=ServiceMessage)

PORT_TYPE = "IMarketplaceAPIService"
HEADER_PART = "headerMessage"


@frozen
class Part:
    """A parameter of an operation: an element next to `headerMessage`, and the model that it holds."""

    name: str
    type: type


@frozen(kw_only=True)
class Operation(Generic[R]):
    """One operation of the service. A `write` changes something: it is repeated only when it provably did not run."""

    name: str
    parts: tuple[Part, ...] = ()
    result: type[R]
    kind: Literal["read", "write"]

    @property
    def action(self) -> str:
        """The SOAP action."""
        return f"{CDISCOUNT}/{PORT_TYPE}/{self.name}"

    @property
    def tag(self) -> str:
        """The qualified name of the request's element in the SOAP body."""
        return f"{{{CDISCOUNT}}}{self.name}"

    @property
    def response_tag(self) -> str:
        """The qualified name of the answer's element in the SOAP body."""
        return f"{self.tag}Response"

    @property
    def result_tag(self) -> str:
        """The qualified name of the element that holds the result."""
        return f"{self.tag}Result"
