"""A few lives under fire with every test run; `nox -s chaos` lives many."""

from __future__ import annotations

import pytest

from chaos.virtual import live_once

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("apis", [("soap",), ("octopia",), ("soap", "octopia")], ids="+".join)
@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_or_doubled_under_fire(seed, apis):
    ledger = live_once(seed, apis)
    assert not ledger.wrongs, ledger.table()
    assert ledger.orders["placed"]
