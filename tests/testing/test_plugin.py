"""The pytest plugin: found by its entry point, light, and everything works in a stranger's test suite."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from support.pages import ROOT, Page

pytest_plugins = ["pytester"]

PLUGIN = "cdiscount_marketplace.testing.plugin"
# Named here, so that the tests also run where the package was installed before it had an entry point.
LOADED = ("-p", "no:cdiscount-marketplace", "-p", PLUGIN, "-p", "no:cacheprovider")

SUITE = """
    from datetime import timedelta

    import pytest

    from cdiscount_marketplace.sandbox import Fault, Settings
    from cdiscount_marketplace.sandbox.effects import LoseAnswer
    from cdiscount_marketplace.errors import OutcomeUnknown
    from cdiscount_marketplace.testing import builders

    @pytest.fixture
    def cdiscount_settings():
        return Settings(payment_delay=timedelta(seconds=1), shipment_delay=timedelta(seconds=1))

    @pytest.fixture(params=["cdiscount_client", "cdiscount_http_client"])
    def client(request):
        return request.getfixturevalue(request.param)

    def test_an_order_goes_all_the_way(client, cdiscount_sandbox):
        number = cdiscount_sandbox.place(builders.waiting_for_acceptance(lines=2)).number
        assert client.orders.accept(number).ok
        cdiscount_sandbox.advance(timedelta(seconds=2))
        assert client.orders.ship(number, carrier="Colissimo", tracking_number="6A1").ok
        assert [move.tracking.number for move in cdiscount_sandbox.shipped(number)] == ["6A1"]
        assert client.orders.get(number)[0].order_state == "Shipped"

    def test_a_lost_answer_is_unknown(cdiscount_client, cdiscount_sandbox):
        number = cdiscount_sandbox.place(builders.waiting_for_shipment()).number
        cdiscount_sandbox.inject(Fault(LoseAnswer(), on="ValidateOrderList"))
        with pytest.raises(OutcomeUnknown):
            cdiscount_client.orders.ship(number, carrier="Colissimo", tracking_number="6A1")
        assert len(cdiscount_sandbox.shipped(number)) == 1
        assert len(cdiscount_sandbox.calls("ValidateOrderList")) == 1

    def test_both_apis_show_one_book(cdiscount_octopia_client, cdiscount_client, cdiscount_sandbox):
        number = cdiscount_sandbox.place(builders.waiting_for_shipment()).number
        assert [order.reference for order in cdiscount_octopia_client.orders.list()] == [number]
        assert cdiscount_client.orders.get(number)[0].order_number == number

    def test_a_session_reaches_the_sandbox_only(cdiscount_session, cdiscount_sandbox):
        assert cdiscount_session.get(cdiscount_sandbox.token_url).status_code == 401
"""


def test_a_strangers_suite_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    pytester.runpytest_inprocess(*LOADED).assert_outcomes(passed=5)


def test_the_suite_of_the_documentation_passes(pytester: pytest.Pytester) -> None:
    page = Page(ROOT / "docs" / "how-to" / "test-your-oms.md")
    pytester.makepyfile(page.program)
    pytester.runpytest_inprocess(*LOADED).assert_outcomes(passed=6)


def test_programs_find_the_sandbox_by_their_environment(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from cdiscount_marketplace import MarketplaceClient

        def test_login(cdiscount_environment):
            with MarketplaceClient.from_env(clock=cdiscount_environment.sandbox.clock) as client:
                assert client.sellers.information().seller_login == "sandbox-api"
        """
    )
    pytester.runpytest_inprocess(*LOADED).assert_outcomes(passed=1)


def test_fixtures_are_listed_with_their_purpose(pytester: pytest.Pytester) -> None:
    listed = pytester.runpytest_inprocess(*LOADED, "--fixtures").stdout.str()
    for name in ("sandbox", "session", "client", "server", "http_client", "settings", "seed"):
        assert f"cdiscount_{name}" in listed


def test_the_plugin_loads_nothing_heavy() -> None:
    heavy = "zeep lxml werkzeug waitress requests sqlalchemy attrs"
    code = f"import sys, {PLUGIN}; print([name for name in '{heavy}'.split() if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert loaded.stdout.strip() == "[]"


def test_the_entry_point_names_the_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"cdiscount-marketplace": PLUGIN}
