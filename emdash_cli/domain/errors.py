"""The errors that a user can cause or encounter, and the exit code for each.

    EmdashError
    ├── UsageError               2   a wrong argument, file or setting
    ├── RefusedChangeError       3   the state of a post forbids the change
    ├── NotAllowedError          4   a role or a credential that does not suffice
    ├── BusyError                5   another run holds the lock
    └── DatabaseError            6   the store is unreachable or failing
        ├── RefusedError             a constraint or limit refused this batch: sending it again cannot help
        ├── TooLargeError            the batch is too large or too slow for the engine: a smaller one may succeed
        ├── UnavailableError         the batch is probably not at fault; it may succeed later
        └── CredentialsError     4   the store does not accept the credentials

Any other exception that reaches the edge is a bug, and ends with exit code 1 and its traceback.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes; the README has the same table."""

    DONE = 0
    BUG = 1
    USAGE = 2
    PARTLY = 3
    NOT_ALLOWED = 4
    BUSY = 5
    STORE = 6
    INTERRUPTED = 130
    TERMINATED = 143


class EmdashError(Exception):
    """An error that a user can cause or fix.

    Attributes:
        code: a stable name in snake_case, for programs.
        message: what is wrong, where and why; one sentence, for people.
        hint: what to do next; may be empty.
        retryable: whether the same command may succeed later without any change.
    """

    exit_code = Exit.PARTLY
    default_code = "error"
    retryable = False

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code


class UsageError(EmdashError):
    """A wrong argument, file or setting."""

    exit_code = Exit.USAGE
    default_code = "usage"


class RefusedChangeError(EmdashError):
    """A change that the state of the post does not allow."""

    exit_code = Exit.PARTLY
    default_code = "refused"


class NotAllowedError(EmdashError):
    """A role that does not suffice."""

    exit_code = Exit.NOT_ALLOWED
    default_code = "not_allowed"


class BusyError(EmdashError):
    """Another run holds the lock."""

    exit_code = Exit.BUSY
    default_code = "busy"
    retryable = True


class DatabaseError(EmdashError):
    """The store is unreachable or failing."""

    exit_code = Exit.STORE
    default_code = "store_failed"


class RefusedError(DatabaseError):
    """A constraint, or a limit on one value or statement, refused this batch; nothing of it took effect."""

    default_code = "store_refused"


class TooLargeError(DatabaseError):
    """The batch is too large or too slow for the engine; half of it may succeed."""

    default_code = "batch_too_large"


class UnavailableError(DatabaseError):
    """The store cannot be reached, is locked or overloaded, or its disk is full."""

    default_code = "store_unavailable"
    retryable = True


class CredentialsError(DatabaseError):
    """The store does not accept the credentials."""

    exit_code = Exit.NOT_ALLOWED
    default_code = "credentials"
