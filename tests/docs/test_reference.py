"""The reference documents every public name."""

from __future__ import annotations

import re
from importlib import import_module

import attrs
import pytest

from cdiscount_marketplace import errors
from cdiscount_marketplace.sandbox.quirks import Quirk
from cdiscount_marketplace.sandbox.settings import Settings
from support.pages import ROOT

# One class each: whatever is added to these modules is on their page.
WHOLE_MODULES = ["events", "errors", "models", "channels.port"]
PACKAGES = [
    "",
    ".soap",
    ".octopia",
    ".channels",
    ".oms",
    ".adapters.memory",
    ".adapters.sql",
    ".fleet",
    ".web",
    ".sandbox",
    ".telemetry",
    ".aio",
    ".testing.contracts",
]
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
    # A type alias has no home that it could tell.
    ours = {name: home for name, home in homes.items() if home.startswith("cdiscount_marketplace")}
    assert {name: home for name, home in ours.items() if home not in DOCUMENTED} == {}


@pytest.mark.parametrize("module", WHOLE_MODULES)
def test_every_event_error_model_and_port_has_its_page(module: str) -> None:
    assert f"cdiscount_marketplace.{module}" in DOCUMENTED


def test_every_switch_of_the_sandbox_is_explained() -> None:
    page = (ROOT / "docs" / "reference" / "sandbox.md").read_text(encoding="utf-8")
    names = [field.name for field in attrs.fields(Settings)] + [str(quirk.value) for quirk in Quirk]
    assert [name for name in names if f"`{name}" not in page] == []


def test_the_tree_of_errors_has_every_error() -> None:
    missing = [name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert [name for name in missing if f" {name} " not in f" {errors.__doc__} ".replace("\n", " ")] == []
