"""SQL for what people know a post by: its author, its categories and tags, the stream that it came from.

Each is a subquery on the post ``p`` that reads a few rows by index, so that lists pay only for what they show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from emdash_cli.domain.collection import FieldNames

# Terms hang on the translation group from EmDash's migration 068 on, on the post before it. The names of migrations
# begin with three digits; ':' comes after '9'.
BY_GROUP: Final = "EXISTS (SELECT 1 FROM _emdash_migrations AS m WHERE m.name >= '068' AND m.name < ':')"
"""SQL: whether term links name the translation group of a post."""

TERMS_OWNER: Final = f"(CASE WHEN {BY_GROUP} THEN coalesce(p.translation_group, p.id) ELSE p.id END)"
"""What the ``entry_id`` of a term link of post p is."""

STREAM: Final = "(SELECT k.stream FROM publish_ledger AS k WHERE k.post_id = p.id)"


def author(names: FieldNames) -> str:
    """The name that the post is signed with: its byline in the post's language, else its user's name.

    NULL for a user without a name: an e-mail address is never shown, and lists may be published, as feeds are.
    """
    # SQLite takes no outer column in ORDER BY, so what is sorted by is selected first.
    named = "SELECT b.display_name AS name, b.locale = p.locale AS is_near, b.locale AS locale"
    primary = f"""SELECT o.name FROM (
        {named} FROM _emdash_bylines AS b WHERE b.translation_group = p.primary_byline_id
      ) AS o ORDER BY o.is_near DESC, o.locale LIMIT 1"""
    credited = f"""SELECT o.name FROM (
        {named}, c.sort_order AS place, c.id AS id FROM _emdash_content_bylines AS c
        CROSS JOIN _emdash_bylines AS b ON b.translation_group = c.byline_id
        WHERE c.collection_slug = '{names.collection}' AND c.content_id = p.id
      ) AS o ORDER BY o.place, o.id, o.is_near DESC, o.locale LIMIT 1"""
    user = "SELECT u.name FROM users AS u WHERE u.id = p.author_id AND u.name > '' AND u.name NOT LIKE '%_@_%'"
    return f"coalesce(({primary}), ({credited}), ({user}))"


def terms(names: FieldNames, taxonomy: str) -> str:
    """Labels of a taxonomy's terms in the post's language, by name, as a JSON array."""
    return f"""
      (SELECT json_group_array(t.label) FROM (
        SELECT x.label FROM content_taxonomies AS l
        CROSS JOIN taxonomies AS x ON x.translation_group = l.taxonomy_id AND +x.locale = p.locale
        WHERE l.collection = '{names.collection}' AND l.entry_id = {TERMS_OWNER} AND +x.name = '{taxonomy}'
        ORDER BY x.label) AS t)"""
