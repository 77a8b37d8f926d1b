"""Decisions go out in chunks, and what happens to one chunk hides nothing of another."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from cdiscount_marketplace import MarketplaceClient, ValidateOrder
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.errors import (
    AuthenticationError,
    CdiscountError,
    ConnectFailed,
    DecisionsRefused,
    InvalidRequest,
    LoginRefused,
    OutcomeUnknown,
    QuotaExceeded,
)
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import (
    Contradict,
    Effect,
    ExpireTokens,
    HtmlPage,
    HttpStatus,
    LeaveLine,
    LoseAnswer,
    OmitResult,
    QuotaReached,
    RejectOrder,
    Reset,
    ServerFault,
    Truncate,
)
from cdiscount_marketplace.soap import Error, ErrorType, OrderResult, ValidateOrderResult, plan_acceptance
from cdiscount_marketplace.soap.orders.validation import ValidationResultMessage
from support.scripted import answering
from support.till import client_of

WRITE = "ValidateOrderList"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def decisions(sandbox: Sandbox, client: MarketplaceClient, count: int) -> list[ValidateOrder]:
    numbers = [sandbox.place().number for _ in range(count)]
    return [plan_acceptance(order) for order in client.orders.get(*numbers)]


def chunked(sandbox: Sandbox, **options: Any) -> MarketplaceClient:
    return client_of(sandbox, validation_chunk=2, retry=RetryPolicy.never(), **options)


def statuses(results: tuple[OrderResult, ...]) -> list[str]:
    return [str(result.status) for result in results]


def test_decisions_go_out_in_chunks_and_come_back_as_one_report(sandbox: Sandbox) -> None:
    client = chunked(sandbox)
    sent = decisions(sandbox, client, 5)
    report = client.orders.validate(sent)
    assert report.ok
    assert [result.order_number for result in report.results] == [order.order_number for order in sent]
    assert len(sandbox.calls(WRITE)) == 3


def test_no_decisions_make_no_request(sandbox: Sandbox) -> None:
    assert chunked(sandbox).orders.validate([]).results == ()
    assert sandbox.calls() == ()


@pytest.mark.parametrize(
    "effect",
    [LoseAnswer(), Reset(), Reset("during"), Truncate(), HttpStatus(503), HtmlPage(), ServerFault(), HttpStatus(504)],
    ids=repr,
)
def test_lost_chunk_is_unknown_and_the_others_are_told(sandbox: Sandbox, effect: Effect) -> None:
    client = chunked(sandbox)
    sent = decisions(sandbox, client, 6)
    sandbox.inject(Fault(effect, on=WRITE, skip=1))
    with pytest.raises(OutcomeUnknown) as unknown:
        client.orders.validate(sent)
    error = unknown.value
    assert statuses(error.report.results) == ["confirmed"] * 2 + ["unknown"] * 2 + ["confirmed"] * 2
    assert error.order_numbers == tuple(order.order_number for order in sent[2:4])
    assert isinstance(error.__cause__, CdiscountError)
    assert len(sandbox.calls(WRITE)) == 3


@pytest.mark.parametrize("effect", [OmitResult(), LeaveLine()], ids=repr)
def test_order_that_the_answer_leaves_open_is_unknown(sandbox: Sandbox, effect: Effect) -> None:
    client = chunked(sandbox)
    sent = decisions(sandbox, client, 2)
    sandbox.inject(Fault(effect, on=WRITE))
    with pytest.raises(OutcomeUnknown) as unknown:
        client.orders.validate(sent)
    assert unknown.value.order_numbers == (sent[0].order_number,)
    assert unknown.value.__cause__ is None


@pytest.mark.parametrize("code", [ErrorType.INACTIVE_SELLER_ERROR, None])
def test_what_the_service_says_without_results_is_told(code: ErrorType | None) -> None:
    errors = (Error(error_type=code, message="Vendeur désactivé"),) if code else ()
    answer = ValidationResultMessage(operation_success=False, error_message="Vendeur désactivé", errors=errors)
    decision = ValidateOrder(order_number="1904241200ABCDE", order_state="Shipped")
    with pytest.raises(OutcomeUnknown) as unknown:
        answering(answer).client().orders.validate([decision])
    assert "Vendeur désactivé" in str(unknown.value.__cause__)
    assert "Vendeur désactivé" in str(unknown.value.report.of("1904241200ABCDE").reason)


def test_quota_beside_results_takes_nothing_back() -> None:
    done = ValidateOrderResult(order_number="1904241200ABCDE", validated=True)
    quota = (Error(error_type=ErrorType.QUOTA, message="Quota"),)
    answer = ValidationResultMessage(operation_success=False, errors=quota, validate_order_results=(done,))
    decision = ValidateOrder(order_number="1904241200ABCDE", order_state="Shipped")
    assert answering(answer).client().orders.validate([decision]).ok


@pytest.mark.parametrize("flag", [Contradict(success=False), Contradict(success=True, message="Erreur")], ids=repr)
def test_top_flags_change_nothing(sandbox: Sandbox, flag: Effect) -> None:
    client = chunked(sandbox)
    sent = decisions(sandbox, client, 2)
    sandbox.inject(Fault(flag, on=WRITE))
    assert client.orders.validate(sent).ok


def test_rejected_order_leaves_its_neighbour_alone(sandbox: Sandbox) -> None:
    client = chunked(sandbox)
    sent = decisions(sandbox, client, 2)
    sandbox.inject(Fault(RejectOrder(), on=WRITE))
    report = client.orders.validate(sent)
    assert statuses(report.results) == ["rejected", "confirmed"]
    assert report.results[0].codes == ("UnexpectedException",)


@pytest.mark.parametrize("effect", [HttpStatus(404), HttpStatus(413)], ids=repr)
def test_chunk_that_provably_did_not_run_does_not_stop_the_next(sandbox: Sandbox, effect: Effect) -> None:
    client = chunked(sandbox)
    sent = decisions(sandbox, client, 4)
    sandbox.inject(Fault(effect, on=WRITE))
    report = client.orders.validate(sent)
    assert statuses(report.results) == ["not_run"] * 2 + ["confirmed"] * 2
    assert [sandbox.order(str(order.order_number)).state for order in sent[:2]] == ["WaitingForSellerAcceptation"] * 2


@pytest.mark.parametrize("effect", [Reset("before"), QuotaReached(), HttpStatus(429, retry_after=3600)], ids=repr)
def test_after_an_account_wide_refusal_the_rest_is_not_sent(sandbox: Sandbox, effect: Effect) -> None:
    client = chunked(sandbox)
    sent = decisions(sandbox, client, 6)
    sandbox.inject(Fault(effect, on=WRITE, skip=1))
    try:
        report = client.orders.validate(sent)
    except OutcomeUnknown as error:
        report = error.report
    assert statuses(report.results)[:2] == ["confirmed"] * 2
    if isinstance(effect, Reset):
        # A connection that breaks says nothing of what was read before it broke.
        assert statuses(report.results)[2:] == ["unknown"] * 2 + ["confirmed"] * 2
        return
    assert statuses(report.results)[2:] == ["not_run"] * 4
    assert len(sandbox.calls(WRITE)) == 2


def test_quota_that_stops_everything_is_raised(sandbox: Sandbox) -> None:
    client = chunked(sandbox)
    sent = decisions(sandbox, client, 4)
    sandbox.inject(Fault(QuotaReached(), on=WRITE, times=None))
    with pytest.raises(QuotaExceeded) as quota:
        client.orders.validate(sent)
    assert quota.value.retry_at is not None
    assert quota.value.retry_at > sandbox.clock.now()
    assert len(quota.value.order_numbers) == 4


def test_unreachable_service_is_raised_and_nothing_was_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = MarketplaceClient(
        token="0" * 32,
        service_url=f"http://127.0.0.1:{port}/MarketplaceAPIService.svc",
        token_url=f"http://127.0.0.1:{port}/token",
        retry=RetryPolicy.never(),
    )
    with client, pytest.raises(ConnectFailed) as failure:
        client.orders.validate([ValidateOrder(order_number="1904241200ABCDE")])
    assert failure.value.retryable
    assert failure.value.order_numbers == ("1904241200ABCDE",)


def test_refused_login_is_raised_once(sandbox: Sandbox) -> None:
    client = chunked(sandbox, password="wrong")
    with pytest.raises(LoginRefused):
        client.orders.validate([ValidateOrder(order_number=str(number)) for number in range(6)])
    assert len(sandbox.calls("Token")) == 1


def sealed_vault(sandbox: Sandbox, openings: int) -> Callable[[], str]:
    """Return a vault that gives the password so many times, and then fails with it in its words."""
    passwords = iter([sandbox.accounts[0].password] * openings)

    def vault() -> str:
        try:
            return next(passwords)
        except StopIteration:
            raise PermissionError(f"sealed: {sandbox.accounts[0].password}") from None

    return vault


def test_vault_that_fails_in_a_later_chunk_loses_no_result(sandbox: Sandbox) -> None:
    client = chunked(sandbox, password=sealed_vault(sandbox, openings=1))
    sent = decisions(sandbox, client, 6)
    sandbox.advance(timedelta(hours=1))
    sandbox.inject(Fault(ExpireTokens(), on=WRITE, skip=1))
    report = client.orders.validate(sent)
    assert statuses(report.results) == ["confirmed"] * 2 + ["not_run"] * 4
    assert "PermissionError" in str(report.results[2].reason)
    assert sandbox.accounts[0].password not in repr(report)
    with pytest.raises(DecisionsRefused) as refused:
        report.raise_for_failures()
    assert refused.value.retryable


def test_vault_that_fails_at_once_is_raised_as_our_error(sandbox: Sandbox) -> None:
    client = chunked(sandbox, password=sealed_vault(sandbox, openings=0))
    with pytest.raises(AuthenticationError, match="PermissionError") as failed:
        client.orders.validate([ValidateOrder(order_number=str(number)) for number in range(6)])
    assert failed.value.retryable
    assert len(failed.value.order_numbers) == 6
    assert sandbox.calls() == ()


class Tripping(requests.adapters.BaseAdapter):
    """A caller's own adapter with a defect: its n-th decision ends in an error of no known kind."""

    def __init__(self, sandbox: Sandbox, trips_at: int) -> None:
        super().__init__()
        self._through = sandbox.session().get_adapter(sandbox.service_url)
        self._left = trips_at

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        self._left -= WRITE in str(request.headers.get("SOAPAction"))
        if not self._left:
            raise KeyError("metric")
        return self._through.send(request, **options)

    def close(self) -> None:
        """Hold nothing open."""

    def session(self) -> requests.Session:
        session = requests.Session()
        session.mount("http://", self)
        session.mount("https://", self)
        return session


