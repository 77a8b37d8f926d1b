"""All 44 operations of the client against answers that nobody recorded: a value or an error of ours, never a crash."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from attrs import evolve, fields_dict
from lxml import etree

from cdiscount_marketplace.errors import CdiscountError, OutcomeUnknown, ServiceFault, TokenRefused
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec.declare import CDISCOUNT, NIL
from cdiscount_marketplace.soap.messages import write_answer
from cdiscount_marketplace.soap.operations import Operation
from support.bodies import filled
from support.scripted import Scripted, always
from support.soap_calls import CALLS

Element = etree._Element
Change = Callable[[Element], None]
# Down to the members of the result's items; what is deeper is the decoder's business, which its own tests watch.
DEPTH = 7

by_name = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def successful(operation: Operation[Any]) -> bytes:
    """Return an answer that reports success, with a value in every other member."""
    changes: dict[str, Any] = {"operation_success": True, "error_message": None}
    if "errors" in fields_dict(operation.result):
        changes["errors"] = ()
    return write_answer(operation, evolve(filled(operation.result), **changes), token="f" * 32)


def outcomes(operation: Operation[Any], *bodies: bytes) -> list[object]:
    """Return what the client's method returns for each answer, or the error that it raises if that is one of ours."""
    return [outcome(operation, body) for body in bodies]


def outcome(operation: Operation[Any], body: bytes) -> object:
    try:
        return CALLS[operation.name](always(200, body).client())
    except CdiscountError as error:
        return type(error), str(error)


def test_every_operation_has_its_method() -> None:
    assert CALLS.keys() == {operation.name for operation in OPERATIONS}


@by_name
def test_method_asks_for_its_operation(operation: Operation[Any]) -> None:
    asked: list[str] = []

    def answer(request: Any) -> tuple[int, bytes]:
        asked.append(request.headers["SOAPAction"].strip('"'))
        return 200, successful(operation)

    service = Scripted(answer)
    # What is filled in is not about what was asked.
    with suppress(CdiscountError):
        CALLS[operation.name](service.client())
    assert set(asked) == {operation.action}


# --- the same answer, written otherwise


def other_prefixes(body: bytes) -> bytes:
    """Write every element with a prefix, and the envelope with another one."""
    root = etree.fromstring(body)
    names = {"SOAP-ENV": root.nsmap["s"], "xsi": NIL[1 : NIL.index("}")]}
    names |= {f"ns{number}": name for number, name in enumerate(sorted(namespaces(root) - set(names.values())))}
    made = etree.Element(root.tag, nsmap=names)
    made.extend(copy.deepcopy(list(root)))
    etree.cleanup_namespaces(made, top_nsmap=names)
    return etree.tostring(made)


def namespaces(root: Element) -> set[str]:
    return {node.tag[1 : node.tag.index("}")] for node in root.iter() if node.tag.startswith("{")}


def spread_out(body: bytes) -> bytes:
    root = etree.fromstring(body)
    etree.indent(root, "\t")
    return etree.tostring(root, xml_declaration=True, encoding="utf-8").replace(b"\n", b"\r\n")


def with_comments(body: bytes) -> bytes:
    return body.replace(b"><", b"><!-- <OrderNumber>x</OrderNumber> --><?pi x?><")


def in_cdata(body: bytes) -> bytes:
    root = etree.fromstring(body)
    for node in root.iter():
        if node.text and node.text.strip() and not len(node):
            node.text = etree.CDATA(node.text)
    return etree.tostring(root, encoding="utf-8")


def with_attributes(body: bytes) -> bytes:
    """Name types and ids, as other platforms do."""
    root = etree.fromstring(body)
    for node in root.iter():
        if node.get(NIL) is None:
            node.set(f"{NIL[: NIL.index('}')]}}}type", "b:Something")
            node.set("id", "i1")
    return etree.tostring(root)


def nil_as_one(body: bytes) -> bytes:
    return body.replace(b'nil="true"', b'nil="1"')


def with_a_header(body: bytes) -> bytes:
    return body.replace(
        b"<s:Body>", b'<s:Header><ActivityId xmlns="http://schemas.microsoft.com/x">1</ActivityId></s:Header><s:Body>'
    )


def with_a_byte_order_mark(body: bytes) -> bytes:
    return b"\xef\xbb\xbf" + body


OTHERWISE = [
    other_prefixes,
    spread_out,
    with_comments,
    in_cdata,
    with_attributes,
    nil_as_one,
    with_a_header,
    with_a_byte_order_mark,
]


@by_name
@pytest.mark.parametrize("write", OTHERWISE, ids=lambda write: write.__name__)
def test_answer_written_otherwise_means_the_same(operation: Operation[Any], write: Callable[[bytes], bytes]) -> None:
    body = successful(operation)
    changed = write(body)
    assert write is nil_as_one or changed != body
    ours, otherwise = outcomes(operation, body, changed)
    assert ours == otherwise


