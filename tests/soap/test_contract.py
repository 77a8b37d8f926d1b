"""The rendered contract is the recorded one, type by type and element by element."""

from __future__ import annotations

import io

import pytest
import zeep
from attrs import evolve
from lxml import etree

from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec import declare as wire
from cdiscount_marketplace.soap.contract import SERVICE_URL, render, render_split
from support.bodies import recorded_messages
from support.contracts import WSDL, ComplexType, Contract, read_contract, read_recorded
from support.schemas import complaints, content, own_schema, recorded_schema
from support.wire_models import models_of

NAMES = [operation.name for operation in OPERATIONS]

# Members and values that the recorded contract cannot have, because later versions of the service brought them.
LATER_MEMBERS = {
    "{http://schemas.datacontract.org/2004/07/"
    "Cdiscount.Service.Marketplace.API.External.Contract.Data.Order}ExternalCustomer": {"RelayId"},
    f"{{{wire.ORDER_DATA}}}ExternalOrder": {"ShippingDateFromSeller"},
    "{http://www.cdiscount.com}Address": {"Latitude", "Longitude"},
    "{http://www.cdiscount.com}Message": {"SenderType"},
    "{http://www.cdiscount.com}Order": {"BusinessOrder", "CurrencyCode", "PaymentMethod", "SellingTotalAmount"},
    "{http://www.cdiscount.com}OrderLine": {
        "CancellationReason",
        "PurchasePriceTaxes",
        "SellingPrice",
        "SupplyMode",
    },
    "{http://www.cdiscount.com}Parcel": {"TrackingList"},
    "{http://www.cdiscount.com}ProductModel": {"IsDefault"},
    "{http://www.cdiscount.com}Seller": {"Id"},
    "{http://www.cdiscount.com}ValidateOrderLine": {"Sku"},
}
LATER_TYPES = {
    "{http://www.cdiscount.com}Tracking",
    "{http://www.cdiscount.com}ArrayOfTracking",
}
LATER_VALUES = {
    "{http://www.cdiscount.com}ErrorTypeEnum": {"ProductNumberLimitExceededException"},
    "{http://www.cdiscount.com}ProductPackagingUnit": {"Piece"},
    "{http://www.cdiscount.com}ProductStateEnum": {"Refurbished"},
    "{http://www.cdiscount.com}WarehouseType": {"GPN", "GPS", "PP"},
    "{http://schemas.datacontract.org/2004/07/"
    "Cdiscount.Service.Marketplace.API.External.Contract.Data.Product}ProductState": {"Refurbished"},
    "{http://www.cdiscount.com}ProductConditionEnum": {
        "RefurbishedLikeNew",
        "RefurbishedVeryGoodState",
        "RefurbishedCorrectState",
    },
}

# What is recorded and not declared. The recorded contract has a second port type for one operation over REST,
# GetOfferProductListPaginatedRest, which no binding offers: nobody can call it.
REST = "GetOfferProductListPaginatedRest"
UNBOUND_TYPES = {
    f"{{http://www.cdiscount.com}}{name}"
    for name in (
        "ArrayOfOfferProduct",
        "OfferProduct",
        "OfferProductFilterPaginated",
        "OfferProductListPaginatedMessage",
    )
}
UNBOUND_VALUES = {
    "{http://www.cdiscount.com}OfferAdvancedSortOrder",
    "{http://www.cdiscount.com}OfferSupplyModeFilter",
    f"{{{wire.DATA}.Offer.Enum}}SupplyModeType",
}
# The platform's own simple types, which no member has and which enumerate nothing.
PLATFORM = {f"{{http://schemas.microsoft.com/2003/10/Serialization/}}{name}" for name in ("char", "duration", "guid")}


@pytest.fixture(scope="module")
def ours() -> Contract:
    return read_contract(render(OPERATIONS))


@pytest.fixture(scope="module")
def theirs(recorded) -> Contract:
    return read_recorded(recorded)


def without_later(name: str, found: ComplexType) -> ComplexType:
    later = LATER_MEMBERS.get(name, set())
    assert later <= {member.name for member in found.members}, f"{name} lost a member that is listed as later"
    return evolve(found, members=tuple(member for member in found.members if member.name not in later))


def test_every_operation_of_the_service_is_spoken(theirs):
    assert sorted(NAMES) == sorted(theirs.soap_actions)


@pytest.mark.parametrize("name", NAMES)
def test_operation_has_the_recorded_action_and_parts(ours, theirs, name):
    assert ours.soap_actions[name] == theirs.soap_actions[name]
    assert ours.messages[name] == theirs.messages[name]


