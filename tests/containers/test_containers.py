"""What the container images run, run here without a container."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from inspect import signature
from pathlib import Path

import pytest

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry
from cdiscount_marketplace.cli.local import sandbox
from cdiscount_marketplace.oms.ports import Account
from cdiscount_marketplace.sandbox import Sandbox, SandboxServer
from support.pages import ROOT

FILES = sorted(ROOT.glob("containers/*/Containerfile"))
PATIENCE = 60


class Containerfile:
    """The instructions of an image's last stage, the last of each kind."""

    def __init__(self, path: Path) -> None:
        self.text = path.read_text(encoding="utf-8")
        lines = re.sub(r"^#.*\n", "", self.text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
        parted = [line.split(None, 1) for line in lines if line.strip()]
        self.all = [(name, rest) for name, rest in parted]
        last = max(position for position, (name, _) in enumerate(self.all) if name == "FROM")
        self.last: Mapping[str, str] = dict(self.all[last:])

    def command(self, name: str) -> Sequence[str]:
        """Return the words of ENTRYPOINT or CMD, or nothing."""
        words: Sequence[str] = json.loads(self.last.get(name, "[]"))
        return words

    @property
    def health_check(self) -> Sequence[str]:
        """The command of the health check, as a container runs it."""
        command = self.last["HEALTHCHECK"].partition("CMD ")[2]
        words: Sequence[str] = json.loads(command) if command.startswith("[") else ["/bin/sh", "-c", command]
        return words

    @property
    def environment(self) -> Mapping[str, str]:
        return dict(pair.split("=", 1) for pair in shlex.split(self.last["ENV"]))


def here(words: Sequence[str]) -> list[str]:
    """Take the Python and the command of this environment."""
    scripts = Path(sys.executable).parent
    known = {"python": [sys.executable], "cdiscount-marketplace": [str(scripts / "cdiscount-marketplace")]}
    return [*known.get(words[0], [words[0]]), *words[1:]]


@contextmanager
def started(words: Sequence[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run what a container runs, and stop it as a container is stopped."""
    with subprocess.Popen(here(words), env={**os.environ, **environment}, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=PATIENCE) == 0
        finally:
            process.kill()


def is_healthy(words: Sequence[str], **environment: str) -> bool:
    ran = subprocess.run(here(words), env={**os.environ, **environment}, capture_output=True, check=False)
    return ran.returncode == 0


def becomes_healthy(words: Sequence[str], **environment: str) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if is_healthy(words, **environment):
            return True
        time.sleep(0.2)
    return False


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_an_image_runs_as_nobody_special_and_tells_of_its_health(path: Path) -> None:
    image = Containerfile(path)
    user, _, group = image.last["USER"].partition(":")
    assert int(user) >= 1000
    assert int(group) >= 1000
    assert image.last["FROM"].endswith("-slim")
    assert image.command("ENTRYPOINT")[0] == "cdiscount-marketplace"
    assert "HEALTHCHECK" in image.last
    # Names of build arguments and settings that would keep a secret in the image.
    assert not re.search(r"PASSWORD|SECRET|TOKEN", image.text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_an_image_is_built_of_what_is_there(path: Path) -> None:
    image = Containerfile(path)
    sources = [rest.split()[:-1] for name, rest in image.all if name == "COPY" and "--from" not in rest]
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for name in [name for names in sources for name in names]:
        assert (ROOT / name).exists()
        assert f"!{name}" in allowed
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    [named] = re.findall(r"'/source\[(.*)\]'", image.text)
    assert set(named.split(",")) <= set(extras)


def test_the_sandbox_answers_and_is_healthy() -> None:
    image = Containerfile(ROOT / "containers" / "sandbox" / "Containerfile")
    port = str(signature(sandbox).parameters["port"].default)
    assert image.last["EXPOSE"] == port
    assert "0.0.0.0" in image.command("ENTRYPOINT")
    with socket.create_server(("127.0.0.1", 0)) as free:
        other = str(free.getsockname()[1])
    words = [*(word.replace("0.0.0.0", "127.0.0.1") for word in image.command("ENTRYPOINT")), "--port", other]
    health = [word.replace(f":{port}/", f":{other}/") for word in image.health_check]
    assert health != image.health_check
    assert not is_healthy(health)
    with started(words):
        assert becomes_healthy(health)


def test_the_runner_works_is_healthy_and_stops_when_it_is_told(tmp_path: Path) -> None:
    image = Containerfile(ROOT / "containers" / "runner" / "Containerfile")
    assert "CDISCOUNT_HEALTH_FILE" in image.environment
    store, health_file = f"sqlite:///{tmp_path / 'oms.db'}", tmp_path / "health.json"
    settings = {"CDISCOUNT_STORE": store, "CDISCOUNT_HEALTH_FILE": str(health_file)}
    with SandboxServer(Sandbox(live=True)) as server:
        with SqlAccountRegistry(store) as registry:
            registry.save_account(
                Account(name="acme", channel="soap", start_from=server.sandbox.clock.now() - timedelta(days=1))
            )
        assert not is_healthy(image.health_check, **settings)
        with started([*image.command("ENTRYPOINT"), *image.command("CMD")], **settings, **server.environment):
            assert becomes_healthy(image.health_check, **settings)
            assert json.loads(health_file.read_text())["accounts"] == 1
    an_hour_ago = time.time() - 3600
    os.utime(health_file, (an_hour_ago, an_hour_ago))
    assert not is_healthy(image.health_check, **settings)
