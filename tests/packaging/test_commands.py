"""The README's commands are the ones that CI runs."""

from __future__ import annotations

import re
import tomllib

from cdiscount_marketplace.cli.app import app
from support.pages import ROOT


def shell_commands() -> list[str]:
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```sh\n")[1:]
    return [block.split("\n```", maxsplit=1)[0] for block in blocks]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert script[-1] in shell_commands()


def test_the_demo_is_one_line_after_the_package_and_one_in_a_clone() -> None:
    first, second = shell_commands()[:2]
    assert first == "pip install 'cdiscount-marketplace[all]' && cdiscount-marketplace demo"
    assert second.endswith("nox -s demo")


def test_the_commands_that_the_readme_names_are_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^cdiscount-marketplace (\w+)|[`&] ?cdiscount-marketplace (\w+)", text, re.MULTILINE)
    commands = {one or other for one, other in named}
    assert {"demo", "doctor", "sandbox", "pull"} <= commands
    assert commands <= set(app)


def test_every_link_of_the_readme_works_on_the_package_index() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    source, documentation = project["urls"]["Source"], project["urls"]["Documentation"]
    raw = source.replace("https://github.com", "https://raw.githubusercontent.com")
    assert targets
    assert [link for link in targets if not link.startswith((source, documentation, raw))] == []


def test_first_screen_says_where_both_apis_stand() -> None:
    first_screen = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:20])
    for said in ("not affiliated", "SOAP", "Octopia", "decommissioned"):
        assert said in first_screen
