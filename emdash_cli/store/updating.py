"""The batch that changes existing posts: new text, terms, byline and SEO, live at once or as the draft.

Its first statement writes an audit row for each post that has not changed since it was read. Everything else is driven
by those rows and by the version that they name, which the last change to the post raises. A post that somebody has
changed since is therefore left completely alone, and a batch that is sent again changes nothing.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.article import SEO_COLUMNS, compact_json
from emdash_cli.domain.ports import Row, Statement, Value
from emdash_cli.domain.post_text import STAGED_SLUG
from emdash_cli.store import attachments
from emdash_cli.store.changes import CLAIMED, change_posts, is_new_claim, is_unchanged, of_run, publish_revisions
from emdash_cli.store.went_live import audited, stamped, went_live

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emdash_cli.domain.article import PublicSite, Term
    from emdash_cli.domain.authors import Author
    from emdash_cli.domain.delivery import Lane
    from emdash_cli.store.changes import Claim
    from emdash_cli.store.layout import Layout

MOST: Final = 100
"""Maximum number of posts that one batch changes."""


class SourceRecord(NamedTuple):
    """What the ledger records of the file whose content a post now has.

    Attributes:
        digest: of title, text and locale, as in the ledger.
        keys: under which the file is known, in addition to the ledger's own (see `sources`).
        meaning: digest of everything in the file.
        said: everything in the file except the text, as JSON.
        written: digest of the data of the post's newest revision; None if the file did not change its text.
        metadata: of the ledger.
        platforms: of the ledger; None: those of its stream.
        words: of the text.
    """

    digest: str
    keys: tuple[str, ...]
    meaning: str
    said: str
    written: str | None
    metadata: str
    platforms: str | None
    words: int


class Change(NamedTuple):
    """The change to one post; what is None or empty stays as it is.

    Attributes:
        post: as it was read by `reading`; if it has changed since, nothing is changed.
        is_live: whether the change is public at once; if not, the text becomes the draft. Terms, byline and SEO have no
            draft in EmDash and change at once in any case.
        data: of the new revision, JSON; None if the text stays, or, with `is_live`, to publish the draft as it is.
        draft_read: data of the draft that the change replaces, if there is one: EmDash 0.32 rewrites it in place.
        slug: the new slug of a post that is or becomes public; the slug of a draft is in its data.
        published_at: of a post that was never live; None: now.
        author: whose byline replaces the first one, as `posts.authors` finds them; `NOBODY`: it is removed.
        linked: terms to link, created if necessary.
        unlinked: terms whose links are removed.
        seo: values by the columns of ``_emdash_seo``.
        group: the translation group that the post moves to.
        expires_at: when the post is taken down, UTC text; empty: not any more.
        source: None if the change did not come from a file.
        written_by: id of the user who is the author of the new revision; None: the author of the post.
        detail: stored in the audit row.
    """

    post: Row
    is_live: bool
    data: str | None = None
    draft_read: str | None = None
    slug: str | None = None
    published_at: str | None = None
    author: Author | None = None
    linked: tuple[Term, ...] = ()
    unlinked: tuple[Term, ...] = ()
    seo: Mapping[str, Value] | None = None
    group: str | None = None
    expires_at: str | None = None
    source: SourceRecord | None = None
    written_by: str | None = None
    detail: Mapping[str, object] | None = None

    @property
    def form(self) -> str:
        """What becomes of the text: it goes ``live``, waits as a ``draft``, or stays as it is (``touch``)."""
        if self.is_live and (
            self.data is not None or self.post["draft_revision_id"] or self.post["status"] != "published"
        ):
            return "live"
        return "touch" if self.data is None else "draft"

    @property
    def is_public(self) -> bool:
        """Whether readers see any of it: a new draft of a live post changes nothing for them."""
        without_draft = self.author or self.linked or self.unlinked or self.seo or self.group
        return self.form == "live" or (self.post["status"] == "published" and bool(without_draft))


class UpdateContext(NamedTuple):
    """Who changes posts, and when.

    Attributes:
        action: as the audit table names it.
        now: UTC text.
    """

    claim: Claim
    action: str
    now: str
    site: PublicSite
    new_id: Callable[[], str]


def posts_as_read(layout: Layout, post_ids: Sequence[str]) -> Statement:
    """One row for each post that is there, in the trash too.

    The columns that `Change` takes as ``post``, and beside them: ``published_at``, ``deleted_at``,
    ``translation_group``, ``primary_byline_id``; of its lock ``locked_by``, ``locked_at``, ``locked_for``, ``held_at``,
    ``held_reason``; of its SEO row ``seo_title``, ``seo_description``, ``seo_image``, ``seo_canonical``,
    ``seo_no_index``; of its first byline ``byline_name`` and ``byline_slug``; of the ledger ``ledger_key``,
    ``written_revision``, ``digest``, ``file``; and of its source, where the store has that table, ``meaning``,
    ``said``, ``written``, ``file_updated_at``; and ``expires_at``.
    """
    return Statement(_posts(layout), (json.dumps(list(post_ids)),))


# A revision that only renamed the post says what the one before said, and so does the draft of a post taken back, which
# is live when the post is published again.
_WRITTEN: Final = f"""coalesce((SELECT v.id FROM revisions AS v CROSS JOIN revisions AS w ON w.id = l.revision_id
        WHERE v.id = p.draft_revision_id AND p.live_revision_id IS NULL AND v.data = w.data),
      (SELECT v.id FROM revisions AS v CROSS JOIN revisions AS w ON w.id = l.revision_id
        WHERE v.id = p.live_revision_id AND (v.data = w.data OR instr(v.data, '"{STAGED_SLUG}"')
          AND json_valid(v.data) AND json_valid(w.data)
          AND json_remove(v.data, '$.{STAGED_SLUG}') IS json_remove(w.data, '$.{STAGED_SLUG}'))), l.revision_id)"""


@lru_cache(maxsize=4)
def _posts(layout: Layout) -> str:
    return f"""
    SELECT p.id, p.slug, p.locale, p.status, p.version, p.scheduled_at, p.published_at, p.deleted_at,
      p.draft_revision_id, p.live_revision_id, p.author_id, p.primary_byline_id,
      coalesce(p.translation_group, p.id) AS translation_group,
      k.locked_by, k.locked_at, k.scheduled_at AS locked_for, k.held_at, k.held_reason,
      o.seo_title, o.seo_description, o.seo_image, o.seo_canonical, o.seo_no_index,
      {_byline("display_name")} AS byline_name, {_byline("slug")} AS byline_slug,
      l.key AS ledger_key, {_WRITTEN} AS written_revision, l.digest, l.file,
      s.digest AS meaning, s.said, s.written, s.updated_at AS file_updated_at, e.expires_at
    FROM json_each(?1) AS j CROSS JOIN {layout.posts} AS p ON p.id = j.value
    LEFT JOIN schedule_locks AS k ON k.post_id = p.id
    LEFT JOIN _emdash_seo AS o ON o.collection = '{layout.names.collection}' AND o.content_id = p.id
    LEFT JOIN publish_ledger AS l ON l.post_id = p.id
    LEFT JOIN publish_sources AS s ON s.post_id = p.id
    LEFT JOIN post_expiries AS e ON e.post_id = p.id
    ORDER BY j.key"""


def _byline(column: str) -> str:
    """SQL: a column of the post's first byline, as its locale has it."""
    return (
        f"(SELECT found FROM (SELECT x.{column} AS found, x.locale = p.locale AS near FROM _emdash_bylines AS x"
        " WHERE x.translation_group = p.primary_byline_id) ORDER BY near DESC LIMIT 1)"
    )


