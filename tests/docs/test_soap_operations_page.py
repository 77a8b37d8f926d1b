"""The page of SOAP operations has them all, and says the truth about repeating."""

from __future__ import annotations

import re

from cdiscount_marketplace.soap.catalogue import OPERATIONS
from support.pages import ROOT

PAGE = (ROOT / "docs" / "reference" / "soap-operations.md").read_text(encoding="utf-8")
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
