"""Invoices in the REST API's shape."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import chain
from typing import Any, Final

from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from cdiscount_marketplace.octopia.codec import write_moment
from cdiscount_marketplace.sandbox.exchange import Answer
from cdiscount_marketplace.sandbox.invoices import File, Import
from cdiscount_marketplace.sandbox.octopia.asked import Asked, Handler, page_answer
from cdiscount_marketplace.sandbox.octopia.errors import Problem, json_answer
from cdiscount_marketplace.sandbox.octopia.listing import cursor_page

_DURATION: Final = timedelta(seconds=20)
_MOST_FILES: Final = 1000


def _upload_one(asked: Asked) -> Answer:
    order = asked.order(asked.parts[0])
    files = [
        File(name=name, order=order.order_id, size=len(data), readable=_is_invoice(data))
        for name, data in _uploads(asked)
    ]
    if len(files) != 1:
        raise Problem.of_member("file", "One file is required.")
    return _taken(asked, files)


def _upload_many(asked: Asked) -> Answer:
    files: list[File] = []
    for name, data in _uploads(asked):
        inner = _unzipped(data) if name.lower().endswith(".zip") else [(name, data)]
        files += [
            File(name=one, order=one.rpartition(".")[0] or one, size=len(content), readable=_is_invoice(content))
            for one, content in inner
        ]
    if not 1 <= len(files) <= _MOST_FILES:
        raise Problem.of_member("files", "At least one file is required.")
    return _taken(asked, files)


def _taken(asked: Asked, files: list[File]) -> Answer:
    return json_answer({"importId": asked.market.invoices.take(files, _DURATION).id}, status=202)


def _list(asked: Asked) -> Answer:
    sized = {**asked.query, "limit": asked.query.get("pageSize", "100")}
    page = cursor_page(asked.market.invoices.all(), sized)
    return page_answer(asked, page, [_shown(asked, one) for one in page.items])


def _get(asked: Asked) -> Answer:
    found = asked.market.invoices.find(asked.parts[0])
    if found is None:
        raise Problem(404, "The import does not exist.")
    return json_answer(_shown(asked, found))


def _documents(asked: Asked) -> Answer:
    order = asked.order(asked.parts[0])
    documents = asked.market.invoices.documents(order.order_id, {order.order_id})
    items = [
        {"documentId": f"{one.id}-{file.order}", "fileName": file.name, "createdAt": write_moment(one.at)}
        for one, file in documents
    ]
    return json_answer({"itemsPerPage": len(items), "items": items})


def _shown(asked: Asked, one: Import) -> dict[str, Any]:
    shown: dict[str, Any] = {"importId": one.id, "createdAt": write_moment(one.at), "status": "Running"}
    if not asked.market.invoices.is_done(one):
        return shown
    files = [_file(asked, file) for file in one.files]
    good = sum(file["status"] == "Success" for file in files)
    status = "Success" if good == len(files) else "PartialSuccess" if good else "Failure"
    return {**shown, "status": status, "files": files}


def _file(asked: Asked, file: File) -> dict[str, Any]:
    step, error = "Uploaded", None
    if asked.book.number_of(file.order) is None:
        step, error = "OrderCheck", {"code": "OrderNotFound", "message": "No such order"}
    elif not file.readable:
        step, error = "FileCheck", {"code": "InvalidFile", "message": "Neither PDF nor UBL"}
    status = "Failure" if error else "Success"
    shown: dict[str, Any] = {"fileName": file.name, "status": status, "integrationStatus": step}
    return {**shown, "errors": [error]} if error else shown


def _uploads(asked: Asked) -> Iterator[tuple[str, bytes]]:
    kind, options = parse_options_header(asked.headers.get("content-type", ""))
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise Problem(415)
    try:
        _, files = MultiPartParser().parse(io.BytesIO(asked.body), boundary.encode(), len(asked.body))
    except ValueError:
        raise Problem.of_member("$", "The body is no multipart form.") from None
    for file in chain.from_iterable(files.listvalues()):
        yield file.filename or "", file.read()


def _unzipped(data: bytes) -> list[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(name, archive.read(name)) for name in archive.namelist()[:_MOST_FILES]]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
        raise Problem.of_member("files", "The archive cannot be read.") from None


def _is_invoice(data: bytes) -> bool:
    return data.startswith(b"%PDF-") or b"Invoice" in data[:8192]


UPLOADS: Final = frozenset({"POST /orders/{orderId}/invoice-documents", "POST /order-invoice-imports"})
HANDLERS: Mapping[str, Handler] = {
    "POST /orders/{orderId}/invoice-documents": _upload_one,
    "GET /orders/{orderId}/invoice-documents": _documents,
    "POST /order-invoice-imports": _upload_many,
    "GET /order-invoice-imports": _list,
    "GET /order-invoice-imports/{importId}": _get,
}