def update_posts(layout: Layout, changes: Sequence[Change], act: UpdateContext) -> list[Statement]:
    """The statements of the batch: at most `MOST` changes, no two of them to the same post.

    The rows of the last one (``post_id``, ``slug``) are the changed posts. A missing post had changed since it was
    read.
    """
    claim = act.claim
    rows = [(f"{claim.prefix}{place:04}", change) for place, change in enumerate(changes)]
    claimed = (claim.first, claim.last)
    changes_json = compact_json([_as_row(row_id, change) for row_id, change in rows])
    of_claim = (changes_json, claim.first, claim.last, act.now, claim.actor, act.action, claim.run)
    statements = [Statement(_record(layout), of_claim)]
    statements += [
        Statement(_drop_rewritten(layout), (row_id, change.draft_read))
        for row_id, change in rows
        if change.draft_read is not None
    ]
    statements += [
        Statement(_revision(layout), (row_id, change.data, change.written_by))
        for row_id, change in rows
        if change.data is not None
    ]
    statements += _attached(layout, rows, act)
    statements += _known(layout, rows, act)
    statements += _expiries(layout, rows, act)
    statements += [
        Statement(_go_live(layout), (*claimed, act.now)),
        Statement(_become_draft(layout), (*claimed, act.now)),
        Statement(_touch(layout), (*claimed, act.now)),
    ]
    statements += went_live(layout, audited(claim), act.now, act.site, _IS_PUBLIC)
    statements += stamped(layout, audited(claim), "a.detail ->> 'form' <> 'touch'")
    return [*statements, Statement(_READ_BACK, claimed)]


