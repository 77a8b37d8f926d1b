"""`client.invoices`: the seller's invoices to customers, uploaded order by order or many at once.

An upload is taken at once and imported later, and replaces an older invoice of the order, so that it may be repeated.
The name of the multipart field is not documented: `field` sets it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen
from urllib3.filepost import encode_multipart_formdata

from cdiscount_marketplace.calls.waiting import attempts
from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.errors import CallTimeout, InvalidRequest, Problem, UnreadableAnswer
from cdiscount_marketplace.octopia.api import Api, Body, Reply, segment
from cdiscount_marketplace.octopia.bodies import is_object, member
from cdiscount_marketplace.octopia.codec import many, moment, text, word
from cdiscount_marketplace.octopia.lists import cursor_pages

MAX_BYTES: Final = 10 * 1024 * 1024
"""The largest upload by default: the service's own limit is not known."""
_IMPORTS: Final = "/order-invoice-imports"
_PAGE_SIZE: Final = 100
# The root of a UBL document, after a declaration and comments at most; what comes before it is short.
_UBL: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<(?:[\w.-]+:)?(?:Invoice|CreditNote)[\s>]", re.DOTALL
)
_PROLOGUE: Final = 8192
_TYPES: Final = {"pdf": "application/pdf", "xml": "application/xml", "zip": "application/zip"}


class ImportStatus(OpenEnum):
    """Where an import, or one of its files, stands."""

    RUNNING = Member("Running")
    SUCCESS = Member("Success")
    PARTIAL_SUCCESS = Member("PartialSuccess")
    FAILURE = Member("Failure")


@frozen(kw_only=True, weakref_slot=False)
class FileError:
    """Why a file was not imported."""

    code: str | None = text()
    message: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class ImportedFile:
    """One file of an import; `integration_status` is the step that it reached, such as the check of the order."""

    file_name: str | None = text()
    status: ImportStatus | None = word(ImportStatus)
    integration_status: str | None = text()
    errors: tuple[FileError, ...] = many(FileError)


@frozen(kw_only=True, weakref_slot=False)
class InvoiceImport:
    """An import as it stands."""

    import_id: str | None = text(also=("id",))
    status: ImportStatus | None = word(ImportStatus)
    created_at: datetime | None = moment()
    files: tuple[ImportedFile, ...] = many(ImportedFile)


@frozen(kw_only=True, weakref_slot=False)
class InvoiceDocument:
    """An invoice of an order, as the marketplace has it."""

    document_id: str | None = text(also=("id", "invoiceDocumentId"))
    file_name: str | None = text(also=("name",))
    url: str | None = text(also=("link", "href"))
    created_at: datetime | None = moment()


