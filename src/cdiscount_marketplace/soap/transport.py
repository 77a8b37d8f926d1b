"""zeep, kept to what it is good at: it holds the contract, builds the envelopes, and sends them through our sender."""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, NoReturn

from attrs import define, field

from cdiscount_marketplace.calls.forks import renew_in_children
from cdiscount_marketplace.calls.http import Answer, HttpRequest, HttpSender
from cdiscount_marketplace.errors import CdiscountError, ConfigurationError
from cdiscount_marketplace.soap.codec.xml import Node, to_bytes
from cdiscount_marketplace.soap.contract import BINDING, SERVICE, render
from cdiscount_marketplace.soap.operations import Operation


class SenderTransport:
    """What zeep sends with: our time limits and our redaction."""

    def __init__(self, sender: HttpSender, operations: Sequence[Operation[Any]]) -> None:
        self._send = {
            operation.action: sender.read if operation.kind == "read" else sender.write for operation in operations
        }

    def post_xml(self, address: str, envelope: Node, headers: Mapping[str, str]) -> Answer | CdiscountError:
        """Send an envelope and return the raw answer, or what kept it away, which zeep hands through.

        An error raised here would carry zeep's frames, in which the token is a plain value.
        """
        send = self._send[headers["SOAPAction"].strip('"')]
        try:
            return send(HttpRequest(method="POST", url=address, headers=headers, body=to_bytes(envelope)))
        except CdiscountError as error:
            return error.with_traceback(None)


class _Offline:
    """What zeep parses the contract with: no way to load anything from a network."""

    def load(self, url: str) -> NoReturn:
        """Refuse: the contract is complete."""
        raise ConfigurationError(f"the contract refers to {url}, and nothing is loaded from a network")


@define(eq=False)
class Envelopes:
    """Send `operations` as SOAP messages to `address`. zeep is loaded at the first call. Thread-safe."""

    sender: HttpSender
    address: str
    operations: tuple[Operation[Any], ...] = field(repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)
    _service: Any = field(default=None, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        renew_in_children(self)

    def reset_after_fork(self) -> None:
        """Let go of what a thread of a parent process holds."""
        self._lock = threading.Lock()

    def send(self, operation: str, arguments: Mapping[str, Any]) -> Answer | CdiscountError:
        """Call an operation by name with zeep's keyword arguments; return the unread answer, or what kept it away."""
        outcome: Answer | CdiscountError = self._ready()[operation](**arguments)
        return outcome

    def _ready(self) -> Any:
        with self._lock:
            if self._service is None:
                self._service = _service(self.sender, self.address, self.operations)
            return self._service


def _service(sender: HttpSender, address: str, operations: tuple[Operation[Any], ...]) -> Any:
    # Imported here: zeep takes a good part of a second, and a program that only imports the SDK should not pay it.
    zeep: Any = import_module("zeep")
    settings = zeep.Settings(raw_response=True)
    client = zeep.Client(_contract(operations), transport=SenderTransport(sender, operations), settings=settings)
    return client.create_service(f"{{{SERVICE}}}{BINDING}", address)


@cache
def _contract(operations: tuple[Operation[Any], ...]) -> Any:
    """Parse the contract once per process: no client changes it, and each would need 15 ms and 600 KB for its own."""
    wsdl: Any = import_module("zeep.wsdl")
    return wsdl.Document(io.BytesIO(render(operations)), _Offline())
