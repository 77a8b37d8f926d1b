"""Databases that are busy, gone or in each other's way: told as such, with nothing half done and nothing leaked."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Connection, create_engine, text

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.errors import StoreFailed
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, change, checkpoint, order
from support.postgres import alchemy_url


def _save(oms: SqlOms, number: str, digest: str = "d1") -> None:
    oms.save(ACCOUNT, order(number), order(number), change(digest))


def _in_unit(oms: SqlOms, *numbers: str) -> None:
    with oms.unit():
        for number in numbers:
            _save(oms, number)


@pytest.fixture
def without_timeout_retries(sqlite_url: str) -> Iterator[SqlOms]:
    """Give a store that does not wait for a locked file."""
    engine = create_engine(sqlite_url, connect_args={"timeout": 0.01})
    yield SqlOms(engine)
    engine.dispose()


def test_a_file_that_another_process_keeps_locked_can_be_tried_again(
    sqlite_url: str, without_timeout_retries: SqlOms
) -> None:
    with SqlOms(sqlite_url) as other:
        with other.unit():
            with pytest.raises(StoreFailed, match="locked") as caught:
                _save(without_timeout_retries, "A1")
            assert caught.value.retryable
        _save(without_timeout_retries, "A1")


def test_reading_does_not_wait_for_a_writer(sqlite_url: str, without_timeout_retries: SqlOms) -> None:
    with SqlOms(sqlite_url) as other, other.unit():
        _save(other, "A1")
        assert without_timeout_retries.find(ACCOUNT, ["A1"]) is None


def test_a_connection_that_dies_in_a_unit_loses_that_unit_alone(postgresql_url: str) -> None:
    def terminate_self(connection: Connection, *_: object) -> None:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with SqlOms(postgresql_url, write=terminate_self) as dying, SqlOms(postgresql_url) as oms:
        with pytest.raises(StoreFailed) as caught:
            _in_unit(dying, "A1")
        assert caught.value.retryable
        assert dying.find(ACCOUNT, ["A1"]) is None
        _save(oms, "A1")
        assert dying.find(ACCOUNT, ["A1"]) is not None


def test_a_server_that_restarts_between_two_runs_is_found_again(postgresql_url: str) -> None:
    with SqlOms(postgresql_url) as oms:
        _save(oms, "A1")
        with create_engine(alchemy_url(postgresql_url)).connect() as admin:
            admin.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"))
        assert oms.find(ACCOUNT, ["A1"]) is not None


def test_a_server_that_is_not_up_yet_can_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with SqlOms(f"postgresql://oms:hidden@127.0.0.1:{port}/oms") as oms, pytest.raises(StoreFailed) as caught:
        oms.find(ACCOUNT, ["A1"])
    assert caught.value.retryable
    assert "hidden" not in str(caught.value)


def test_a_file_that_cannot_be_opened_says_where_to_look(tmp_path: Path) -> None:
    with SqlOms(f"sqlite:///{tmp_path / 'nowhere' / 'oms.db'}") as oms, pytest.raises(StoreFailed) as caught:
        oms.find(ACCOUNT, ["A1"])
    assert not caught.value.retryable
    assert "address" in str(caught.value)


def test_of_two_units_that_lock_each_other_one_goes_through(postgresql_url: str) -> None:
    with SqlOms(postgresql_url) as oms:
        for number in ("A1", "B1"):
            _save(oms, number)
        both_hold_one = Barrier(2)

        def work(numbers: tuple[str, str]) -> bool | None:
            try:
                with oms.unit():
                    _save(oms, numbers[0], "d2")
                    both_hold_one.wait()
                    _save(oms, numbers[1], "d2")
            except StoreFailed as failure:
                return failure.retryable
            return None

        with ThreadPoolExecutor(2) as pool:
            ends = set(pool.map(work, [("A1", "B1"), ("B1", "A1")]))
        assert ends == {None, True}


def test_nobody_takes_a_lease_over_in_the_middle_of_a_write_under_it(oms: SqlOms) -> None:
    late = oms.acquire(ACCOUNT, "import", "a", timedelta(0))
    with ThreadPoolExecutor(1) as pool:
        with oms.unit():
            assert oms.swap_checkpoint(ACCOUNT, None, checkpoint(), lease=late)
            taking = pool.submit(oms.acquire, ACCOUNT, "import", "b", timedelta(minutes=1))
            with pytest.raises(TimeoutError):
                taking.result(timeout=0.2)
        taken = taking.result(timeout=30)
    assert taken is not None
    assert late is not None
    assert taken.fence > late.fence


def test_no_customer_reaches_a_log_even_at_debug(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="sqlalchemy")
    engine = create_engine(alchemy_url(database_url))
    with SqlOms(database_url) as owned, SqlOms(engine) as borrowed:
        for oms in (owned, borrowed):
            _save(oms, "A1")
            assert oms.show_order(ACCOUNT, "A1") is not None
            assert oms.find(ACCOUNT, ["A1"]) is not None
    with engine.connect() as connection:
        connection.execute(text("SELECT 'told by the engine itself'"))
    engine.dispose()
    assert "told by the engine itself" in caplog.text
    assert "Hôte" not in caplog.text
    assert "rue de" not in caplog.text


def test_nobody_changes_an_order_between_looking_it_up_and_the_end_of_the_unit(oms: SqlOms) -> None:
    _save(oms, "A1")
    with ThreadPoolExecutor(1) as pool:
        with oms.unit():
            assert oms.find(ACCOUNT, ["A1"])
            saving = pool.submit(_save, oms, "A1", "d2")
            with pytest.raises(TimeoutError):
                saving.result(0.3)
        saving.result()
    found = oms.find(ACCOUNT, ["A1"])
    assert found is not None
    assert found.digest == "d2"
