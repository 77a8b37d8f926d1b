"""The token file: private, never half written, shared by processes, and never in the way."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from cdiscount_marketplace.calls.tokens import CachedLogin, FileTokenCache, MemoryTokenCache, Refusal, Token, TokenKey
from support.faulty_server import FaultyServer, answer
from support.hand_clock import BEGIN

KEY = TokenKey(token_url="https://sts.invalid/", account="shop-api")
OTHER = TokenKey(token_url="https://sts.invalid/", account="other-api")
LOGIN = CachedLogin(
    token=Token(value="abc", issued_at=BEGIN, expires_at=BEGIN + timedelta(hours=48)),
    refusal=Refusal(fingerprint="00:11", until=BEGIN),
)
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "private" / "tokens.json"


@pytest.mark.parametrize("login", [LOGIN, CachedLogin(), CachedLogin(token=Token(value="supplied"))])
def test_what_was_stored_comes_back(path: Path, login: CachedLogin) -> None:
    FileTokenCache(path).store(KEY, login)
    assert FileTokenCache(path).load(KEY) == login


@pytest.mark.parametrize("cache", [MemoryTokenCache(), None])
def test_accounts_do_not_mix(path: Path, cache: MemoryTokenCache | None) -> None:
    kept = cache or FileTokenCache(path)
    kept.store(KEY, LOGIN)
    assert kept.load(OTHER) == CachedLogin()
    kept.store(OTHER, CachedLogin())
    assert kept.load(KEY) == LOGIN


def test_memory_is_bounded() -> None:
    cache = MemoryTokenCache(size=1)
    cache.store(KEY, LOGIN)
    cache.store(OTHER, LOGIN)
    assert cache.load(KEY) == CachedLogin()


@posix
def test_file_and_folder_are_private_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        FileTokenCache(path).store(KEY, LOGIN)
    finally:
        os.umask(before)
    assert [stat.S_IMODE(item.stat().st_mode) for item in (path.parent, path)] == [0o700, 0o600]
    assert {stat.S_IMODE(item.stat().st_mode) for item in path.parent.iterdir()} == {0o600}


@posix
def test_file_that_others_can_reach_counts_as_empty(path: Path) -> None:
    cache = FileTokenCache(path)
    cache.store(KEY, LOGIN)
    path.chmod(0o644)
    assert cache.load(KEY) == CachedLogin()
    cache.store(KEY, LOGIN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix
def test_file_of_another_user_counts_as_empty(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = FileTokenCache(path)
    cache.store(KEY, LOGIN)
    stranger = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: stranger)
    assert cache.load(KEY) == CachedLogin()


WHOLE = '[{"token_url": "https://sts.invalid/", "account": "shop-api", "token": %s}]'


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        "[1]",
        "null",
        '[{"account": "x"}]',
        '"\\ud800"',
        WHOLE % "[]",
        WHOLE % '{"value": "x"}',
        WHOLE % '{"value": "x", "issued_at": "soon", "expires_at": null}',
        WHOLE % '{"value": "x", "issued_at": "2026-01-01T00:00:00", "expires_at": null}',
        "[" * 100_000,
    ],
)
def test_damaged_file_counts_as_empty_and_is_replaced(path: Path, content: str) -> None:
    cache = FileTokenCache(path)
    cache.store(KEY, LOGIN)
    path.write_text(content)
    assert cache.load(KEY) == CachedLogin()
    cache.store(KEY, LOGIN)
    assert cache.load(KEY) == LOGIN


def test_file_is_replaced_whole_and_leaves_no_litter(path: Path) -> None:
    cache = FileTokenCache(path)
    for _ in range(3):
        cache.store(KEY, LOGIN)
    assert {item.name for item in path.parent.iterdir()} == {"tokens.json", "tokens.json.lock"}


def test_file_that_cannot_be_replaced_keeps_what_it_had(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = FileTokenCache(path)
    cache.store(KEY, LOGIN)

    def full_disk(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full_disk)
        with pytest.raises(OSError, match="disk full"):
            cache.store(KEY, CachedLogin())
    assert cache.load(KEY) == LOGIN
    assert {item.name for item in path.parent.iterdir()} == {"tokens.json", "tokens.json.lock"}


def test_threads_do_not_lose_each_others_entries(path: Path) -> None:
    keys = [TokenKey(token_url="https://sts.invalid/", account=f"shop-{number}") for number in range(16)]
    threads = [threading.Thread(target=FileTokenCache(path).store, args=(key, LOGIN)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(FileTokenCache(path).load(key) == LOGIN for key in keys)


CRON = """
import sys
from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.credentials import Credentials
from cdiscount_marketplace.calls.http import HttpSender
from cdiscount_marketplace.soap.token_service import TokenService
from cdiscount_marketplace.calls.tokens import FileTokenCache, TokenKey, TokenSource

url, path, password = sys.argv[1:]
credentials = Credentials(username="shop-api", password=password)
tokens = TokenSource(
    key=TokenKey(token_url=url, account="shop-api"),
    fetch=TokenService(token_url=url, sender=HttpSender()).fetch,
    login=credentials.login,
    cache=FileTokenCache(path),
)
try:
    print(type(tokens.current()).__name__)
except errors.CdiscountError as error:
    print(type(error).__name__)
"""


def cron(url: str, path: Path, password: str) -> str:
    command = [sys.executable, "-c", CRON, url, str(path), password]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def test_wrong_password_in_a_cron_job_is_tried_once(path: Path) -> None:
    token = answer(b'<string xmlns="x">0123456789abcdef0123456789abcdef</string>', Content_Type="text/plain")
    with FaultyServer(answer(b"<denied/>", 401, WWW_Authenticate="Basic"), token) as server:
        url = server.url + "/users/"
        assert [cron(url, path, "wrong") for _ in range(2)] == ["LoginRefused", "LoginBlocked"]
        assert len(server.seen) == 1
        assert [cron(url, path, "right") for _ in range(2)] == ["Token", "Token"]
        assert len(server.seen) == 2
    assert "wrong" not in path.read_text()
    assert json.loads(path.read_text())[0]["token"]["value"] == "0123456789abcdef0123456789abcdef"


@posix
def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "tokens.json"
    os.mkfifo(pipe)
    # A pipe that is read waits for a writer; a device that is replaced is gone for every process.
    for special in (pipe, tmp_path):
        assert FileTokenCache(special).load(KEY) == CachedLogin()
        with pytest.raises(OSError, match="not a regular file"):
            FileTokenCache(special).store(KEY, LOGIN)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [each.name for each in tmp_path.iterdir()] == ["tokens.json"]
