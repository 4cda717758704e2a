"""The fields of the collection: which columns hold them, and how a revision holds them as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.ports import Row, Statement
from emdash_cli.store.layout import POST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.store.layout import Layout


class Fields(NamedTuple):
    """The columns of the collection's table that hold fields; a site may have more than this tool writes."""

    layout: Layout
    columns: tuple[str, ...]


def describe_fields(names: FieldNames) -> Statement:
    """The read that `fields_from` takes."""
    return Statement("SELECT name FROM pragma_table_info(?1)", (names.table,))


def fields_from(layout: Layout, rows: Sequence[Row]) -> Fields:
    """The fields that the rows of `describe_fields` name."""
    named = (str(row["name"]) for row in rows)
    return Fields(
        layout, tuple(name for name in named if name not in POST_COLUMNS and name.isascii() and name.isidentifier())
    )


def as_queued(layout: Layout, post: str) -> str:
    """SQL: the data of the revision that `publish-queue` makes of the columns; what is NULL is left out.

    Comparing texts shows that a revision says nothing new at a tenth of the cost of reading its JSON.
    """
    names = layout.names
    title, content = f"json_quote({post}.{names.title})", f"{post}.{names.content}"
    data = f"""'{{"{names.title}":' || {title} || ',"{names.content}":' || {content}"""
    if layout.has_excerpt:
        excerpt = f"{post}.{names.excerpt}"
        data += f"""|| CASE WHEN {excerpt} IS NULL THEN '' ELSE ',"{names.excerpt}":' || json_quote({excerpt}) END"""
    if layout.has_featured_image:
        data += f"""|| coalesce(',"{names.featured_image}":' || {post}.{names.featured_image}, '')"""
    return f"({data} || '}}')"


def from_columns(fields: Fields, post: str) -> str:
    """SQL: the data of a revision with the values of the columns; NULL is left out, JSON stays JSON."""
    plain = {fields.layout.names.title, fields.layout.names.excerpt}
    parts = []
    for name in fields.columns:
        column = f'{post}."{name}"'
        value = f"json_quote({column})"
        if name not in plain:
            is_json = f"substr({column}, 1, 1) IN ('{{', '[') AND json_valid({column})"
            value = f"CASE WHEN {is_json} THEN {column} ELSE {value} END"
        parts.append(f"""CASE WHEN {column} IS NULL THEN '' ELSE ',"{name}":' || {value} END""")
    return f"('{{' || substr({' || '.join(parts)}, 2) || '}}')"


def assignments(fields: Fields, revision: str) -> str:
    """SQL: each column set to what the revision's data says; a key that is missing leaves its column alone.

    ``->>`` answers what EmDash itself would store: text as it is, objects and lists as JSON, true as 1.
    """
    sets = []
    for name in fields.columns:
        key = f"""'$."{name}"'"""
        said = f"{revision}.data ->> {key}"
        if name == fields.layout.names.title:
            said = f"coalesce({said}, '')"
        sets.append(f'"{name}" = CASE WHEN json_type({revision}.data, {key}) IS NULL THEN p."{name}" ELSE {said} END')
    return ", ".join(sets)
