"""The translations of a post: as a JSON document, on a terminal, and as lines for a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.announced import listed
from emdash_cli.views import output
from emdash_cli.views.output import sanitized

if TYPE_CHECKING:
    from emdash_cli.scheduling.translations import Translations
    from emdash_cli.views.documents import editing


def document(found: Translations, *, dry_run: bool) -> editing.Translations:
    """The translations of a post as a JSON document."""
    from emdash_cli.views.documents import editing

    members = tuple(editing.GroupMember.of(each) for each in found.posts)
    return editing.Translations.of(found, posts=members, dry_run=dry_run)


def show(found: Translations, *, as_json: bool, dry_run: bool) -> None:
    """Print what changed, if anything was to, else the posts of the group; or one JSON document."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(document(found, dry_run=dry_run))
        return
    if found.outcome == "listed":
        rows = ((each.locale, each.slug, each.status, each.title, each.post_id) for each in found.posts)
        output.table(
            ("locale", "slug", "status", "title", "ID"), (tuple(map(sanitized, row)) for row in rows), whole="ID"
        )
        if found.missing:
            output.note(f"not translated into {', '.join(found.missing)}")
    else:
        what = output.styled(f"{'would be ' if dry_run and found.moved else ''}{found.outcome}", "cyan")
        others = ", ".join(f"{each.slug} ({each.locale})" for each in found.posts if each.post_id != found.post_id)
        if output.is_terminal():
            output.data(f"{what} {found.slug} ({found.locale}): {others or 'no translations'}")
        else:
            output.data(f"{what}\t{found.slug}\t{found.locale}\t{others}".rstrip())
    for notice in found.notices:
        output.notice(notice)
    if found.announced_on:
        output.notice(f"the change would be sent to {listed(found.announced_on)}")
