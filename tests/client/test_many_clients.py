"""Many accounts in one process: they share what is the same for all, and nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.tokens import Account


def test_another_client_parses_no_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    Sandbox().client().sellers.indicators()

    def parse(*_: object, **__: object) -> None:
        raise AssertionError("the contract was parsed again")

    monkeypatch.setattr("zeep.wsdl.Document.__init__", parse)
    assert Sandbox().client().sellers.indicators()


def test_clients_that_share_a_contract_never_swap_tokens() -> None:
    accounts = [Account(login=f"shop-{number}", password=f"secret-{number}") for number in range(8)]
    sandbox = Sandbox(accounts=accounts)
    clients = [sandbox.client(username=account.login, password=account.password) for account in accounts]
    with ThreadPoolExecutor(8) as pool:
        logins = list(pool.map(lambda client: client.sellers.information().seller_login, clients * 10))
    assert logins == [account.login for account in accounts] * 10