def expected_of(layout: Layout, changes: Sequence[Change], lanes: Sequence[Lane], now: str) -> Statement:
    """Where these changes, which are public, would be announced; rows as of `announcing.expected`."""
    from emdash_cli.store.announcing import Expected, expected

    posts = []
    for change in changes:
        source = change.source
        platforms = source.platforms if source else None
        posts.append(Expected(str(change.post["id"]), source is not None, platforms, change.published_at))
    return expected(layout, posts, lanes, now)


class _Described(NamedTuple):
    locale: str
    author: Author | None
    terms: tuple[Term, ...]


def _attached(layout: Layout, rows: Sequence[tuple[str, Change]], act: UpdateContext) -> list[Statement]:
    claim, claimed = act.claim, _claimed(layout)
    by_row = [(row, _Described(str(change.post["locale"]), change.author, change.linked)) for row, change in rows]
    statements = []
    if any(change.group is not None for _, change in rows) and layout.terms_by_group:
        statements += [Statement(sql, (claim.first, claim.last)) for sql in regroup_links(layout)]
    statements += attachments.unlink(layout, [(row, change.unlinked) for row, change in rows], claim.first, claimed)
    statements += attachments.terms(layout, by_row, claim.first, act.new_id, claimed)
    credited = [
        [row, *attachments.credit(change.author), change.author.owner or change.author.user_id]
        for row, change in rows
        if change.author is not None
    ]
    if credited:
        statements += attachments.bylines(by_row, claim.first, act.now, act.new_id, claimed)
        values = (compact_json(credited), claim.first)
        statements += [Statement(sql, values) for sql in (_uncredit(layout), _credit(layout), _name_byline(layout))]
    seo = [[row, dict(change.seo)] for row, change in rows if change.seo]
    if seo:
        statements += [Statement(sql, (compact_json(seo), claim.first)) for sql in _seo(layout)]
    return statements


def _known(layout: Layout, rows: Sequence[tuple[str, Change]], act: UpdateContext) -> list[Statement]:
    """Record the content of the file in the ledger and the sources."""
    known = [(row, change.source) for row, change in rows if change.source]
    if not known:
        return []
    values = (compact_json([[row, *source] for row, source in known]), act.claim.first)
    return [
        Statement(_ledger(layout), values),
        Statement(_sources(layout), (*values, act.now)),
        Statement(_keys(layout), (*values, act.now)),
    ]


def _expiries(layout: Layout, rows: Sequence[tuple[str, Change]], act: UpdateContext) -> list[Statement]:
    said = [[row, change.expires_at] for row, change in rows if change.expires_at is not None]
    if not said:
        return []
    values = (compact_json(said), act.claim.first)
    claimed = _claimed(layout).rows
    drop = f"DELETE FROM post_expiries WHERE post_id IN (SELECT q.id FROM {claimed} WHERE j.value ->> 1 = '')"
    keep = f"""
    INSERT INTO post_expiries (post_id, expires_at, set_by, set_at)
    SELECT q.id, j.value ->> 1, ?3, ?4 FROM {claimed} WHERE j.value ->> 1 <> ''
    ON CONFLICT (post_id) DO UPDATE SET expires_at = excluded.expires_at, set_by = excluded.set_by,
      set_at = excluded.set_at"""
    return [Statement(drop, values), Statement(keep, (*values, act.claim.actor, act.now))]


def _as_row(row_id: str, change: Change) -> list[object]:
    return [
        row_id,
        *(
            change.post[name]
            for name in ("id", "version", "status", "scheduled_at", "draft_revision_id", "live_revision_id")
        ),
        change.slug,
        change.group,
        {
            **(change.detail or {}),
            **({} if change.expires_at is None else {"expires_at": change.expires_at or None}),
            "form": change.form,
            "public": change.is_public,
            "group": change.group,
        },
        change.data is not None,
        change.published_at,
    ]


