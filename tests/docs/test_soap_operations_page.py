"""The page of SOAP operations has them all, and says the truth about repeating."""

from __future__ import annotations

import re
from typing import Any

from cdiscount_marketplace.soap.catalogue import OPERATIONS
from support.pages import ROOT, Page

PATH = ROOT / "docs" / "reference" / "soap-operations.md"
PAGE = PATH.read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1:] for cells in re.findall(r"^\| (\w+) \| (`.*`) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
}


def test_every_operation_has_its_row() -> None:
    assert set(ROWS) == {operation.name for operation in OPERATIONS}


def test_what_only_reads_may_be_repeated() -> None:
    wrong = [
        operation.name for operation in OPERATIONS if operation.kind == "read" and ROWS[operation.name][1] != "yes"
    ]
    assert wrong == []


def test_examples_call_every_operation() -> None:
    page: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(Page(PATH).program, str(PATH), "exec", dont_inherit=True), page)
    called = {call.operation for call in page["sandbox"].calls()}
    assert {operation.name for operation in OPERATIONS} - called == set()
