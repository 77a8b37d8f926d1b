"""Rewrite an XML message so that only what is listed keeps its text: nothing secret or personal survives."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from xml.parsers import expat
from xml.sax.saxutils import escape

from attrs import Factory, define, frozen

SCRUBBED = "scrubbed"
BLANK_TOKEN = "0" * 32

CDISCOUNT = "http://www.cdiscount.com"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
SERIALIZATION = "http://schemas.microsoft.com/2003/10/Serialization/"
_CONTRACTS = "http://schemas.datacontract.org/2004/07/"
# Known namespaces keep their names, under our prefixes; a message's own prefixes never reach a cassette.
PREFIXES: Mapping[str, str] = {
    ENVELOPE: "s",
    INSTANCE: "i",
    CDISCOUNT: "c",
    f"{_CONTRACTS}Cdiscount.Framework.Core.Communication.Messages": "msg",
    f"{_CONTRACTS}System.Device.Location": "geo",
    f"{SERIALIZATION}Arrays": "arr",
    "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher": "wcf",
    "http://www.w3.org/2005/08/addressing": "wsa",
}
UNKNOWN_PREFIX = "other"
UNKNOWN_NAMESPACE = "urn:scrubbed"

Tag = tuple[str, str]
"""A namespace and a local name."""

# Sentences of the service that decide how an answer is read; all its other texts are dropped.
_SENTENCES = (
    r"Token id is not correctly formatted\.",
    r"Your token does not exist, please renew your token id\.",
    r"has expired",
    r"User is not authorized to access to this resource",
    r"Le passage à l'état [A-Za-z]{1,60} est impossible à ce stade de la commande",
    r"The server was unable to process the request due to an internal error\.",
    r"The formatter threw an exception while trying to deserialize the message",
    r"Demande de remboursement invalide",
    r"Vendeur désactivé",
)
_SENTENCE = re.compile("|".join(_SENTENCES))
_FAULT_CODES = frozenset(
    {
        "RequestTokenValidationError",
        "DeserializationFailed",
        "InternalServiceFault",
        "ActionNotSupported",
        "Client",
        "Server",
    }
)
_WORDED: Collection[str] = frozenset({"faultstring", "Message", "ErrorMessage"})
_NIL = frozenset({"true", "false", "1", "0"})


class Unscrubbable(Exception):
    """The message cannot be rewritten safely: it is not XML, or it holds a DTD."""


@frozen
class Element:
    """An element that is being rewritten, and its own text so far."""

    tag: Tag
    name: str
    text: list[str]


@define
class Scrubber:
    """Rewrite one message; make a new one for each."""

    kept: Collection[Tag]
    _out: list[str] = Factory(list[str])
    _open: list[Element] = Factory(list[Element])

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Open an element: its known namespace's prefix, its local name, and whether it is nil."""
        self._flush()
        namespace, local = _split(name)
        written = _written(namespace, local)
        declared = "" if self._open else _declarations(namespace)
        self._out.append(f"<{written}{declared}{_nil(attributes)}>")
        self._open.append(Element((namespace, local), written, []))

    def text(self, data: str) -> None:
        """Remember text until it is known whether all of it may stay."""
        self._open[-1].text.append(data)

    def end(self, _name: str) -> None:
        """Close an element."""
        self._flush()
        self._out.append(f"</{self._open.pop().name}>")

    def result(self) -> str:
        """Return the rewritten message."""
        return "".join(self._out)

    def _flush(self) -> None:
        if not self._open:
            return
        element = self._open[-1]
        text = "".join(element.text)
        element.text.clear()
        if text.strip():
            self._out.append(escape(_cleaned(element.tag, text, self.kept)))


def scrub_xml(body: bytes, kept: Collection[Tag]) -> str:
    """Return the message with the text of the `kept` elements only; attributes, comments and prefixes go.

    Raises `Unscrubbable` for what is not XML or holds a DTD.
    """
    scrubber = Scrubber(kept)
    parser = expat.ParserCreate(namespace_separator="\n")
    parser.StartElementHandler = scrubber.start
    parser.EndElementHandler = scrubber.end
    parser.CharacterDataHandler = scrubber.text
    parser.StartDoctypeDeclHandler = _reject_doctype
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes it by position only
    except (expat.ExpatError, ValueError, LookupError) as error:
        # The parser's message may quote the body.
        raise Unscrubbable(f"not XML ({type(error).__name__})") from None
    return scrubber.result()


def _reject_doctype(*_: object) -> None:
    raise Unscrubbable("holds a DTD")


def _split(name: str) -> Tag:
    namespace, _, local = name.rpartition("\n")
    return namespace, local


def _written(namespace: str, local: str) -> str:
    if namespace in ("", SERIALIZATION):
        return local
    return f"{PREFIXES.get(namespace, UNKNOWN_PREFIX)}:{local}"


def _declarations(namespace: str) -> str:
    # The token service's answer is one element, and is known by its form.
    if namespace == SERIALIZATION:
        return f' xmlns="{SERIALIZATION}"'
    declared = {**{prefix: uri for uri, prefix in PREFIXES.items()}, UNKNOWN_PREFIX: UNKNOWN_NAMESPACE}
    return "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in declared.items())


def _nil(attributes: Mapping[str, str]) -> str:
    nil = attributes.get(f"{INSTANCE}\nnil", "")
    return f' i:nil="{nil}"' if nil in _NIL else ""


def _cleaned(tag: Tag, text: str, kept: Collection[Tag]) -> str:
    namespace, local = tag
    if local == "faultcode":
        return _fault_code(text)
    if local in _WORDED:
        return _sentence(text)
    # A placeholder of the right form, so that a replayed login still reads as one.
    if local == "TokenId" or tag == (SERIALIZATION, "string"):
        return BLANK_TOKEN
    return text if (namespace, local) in kept else SCRUBBED


def _fault_code(text: str) -> str:
    code = text.strip().rpartition(":")[2]
    return f"s:{code}" if code in _FAULT_CODES else SCRUBBED


def _sentence(text: str) -> str:
    match = _SENTENCE.search(text)
    return match.group() if match else SCRUBBED
