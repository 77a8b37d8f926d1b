"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support.redaction import Ear, listening

ROOT = Path(__file__).resolve().parent.parent

# How long an example takes depends on what else the machine does.
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")


def recorded_dir() -> Path | None:
    """Return the folder of recorded exchanges where this machine has it."""
    folder = Path(os.environ.get("CDISCOUNT_RECORDED") or ROOT.parent / "shared" / "recorded")
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def recorded() -> Path:
    """Give the recorded exchanges; skip where they are absent, fail where they are required (CI)."""
    folder = recorded_dir()
    if folder is None:
        reason = "recorded exchanges are not on this machine (set CDISCOUNT_RECORDED)"
        if os.environ.get("CDISCOUNT_REQUIRE_ALL"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Give what hears every logger at every level."""
    with listening() as ear:
        yield ear