# --- other answers


def remove(node: Element) -> None:
    above = node.getparent()
    assert above is not None
    above.remove(node)


def make_nil(node: Element) -> None:
    node.clear()
    node.set(NIL, "true")


def empty(node: Element) -> None:
    node.clear()


def say(text: str) -> Change:
    def change(node: Element) -> None:
        node.clear()
        node.text = text

    return change


def repeat(node: Element) -> None:
    node.addnext(copy.deepcopy(node))


def wrap(node: Element) -> None:
    inner = copy.deepcopy(node)
    node.clear()
    node.append(inner)


def add_unknown(node: Element) -> None:
    etree.SubElement(node, f"{{{CDISCOUNT}}}BrandNew").text = "1"


CHANGES: dict[str, Change] = {
    "removed": remove,
    "nil": make_nil,
    "empty": empty,
    "unknown value": say("NeverSeen"),
    "blank": say(" \n "),
    "negative": say("-1"),
    "huge": say("9" * 400),
    "repeated": repeat,
    "wrapped": wrap,
    "unknown member": add_unknown,
}


@by_name
@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_change_anywhere_gives_a_value_or_an_error_of_ours(operation: Operation[Any], change: Change) -> None:
    root = etree.fromstring(successful(operation))
    bodies = [changed(root, position, change) for position in places(root)]
    assert len(outcomes(operation, *bodies)) == len(bodies) > 0


def changed(root: Element, position: int, change: Change) -> bytes:
    made = copy.deepcopy(root)
    change(within(made)[position])
    return etree.tostring(made)


def within(root: Element) -> list[Element]:
    """Return every element from the result on."""
    return list(root[0][0].iter())[1:]


def places(root: Element) -> Iterator[int]:
    """Give the positions in `within(root)` of the first element at each path that is not too deep."""
    seen: set[tuple[str, ...]] = set()
    for position, node in enumerate(within(root)):
        path = (node.tag, *(above.tag for above in node.iterancestors()))
        if len(path) <= DEPTH and path not in seen:
            seen.add(path)
            yield position


@by_name
def test_bare_result_gives_a_value_or_an_error_of_ours(operation: Operation[Any]) -> None:
    root = etree.fromstring(successful(operation))
    result = root[0][0][0]
    for node in result:
        if not node.tag.endswith("}OperationSuccess"):
            result.remove(node)
    bare = etree.tostring(root)
    result.clear()
    _, nothing = outcomes(operation, bare, etree.tostring(root))
    assert isinstance(nothing, tuple)
    assert issubclass(nothing[0], CdiscountError)


# --- faults

DETAILS = [
    "",
    "<detail/>",
    (
        '<detail><e:ExceptionDetail xmlns:e="http://schemas.example.com/x"><e:HelpLink i:nil="true" '
        'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"/><e:Message>SECRET <![CDATA[<&>]]></e:Message>'
        "<e:StackTrace>at Cdiscount\r\n at X</e:StackTrace></e:ExceptionDetail><o:Other xmlns:o='urn:o'/></detail>"
    ),
    "<faultactor>urn:x</faultactor><detail>SECRET text</detail><extra/>",
]
FAULT = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header/><e:Body><e:Fault>'
    '<faultcode xmlns:q="urn:q">{code}</faultcode><faultstring xml:lang="fr-FR">Erreur</faultstring>{detail}'
    "</e:Fault></e:Body></e:Envelope>"
)


@by_name
@pytest.mark.parametrize("detail", DETAILS, ids=["none", "empty", "nested", "text"])
@pytest.mark.parametrize("status", [200, 500])
def test_fault_with_any_details_is_an_error_of_ours(operation: Operation[Any], detail: str, status: int) -> None:
    body = FAULT.format(code="q:NeverSeen", detail=detail).encode()
    with pytest.raises((ServiceFault, OutcomeUnknown)) as caught:
        CALLS[operation.name](always(status, body).client())
    fault = caught.value if isinstance(caught.value, ServiceFault) else caught.value.__cause__
    assert isinstance(fault, ServiceFault)
    assert fault.fault_code == "NeverSeen"
    assert isinstance(caught.value, OutcomeUnknown) == (operation.kind == "write")
    assert "SECRET" not in f"{caught.value!r} {caught.value} {fault!r} {fault}"


@by_name
def test_refused_token_is_no_unknown_outcome(operation: Operation[Any]) -> None:
    body = FAULT.format(code="q:RequestTokenValidationError", detail="").encode()
    with pytest.raises(TokenRefused):
        CALLS[operation.name](always(500, body).client())
