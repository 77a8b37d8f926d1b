"""Statements that say what they changed, and reads that see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Delete, Select, Update
from sqlalchemy.orm import Session

R = TypeVar("R")


def changed(session: Session, statement: Update | Delete) -> int:
    """Run a statement and return how many rows it changed."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount


def rows(session: Session, statement: Select[R]) -> Sequence[R]:
    """Return the rows as they are now, whatever the session has read before."""
    return session.scalars(statement.execution_options(populate_existing=True)).all()
