"""Where tokens and remembered refusals are kept: in memory, or in a file that cron processes share."""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from attrs import field, frozen
from cachetools import LRUCache

from cdiscount_marketplace.calls.credentials import mask
from cdiscount_marketplace.calls.forks import renew_in_children
from cdiscount_marketplace.files import is_special, replace_file

if TYPE_CHECKING:
    from filelock import FileLock

# A write takes milliseconds; a lock that is held longer belongs to a process that hangs.
_LOCK_SECONDS = 30


@frozen(kw_only=True)
class Token:
    """A token and its life, in aware UTC; both times are None for one that the caller supplied."""

    value: str = field(repr=mask)
    issued_at: datetime | None = None
    expires_at: datetime | None = None


@frozen(kw_only=True)
class Refusal:
    """A login that is not repeated before `until`; `fingerprint` is a salted one-way digest of the refused secret."""

    fingerprint: str
    until: datetime


@frozen(kw_only=True)
class TokenKey:
    """Whose token it is: the same user name at another token service is another account."""

    token_url: str
    account: str


@frozen(kw_only=True)
class CachedLogin:
    """What is remembered of one account; the default is nothing."""

    token: Token | None = None
    refusal: Refusal | None = None


class TokenCache(Protocol):
    """Remember tokens and refusals. Implementations are thread-safe; one may serve any number of accounts."""

    def load(self, key: TokenKey) -> CachedLogin:
        """Return what is remembered; an empty `CachedLogin` where there is nothing."""
        ...

    def store(self, key: TokenKey, login: CachedLogin) -> None:
        """Replace what is remembered."""
        ...


class MemoryTokenCache:
    """Remember the accounts used last (at most `size`), for the life of the object. Thread-safe."""

    def __init__(self, size: int = 1024) -> None:
        self._logins: LRUCache[TokenKey, CachedLogin] = LRUCache(size)
        self._lock = threading.Lock()
        renew_in_children(self)

    def reset_after_fork(self) -> None:
        """Let go of what a thread of a parent process holds."""
        self._lock = threading.Lock()

    def load(self, key: TokenKey) -> CachedLogin:
        """Return what is remembered."""
        with self._lock:
            return self._logins.get(key) or CachedLogin()

    def store(self, key: TokenKey, login: CachedLogin) -> None:
        """Replace what is remembered."""
        with self._lock:
            self._logins[key] = login


class FileTokenCache:
    """Remember in a file that several processes of one user share, such as cron jobs.

    The file is readable by its owner only (0600), replaced atomically under a lock; its folder is created if needed
    (0700). A file that is damaged or belongs to somebody else counts as empty. Choose a path in the user's own state
    folder, not in a shared temporary one. Thread-safe. Needs the extra `token-file`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._lock = _file_lock()

    def load(self, key: TokenKey) -> CachedLogin:
        """Return what is remembered."""
        return self._read().get(key, CachedLogin())

    def store(self, key: TokenKey, login: CachedLogin) -> None:
        """Replace what is remembered; raises `OSError` if the file cannot be written, or stays locked for 30 s."""
        if is_special(self._path):
            raise OSError(errno.EINVAL, "not a regular file", str(self._path))
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock(self._path.with_name(self._path.name + ".lock"), mode=0o600, timeout=_LOCK_SECONDS):
            replace_file(self._path, _render({**self._read(), key: login}))

    def _read(self) -> dict[TokenKey, CachedLogin]:
        if is_special(self._path):
            return {}
        try:
            with self._path.open("rb") as file:
                return _parse(file.read()) if _is_ours(file.fileno()) else {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}


def _render(logins: dict[TokenKey, CachedLogin]) -> bytes:
    return json.dumps([_to_json(key, login) for key, login in logins.items()], indent=1).encode()


def _to_json(key: TokenKey, login: CachedLogin) -> dict[str, Any]:
    entry: dict[str, Any] = {"token_url": key.token_url, "account": key.account}
    if login.token is not None:
        times = {"issued_at": _text(login.token.issued_at), "expires_at": _text(login.token.expires_at)}
        entry["token"] = {"value": login.token.value, **times}
    if login.refusal is not None:
        entry["refusal"] = {"fingerprint": login.refusal.fingerprint, "until": _text(login.refusal.until)}
    return entry


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _parse(text: bytes) -> dict[TokenKey, CachedLogin]:
    return {
        TokenKey(token_url=str(entry["token_url"]), account=str(entry["account"])): CachedLogin(
            token=_token(entry.get("token")), refusal=_refusal(entry.get("refusal"))
        )
        for entry in json.loads(text)
    }


def _token(entry: dict[str, Any] | None) -> Token | None:
    if entry is None:
        return None
    issued_at, expires_at = entry["issued_at"], entry["expires_at"]
    return Token(
        value=str(entry["value"]),
        issued_at=None if issued_at is None else _moment(issued_at),
        expires_at=None if expires_at is None else _moment(expires_at),
    )


def _refusal(entry: dict[str, Any] | None) -> Refusal | None:
    return None if entry is None else Refusal(fingerprint=str(entry["fingerprint"]), until=_moment(entry["until"]))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


def _is_ours(handle: int) -> bool:
    if sys.platform == "win32":
        return True
    status = os.fstat(handle)
    return status.st_uid == os.getuid() and not status.st_mode & 0o077


def _file_lock() -> type[FileLock]:
    """Import filelock on first use: most users keep their tokens in memory."""
    try:
        from filelock import FileLock
    except ModuleNotFoundError:
        hint = "FileTokenCache needs an extra: pip install 'cdiscount-marketplace[token-file]'"
        raise ModuleNotFoundError(hint, name="filelock") from None
    return FileLock
