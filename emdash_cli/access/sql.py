"""Statements on EmDash's own table of users, which is written only in the embedded store."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.ports import Statement
from emdash_cli.store.users import USER_COLUMNS

if TYPE_CHECKING:
    from emdash_cli.store.changes import Claim


class UserChange(NamedTuple):
    """A new value of a column (``role`` or ``disabled``), and the action as the audit table names it."""

    action: str
    column: str
    value: int


def add_user(claim: Claim, now: str, user: tuple[str, str, str | None, int]) -> list[Statement]:
    """Add (id, email, name, role) unless the address is taken; the last statement returns the new row."""
    record = """
    INSERT INTO pipeline_audit (id, at, actor, action, detail)
    SELECT ?1, ?2, ?3, 'user_added', json_object('email', ?4, 'role', CAST(?5 AS INTEGER))
    WHERE NOT EXISTS (SELECT 1 FROM users AS u WHERE u.email = ?4) ON CONFLICT DO NOTHING"""
    insert = """
    INSERT INTO users (id, email, name, role)
    SELECT ?1, ?2, ?3, CAST(?4 AS INTEGER) WHERE EXISTS (SELECT 1 FROM pipeline_audit AS a WHERE a.id = ?5)
    ON CONFLICT DO NOTHING"""
    user_id, email, name, role = user
    return [
        Statement(record, (claim.first, now, claim.actor, email, role)),
        Statement(insert, (user_id, email, name, role, claim.first)),
        Statement(f"SELECT {USER_COLUMNS} FROM users AS u WHERE u.id = ?1", (user_id,)),
    ]


def change_user(claim: Claim, now: str, user_id: str, change: UserChange) -> list[Statement]:
    """Set a column of a user unless it has that value. The last statement returns the row and whether it ``changed``.

    Args:
        claim: of the audit row, and who makes the change.
        now: UTC text.
        user_id: whose row changes.
        change: what is set.
    """
    action, column, value = change
    record = f"""
    INSERT INTO pipeline_audit (id, at, actor, action, detail)
    SELECT ?1, ?2, ?3, ?4, json_object('email', u.email, '{column}', CAST(?6 AS INTEGER), 'before', u.{column})
    FROM users AS u WHERE u.id = ?5 AND u.{column} IS NOT CAST(?6 AS INTEGER) ON CONFLICT DO NOTHING"""
    update = f"""
    UPDATE users SET {column} = CAST(?2 AS INTEGER), updated_at = ?3
    WHERE id = ?1 AND {column} IS NOT CAST(?2 AS INTEGER)"""
    read_back = f"""
    SELECT {USER_COLUMNS}, EXISTS (SELECT 1 FROM pipeline_audit AS a WHERE a.id = ?2) AS changed
    FROM users AS u WHERE u.id = ?1"""
    return [
        Statement(record, (claim.first, now, claim.actor, action, user_id, value)),
        Statement(update, (user_id, value, now)),
        Statement(read_back, (user_id, claim.first)),
    ]
