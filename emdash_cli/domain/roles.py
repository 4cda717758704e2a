"""Permissions: the roles in EmDash's ``users.role``, and this tool's stricter rule for scheduling."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal, NamedTuple

from emdash_cli.domain.errors import NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Collection


class Role(IntEnum):
    """The roles, by EmDash's own numbers. A higher role may do everything that a lower one may."""

    SUBSCRIBER = 10
    CONTRIBUTOR = 20
    AUTHOR = 30
    EDITOR = 40
    ADMIN = 50

    @classmethod
    def of(cls, number: int) -> Role:
        """The role for a number. A number between two roles counts as the lower one."""
        return max((role for role in cls if role <= number), default=cls.SUBSCRIBER)

    @property
    def title(self) -> str:
        """The name for people."""
        return self.name.lower()


Permission = Literal[
    "read",
    "create",
    "edit",
    "schedule",
    "unschedule",
    "reschedule",
    "publish",
    "unpublish",
    "trash",
    "untrash",
    "override the schedule of",
    "announce",
    "clean up",
    "manage users",
]
"""An action that needs permission."""

NEEDED: dict[Permission, Role] = {
    "read": Role.SUBSCRIBER,
    "create": Role.CONTRIBUTOR,
    "edit": Role.EDITOR,
    "schedule": Role.EDITOR,
    "unschedule": Role.EDITOR,
    "reschedule": Role.EDITOR,
    "publish": Role.EDITOR,
    "unpublish": Role.EDITOR,
    "trash": Role.EDITOR,
    "untrash": Role.EDITOR,
    "override the schedule of": Role.ADMIN,
    "announce": Role.EDITOR,
    "clean up": Role.ADMIN,
    "manage users": Role.ADMIN,
}
"""The lowest role that may do it to any post."""

NEEDED_FOR_OWN: dict[Permission, Role] = {"edit": Role.AUTHOR}
"""The lowest role that may do it to its own posts."""


class Person(NamedTuple):
    """A row of ``users``."""

    id: str
    email: str
    name: str | None
    role: Role
    disabled: bool


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, or the local operator, who owns the machine and may do everything.

    Attributes:
        label: the name in the audit table: ``user:EMAIL`` or ``operator:LOGIN``.
    """

    label: str
    person: Person | None = None

    def require(self, permission: Permission, owners: Collection[object] = ()) -> None:
        """Check that the actor may do it.

        Args:
            permission: the permission that the action needs.
            owners: ids of the users who own the post; None among them means that nobody does.

        Raises:
            NotAllowedError: their role does not suffice, or they are disabled.
        """
        person = self.person
        if person is None:
            return
        if person.disabled:
            raise NotAllowedError(f"{person.email} is disabled and cannot do anything", code="user_disabled")
        is_own = person.id in owners
        needed = NEEDED_FOR_OWN.get(permission, NEEDED[permission]) if is_own else NEEDED[permission]
        if person.role < needed:
            raise NotAllowedError(_refusal(person, permission, is_own=is_own), hint=_hint(permission))


def _refusal(person: Person, permission: Permission, *, is_own: bool) -> str:
    who = f"{person.email} is {'an' if person.role.title[0] in 'aeiou' else 'a'} {person.role.title}"
    if permission in NEEDED_FOR_OWN and not is_own and person.role >= NEEDED_FOR_OWN[permission]:
        return f"{who}, and may {permission} only posts of their own"
    return f"{who}, and may not {permission}{'' if permission == 'manage users' else ' posts'}"


def _hint(permission: Permission) -> str:
    enough = [f"{role.title}s" for role in Role if role >= NEEDED[permission]]
    return f"{' and '.join(enough[-2:]) if len(enough) < 3 else f'{enough[0]} and above'} may"  # noqa: PLR2004
