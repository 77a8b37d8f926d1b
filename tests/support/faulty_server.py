"""A loopback server that answers as badly as it is told, and logs every request that reached it whole.

Each request takes the next of the behaviours given; the last one serves all that follow.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import threading
from collections.abc import Callable, Iterator

from attrs import define, frozen

TEXT = "text/xml; charset=utf-8"


@frozen
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def limit_for(case: str) -> float:
    """Return a time limit in seconds: short where a case is about running into it, else long."""
    return 1.0 if case.startswith(("hangs", "drips")) else 20.0


@define
class Talk:
    """One connection, as a behaviour uses it; `request` is None when the behaviour takes it before reading."""

    sock: socket.socket
    over: threading.Event
    request: Seen | None = None

    def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.sock.sendall(piece)

    def reset(self) -> None:
        """Break the connection the hard way (RST)."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


@frozen
class Behaviour:
    """What the server does with a request, after reading it or instead of reading it."""

    act: Callable[[Talk], None]
    unread: bool = False
    keeps_open: bool = False


def head(status: int, length: int | None, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever"]
    fields = {"Date": "Mon, 02 Mar 2026 10:20:30 GMT", "Content-Type": TEXT} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines += [f"{name}: {value}" for name, value in fields.items()]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer(body: bytes = b"<ok/>", status: int = 200, **headers: str) -> Behaviour:
    """A whole answer; the connection stays open."""
    return Behaviour(lambda talk: talk.say(head(status, len(body), **headers), body), keeps_open=True)


def html(status: int) -> Behaviour:
    return answer(b"<!DOCTYPE html><html><body>Request unsuccessful</body></html>", status, Content_Type="text/html")


def redirect(to: str) -> Behaviour:
    return answer(b"", 302, Location=to)


def half_answer() -> Behaviour:
    """Half of what Content-Length promises, then a polite end."""
    return Behaviour(lambda talk: talk.say(head(200, 1000), b"<answer>" * 60))


def half_chunk() -> Behaviour:
    """A chunk that ends before its announced size."""
    return Behaviour(lambda talk: talk.say(head(200, None, Transfer_Encoding="chunked"), b"100\r\n<half>"))


def half_gzip() -> Behaviour:
    packed = gzip.compress(b"<answer>" * 500)
    return answer(packed[: len(packed) // 2], Content_Encoding="gzip")


def not_gzip() -> Behaviour:
    return answer(b"<answer/>", Content_Encoding="gzip")


def not_http() -> Behaviour:
    return Behaviour(lambda talk: talk.say(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"))


def reset_before_reading() -> Behaviour:
    return Behaviour(Talk.reset, unread=True)


def reset_before_answer() -> Behaviour:
    return Behaviour(Talk.reset)


def close_before_answer() -> Behaviour:
    return Behaviour(lambda talk: None)


def reset_during_answer() -> Behaviour:
    def act(talk: Talk) -> None:
        talk.say(head(200, 1000), b"<answer>" * 10)
        talk.reset()

    return Behaviour(act)


def reset_after_answer(body: bytes = b"<ok/>") -> Behaviour:
    def act(talk: Talk) -> None:
        talk.say(head(200, len(body)), body)
        # The client closes or asks again; either way its answer was whole.
        talk.over.wait(0.05)
        talk.reset()

    return Behaviour(act)


def hang() -> Behaviour:
    """Read the request and never say a word."""
    return Behaviour(lambda talk: void(talk.over.wait(60)))


def void(_: object) -> None:
    return None


def drip_headers() -> Behaviour:
    def act(talk: Talk) -> None:
        talk.say(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        _drip(talk, b"x")

    return Behaviour(act)


def drip_body(length: int | None = None) -> Behaviour:
    def act(talk: Talk) -> None:
        talk.say(head(200, length), b"<answer>")
        _drip(talk, b"x")

    return Behaviour(act)


def _drip(talk: Talk, drop: bytes) -> None:
    while not talk.over.wait(0.02):
        talk.say(drop)


def endless_body() -> Behaviour:
    """As much as the client takes, as fast as it takes it."""

    def act(talk: Talk) -> None:
        talk.say(head(200, None))
        while not talk.over.is_set():
            talk.say(b"<answer>" * 8192)

    return Behaviour(act)


def gzip_bomb(megabytes: int) -> Behaviour:
    """Zeros that inflate a thousandfold."""
    packed = gzip.compress(bytes(1024 * 1024)) * megabytes
    return Behaviour(lambda talk: talk.say(head(200, len(packed), Content_Encoding="gzip"), packed))


def empty_gzips(megabytes: int) -> Behaviour:
    """Members that inflate to nothing, one after the other."""
    packed = gzip.compress(b"") * (megabytes * 1024 * 1024 // len(gzip.compress(b"")))
    return Behaviour(lambda talk: talk.say(head(200, len(packed), Content_Encoding="gzip"), packed))


class FaultyServer:
    """Serve on a loopback port, in threads, until closed."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self.seen: list[Seen] = []
        self.connections = 0
        self._behaviours = list(behaviours)
        self._turn = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def __enter__(self) -> FaultyServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        # Wakes the accepting thread, which closes the socket.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._acceptor.join(5)

    def _accept(self) -> None:
        with self._socket:
            while True:
                sock, _ = self._socket.accept()
                if self._over.is_set():
                    sock.close()
                    return
                self.connections += 1
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock:
            reader = sock.makefile("rb")
            while self._serve_one(sock, reader):
                pass

    def _serve_one(self, sock: socket.socket, reader: object) -> bool:
        talk = Talk(sock, self._over)
        # An idle connection takes no turn.
        if not reader.peek(1):  # type: ignore[attr-defined]
            return False
        with self._lock:
            behaviour = self._behaviours[min(self._turn, len(self._behaviours) - 1)]
            self._turn += 1
        if not behaviour.unread:
            talk.request = _read(reader)  # type: ignore[arg-type]
            with self._lock:
                self.seen.append(talk.request)
        behaviour.act(talk)
        return behaviour.keeps_open


def _read(reader: Iterator[bytes]) -> Seen:
    method, path, _ = next(reader).decode().split(" ", 2)
    headers: dict[str, str] = {}
    while (line := next(reader).decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.title()] = value.strip()
    body = reader.read(int(headers.get("Content-Length", "0")))  # type: ignore[attr-defined]
    return Seen(method, path, headers, body)
