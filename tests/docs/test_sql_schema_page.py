"""The page about the SQL schema names every table and every column."""

from __future__ import annotations

import re

import pytest

from cdiscount_marketplace.adapters.sql.schema import metadata
from support.pages import ROOT

PAGE = (ROOT / "docs" / "reference" / "sql-schema.md").read_text(encoding="utf-8")
SECTIONS = {part.split("\n", 1)[0]: part for part in PAGE.split("\n## ")[1:]}
TASK_TABLE = SECTIONS["shipments"].split("\n|", 1)[1]


def test_every_table_has_its_section() -> None:
    assert set(SECTIONS) == set(metadata.tables)


@pytest.mark.parametrize("name", metadata.tables)
def test_every_column_is_named(name: str) -> None:
    section = SECTIONS[name] + (TASK_TABLE if name in ("decisions", "refunds") else "")
    named = set(re.findall(r"`([a-z_]+)`", section))
    assert {column.name for column in metadata.tables[name].columns} <= named