class Invoices:
    """The seller's invoices; reached as `client.invoices`. Thread-safe."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def upload(
        self, order_id: str, document: bytes, *, max_bytes: int = MAX_BYTES, field: str = "file"
    ) -> InvoiceUpload:
        """Upload the invoice of one order: a PDF (Factur-X included), or UBL 2.1 XML.

        Raises `InvalidRequest` before sending for another kind of file, or one above `max_bytes`.
        """
        name = _file_name(order_id, document, max_bytes)
        path = f"/orders/{segment('order_id', order_id)}/invoice-documents"
        body = _multipart([(field, name, document)])
        return self._uploaded(self._api.state("POST /orders/{orderId}/invoice-documents", path, body))

    def upload_many(
        self, documents: Mapping[str, bytes], *, max_bytes: int = MAX_BYTES, field: str = "files"
    ) -> InvoiceUpload:
        """Upload the invoices of several orders in one import; the keys are their orderIds.

        Raises `InvalidRequest` before sending, naming each file that cannot be right; `max_bytes` is for all together.
        """
        if not documents:
            raise InvalidRequest([Problem("documents", "give at least one")])
        names = {order_id: _file_name(order_id, document, max_bytes) for order_id, document in documents.items()}
        _ensure_size("documents", sum(map(len, documents.values())), max_bytes)
        parts = [(field, names[order_id], document) for order_id, document in documents.items()]
        return self._uploaded(self._api.state(f"POST {_IMPORTS}", _IMPORTS, _multipart(parts)))

    def upload_zip(self, archive: bytes, *, max_bytes: int = MAX_BYTES, field: str = "files") -> InvoiceUpload:
        """Upload a ZIP of invoices, each named after its order's orderId, such as `26030112AAAA.pdf`."""
        if not archive.startswith(b"PK"):
            raise InvalidRequest([Problem("archive", "is no ZIP file")])
        _ensure_size("archive", len(archive), max_bytes)
        body = _multipart([(field, "invoices.zip", archive)])
        return self._uploaded(self._api.state(f"POST {_IMPORTS}", _IMPORTS, body))

    def imports(self) -> Iterator[InvoiceImport]:
        """List imports; pages are read as the iterator is used."""
        for reply in cursor_pages(self._api, f"GET {_IMPORTS}", _IMPORTS, {}, _PAGE_SIZE, size_name="pageSize"):
            yield from reply.decoded_many(InvoiceImport)

    def get_import(self, import_id: str) -> InvoiceImport:
        """Read where an import stands; raises `HttpError` with status 404 for an unknown one."""
        path = f"{_IMPORTS}/{segment('import_id', import_id)}"
        return self._api.read(f"GET {_IMPORTS}/{{importId}}", path).decoded(InvoiceImport)

    def documents(self, order_id: str) -> tuple[InvoiceDocument, ...]:
        """List the invoices that the marketplace has of an order."""
        path = f"/orders/{segment('order_id', order_id)}/invoice-documents"
        return self._api.read("GET /orders/{orderId}/invoice-documents", path).decoded_many(InvoiceDocument)

    def _uploaded(self, reply: Reply) -> InvoiceUpload:
        data = reply.data
        import_id = (member(data, "importId") or member(data, "id")) if is_object(data) else data
        if not isinstance(import_id, str) or not import_id:
            raise UnreadableAnswer("the answer names no import", status=reply.status, operation=reply.operation)
        return InvoiceUpload(invoices=self, import_id=import_id, api=self._api)


@frozen(kw_only=True)
class InvoiceUpload:
    """An upload that the marketplace imports. Thread-safe."""

    invoices: Invoices
    import_id: str
    api: Api

    def status(self) -> InvoiceImport:
        """Read where the import stands, file by file."""
        return self.invoices.get_import(self.import_id)

    def wait(
        self, *, timeout: timedelta = timedelta(minutes=10), poll: timedelta = timedelta(seconds=5)
    ) -> InvoiceImport:
        """Wait until the import has ended, well or not, and return it: look at each file.

        Raises `CallTimeout` after `timeout`: the import goes on, and may be waited for again.
        """
        for _ in attempts(self.api.caller.clock, timeout, poll):
            current = self.status()
            if current.status not in (None, ImportStatus.RUNNING):
                return current
        raise CallTimeout(f"import {self.import_id} still runs", operation=f"GET {_IMPORTS}/{{importId}}")


def _file_name(order_id: str, document: bytes, max_bytes: int) -> str:
    """Name a file after its order; raises `InvalidRequest` for what is no invoice."""
    where = f"documents[{order_id}]"
    if document.startswith(b"%PDF-"):
        kind = "pdf"
    elif _UBL.match(document[:_PROLOGUE]):
        kind = "xml"
    else:
        raise InvalidRequest([Problem(where, "is neither a PDF nor UBL XML")])
    _ensure_size(where, len(document), max_bytes)
    segment("order_id", order_id)
    return f"{order_id}.{kind}"


def _ensure_size(where: str, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise InvalidRequest([Problem(where, f"has {size} bytes, at most {max_bytes} are sent: see max_bytes")])


def _multipart(parts: list[tuple[str, str, bytes]]) -> Body:
    fields = [(field, (name, data, _TYPES[name.rpartition(".")[2]])) for field, name, data in parts]
    content, content_type = encode_multipart_formdata(fields)
    return Body(content=content, headers={"Content-Type": content_type})
