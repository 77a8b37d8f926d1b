"""Commands that read and answer customers."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.discussions import Discussion
from cdiscount_marketplace.sandbox.states import State
from support.shell import Shell

BROKEN = "La lampe est cassée."
SORRY = "Nous en renvoyons une demain."


@pytest.fixture
def asked(shell: Shell, sandbox: Sandbox) -> Discussion:
    return sandbox.ask_as_customer(sandbox.place(state=State.SHIPPED).number, BROKEN, subject="Ma lampe")


def test_a_list_shows_nothing_that_a_customer_wrote(shell: Shell, asked: Discussion) -> None:
    for command in ("messages list", "messages list --json"):
        ran = shell(command)
        assert (ran.code, asked.id in ran.out, asked.order in ran.out) == (0, True, True)
        assert "cass" not in ran.out
        assert "lampe" not in ran.out


def test_a_discussion_is_shown_whole(shell: Shell, asked: Discussion) -> None:
    assert BROKEN in shell(f"messages show {asked.id}").out
    [shown] = shell(f"messages show {asked.id} --json").document
    assert shown["messages"][0]["body"] == BROKEN


def test_an_answer_goes_out_once_and_closes_when_asked(
    shell: Shell, asked: Discussion, sandbox: Sandbox, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"photo")
    assert shell(f"messages answer {asked.id} '{SORRY}' --dry-run").code == 0
    assert len(sandbox.discussions.all()[0].messages) == 1
    ran = shell(f"messages answer {asked.id} '{SORRY}' --close --file {photo} --json")
    assert (ran.code, ran.document["closed"]) == (0, True)
    [discussion] = sandbox.discussions.all()
    assert [message.body for message in discussion.messages] == [BROKEN, SORRY]
    assert (discussion.messages[1].files, discussion.open) == (("photo.jpg",), False)
    assert shell("messages list --json").document == []
    assert len(shell("messages list --closed --json").document) == 1


def test_a_text_that_is_too_short_is_wrong_usage(shell: Shell, asked: Discussion, sandbox: Sandbox) -> None:
    ran = shell(f"messages answer {asked.id} Bonjour")
    assert (ran.code, "13 to 5000" in ran.err) == (2, True)
    assert shell("messages show").code == 2
