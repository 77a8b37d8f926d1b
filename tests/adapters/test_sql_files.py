"""Files that are not there, are something else, move away or cannot grow: named as such, with nothing half done."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.errors import StoreFailed
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, change, checkpoint, order


def _save(oms: SqlOms, number: str) -> None:
    oms.save(ACCOUNT, order(number), order(number), change())


def _fill(oms: SqlOms) -> None:
    with oms.unit():
        for number in range(500):
            _save(oms, f"B{number}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "oms.db"


@pytest.fixture
def oms(path: Path) -> Iterator[SqlOms]:
    with SqlOms(f"sqlite:///{path}") as oms:
        _save(oms, "A1")
        yield oms


def _nothing(path: Path) -> None:
    """Leave the address without a file."""


def _no_directory(path: Path) -> None:
    path.parent.rmdir()


def _empty(path: Path) -> None:
    path.touch()


def _directory(path: Path) -> None:
    path.mkdir()


def _text(path: Path) -> None:
    path.write_text("number;total\nA1;10.00\n" * 50)


def _short_text(path: Path) -> None:
    path.write_text("x")


def _database_of_others(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE invoices (number TEXT)")
    connection.close()


WRONG = [
    (_nothing, "missing"),
    (_no_directory, "missing"),
    (_empty, "missing"),
    (_database_of_others, "missing"),
    (_directory, "not_a_store"),
    (_text, "not_a_store"),
    (_short_text, "not_a_store"),
]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


@pytest.mark.parametrize(("there", "code"), WRONG, ids=lambda value: getattr(value, "__name__", value))
def test_without_create_a_wrong_address_is_named_and_left_alone(
    tmp_path: Path, there: Callable[[Path], None], code: str
) -> None:
    path = tmp_path / "shop" / "omz.db"
    path.parent.mkdir()
    there(path)
    before = _bytes(path)
    with SqlOms(f"sqlite:///{path}", create=False) as oms, pytest.raises(StoreFailed) as caught:
        oms.accounts()
    assert caught.value.code == code
    assert str(path) in caught.value.reason
    assert caught.value.hint
    assert _bytes(path) == before
    assert [each.name for each in path.parent.glob("*")] == ([] if there in (_nothing, _no_directory) else ["omz.db"])


@pytest.mark.parametrize("there", [_text, _directory, _short_text], ids=lambda value: value.__name__)
def test_even_with_create_nothing_is_written_over_what_is_no_store(path: Path, there: Callable[[Path], None]) -> None:
    there(path)
    before = _bytes(path)
    with SqlOms(f"sqlite:///{path}") as oms, pytest.raises(StoreFailed) as caught:
        _save(oms, "A1")
    assert caught.value.code == "not_a_store"
    assert _bytes(path) == before


def test_without_create_an_empty_postgresql_database_stays_empty(postgresql_url: str) -> None:
    for _ in range(2):
        with SqlOms(postgresql_url, create=False) as oms, pytest.raises(StoreFailed) as caught:
            oms.accounts()
        assert caught.value.code == "missing"


def test_a_postgresql_database_that_is_not_there_is_named(postgresql_url: str) -> None:
    with SqlOms(postgresql_url.replace("/postgres?", "/shopp?")) as oms, pytest.raises(StoreFailed) as caught:
        oms.accounts()
    assert caught.value.code == "missing"
    assert "shopp" in caught.value.reason


def test_a_postgresql_database_that_may_only_be_read_is_named(postgresql_url: str) -> None:
    with SqlOms(postgresql_url) as oms:
        _save(oms, "A1")
    with SqlOms(f"{postgresql_url}%20-cdefault_transaction_read_only%3Don") as reader:
        assert reader.find(ACCOUNT, ["A1"]) is not None
        with pytest.raises(StoreFailed) as caught:
            _save(reader, "B1")
    assert (caught.value.code, caught.value.retryable) == ("read_only", False)


def test_a_postgresql_table_that_another_session_locks_is_named(postgresql_url: str) -> None:
    with SqlOms(postgresql_url) as oms, SqlOms(f"{postgresql_url}%20-clock_timeout%3D50ms") as without_timeout_retries:
        _save(oms, "A1")
        with oms.unit():
            assert oms.find(ACCOUNT, ["A1"])
            with pytest.raises(StoreFailed) as caught:
                _save(without_timeout_retries, "A1")
    assert (caught.value.code, caught.value.retryable) == ("locked", True)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files, even of root")
def test_a_directory_that_takes_no_file_is_named() -> None:
    with SqlOms("sqlite:////proc/oms.db") as oms, pytest.raises(StoreFailed) as caught:
        _save(oms, "A1")
    assert caught.value.code == "cannot_open"
    assert "/proc/oms.db" in caught.value.reason
    assert "what this user may do" in str(caught.value)


def test_without_create_a_store_that_is_there_is_used(oms: SqlOms, path: Path) -> None:
    with SqlOms(f"sqlite:///file:{path}?uri=true", create=False) as again:
        assert again.find(ACCOUNT, ["A1"]) is not None


def _moved(path: Path) -> None:
    path.rename(path.with_name("old.db"))


def _deleted(path: Path) -> None:
    path.unlink()


def _replaced(path: Path) -> None:
    path.with_name("copy.db").write_bytes(path.read_bytes())
    path.with_name("copy.db").replace(path)


AWAY = [_moved, _deleted, _replaced]


@pytest.mark.parametrize("away", AWAY, ids=lambda value: value.__name__)
def test_nothing_is_written_into_a_file_that_is_no_longer_there(
    oms: SqlOms, path: Path, away: Callable[[Path], None]
) -> None:
    away(path)
    for _ in range(2):
        with pytest.raises(StoreFailed) as caught:
            _save(oms, "B1")
        assert caught.value.code == "moved"
        assert str(path) in caught.value.reason
    assert path.exists() is (away is _replaced)


@pytest.mark.parametrize("away", AWAY, ids=lambda value: value.__name__)
def test_a_unit_whose_file_goes_away_is_not_called_stored(
    oms: SqlOms, path: Path, away: Callable[[Path], None]
) -> None:
    def work() -> None:
        with oms.unit():
            _save(oms, "B1")
            away(path)

    with pytest.raises(StoreFailed) as caught:
        work()
    assert caught.value.code == "moved"


def test_a_file_that_was_put_back_is_used_again(oms: SqlOms, path: Path) -> None:
    _moved(path)
    with pytest.raises(StoreFailed):
        _save(oms, "B1")
    path.with_name("old.db").rename(path)
    _save(oms, "B1")
    assert oms.find(ACCOUNT, ["B1"]) is not None


def test_a_full_disk_is_named_and_the_unit_undone(oms: SqlOms, path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    pages = path.stat().st_size // 4096

    @event.listens_for(engine, "connect")
    def _limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 4}")

    full = SqlOms(engine)
    with pytest.raises(StoreFailed) as caught:
        _fill(full)
    assert (caught.value.code, caught.value.hint is not None) == ("disk_full", True)
    assert oms.find(ACCOUNT, ["B0"]) is None
    engine.dispose()


_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.errors import StoreFailed
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, change, order
try:
    with SqlOms(sys.argv[1]) as oms:
        for number in range(500):
            with oms.unit():
                oms.save(ACCOUNT, order(f"B{number}"), order(f"B{number}"), change())
except StoreFailed as error:
    print(error.code, error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
@pytest.mark.parametrize("limit", [0, 20_000, 400_000], ids=["at once", "while the tables are made", "later"])
def test_a_disk_that_refuses_to_write_is_named(path: Path, limit: int) -> None:
    command = [sys.executable, "-c", _LIMITED, f"sqlite:///{path}", str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("disk_error")
    assert str(path) in done.stdout
    assert "space" in done.stdout


def test_a_file_that_may_only_be_read_shows_what_it_has_and_names_what_it_cannot(oms: SqlOms, path: Path) -> None:
    with SqlOms(f"sqlite:///file:{path}?mode=ro&uri=true", create=False) as reader:
        assert reader.find(ACCOUNT, ["A1"]) is not None
        with pytest.raises(StoreFailed) as caught:
            _save(reader, "B1")
    assert (caught.value.code, caught.value.retryable) == ("read_only", False)


def test_a_locked_file_is_named(oms: SqlOms, path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 0.01})
    with oms.unit(), pytest.raises(StoreFailed) as caught:
        _save(SqlOms(engine), "B1")
    assert (caught.value.code, caught.value.retryable) == ("locked", True)
    engine.dispose()


def test_a_damaged_file_is_named(oms: SqlOms, path: Path) -> None:
    oms.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with SqlOms(f"sqlite:///{path}") as spoiled, pytest.raises(StoreFailed) as caught:
        _save(spoiled, "B1")
    assert caught.value.code == "damaged"


def test_after_the_database_undid_a_whole_unit_nothing_more_of_it_is_stored(path: Path) -> None:
    """SQLite ends a transaction by itself after some errors of the disk; a trigger that rolls back does the same."""

    def fail(connection: Connection, _account: str, mapped: object, _change: object) -> None:
        if getattr(mapped, "number", None) == "B1":
            connection.exec_driver_sql("INSERT INTO trap VALUES (1)")

    with SqlOms(f"sqlite:///{path}", write=fail) as oms:
        _save(oms, "Z9")
        trap = sqlite3.connect(path)
        trap.execute("CREATE TABLE trap (x INTEGER)")
        trap.execute("CREATE TRIGGER t BEFORE INSERT ON trap BEGIN SELECT RAISE(ROLLBACK, 'gone'); END")
        trap.close()

        def batch() -> None:
            with oms.unit():
                for number in ("A1", "B1", "C1"):
                    with suppress(StoreFailed), oms.unit():
                        _save(oms, number)
                oms.swap_checkpoint(ACCOUNT, None, checkpoint())

        with pytest.raises(StoreFailed):
            batch()
        assert [oms.find(ACCOUNT, [number]) for number in ("A1", "B1", "C1")] == [None, None, None]
        assert oms.load_checkpoint(ACCOUNT) is None
        _save(oms, "A1")
