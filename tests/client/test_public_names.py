"""Public names are there, and cost nothing until they are used."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

PACKAGES = [
    "cdiscount_marketplace",
    "cdiscount_marketplace.soap",
    "cdiscount_marketplace.channels",
    "cdiscount_marketplace.aio",
]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_resolves(package: str) -> None:
    module = import_module(package)
    assert sorted(module.__all__) == list(module.__all__)
    assert all(getattr(module, name).__module__.startswith("cdiscount_marketplace") for name in module.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_other_names_are_attribute_errors(package: str) -> None:
    with pytest.raises(AttributeError, match="'Nonsense'"):
        _ = import_module(package).Nonsense


HEAVY = "print(sorted({'zeep', 'lxml', 'sqlalchemy', 'werkzeug', 'rich'} & set(sys.modules)))"


@pytest.mark.parametrize(
    ("program", "loaded"),
    [
        ("import cdiscount_marketplace, cdiscount_marketplace.soap, cdiscount_marketplace.channels", "[]"),
        (
            "from cdiscount_marketplace import MarketplaceClient; MarketplaceClient(username='a', password='b')",
            "['lxml']",
        ),
        ("from cdiscount_marketplace.channels import SoapChannel", "['lxml']"),
        ("from cdiscount_marketplace.channels import OctopiaChannel", "[]"),
    ],
)
def test_zeep_is_loaded_by_the_first_call_only(program: str, loaded: str) -> None:
    command = [sys.executable, "-c", f"import sys; {program}; {HEAVY}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == loaded