def test_every_type_has_the_recorded_base_and_members_in_the_recorded_order(ours, theirs):
    found = {name: without_later(name, kind) for name, kind in ours.complex_types.items() if name not in LATER_TYPES}
    assert found == {name: theirs.complex_types.get(name) for name in found}


def test_every_enumeration_has_the_recorded_values(ours, theirs):
    # As sets: the sequence of the values of an enumeration says nothing in a schema.
    found = {name: values - LATER_VALUES.get(name, set()) for name, values in ours.enumerations.items()}
    assert found == {name: theirs.enumerations.get(name) for name in found}


def test_what_has_no_name_or_many_values_is_as_recorded(ours, theirs):
    assert (ours.inline, ours.flags) == (theirs.inline, theirs.flags)
    assert ours.inline
    assert ours.flags


def test_all_that_is_recorded_is_declared_but_for_the_listed_exceptions(ours, theirs):
    assert theirs.complex_types.keys() - ours.complex_types.keys() == UNBOUND_TYPES
    assert theirs.enumerations.keys() - ours.enumerations.keys() == UNBOUND_VALUES | PLATFORM
    assert theirs.wrappers.keys() ^ ours.wrappers.keys() == {REST, f"{REST}Response"}
    assert ours.complex_types.keys() - theirs.complex_types.keys() == LATER_TYPES
    assert ours.enumerations.keys() <= theirs.enumerations.keys()


def test_the_recorded_contract_is_the_whole_one(theirs):
    counted = len(theirs.soap_actions), len(theirs.complex_types), len(theirs.enumerations.keys() - PLATFORM)
    assert counted == (44, 217, 55)


def test_what_no_operation_reaches_is_what_is_not_declared(theirs):
    assert theirs.complex_types.keys() - reachable(theirs) == UNBOUND_TYPES


def reachable(contract: Contract) -> set[str]:
    waiting = [member.type for name in NAMES for message in contract.messages[name] for member in message.members]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        kind = contract.complex_types.get(name, ComplexType(None, ()))
        waiting += [*(member.type for member in kind.members), *filter(None, [kind.base])]
    return found


def test_the_operations_reach_the_recorded_types_and_no_others(ours, theirs):
    assert reachable(ours) - LATER_TYPES == reachable(theirs)


def test_what_is_called_later_says_where_it_is_known_from():
    told: dict[str, set[str]] = {}
    for kind in models_of(OPERATIONS):
        for member in wire.own_elements(kind):
            if member.options.since:
                told.setdefault("{{{}}}{}".format(*wire.type_name(kind)), set()).add(member.name)
    assert told == LATER_MEMBERS


def test_zeep_loads_the_contract_and_knows_every_operation():
    client = zeep.Client(io.BytesIO(render(OPERATIONS, address="http://127.0.0.1:1/service?a=1&b=2")))
    assert sorted(client.service._operations) == sorted(NAMES)
    assert client.service._binding_options["address"] == "http://127.0.0.1:1/service?a=1&b=2"


def test_the_contract_names_the_live_service_unless_told_otherwise():
    assert SERVICE_URL.encode() in render(OPERATIONS)


@pytest.mark.parametrize(
    ("query", "file"), [("wsdl", "wsdl.xml"), ("wsdl=wsdl0", "wsdl0.xml"), ("xsd=xsd0", "xsd0.xml")]
)
def test_split_documents_are_the_recorded_ones_in_namespace_and_names(recorded, query, file):
    theirs = etree.parse(recorded / "soap" / "contract" / file).getroot()
    ours = etree.fromstring(render_split(OPERATIONS)[query])
    assert (ours.tag, ours.get("targetNamespace")) == (theirs.tag, theirs.get("targetNamespace"))
    for kind in ("message", "portType", "binding", "service"):
        named = [{node.get("name") for node in root.findall(f"{WSDL}{kind}")} for root in (ours, theirs)]
        # The recorded document has a second port type, which no binding offers.
        assert named[0] == {name for name in named[1] if not name.startswith("IMarketplaceApiServiceRest")}


def test_our_schemas_judge_every_recorded_message_as_the_recorded_ones_do(recorded, tmp_path):
    both = own_schema(tmp_path), recorded_schema(recorded)
    bodies = [body for suffix in ("request", "response") for *_, body in recorded_messages(recorded, suffix)]
    judged = [[bool(complaints(schema, content(body))) for schema in both] for body in bodies]
    assert all(ours == theirs for ours, theirs in judged)
    assert [False, False] in judged
