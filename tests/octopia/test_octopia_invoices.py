"""What `client.invoices` promises: files are checked before they leave, and followed until each is imported."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cdiscount_marketplace.errors import CallTimeout, HttpError, InvalidRequest
from cdiscount_marketplace.octopia import OctopiaClient
from cdiscount_marketplace.octopia.codec import Drift, decode
from cdiscount_marketplace.octopia.invoices import ImportStatus, InvoiceImport
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import HttpStatus, LoseAnswer, Reset
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.states import State

PDF = b"%PDF-1.7 invoice"
UBL = b'<?xml version="1.0"?>\n<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>'
CREDIT = b"<ubl:CreditNote xmlns:ubl='urn:oasis'>"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[OctopiaClient]:
    with sandbox.octopia_client() as client:
        yield client


@pytest.fixture
def order(sandbox: Sandbox) -> Order:
    return sandbox.place(state=State.SHIPPED)


@pytest.mark.parametrize("document", [PDF, UBL, CREDIT])
def test_an_invoice_is_imported(client: OctopiaClient, order: Order, document: bytes) -> None:
    handle = client.invoices.upload(order.order_id, document)
    assert handle.status().status == ImportStatus.RUNNING
    if document is CREDIT:
        return
    assert handle.wait().status == ImportStatus.SUCCESS
    [invoice] = client.invoices.documents(order.order_id)
    assert (invoice.file_name or "").startswith(order.order_id)


def test_a_new_invoice_replaces_the_old_one(client: OctopiaClient, order: Order) -> None:
    client.invoices.upload(order.order_id, PDF).wait()
    client.invoices.upload(order.order_id, UBL).wait()
    [invoice] = client.invoices.documents(order.order_id)
    assert (invoice.file_name or "").endswith(".xml")


def test_each_file_of_many_tells_what_became_of_it(client: OctopiaClient, order: Order) -> None:
    ended = client.invoices.upload_many({order.order_id: PDF, "nobody": UBL}).wait()
    assert ended.status == ImportStatus.PARTIAL_SUCCESS
    states = {file.file_name: (file.status, [error.code for error in file.errors]) for file in ended.files}
    assert states == {
        f"{order.order_id}.pdf": (ImportStatus.SUCCESS, []),
        "nobody.xml": (ImportStatus.FAILURE, ["OrderNotFound"]),
    }


def test_a_zip_holds_a_file_per_order(client: OctopiaClient, order: Order) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{order.order_id}.pdf", PDF)
    assert client.invoices.upload_zip(packed.getvalue()).wait().status == ImportStatus.SUCCESS
    assert [one.status for one in client.invoices.imports()] == [ImportStatus.SUCCESS]


@pytest.mark.parametrize(
    ("document", "words"),
    [(b"", "neither"), (b"PK\x03\x04", "neither"), (b"<html><Invoice />", "neither"), (PDF + b"x" * 100, "at most 50")],
)
def test_what_is_no_invoice_is_never_sent(
    sandbox: Sandbox, client: OctopiaClient, order: Order, document: bytes, words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        client.invoices.upload(order.order_id, document, max_bytes=50)
    with pytest.raises(InvalidRequest, match=words):
        client.invoices.upload_many({order.order_id: document}, max_bytes=50)
    assert not sandbox.calls("POST /orders/{orderId}/invoice-documents")
    assert not sandbox.calls("POST /order-invoice-imports")


def test_the_limit_is_for_all_files_together(client: OctopiaClient) -> None:
    with pytest.raises(InvalidRequest, match="at most 40"):
        client.invoices.upload_many({"A": PDF * 2, "B": PDF}, max_bytes=40)
    with pytest.raises(InvalidRequest, match="at least one"):
        client.invoices.upload_many({})
    with pytest.raises(InvalidRequest, match="no ZIP"):
        client.invoices.upload_zip(PDF)


@pytest.mark.parametrize("effect", [LoseAnswer(), Reset("during"), HttpStatus(503)])
def test_an_upload_is_repeated_for_it_replaces_itself(
    sandbox: Sandbox, client: OctopiaClient, order: Order, effect: Any
) -> None:
    sandbox.inject(Fault(effect, on="POST /orders/{orderId}/invoice-documents"))
    assert client.invoices.upload(order.order_id, PDF).wait().status == ImportStatus.SUCCESS
    assert len(client.invoices.documents(order.order_id)) == 1


def test_waiting_ends_in_time(client: OctopiaClient, order: Order) -> None:
    handle = client.invoices.upload(order.order_id, PDF)
    with pytest.raises(CallTimeout, match=handle.import_id):
        handle.wait(timeout=timedelta(seconds=5), poll=timedelta(seconds=2))
    assert handle.wait().status == ImportStatus.SUCCESS


def test_an_unknown_order_and_import_are_refused(client: OctopiaClient) -> None:
    for call in (lambda: client.invoices.upload("nobody", PDF), lambda: client.invoices.get_import("nothing")):
        with pytest.raises(HttpError) as caught:
            call()
        assert caught.value.status == 404


def test_the_recorded_import_is_understood_whole(recorded: Path) -> None:
    data, drift = json.loads((recorded / "octopia" / "order-invoice-import-response.json").read_bytes()), Drift()
    found = decode(InvoiceImport, data, drift)
    assert list(drift.events("GET /order-invoice-imports/{importId}")) == []
    assert [file.status for file in found.files] == [ImportStatus.SUCCESS, ImportStatus.FAILURE]