@lru_cache(maxsize=4)
def _record(layout: Layout) -> str:
    """?1 changes_json, ?2 and ?3 first and last row of the claim, which has none yet.

    ?4 now, ?5 actor, ?6 action, ?7 run.
    """
    detail = """json_set(j.value -> 9, '$.version', p.version, '$.status_before', p.status, '$.slug_before', p.slug,
        '$.slug_after', coalesce(j.value ->> 7, p.slug), '$.group_before', coalesce(p.translation_group, p.id),
        '$.live_before', p.live_revision_id, '$.draft_before', p.draft_revision_id,
        '$.revision', CASE WHEN j.value ->> 10 THEN j.value ->> 0
          ELSE coalesce(p.draft_revision_id, p.live_revision_id) END,
        '$.live_since', coalesce(p.published_at, j.value ->> 11, ?4))"""
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    SELECT j.value ->> 0, ?4, ?5, ?6, p.id, coalesce(j.value ->> 7, p.slug), p.locale,
      {of_run(detail, "?7")}
    FROM json_each(?1) AS j CROSS JOIN {layout.posts} AS p ON p.id = j.value ->> 1
    WHERE p.version IS j.value ->> 2 AND p.status IS j.value ->> 3 AND p.scheduled_at IS j.value ->> 4
      AND p.draft_revision_id IS j.value ->> 5 AND p.live_revision_id IS j.value ->> 6 AND p.deleted_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM schedule_locks AS k WHERE k.post_id = p.id)
      AND (j.value ->> 7 IS NULL OR NOT EXISTS (
        SELECT 1 FROM {layout.posts} AS o WHERE o.slug = j.value ->> 7 AND +o.locale = p.locale AND +o.id <> p.id))
      AND (j.value ->> 8 IS NULL OR NOT EXISTS (
        SELECT 1 FROM {layout.posts} AS t WHERE t.translation_group = j.value ->> 8 AND +t.locale = p.locale
          AND +t.id <> p.id AND +t.deleted_at IS NULL))
      AND {is_new_claim("?2", "?3")}"""


# If rows of the claim are the source of an UPDATE, a limit tells the planner how few they are, as in `CLAIMED`.
def _still(layout: Layout, row: str) -> str:
    """SQL: the post q of an audit row, as long as it is unchanged."""
    return f"{layout.posts} AS q ON q.id = {row}.post_id AND {is_unchanged('q', row)}"


@lru_cache(maxsize=4)
def _claimed(layout: Layout) -> attachments.Claimed:
    """The claim is named by its first row, before which it has none."""
    return attachments.Claimed(
        found=f"pipeline_audit AS l ON l.id = {{id}} AND l.id >= ?2 CROSS JOIN {_still(layout, 'l')}",
        has=f"SELECT 1 FROM pipeline_audit AS c CROSS JOIN {_still(layout, 'c')} WHERE c.id = x.value AND c.id >= ?2",
        group="coalesce(l.detail ->> 'group', q.translation_group, q.id)",
    )


@lru_cache(maxsize=4)
def _drop_rewritten(layout: Layout) -> str:
    """?1 row, ?2 the draft as it was read: if it was rewritten since, the claim to its post is released."""
    return f"""
    DELETE FROM pipeline_audit WHERE id = ?1 AND id IN (
      SELECT l.id FROM pipeline_audit AS l CROSS JOIN {_still(layout, "l")}
      LEFT JOIN revisions AS r ON r.id = q.draft_revision_id
      WHERE l.id = ?1 AND r.data IS NOT ?2)"""


@lru_cache(maxsize=4)
def _revision(layout: Layout) -> str:
    """?1 row, whose id is also that of the revision; ?2 data; ?3 author, or NULL for that of the post."""
    return f"""
    INSERT INTO revisions (id, collection, entry_id, data, author_id)
    SELECT l.id, '{layout.names.collection}', q.id, ?2, coalesce(?3, q.author_id)
    FROM pipeline_audit AS l CROSS JOIN {_still(layout, "l")} WHERE l.id = ?1
    ON CONFLICT DO NOTHING"""


@lru_cache(maxsize=4)
def regroup_links(layout: Layout) -> tuple[str, str]:
    """The links of a post that moves to another translation group move with it; the posts left behind keep theirs."""
    collection = layout.names.collection
    moving = f"""{CLAIMED} CROSS JOIN {_still(layout, "a")}
      CROSS JOIN content_taxonomies AS t
        ON t.collection = '{collection}' AND t.entry_id = a.detail ->> 'group_before'
      WHERE a.detail ->> 'group' <> a.detail ->> 'group_before'"""
    return (
        f"""
    INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id)
    SELECT t.collection, a.detail ->> 'group', t.taxonomy_id FROM {moving}
    ON CONFLICT DO NOTHING""",
        f"""
    DELETE FROM content_taxonomies WHERE rowid IN (
      SELECT t.rowid FROM {moving} AND NOT EXISTS (
        SELECT 1 FROM {layout.posts} AS o
        WHERE o.translation_group = a.detail ->> 'group_before' AND +o.id <> q.id))""",
    )


@lru_cache(maxsize=4)
def _uncredit(layout: Layout) -> str:
    """The first byline is the file's; others, which somebody has added, stay."""
    return f"""
    DELETE FROM _emdash_content_bylines WHERE id IN (
      SELECT t.id FROM {_claimed(layout).rows}
      CROSS JOIN _emdash_content_bylines AS t ON t.collection_slug = '{layout.names.collection}'
        AND t.content_id = q.id AND t.byline_id = q.primary_byline_id)"""


