"""The contract over HTTP, and a client that owes us nothing: zeep loads it, and calls every operation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
import zeep.helpers
from zeep.plugins import HistoryPlugin

from cdiscount_marketplace.sandbox.server import SandboxServer
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from clients.conversation import Call, header, make_sandbox, prepare
from clients.reckoning import wrongs
from support.contracts import read_contract
from support.schemas import complaints, own_schema

NAMES = {operation.name for operation in OPERATIONS}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(make_sandbox()) as server:
        yield server


def get(server: SandboxServer, query: str) -> bytes:
    answer = requests.get(f"{server.service_url}?{query}", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    return answer.content


def test_the_conversation_has_every_operation() -> None:
    assert {call.operation for call in prepare(make_sandbox())} == NAMES


@pytest.mark.parametrize("query", ["wsdl", "singleWsdl"])
def test_zeep_calls_every_operation_and_understands_every_answer(query: str) -> None:
    sandbox = make_sandbox()
    calls = prepare(sandbox)
    with SandboxServer(sandbox) as server:
        client = zeep.Client(f"{server.service_url}?{query}")
        head = header(server)
        answers = {call.operation: ask(client, head, call) for call in calls}
    assert answers.keys() == NAMES
    assert wrongs(calls, answers) == []


def ask(client: zeep.Client, head: Mapping[str, Any], call: Call) -> object:
    parts = json.loads(json.dumps(call.parts), object_hook=spread)
    return zeep.helpers.serialize_object(client.service[call.operation](headerMessage=head, **parts), dict)


def spread(held: dict[str, Any]) -> dict[str, Any]:
    # The contract has a list of values in one text here, and zeep wants it as a list.
    return {**held, "ManageParcel": [held["ManageParcel"]]} if "ManageParcel" in held else held


def test_both_forms_of_the_contract_say_the_same(server: SandboxServer) -> None:
    parts = ["wsdl", "wsdl=wsdl0", *(f"xsd=xsd{number}" for number in range(10))]
    split = read_contract(*(get(server, part) for part in parts))
    assert split == read_contract(get(server, "singleWsdl"))
    assert split.soap_actions.keys() == NAMES


def test_the_contract_names_this_server_and_no_other(server: SandboxServer) -> None:
    assert f'location="{server.service_url}?wsdl=wsdl0"' in get(server, "wsdl").decode()
    for query in ("wsdl", "singleWsdl", "SINGLEWSDL", "wsdl&channel=x"):
        assert f'address location="{server.service_url}"' in get(server, query).decode()


@pytest.mark.parametrize("query", ["", "wsdl=wsdl1", "xsd=xsd99", "xsd", "about=wsdl"])
def test_documents_that_there_are_not_are_not_found(server: SandboxServer, query: str) -> None:
    assert requests.get(f"{server.service_url}?{query}", timeout=30).status_code == 404


def test_every_answer_of_the_sandbox_is_valid_by_the_contract(tmp_path: Path) -> None:
    sandbox, heard, schema = make_sandbox(), HistoryPlugin(), own_schema(tmp_path)
    calls = prepare(sandbox)
    sandbox.fill(60)
    everything = Call("GetOrderList", {"orderFilter": {"FetchOrderLines": True, "FetchParcels": True}})
    with SandboxServer(sandbox) as server:
        client = zeep.Client(f"{server.service_url}?wsdl", plugins=[heard])
        head = header(server)
        for call in [*calls, everything]:
            ask(client, head, call)
            answer = heard.last_received["envelope"].find(".//{*}Body")[0]
            assert complaints(schema, answer) == [], call.operation
