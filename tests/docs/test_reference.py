"""The reference documents every public name."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from support.pages import ROOT

PACKAGES = ["", ".soap", ".octopia", ".channels", ".oms", ".adapters.sql", ".sandbox", ".testing.contracts"]
DOCUMENTED = {
    name
    for page in (ROOT / "docs" / "reference").rglob("*.md")
    for name in re.findall(r"^\.\. automodule:: (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("package", [f"cdiscount_marketplace{part}" for part in PACKAGES])
def test_reference_has_the_home_of_every_public_name(package: str) -> None:
    public = import_module(package)
    names = getattr(public, "__all__", ())
    homes = {name: home for name in names if (home := getattr(getattr(public, name), "__module__", None))}
    assert {name: home for name, home in homes.items() if home not in DOCUMENTED} == {}
