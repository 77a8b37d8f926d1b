"""The tutorials that begin in an empty directory work for who follows them word by word."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdiscount_marketplace.sandbox import SandboxServer
from support.pages import ROOT
from support.postgres import postgresql_schema, postgresql_server

FOLDER = ROOT / "docs" / "tutorials"
BLOCK = re.compile(r"^```(?P<opening>\S+)[^\n]*\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
CAPTION = re.compile(r":caption: (?P<path>\S+)(?P<append> \(at the end\))?\n")
# The environment and the packages are there.
DONE_ALREADY = ("python3 -m venv", "pip install")


def steps(page: Path) -> Iterator[tuple[str, str]]:
    """Give what the reader does, in order: a file's path and text, or "$" and a command."""
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        caption = CAPTION.match(block["body"])
        if caption:
            yield caption["path"] + (">>" if caption["append"] else ""), block["body"][caption.end() :]
        elif block["opening"] == "console":
            yield from (("$", line.removeprefix("$ ")) for line in block["body"].splitlines())


SWAP = re.compile(r"^\| `(.+?)` \| `(.+?)` \|$", re.MULTILINE)


class Reader:
    """Somebody who follows a page in a directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: list[str] = []
        self.number = ""

    def follow(self, page: Path) -> list[str]:
        for name, text in steps(page):
            if name != "$":
                self._write(name, text)
            elif not text.startswith(DONE_ALREADY):
                self.run(text.replace("NUMBER", self.number))
        return self.answers

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name.removesuffix(">>")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if name.endswith(">>") else "w", encoding="utf-8") as file:
            file.write(text)

    def run(self, command: str) -> None:
        python = f'"{sys.executable}"'
        command = re.sub(r"^python\b", lambda _: python, command)
        command = re.sub(r"^django-admin\b", lambda _: f"{python} -m django", command)
        done = subprocess.run(command, shell=True, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        self.answers.append(done.stdout.strip())
        rows = self._rows(self.answers[-1])
        self.number = next((number for number, status, _ in rows if status == "waiting_shipment"), self.number)

    def _rows(self, text: str) -> list[tuple[str, str, Any]]:
        """Read the printed list of orders."""
        last = text.splitlines()[-1] if text else ""
        return ast.literal_eval(re.sub(r"Decimal\('([^']*)'\)", r"\1", last)) if last.startswith("[(") else []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["django.md", "sql.md"])
def test_the_reader_has_an_order_in_a_table_and_ships_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox_environment: SandboxServer
) -> None:
    pytest.importorskip("django")
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    reader = Reader(tmp_path)
    answers = reader.follow(FOLDER / name)
    first, second = (answer for answer in answers if "need a look" in answer)
    assert int(first.split()[0]) > 0
    assert second.startswith("0 new")
    assert answers[-1].startswith("1 shipped")
    assert len(sandbox_environment.sandbox.shipped(reader.number)) == 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_changes_with_postgresql_is_in_the_table(tmp_path: Path, sandbox_environment: SandboxServer) -> None:
    page = FOLDER / "sql.md"
    files = {name: text for name, text in steps(page) if name != "$"}
    program = files["import_orders.py"]
    with postgresql_server() as server, postgresql_schema(server) as url:
        for before, after in SWAP.findall(page.read_text(encoding="utf-8")):
            assert before in program
            program = program.replace(before, after)
        (tmp_path / "tables.sql").write_text(files["tables.sql"], encoding="utf-8")
        (tmp_path / "import_orders.py").write_text(program.replace("postgresql://…", url), encoding="utf-8")
        reader = Reader(tmp_path)
        for _ in range(2):
            reader.run("python import_orders.py")
    first, second = reader.answers
    assert int(first.split()[0]) > 0
    assert second.startswith("0 new")
