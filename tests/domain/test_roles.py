"""Who may do what, as one table."""

from __future__ import annotations

from typing import get_args

import pytest

from emdash_cli.domain.errors import NotAllowedError
from emdash_cli.domain.roles import Actor, Permission, Person, Role

ROLES = (Role.SUBSCRIBER, Role.CONTRIBUTOR, Role.AUTHOR, Role.EDITOR, Role.ADMIN)
MAY = {
    # permission, own post?         subscriber contributor author editor admin
    ("read", False): (True, True, True, True, True),
    ("create", False): (False, True, True, True, True),
    ("edit", False): (False, False, False, True, True),
    ("edit", True): (False, False, True, True, True),
    ("schedule", False): (False, False, False, True, True),
    ("schedule", True): (False, False, False, True, True),
    ("unschedule", True): (False, False, False, True, True),
    ("reschedule", True): (False, False, False, True, True),
    ("publish", False): (False, False, False, True, True),
    ("unpublish", True): (False, False, False, True, True),
    ("trash", True): (False, False, False, True, True),
    ("untrash", True): (False, False, False, True, True),
    ("override the schedule of", True): (False, False, False, False, True),
    ("announce", False): (False, False, False, True, True),
    ("clean up", False): (False, False, False, False, True),
    ("manage users", False): (False, False, False, False, True),
}
TABLE = [
    (permission, own, role, may) for (permission, own), row in MAY.items() for role, may in zip(ROLES, row, strict=True)
]


def someone(role: Role, *, disabled: bool = False) -> Actor:
    return Actor("user:ada@example.com", Person("U1", "ada@example.com", "Ada", role, disabled))


def test_the_table_has_every_permission() -> None:
    assert {permission for permission, _ in MAY} == set(get_args(Permission))


@pytest.mark.parametrize(("permission", "own", "role", "may"), TABLE)
def test_who_may_do_what(permission: Permission, own: bool, role: Role, may: bool) -> None:  # noqa: FBT001 - a column of the table
    owners = {"U1", None} if own else {"U2", None}
    if may:
        someone(role).require(permission, owners)
    else:
        with pytest.raises(NotAllowedError) as refused:
            someone(role).require(permission, owners)
        assert f"{role.title}" in refused.value.message
        assert refused.value.exit_code == 4


@pytest.mark.parametrize("permission", get_args(Permission))
def test_a_disabled_user_may_do_nothing_and_the_operator_everything(permission: Permission) -> None:
    with pytest.raises(NotAllowedError, match="disabled"):
        someone(Role.ADMIN, disabled=True).require(permission, {"U1"})
    Actor("operator:root").require(permission, {"U1"})


@pytest.mark.parametrize(
    ("number", "role"),
    [
        (0, Role.SUBSCRIBER),
        (10, Role.SUBSCRIBER),
        (29, Role.CONTRIBUTOR),
        (30, Role.AUTHOR),
        (50, Role.ADMIN),
        (99, Role.ADMIN),
    ],
)
def test_a_number_between_two_roles_is_the_lower(number: int, role: Role) -> None:
    assert Role.of(number) is role


def test_the_refusal_says_who_may() -> None:
    with pytest.raises(NotAllowedError) as refused:
        someone(Role.AUTHOR).require("edit", {"U2"})
    assert (refused.value.message, refused.value.hint) == (
        "ada@example.com is an author, and may edit only posts of their own",
        "editors and admins may",
    )
