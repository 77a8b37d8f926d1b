"""How the REST API refuses: problem details, and the gateway's own texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from cdiscount_marketplace.sandbox.exchange import Answer

PROBLEM = "application/problem+json; charset=utf-8"
JSON = "application/json; charset=utf-8"
_TITLES = {
    400: "Validation Failed",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    504: "Gateway Timeout",
    500: "Internal Server Error",
}


class Problem(Exception):
    """A request is refused with this status; `errors` maps members of the request to what is wrong with them."""

    def __init__(
        self, status: int, detail: str | None = None, *, errors: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        super().__init__(detail or _TITLES[status])
        self.status = status
        self.detail = detail
        self.errors = errors

    @classmethod
    def of_member(cls, member: str, message: str, *, status: int = 400) -> Problem:
        """Blame one member of the request."""
        return cls(status, errors={member: [message]})


def problem_answer(problem: Problem, instance: str) -> Answer:
    """Say a problem; the same request gets the same trace id."""
    body: dict[str, Any] = {
        "type": f"https://datatracker.ietf.org/doc/html/rfc9110#name-{problem.status}",
        "title": _TITLES[problem.status],
        "status": problem.status,
        "instance": instance,
        "traceId": f"{crc32(instance.encode()):08x}",
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = {name: list(messages) for name, messages in problem.errors.items()}
    return json_answer(body, status=problem.status, content_type=PROBLEM)


def json_answer(body: object, *, status: int = 200, content_type: str = JSON) -> Answer:
    """Answer with JSON."""
    return Answer(
        status=status, content_type=content_type, body=json.dumps(body, ensure_ascii=False).encode(), ran=status < 400
    )
