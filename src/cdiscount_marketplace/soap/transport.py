"""zeep, kept to what it is good at: it holds the contract, builds the envelopes, and sends them through our sender."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, NoReturn

from attrs import define, field

from cdiscount_marketplace.calls.http import Answer, HttpRequest, HttpSender
from cdiscount_marketplace.errors import CdiscountError, ConfigurationError
from cdiscount_marketplace.soap.codec.xml import Node, to_bytes
from cdiscount_marketplace.soap.contract import BINDING, SERVICE, render
from cdiscount_marketplace.soap.operations import Operation


class SenderTransport:
    """What zeep sends an operation with: our time limits and our redaction."""

    def __init__(self, sender: HttpSender, operation: Operation[Any]) -> None:
        self._send = sender.read if operation.kind == "read" else sender.write

    def post_xml(self, address: str, envelope: Node, headers: Mapping[str, str]) -> Answer | CdiscountError:
        """Send an envelope and return the raw answer, or what kept it away, which zeep hands through.

        An error raised here would carry zeep's frames, in which the token is a plain value.
        """
        try:
            return self._send(HttpRequest(method="POST", url=address, headers=headers, body=to_bytes(envelope)))
        except CdiscountError as error:
            return error.with_traceback(None)


class _Offline:
    """What zeep parses the contract with: no way to load anything from a network."""

    def load(self, url: str) -> NoReturn:
        """Refuse: the contract is complete."""
        raise ConfigurationError(f"the contract refers to {url}, and nothing is loaded from a network")


@define(eq=False)
class Envelopes:
    """Send operations as SOAP messages to `address`. zeep is loaded at the first call. Thread-safe."""

    sender: HttpSender
    address: str
    # Two threads may both make one for an operation: they are alike.
    _services: dict[str, Any] = field(factory=dict[str, Any], init=False, repr=False)

    def send(self, operation: Operation[Any], arguments: Mapping[str, Any]) -> Answer | CdiscountError:
        """Call an operation with zeep's keyword arguments; return the unread answer, or what kept it away."""
        service = self._services.get(operation.name)
        if service is None:
            service = self._services[operation.name] = _service(self.sender, self.address, operation)
        outcome: Answer | CdiscountError = service[operation.name](**arguments)
        return outcome


def _service(sender: HttpSender, address: str, operation: Operation[Any]) -> Any:
    # Imported here: zeep takes a good part of a second, and a program that only imports the SDK should not pay it.
    zeep: Any = import_module("zeep")
    settings = zeep.Settings(raw_response=True)
    client = zeep.Client(_contract(operation), transport=SenderTransport(sender, operation), settings=settings)
    return client.create_service(f"{{{SERVICE}}}{BINDING}", address)


@cache
def _contract(operation: Operation[Any]) -> Any:
    """Parse an operation's part of the contract once per process: no client changes it, and few use all of it."""
    wsdl: Any = import_module("zeep.wsdl")
    return wsdl.Document(io.BytesIO(render([operation])), _Offline())