@lru_cache(maxsize=4)
def _credit(layout: Layout) -> str:
    """One of the other bylines may become the first."""
    return f"""
    INSERT INTO _emdash_content_bylines (id, collection_slug, content_id, byline_id, sort_order)
    SELECT l.id, '{layout.names.collection}', q.id, {_BYLINE}, 0
    FROM {_claimed(layout).rows} WHERE {_BYLINE} IS NOT NULL
    ON CONFLICT (collection_slug, content_id, byline_id) DO UPDATE SET sort_order = excluded.sort_order"""


_BYLINE: Final = attachments.byline_of(
    attachments.Credit("(j.value ->> 1)", "(j.value ->> 2)", "(j.value ->> 3)", "(j.value ->> 4)"), "l.locale"
)


@lru_cache(maxsize=4)
def _name_byline(layout: Layout) -> str:
    """Record the author in the audit row, from which the post's columns are set. The user becomes the post's owner.

    Without an author, the first of the remaining bylines becomes the post's, as in EmDash (``setContentBylines``):
    https://github.com/emdash-cms/emdash/blob/main/packages/core/src/database/repositories/byline.ts
    """
    owner = "(SELECT s.id FROM users AS s WHERE s.id = j.value ->> 5)"
    remaining = f"""(SELECT t.byline_id FROM _emdash_content_bylines AS t
        WHERE t.collection_slug = '{layout.names.collection}' AND t.content_id = q.id
        ORDER BY t.sort_order, t.id LIMIT 1)"""
    return f"""
    UPDATE pipeline_audit AS u SET detail = json_set(u.detail, '$.byline', n.byline, '$.author_id', n.author_id)
    FROM (
      SELECT l.id AS id, coalesce({_BYLINE}, {remaining}) AS byline, {owner} AS author_id
      FROM {_claimed(layout).rows} LIMIT {MOST}
    ) AS n WHERE u.id = n.id"""


@lru_cache(maxsize=4)
def _seo(layout: Layout) -> tuple[str, str]:
    """Insert a row if there is none, then set each given column: a conflict clause cannot tell which are given."""
    collection = layout.names.collection
    said = {name: f"w.seo ->> '$.{name}'" for name in SEO_COLUMNS} | {
        "seo_no_index": "coalesce(w.seo ->> '$.seo_no_index', 0)"
    }
    sets = ", ".join(
        f"{name} = CASE WHEN json_type(w.seo, '$.{name}') IS NULL THEN s.{name} ELSE {value} END"
        for name, value in said.items()
    )
    return (
        f"""
    INSERT INTO _emdash_seo (collection, content_id)
    SELECT '{collection}', q.id FROM {_claimed(layout).rows}
    WHERE 1 ON CONFLICT DO NOTHING""",
        f"""
    UPDATE _emdash_seo AS s SET {sets}
    FROM (SELECT q.id AS post_id, j.value -> 1 AS seo FROM {_claimed(layout).rows} LIMIT {MOST}) AS w
    WHERE s.collection = '{collection}' AND s.content_id = w.post_id""",
    )


