"""Connections with a total time limit, which distinguish failing to connect from breaking later.

The limits of `requests` count from byte to byte: a server that drips one byte now and then is waited for without end.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from requests import exceptions as refusals
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ReadTimeoutError

from cdiscount_marketplace import errors

# Certificates are checked in the handshake, before anything is sent. A ProxyError proves nothing: urllib3 also calls a
# forwarding proxy that broke off after taking the request by that name.
_NEVER_SENT = (
    refusals.ConnectTimeout,
    ConnectTimeoutError,
    NewConnectionError,
    ssl.SSLCertVerificationError,
)
_TIMED_OUT = (refusals.Timeout, ReadTimeoutError, TimeoutError)
_NOT_HTTP = (http.client.BadStatusLine, http.client.LineTooLong, http.client.UnknownProtocol)
_BAD_ADDRESS = (
    refusals.InvalidURL,
    refusals.InvalidSchema,
    refusals.MissingSchema,
    refusals.InvalidHeader,
    refusals.InvalidProxyURL,
    UnicodeEncodeError,
)


# 102 Processing, 103 Early Hints and others to come; 101 changes the protocol.
_EARLIEST_HINT, _LAST_HINT = 102, 199
_MOST_INFORMATIONAL = 50


class DeadlineAdapter(HTTPAdapter):
    """An adapter that never retries, and whose answers (status line and headers too) end by their deadline."""

    def reset_after_fork(self) -> None:
        """Make new pools: two processes on one connection would get each other's answers."""
        settings: Any = self.__getstate__()
        self.proxy_manager.clear()
        self.init_poolmanager(settings["_pool_connections"], settings["_pool_maxsize"], block=settings["_pool_block"])

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Build the pools of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        manager: Any = self.poolmanager
        manager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Build the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        # The pools of a SOCKS proxy connect in their own way, which ours would go past.
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager


class _TimedReader(io.RawIOBase):
    """Reads a socket until a moment that is fixed when reading begins."""

    def __init__(self, sock: Any, raw: io.RawIOBase) -> None:
        self._sock = sock
        self._raw = raw
        # From then on, only what was read ahead is left to see.
        self.ended = False
        limit = sock.gettimeout()
        self._deadline = None if limit is None else time.monotonic() + limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the time limit has passed")
            self._sock.settimeout(left)
        return None if self.ended else self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._timed = _TimedReader(sock, self.fp.detach())
        self._socket = sock
        self.fp = io.BufferedReader(self._timed)  # pyright: ignore[reportArgumentType]  # any raw reader does

    def begin(self) -> None:
        """Read the status and the headers; refuse an answer with two lengths, whose end is unclear."""
        super().begin()
        lengths = self.headers.get_all("Content-Length") or []
        if len(set(lengths)) > 1:
            raise http.client.BadStatusLine("an answer with two lengths")

    def _read_status(self) -> tuple[str, int, str]:
        """Read the status of the answer itself, past informational ones: `http.client` skips 100 only."""
        plain: Any = super()
        for _ in range(_MOST_INFORMATIONAL):
            version, status, reason = plain._read_status()  # noqa: SLF001 - the standard library has no other hook
            if not _EARLIEST_HINT <= status <= _LAST_HINT:
                break
            http.client.parse_headers(self.fp)
        else:
            raise http.client.BadStatusLine("too many informational answers")
        if status == http.client.SWITCHING_PROTOCOLS:
            # Nobody asked for another protocol: what follows is no answer of this one.
            raise http.client.UnknownProtocol(version)
        return version, status, reason

    def _close_conn(self) -> None:
        """Finish an answer; where more came than belongs to it, nothing else is read from this connection."""
        if self._holds_more():
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        plain: Any = super()
        plain._close_conn()  # noqa: SLF001 - the standard library has no other hook

    def _holds_more(self) -> bool:
        self._timed.ended = True
        try:
            return bool(self.fp and self.fp.peek(1))
        except (OSError, ValueError):
            return True


class _Connection(HTTPConnection):
    response_class = _TimedResponse

    def connect(self) -> None:
        try:
            super().connect()
        except ConnectTimeoutError:
            raise
        except OSError as error:
            raise NewConnectionError(self, type(error).__name__) from error


class _TlsConnection(HTTPSConnection):
    response_class = _TimedResponse

    def connect(self) -> None:
        try:
            super().connect()
        except ConnectTimeoutError:
            raise
        # TLS errors are OSErrors: here they prove that nothing was sent, after the handshake they prove nothing.
        except OSError as error:
            raise NewConnectionError(self, type(error).__name__) from error


class _Pool(HTTPConnectionPool):
    ConnectionCls: Any = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls: Any = _TlsConnection


_POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _TlsPool}


def translate(failure: Exception) -> errors.CdiscountError:
    """Say what a failure of `requests` or `urllib3` means; only names of classes are taken over, never its text.

    The failure holds the request, with password and body: never chain the result to it.
    """
    chain = tuple(_causes(failure))
    kind = type(chain[-1]).__name__

    def holds(*classes: type[BaseException]) -> bool:
        return any(isinstance(link, classes) for link in chain)

    if holds(*_BAD_ADDRESS):
        return errors.ConfigurationError(f"the address or a header cannot be used ({kind})")
    if holds(*_NEVER_SENT):
        return errors.ConnectFailed(f"no connection ({kind})")
    if holds(*_TIMED_OUT):
        return errors.CallTimeout("no complete answer within the time limit")
    if holds(http.client.IncompleteRead):
        return errors.TruncatedAnswer("the connection ended before the answer did")
    # RemoteDisconnected is both a broken connection and a bad status line: the former is more precise.
    if holds(*_NOT_HTTP) and not holds(http.client.RemoteDisconnected):
        return errors.UnreadableAnswer("an answer that is not HTTP")
    return errors.ConnectionLost(f"the connection broke ({kind})")


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """List a failure and all that it wraps, as `requests` and `urllib3` do it: in arguments, `reason` and causes.

    The context is left out: it may be an older failure, which the caller was handling when this call was made.
    """
    waiting: list[object] = [failure]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if isinstance(link, BaseException) and id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [link.__cause__, getattr(link, "reason", None), *link.args]
