"""What the tests of the wire layer share."""

from __future__ import annotations

import pytest

from cdiscount_marketplace.soap.codec import xml


@pytest.fixture(params=["whole", "streamed"])
def parsing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test meet both ways in which a body is parsed, whatever its size."""
    if request.param == "streamed":
        monkeypatch.setattr(xml, "WHOLE_BYTES", 0)