# In the order of the positions in a row of the JSON: the row of the audit table, then as in `SourceRecord`.
_SAID: Final = {name: f"j.value ->> {place}" for place, name in enumerate(SourceRecord._fields, start=1)}


@lru_cache(maxsize=4)
def _ledger(layout: Layout) -> str:
    return f"""
    UPDATE publish_ledger AS k SET digest = w.digest, revision_id = coalesce(w.revision, k.revision_id),
      words = w.words, metadata = w.metadata, platforms = w.platforms
    FROM (
      SELECT +l.post_id AS post_id, {_SAID["digest"]} AS digest,
        CASE WHEN {_SAID["written"]} IS NOT NULL THEN l.detail ->> 'revision' END AS revision,
        {_SAID["words"]} AS words, {_SAID["metadata"]} AS metadata, {_SAID["platforms"]} AS platforms
      FROM {_claimed(layout).rows} LIMIT {MOST}
    ) AS w WHERE k.post_id = w.post_id"""


@lru_cache(maxsize=4)
def _sources(layout: Layout) -> str:
    """?3 now."""
    return f"""
    INSERT INTO publish_sources (post_id, digest, said, written, updated_at)
    SELECT q.id, {_SAID["meaning"]}, {_SAID["said"]}, {_SAID["written"]}, ?3 FROM {_claimed(layout).rows}
    WHERE 1 ON CONFLICT (post_id) DO UPDATE SET digest = excluded.digest, said = excluded.said,
      written = coalesce(excluded.written, written), updated_at = excluded.updated_at"""


@lru_cache(maxsize=4)
def _keys(layout: Layout) -> str:
    """?3 now. Two files may have swapped names."""
    return f"""
    INSERT INTO publish_keys (key, post_id, recorded_at)
    SELECT x.value, q.id, ?3 FROM {_claimed(layout).rows}
    CROSS JOIN json_each(j.value, '$[{1 + SourceRecord._fields.index("keys")}]') AS x
    WHERE 1 ON CONFLICT (key) DO UPDATE SET post_id = excluded.post_id, recorded_at = excluded.recorded_at"""


_IS_PUBLIC: Final = "a.detail ->> 'public' = 1"


def _of_form(form: str) -> str:
    """SQL: the values for the columns of the claimed posts."""
    return f"""
      SELECT +a.post_id AS post_id, CAST(a.detail ->> 'version' AS INTEGER) AS version, a.slug AS slug,
        a.detail ->> 'revision' AS revision, a.detail ->> 'live_since' AS published_at,
        json_type(a.detail, '$.byline') IS NOT NULL AS names_byline, a.detail ->> 'byline' AS byline,
        a.detail ->> 'author_id' AS author_id, a.detail ->> 'group' AS moved_to,
        a.detail ->> 'public' AS is_public
      FROM {CLAIMED} WHERE a.detail ->> 'form' = '{form}'"""


_ATTACHED: Final = """primary_byline_id = CASE WHEN c.names_byline THEN c.byline ELSE p.primary_byline_id END,
      author_id = coalesce(c.author_id, p.author_id), translation_group = coalesce(c.moved_to, p.translation_group)"""


@lru_cache(maxsize=4)
def _go_live(layout: Layout) -> str:
    """?3 now."""
    return publish_revisions(layout, _of_form("live"), f"{_ATTACHED}, ")


@lru_cache(maxsize=4)
def _become_draft(layout: Layout) -> str:
    """?3 now. As in EmDash, the columns and the live version stay as they are until the draft is published.

    So does the date of the last modification, which a site shows to search engines, unless something else is public.
    """
    updated_at = "CASE WHEN c.is_public THEN ?3 ELSE p.updated_at END"
    return change_posts(layout, f"draft_revision_id = c.revision, {_ATTACHED}", _of_form("draft"), updated_at)


@lru_cache(maxsize=4)
def _touch(layout: Layout) -> str:
    """?3 now. Only what belongs to the post has changed, not its text."""
    return change_posts(layout, _ATTACHED, _of_form("touch"))


_READ_BACK: Final = f"SELECT a.post_id, a.slug FROM {CLAIMED} ORDER BY a.id"
