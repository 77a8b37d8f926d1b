"""A real PostgreSQL for tests: the one that the environment names, else a cluster of our own, else a visible skip."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url

_numbers = count(1)


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Give the URL of a server's database; skip where there is none, fail where all is required (CI)."""
    given = os.environ.get("CDISCOUNT_TEST_POSTGRESQL")
    if given:
        yield given
        return
    binaries = _binaries()
    if binaries is None:
        reason = "no PostgreSQL here (set CDISCOUNT_TEST_POSTGRESQL, or install the package postgresql)"
        if os.environ.get("CDISCOUNT_REQUIRE_ALL"):
            pytest.fail(reason)
        pytest.skip(reason)
    with _cluster(binaries) as url:
        yield url


@contextmanager
def postgresql_schema(server: str) -> Iterator[str]:
    """Give the URL of an empty schema on a server, and drop it afterwards."""
    name = f"cdiscount_test_{os.getpid()}_{next(_numbers)}"
    _run_sql(server, f'CREATE SCHEMA "{name}"')
    try:
        url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
        yield url.render_as_string(hide_password=False)
    finally:
        _run_sql(server, f'DROP SCHEMA "{name}" CASCADE')


def alchemy_url(url: str) -> URL:
    """Return a URL for engines that a test makes itself."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.get_backend_name() == "postgresql" else parsed


def _run_sql(server: str, statement: str) -> None:
    url = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def _binaries() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return debian[-1] if debian and (debian[-1] / "initdb").exists() else None


@contextmanager
def _cluster(binaries: Path) -> Iterator[str]:
    """Run a throw-away cluster on a socket in its own folder: no port is opened."""
    folder = Path(tempfile.mkdtemp(prefix="cdm-pg-"))
    data, log = folder / "data", folder / "log"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    _as_server_user([binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8"])
    settings = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "deadlock_timeout=50")
    options = " ".join(f"-c {setting}" for setting in settings)
    control = [binaries / "pg_ctl", "-D", data, "-w", "-l", log]
    _as_server_user([*control, "-o", options, "start"])
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        _as_server_user([*control, "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def _as_server_user(command: list[object]) -> None:
    """Run a command; as root, as the user `postgres`, because the server refuses to run as root."""
    words = [str(word) for word in command]
    user = pwd.getpwnam("postgres").pw_name if os.geteuid() == 0 else None
    done = subprocess.run(
        words, user=user, group=user, capture_output=True, text=True, cwd="/", timeout=60, check=False
    )
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
        done.check_returncode()
