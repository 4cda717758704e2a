"""What `doctor` finds, and how bad it is."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Health(StrEnum):
    """How a check ended. PROBLEM: something is wrong. WARNING: it works, and could be better."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(NamedTuple):
    """One check and how it ended; the hint says what to do."""

    check: str
    health: Health
    message: str
    hint: str = ""


def good(check: str, message: str) -> Finding:
    """All is well."""
    return Finding(check, Health.OK, message)


def bad(check: str, message: str, hint: str) -> Finding:
    """Something is wrong."""
    return Finding(check, Health.PROBLEM, message, hint)


def doubtful(check: str, message: str, hint: str) -> Finding:
    """Something could be better."""
    return Finding(check, Health.WARNING, message, hint)
