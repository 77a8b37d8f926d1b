"""Start a new process and get a first answer: our client, and zeep with the recorded contract from a loopback server.

Run `python benchmarks/startup.py`; the last line is JSON. Both ask the same server on this machine for the seller's
indicators. Times are the best of several whole processes, in milliseconds. The zeep half needs the recorded contract
(set CDISCOUNT_RECORDED) and is skipped, visibly, without it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cdiscount_marketplace.soap.messages import write_answer
from cdiscount_marketplace.soap.sellers import GET_SELLER_INDICATORS, SellerIndicator, SellerIndicatorsMessage

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5
TOKEN = b'<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">%s</string>' % (b"0" * 32)
HEAVY = ("zeep", "lxml", "requests", "sqlalchemy")

IMPORT_ONLY = f"""
import sys
import cdiscount_marketplace
print([name for name in {HEAVY!r} if name in sys.modules])
"""

OURS = """
import sys
from cdiscount_marketplace import MarketplaceClient
base = sys.argv[1]
urls = {"service_url": base + "/service.svc", "token_url": base + "/token"}
with MarketplaceClient(username="u", password="p", **urls) as client:
    print(len(client.sellers.indicators()))
"""

ZEEP = """
import sys
import requests, zeep
base = sys.argv[1]
token = requests.get(base + "/token").text.partition(">")[2][:32]
client = zeep.Client(base + "/contract/wsdl.xml")
service = client.create_service("{http://tempuri.org/}BasicHttpBinding_IMarketplaceAPIService", base + "/service.svc")
header = {
    "Context": {"CatalogID": 1, "SiteID": 100},
    "Localization": {"Country": "Fr"},
    "Security": {"TokenId": token, "UserName": ""},
    "Version": "1.0",
}
print(len(service.GetSellerIndicators(headerMessage=header).SellerIndicators.SellerIndicator))
"""


def recorded_contract() -> Path | None:
    """Return the folder of the recorded contract where this machine has it."""
    folder = Path(os.environ.get("CDISCOUNT_RECORDED") or ROOT.parent / "shared" / "recorded") / "soap" / "contract"
    return folder if folder.is_dir() else None


class Server(ThreadingHTTPServer):
    """The token service, one operation, and the recorded contract, which it counts the requests for."""

    daemon_threads = True
    contract_requests = 0
    requests = 0


class Handler(BaseHTTPRequestHandler):
    """Answer from memory, or from the recorded contract."""

    server: Server
    indicator = SellerIndicator(description="Taux")
    answer = write_answer(
        GET_SELLER_INDICATORS, SellerIndicatorsMessage(operation_success=True, seller_indicators=(indicator,))
    )

    def do_GET(self) -> None:
        """Give a token or a document of the contract."""
        if self.path.startswith("/token"):
            self._reply(TOKEN, "text/plain")
            return
        self.server.contract_requests += 1
        folder = recorded_contract()
        assert folder is not None
        self._reply((folder / Path(self.path).name).read_bytes(), "text/xml")

    def do_POST(self) -> None:
        """Answer the call."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._reply(self.answer, "text/xml; charset=utf-8")

    def _reply(self, body: bytes, kind: str) -> None:
        self.server.requests += 1
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@contextmanager
def serving() -> Iterator[Server]:
    """Serve on a free port of this machine."""
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def run(code: str, *arguments: str) -> tuple[float, str]:
    """Run a program in a fresh interpreter; return its time in milliseconds and what it printed."""
    # With compiled bytecode beside each module, as pip leaves it: the first of several runs writes what is missing.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code, *arguments]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environ)
    return (time.perf_counter() - start) * 1000, done.stdout.strip()


def first_answer(code: str) -> tuple[float, int, int]:
    """Return the best time to a first answer, and how many requests one run makes: for the contract, and in all."""
    with serving() as server:
        base = f"http://127.0.0.1:{server.server_port}"
        times = []
        for _ in range(RUNS):
            server.contract_requests = server.requests = 0
            spent, told = run(code, base)
            assert told == "1", told
            times.append(spent)
        return min(times), server.contract_requests, server.requests


def main() -> None:
    """Measure all, tell all, and end with one JSON line."""
    bare = min(run("pass")[0] for _ in range(RUNS))
    imported = [run(IMPORT_ONLY) for _ in range(RUNS)]
    ours, contract_requests, requests_made = first_answer(OURS)
    figures: dict[str, object] = {
        "interpreter_ms": round(bare),
        "import_ms": round(min(spent for spent, _ in imported) - bare),
        "import_loads": imported[0][1],
        "first_answer_ms": round(ours),
        "contract_requests": contract_requests,
        "requests": requests_made,
    }
    assert imported[0][1] == "[]"
    assert contract_requests == 0
    if recorded_contract() is None:
        print("SKIPPED: zeep with the recorded contract, which is not on this machine (set CDISCOUNT_RECORDED)")
    else:
        theirs, their_contract_requests, their_requests = first_answer(ZEEP)
        figures |= {
            "zeep_first_answer_ms": round(theirs),
            "zeep_contract_requests": their_contract_requests,
            "zeep_requests": their_requests,
        }
    for name, value in figures.items():
        print(f"{name:24} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
