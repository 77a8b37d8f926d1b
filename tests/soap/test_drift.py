"""Whatever the service changes around what is known, what is known arrives."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import fields, has
from lxml import etree

from cdiscount_marketplace.soap.answers import Answer, decode_answer
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec.declare import CDISCOUNT, NIL
from cdiscount_marketplace.soap.codec.drift import Drift
from cdiscount_marketplace.soap.operations import Operation
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST, Order, OrderListMessage
from conftest import recorded_dir
from support.bodies import filled_answer, recorded_messages

Body = etree._Element
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("parsing")]
NAMES = [operation.name for operation in OPERATIONS]


@pytest.fixture(scope="module")
def answers() -> dict[str, list[bytes]]:
    """Give our own full answer of each operation, and the recorded ones where this machine has them."""
    found = {operation.name: [filled_answer(operation)] for operation in OPERATIONS}
    folder = recorded_dir()
    for operation, status, body in recorded_messages(folder, "response") if folder else ():
        if status == 200:
            found[operation.name].append(body)
    return found


def bodies(answers: dict[str, list[bytes]], name: str) -> Iterator[tuple[Operation[Any], Body, Any]]:
    operation = next(operation for operation in OPERATIONS if operation.name == name)
    for body in answers[name]:
        yield operation, etree.fromstring(body), result(operation, etree.fromstring(body))


def decoded(operation: Operation[Any], root: Body) -> Answer[Any]:
    answer = decode_answer(operation, etree.tostring(root))
    assert isinstance(answer, Answer)
    return answer


def result(operation: Operation[Any], root: Body) -> Any:
    return decoded(operation, root).result


def within(root: Body) -> list[Body]:
    """Return every element of the result, the result itself first."""
    return list(root.find(".//{*}Body")[0][0].iter())


def places(root: Body) -> list[int]:
    """Return the positions in `within(root)` of the first element at each path: its likes are no other case."""
    first: dict[tuple[str, ...], int] = {}
    for position, node in enumerate(within(root)):
        first.setdefault((node.tag, *(above.tag for above in node.iterancestors())), position)
    return list(first.values())


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_element_anywhere_loses_nothing(answers, name):
    for operation, root, expected in bodies(answers, name):
        for position in places(root):
            node = within(root)[position]
            for place in range(max(len(node), 1) + 1):
                changed = copy.deepcopy(root)
                parent = within(changed)[position]
                unknown = etree.Element(f"{{{CDISCOUNT}}}BrandNew")
                unknown.text = "secret"
                etree.SubElement(unknown, f"{{{CDISCOUNT}}}OrderNumber").text = "wrong"
                insert(parent, place, unknown)
                answer = decoded(operation, changed)
                assert answer.result == expected
                told = [seen.kind for seen in answer.drift if "BrandNew" in seen.path]
                # Behind the text of a simple element, of which the text is taken, nothing is looked for.
                assert told == ["element"] or (told == [] and (place > len(node) or passed_over(node)))
                assert "secret" not in repr(answer.drift)


def passed_over(node: Body) -> bool:
    """Whether nobody reads an element: it stands for nothing, or repeats what the caller sent."""
    return node.get(NIL) == "true" or node.tag.endswith("}TokenId")


def insert(parent: Body, place: int, unknown: Body) -> None:
    """Insert an element, before a simple element's text where there is one."""
    if len(parent) == 0 and place == 0:
        unknown.tail, parent.text = parent.text, None
    parent.insert(place, unknown)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_element_takes_nothing_else_with_it(answers, name):
    for operation, root, expected in bodies(answers, name):
        for position in places(root)[1:]:
            changed = copy.deepcopy(root)
            gone = within(changed)[position]
            gone.getparent().remove(gone)
            assert differences(expected, result(operation, changed)) <= 1


@pytest.mark.parametrize("name", NAMES)
def test_swapped_neighbours_change_nothing(answers, name):
    for operation, root, expected in bodies(answers, name):
        for position in places(root)[1:]:
            changed = copy.deepcopy(root)
            node = within(changed)[position]
            other = node.getnext()
            # Two of a list are not the same list the other way round.
            if other is not None and other.tag != node.tag:
                other.addnext(node)
                assert result(operation, changed) == expected


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["NeverSeen", "", "12 monkeys", "  "])
def test_an_odd_value_anywhere_changes_that_value_only(answers, name, text):
    for operation, root, expected in bodies(answers, name):
        for position in places(root):
            if len(within(root)[position]):
                continue
            changed = copy.deepcopy(root)
            within(changed)[position].text = text
            assert differences(expected, result(operation, changed)) <= 1


@pytest.mark.parametrize("name", NAMES)
def test_nil_anywhere_changes_that_value_only(answers, name):
    for operation, root, expected in bodies(answers, name):
        for position in places(root)[1:]:
            changed = copy.deepcopy(root)
            node = within(changed)[position]
            node.clear()
            node.set(NIL, "true")
            assert differences(expected, result(operation, changed)) <= 1


def differences(before: Any, after: Any) -> int:
    """Count the members or items in which two objects differ, at the deepest place where they do."""
    if before == after:
        return 0
    if has(type(before)) and type(before) is type(after):
        return sum(differences(getattr(before, name), getattr(after, name)) for name in names(before))
    if isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        return sum(map(differences, before, after))
    return 1