def test_foreign_error_in_a_later_chunk_loses_no_result(sandbox: Sandbox) -> None:
    sent = decisions(sandbox, chunked(sandbox), 6)
    client = chunked(sandbox, session=Tripping(sandbox, trips_at=2).session())
    with pytest.raises(OutcomeUnknown) as unknown:
        client.orders.validate(sent)
    error = unknown.value
    assert statuses(error.report.results) == ["confirmed"] * 2 + ["unknown"] * 2 + ["not_run"] * 2
    assert error.order_numbers == tuple(order.order_number for order in sent[2:4])
    assert isinstance(error.__cause__, KeyError)


def test_foreign_error_before_any_result_is_the_callers_to_see(sandbox: Sandbox) -> None:
    client = chunked(sandbox, session=Tripping(sandbox, trips_at=1).session())
    with pytest.raises(KeyError):
        client.orders.validate([ValidateOrder(order_number="1904241200ABCDE")])


def test_expired_token_is_replaced_and_the_write_repeated_once(sandbox: Sandbox) -> None:
    client = chunked(sandbox)
    (sent,) = decisions(sandbox, client, 1)
    sandbox.advance(timedelta(hours=1))
    sandbox.expire_tokens()
    assert client.orders.validate([sent]).ok
    assert len(sandbox.applied(str(sent.order_number))) == 1
    assert len(sandbox.calls("Token")) == 2


@pytest.mark.parametrize("orders", [ValidateOrder(order_number="A"), ["1904241200ABCDE"], "1904241200ABCDE", None])
def test_what_are_no_decisions_is_refused_before_any_request(sandbox: Sandbox, orders: Any) -> None:
    with pytest.raises(InvalidRequest, match="list of ValidateOrder"):
        chunked(sandbox).orders.validate(orders)
    assert not sandbox.calls()


def test_one_order_twice_is_refused_before_any_request(sandbox: Sandbox) -> None:
    twice = [ValidateOrder(order_number="1904241200ABCDE")] * 2
    with pytest.raises(InvalidRequest, match="twice"):
        chunked(sandbox).orders.validate([*twice, ValidateOrder()])
    assert sandbox.calls() == ()


def test_unsendable_value_in_the_last_chunk_keeps_the_first_back(sandbox: Sandbox) -> None:
    client = chunked(sandbox)
    sent = decisions(sandbox, client, 2)
    bad = ValidateOrder(order_number="1904241200ABCDE", carrier_name="a\x00b")
    with pytest.raises(InvalidRequest, match="control character"):
        client.orders.validate([*sent, bad])
    assert sandbox.calls(WRITE) == ()
