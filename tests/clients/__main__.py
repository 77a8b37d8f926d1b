"""`python -m clients`: let the SOAP clients of PHP and node call every operation of a sandbox; exit 1 if one cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import asdict, frozen

from cdiscount_marketplace.sandbox import SandboxServer
from clients.conversation import Call, header, make_sandbox, prepare
from clients.reckoning import wrongs

FOLDER = Path(__file__).resolve().parent
QUERIES = ("wsdl", "singleWsdl")


@frozen
class Client:
    """A client in another language; `probe` succeeds where it can run, which takes what `needs` says."""

    name: str
    command: tuple[str, ...]
    probe: tuple[str, ...]
    needs: str

    def is_here(self) -> bool:
        """Return whether this machine has it."""
        try:
            return subprocess.run(self.probe, capture_output=True, check=False).returncode == 0
        except OSError:
            return False


CLIENTS = (
    Client(
        name="PHP's SoapClient",
        command=("php", str(FOLDER / "soap.php")),
        probe=("php", "-r", "exit(extension_loaded('soap') ? 0 : 1);"),
        needs="php and its extension soap (Debian: php-cli php-soap)",
    ),
    Client(
        name="node's soap",
        command=("node", str(FOLDER / "soap.js")),
        probe=("node", "-e", "require('soap')"),
        needs="node and its module soap (npm install soap; NODE_PATH names the folder)",
    ),
)


def main() -> int:
    """Try every client on both forms of the contract."""
    failed = False
    for client in CLIENTS:
        if not client.is_here():
            print(f"{client.name}: SKIPPED, for it needs {client.needs}")
            continue
        for query in QUERIES:
            found = list(_trial(client, query))
            failed = failed or bool(found)
            print(f"{client.name}, ?{query}:", *found or ["every operation is called and understood"], sep="\n  ")
    return int(failed)


def _trial(client: Client, query: str) -> Iterator[str]:
    sandbox = make_sandbox()
    calls = prepare(sandbox)
    with SandboxServer(sandbox) as server, TemporaryDirectory() as folder:
        asked = Path(folder, "calls.json")
        asked.write_text(json.dumps({"header": header(server), "calls": [asdict(call) for call in calls]}))
        command = [*client.command, f"{server.service_url}?{query}", str(asked)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if ended.returncode:
        yield f"exit code {ended.returncode}: {ended.stdout}{ended.stderr}"
        return
    yield from _judge(calls, json.loads(ended.stdout))


def _judge(calls: list[Call], answers: Mapping[str, Any]) -> Iterator[str]:
    unknown = {call.operation for call in calls} ^ set(answers["operations"])
    if unknown:
        yield f"the contract as it is understood has other operations: {sorted(unknown)}"
    yield from wrongs(calls, answers)


if __name__ == "__main__":
    sys.exit(main())