def names(value: Any) -> list[str]:
    return [field.name for field in fields(type(value))]


ORDER = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<GetOrderListResponse xmlns="http://www.cdiscount.com"><GetOrderListResult '
    'xmlns:i="http://www.w3.org/2001/XMLSchema-instance">{}</GetOrderListResult>'
    "</GetOrderListResponse></s:Body></s:Envelope>"
)


def read(inside: str) -> Answer[OrderListMessage]:
    answer = decode_answer(GET_ORDER_LIST, ORDER.format(inside).encode())
    assert isinstance(answer, Answer)
    return answer


def read_order(inside: str) -> tuple[Order, tuple[Drift, ...]]:
    answer = read(f"<OrderList><Order>{inside}</Order></OrderList>")
    return answer.result.orders[0], answer.drift


@pytest.mark.parametrize(
    ("inside", "seen"),
    [
        ("<NewOne>x</NewOne><NewOne/>", Drift("element", "Order/NewOne", None, 2)),
        ("<OrderState>Filled</OrderState>", Drift("value", "Order/OrderState", "Filled", 1)),
        ("<VisaCegid>many</VisaCegid>", Drift("format", "Order/VisaCegid", None, 1)),
        ("<CreationDate>yesterday</CreationDate>", Drift("format", "Order/CreationDate", None, 1)),
        ('<HasClaims i:nil="true"/>', Drift("format", "Order/HasClaims", None, 1)),
        ("<InitialTotalAmount>NaN</InitialTotalAmount>", Drift("format", "Order/InitialTotalAmount", None, 1)),
        ("<VisaCegid>1_000</VisaCegid>", Drift("format", "Order/VisaCegid", None, 1)),
    ],
)
def test_what_is_not_understood_is_told_once_with_its_count(inside, seen):
    order, drift = read_order(inside + "<OrderNumber>A</OrderNumber>")
    assert drift == (seen,)
    assert order.order_number == "A"


def test_an_unknown_enum_value_is_kept():
    order, _ = read_order("<OrderState>Filled</OrderState>")
    assert str(order.order_state) == "Filled"
    assert not order.order_state.known


def test_an_unknown_value_is_counted_each_time():
    answer = read("<OrderList>" + "<Order><OrderState>Filled</OrderState></Order>" * 3 + "</OrderList>")
    assert answer.drift == (Drift("value", "Order/OrderState", "Filled", 3),)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01"])
def test_the_date_that_means_none_is_none_and_no_surprise(text):
    order, drift = read_order(f"<CreationDate>{text}</CreationDate>")
    assert order.creation_date is None
    assert drift == ()


def test_lists_that_are_empty_nil_or_absent_are_empty():
    for inside in ("<ParcelList/>", '<ParcelList i:nil="true"/>', ""):
        assert read_order(inside)[0].parcels == ()


def test_an_order_list_that_is_nil_or_absent_is_not_an_empty_one():
    assert read("<OrderList/>").result.orders == ()
    assert read('<OrderList i:nil="true"/>').result.orders is None
    assert read("").result.orders is None


def test_white_space_between_elements_is_nothing():
    order, drift = read_order("\n  <Customer>\n    <FirstName>Zoé</FirstName>\n  </Customer>\n  <Quantity/>\n")
    assert order.customer.first_name == "Zoé"
    assert [seen.path for seen in drift] == ["Order/Quantity"]


def test_prefixes_mean_nothing():
    body = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:q="http://www.cdiscount.com">'
        "<soapenv:Body><q:GetOrderListResponse><q:GetOrderListResult><q:OrderList><q:Order><q:OrderNumber>A</q:OrderNumber>"
        "</q:Order></q:OrderList></q:GetOrderListResult></q:GetOrderListResponse></soapenv:Body></soapenv:Envelope>"
    )
    answer = decode_answer(GET_ORDER_LIST, body.encode())
    assert isinstance(answer, Answer)
    assert answer.result.orders == (Order(order_number="A"),)
    assert answer.drift == ()


def test_lines_within_lines_decode():
    inner = "<OrderLine><Sku>inner</Sku></OrderLine>"
    order, drift = read_order(
        "<OrderLineList><OrderLine><OrderLineChildList>"
        f"{inner}</OrderLineChildList><Sku>outer</Sku></OrderLine></OrderLineList>"
    )
    assert order.order_lines[0].order_line_children[0].sku == "inner"
    assert drift == ()


def test_an_order_within_an_unknown_element_is_not_an_order():
    answer = read("<OrderList><Wrapped><Order/></Wrapped><Order><OrderNumber>A</OrderNumber></Order></OrderList>")
    assert [order.order_number for order in answer.result.orders] == ["A"]
    assert answer.drift == (Drift("element", "OrderListMessage/OrderList/Wrapped", None, 1),)


def test_an_amount_beyond_measure_is_told_and_stops_no_order():
    amount = "9" * 40
    order, drift = read_order(f"<InitialTotalAmount>{amount}</InitialTotalAmount><OrderNumber>A</OrderNumber>")
    assert (order.order_number, order.initial_total_amount) == ("A", None)
    assert [(seen.kind, seen.path) for seen in drift] == [("format", "Order/InitialTotalAmount")]
