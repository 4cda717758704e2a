"""Posts by creation time (`posts`), by the time they go live (`calendar`), and by prefix of their slugs (completion).

Every list is one query that uses an index, whatever is asked for. The newest post is the one that was created last:
unlike other dates, every post has that one, whatever its status, and EmDash has an index on it. If few posts meet a
condition, the search starts from them; if many do, the query walks back through time and checks the condition, which is
then a short walk. The query itself finds out which of the two applies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.locales import spellings
from emdash_cli.domain.ports import Statement
from emdash_cli.store import labels
from emdash_cli.store.announced import jobs_of
from emdash_cli.store.due import HELD, IS_SITE, ONLY_LOCKED

if TYPE_CHECKING:
    from emdash_cli.domain.article import FieldNames
    from emdash_cli.domain.ports import Value

FEW: Final = 2_000
"""Up to this many posts are sorted; beyond that, the query walks back through time."""

TRASHED: Final = "trashed"
"""The status that is shown for a post in the trash."""


class ListQuery(NamedTuple):
    """Which posts to list; None stands for any.

    Attributes:
        status: draft, scheduled or published, or `TRASHED`; scheduled includes scheduled changes to published posts.
        author: slug or name of a byline.
        category: slug or label, as is `tag`.
        since: UTC text; posts created then or later.
        after: creation time and id of the post after which the list continues.
        most: maximum number of posts.
        live_from: UTC text; posts that go or went live then or later; of a published post with a scheduled change, the
            time of the change counts.
        live_until: UTC text; and before it.
    """

    status: str | None = None
    author: str | None = None
    category: str | None = None
    tag: str | None = None
    stream: str | None = None
    locale: str | None = None
    since: str | None = None
    after: tuple[str, str] | None = None
    most: int = 50
    live_from: str | None = None
    live_until: str | None = None


class _Filter(NamedTuple):
    """A condition in two forms.

    Attributes:
        ids: SQL: ids of posts that meet it, found by index.
        holds: SQL: whether post p meets it.
    """

    ids: str
    holds: str


class _Params:
    """The parameters of a statement, numbered in the order in which they are added."""

    def __init__(self) -> None:
        self.values: list[Value] = []

    def __call__(self, value: Value) -> str:
        self.values.append(value)
        return f"?{len(self.values)}"


def list_posts(names: FieldNames, wanted: ListQuery, *, jobs: bool = False) -> Statement:
    """Rows with id, slug, locale, status, title, author, stream, and the times of the post, ``expires_at`` with them.

    ``categories`` and ``tags`` are JSON arrays of labels; ``trashed`` is 1 for a post in the trash; ``held`` is the
    reason why a post is held, whose ``scheduled_at`` is then the time when it should have gone live. With `jobs`,
    each row has what `jobs_of` answers, as ``jobs``.
    """
    more = f", {jobs_of('g.id')} AS jobs" if jobs else ""
    param = _Params()
    sql = f"""
    WITH {_page(names, wanted, param)}
    SELECT p.id AS id, p.slug AS slug, p.locale AS locale, p.status AS status, p.{names.title} AS title,
      p.created_at AS created_at, p.published_at AS published_at,
      coalesce(p.scheduled_at, k.scheduled_at) AS scheduled_at,
      iif(k.post_id > '', coalesce(k.held_reason, 'held'), NULL) AS held,
      (SELECT e.expires_at FROM post_expiries AS e WHERE e.post_id = g.id) AS expires_at,
      p.updated_at AS updated_at, p.deleted_at IS NOT NULL AS trashed, {labels.author(names)} AS author,
      {labels.terms(names, "category")} AS categories, {labels.terms(names, "tag")} AS tags,
      {labels.STREAM} AS stream{more}
    FROM page AS g CROSS JOIN {names.table} AS p ON p.id = g.id
    LEFT JOIN schedule_locks AS k ON k.post_id = g.id AND +k.held_at > ''
      AND (+p.scheduled_at IS NOT NULL OR +p.status = 'scheduled' OR ({ONLY_LOCKED}))
    ORDER BY g.created_at DESC, g.id DESC"""
    return Statement(sql, tuple(param.values))


def _page(names: FieldNames, wanted: ListQuery, param: _Params) -> str:
    """SQL: ids and times of the listed posts, so that nothing else is read for posts that are not listed."""
    most = f"CAST({param(wanted.most)} AS INTEGER)"
    newest = "ORDER BY p.created_at DESC, p.id DESC LIMIT"
    columns = "SELECT p.id AS id, p.created_at AS created_at"
    conditions = _plain(names, wanted, param)
    filters = [
        *_by_term(names, "tag", wanted.tag, param),
        *_by_author(names, wanted.author, param),
        *_by_term(names, "category", wanted.category, param),
        *_by_stream(wanted.stream, param),
        *_by_status(names, wanted.status, param),
        *_by_time(names, wanted, param),
    ]
    holds = [each.holds for each in filters]
    walk = " AND ".join([condition.format(p="p") for condition in conditions] + holds)
    if not filters:
        return f"page AS MATERIALIZED ({columns} FROM {names.table} AS p WHERE {walk} {newest} {most})"
    # The unary + keeps the planner from every index except that of the join. A LIMIT of 0 ends a search before it
    # starts;
    # a condition would be evaluated for every row.
    check = " AND ".join([condition.format(p="+p") for condition in conditions] + holds)
    return f"""
    few AS MATERIALIZED (SELECT DISTINCT id FROM ({filters[0].ids} LIMIT {FEW + 1})),
    found AS MATERIALIZED (SELECT count(*) AS n FROM few),
    page AS MATERIALIZED (
      SELECT * FROM (
        {columns} FROM few AS f CROSS JOIN {names.table} AS p ON p.id = f.id
        WHERE {check} {newest} (SELECT iif(n <= {FEW}, {most}, 0) FROM found))
      UNION ALL SELECT * FROM (
        {columns} FROM {names.table} AS p WHERE {walk} {newest} (SELECT iif(n > {FEW}, {most}, 0) FROM found)))"""


def _spelling(names: FieldNames, locale: str, param: _Params) -> str:
    """SQL: the locale as the user spelled it if posts have it in that spelling; otherwise as posts spell it."""
    others = [spelling for spelling in spellings(locale) if spelling != locale]
    asked = param(locale)
    if not others:
        return asked
    stored = f"SELECT o.locale FROM {names.table} AS o WHERE o.deleted_at IS NULL AND o.locale"
    values = ", ".join(map(param, others))
    return f"coalesce(({stored} = {asked} LIMIT 1), ({stored} IN ({values}) LIMIT 1), {asked})"


def _plain(names: FieldNames, wanted: ListQuery, param: _Params) -> list[str]:
    """Conditions on columns of the post, which one index can serve together; ``{p}`` stands for the post."""
    conditions = ["{p}.deleted_at > ''" if wanted.status == TRASHED else "{p}.deleted_at IS NULL"]
    if wanted.locale is not None:
        conditions.append(f"{{p}}.locale = {_spelling(names, wanted.locale, param)}")
    if wanted.since is not None:
        conditions.append(f"{{p}}.created_at >= {param(wanted.since)}")
    if wanted.after is not None:
        made, post = (param(value) for value in wanted.after)
        conditions.append(f"({{p}}.created_at, p.id) < ({made}, {post})")
    return conditions


def _by_author(names: FieldNames, author: str | None, param: _Params) -> list[_Filter]:
    if author is None:
        return []
    value = param(author)
    byline = "SELECT coalesce(b.translation_group, b.id) AS byline FROM _emdash_bylines AS b WHERE"
    bylines = f"{byline} b.slug = {value} UNION {byline} b.display_name = {value}"
    # Through rowid, the index on byline_id covers the search; otherwise the planner may read all of another index.
    ids = f"""
        SELECT c.content_id AS id FROM ({bylines}) AS w
        CROSS JOIN _emdash_content_bylines AS d ON d.byline_id = w.byline
        CROSS JOIN _emdash_content_bylines AS c ON c.rowid = d.rowid
        WHERE +c.collection_slug = '{names.collection}'"""
    holds = f"""EXISTS (
        SELECT 1 FROM _emdash_content_bylines AS c WHERE c.collection_slug = '{names.collection}'
          AND c.content_id = p.id AND +c.byline_id IN ({bylines}))"""
    return [_Filter(ids, holds)]


def _by_term(names: FieldNames, taxonomy: str, term: str | None, param: _Params) -> list[_Filter]:
    if term is None:
        return []
    value = param(term)
    terms = f"""
        SELECT DISTINCT coalesce(t.translation_group, t.id) AS term FROM taxonomies AS t
        WHERE t.name = '{taxonomy}' AND (+t.slug = {value} OR +t.label = {value})"""
    links = f"""
        ({terms}) AS w CROSS JOIN content_taxonomies AS l ON l.taxonomy_id = w.term
          AND l.collection = '{names.collection}'"""
    ids = f"""
        SELECT id FROM (
          SELECT p.id AS id FROM {links} CROSS JOIN {names.table} AS p ON p.translation_group = l.entry_id
          WHERE {labels.BY_GROUP}
          UNION ALL SELECT l.entry_id FROM {links} WHERE NOT {labels.BY_GROUP})"""
    holds = f"""EXISTS (
        SELECT 1 FROM content_taxonomies AS l WHERE l.collection = '{names.collection}'
          AND l.entry_id = {labels.TERMS_OWNER} AND l.taxonomy_id IN ({terms}))"""
    return [_Filter(ids, holds)]


def _by_stream(stream: str | None, param: _Params) -> list[_Filter]:
    if stream is None:
        return []
    value = param(stream)
    ids = f"SELECT k.post_id AS id FROM publish_ledger AS k WHERE k.stream = {value}"
    holds = f"EXISTS (SELECT 1 FROM publish_ledger AS k WHERE k.post_id = p.id AND +k.stream = {value})"
    return [_Filter(ids, holds)]


def _by_status(names: FieldNames, status: str | None, param: _Params) -> list[_Filter]:
    if status is None or status == TRASHED:
        return []
    value = param(status)
    ids = f"SELECT p.id AS id FROM {names.table} AS p WHERE p.deleted_at IS NULL AND p.status = {value}"
    holds = f"+p.status = {value}"
    if status == "scheduled":
        # A scheduled change leaves its post published, but with a time.
        change = "+p.status = 'published'"
        ids = f"""
        SELECT id FROM (
          {ids}
          UNION ALL SELECT p.id FROM {names.table} AS p
          WHERE p.scheduled_at > '' AND {change} AND +p.deleted_at IS NULL)"""
        holds = f"({holds} OR ({change} AND +p.scheduled_at > ''))"
    return [_Filter(ids, holds)]


def _by_time(names: FieldNames, wanted: ListQuery, param: _Params) -> list[_Filter]:
    """When a post goes or went live. Times are compared as instants, whatever their form; see `store.due`."""
    if wanted.live_from is None and wanted.live_until is None:
        return []
    held = f"""(SELECT k.scheduled_at FROM schedule_locks AS k
        WHERE k.post_id = p.id AND +k.held_at > '' AND {ONLY_LOCKED})"""
    live = "CASE WHEN +p.status IN ('published', 'scheduled') THEN p.published_at END"
    instant = f"julianday(coalesce(p.scheduled_at, {held}, {live}))"
    near, holds = [], []
    if wanted.live_from is not None:
        start = param(wanted.live_from)
        near.append(f"{{0}} >= date({start}, '-1 day')")
        holds.append(f"{instant} >= julianday({start})")
    if wanted.live_until is not None:
        end = param(wanted.live_until)
        near.append(f"{{0}} < date({end}, '+2 days')")
        holds.append(f"{instant} < julianday({end})")
    between = " AND ".join(near) + ("" if wanted.live_from is not None else " AND {0} > ''")
    kept = "deleted_at > ''" if wanted.status == TRASHED else "deleted_at IS NULL"
    ids = f"""
        SELECT id FROM (
          SELECT p.id AS id FROM {names.table} AS p WHERE {between.format("p.scheduled_at")} AND +p.{kept}
          UNION ALL SELECT k.post_id FROM schedule_locks AS k
          WHERE k.held_at > '' AND {between.format("+k.scheduled_at")}
          UNION ALL SELECT p.id FROM {names.table} AS p WHERE p.{kept} AND {between.format("p.published_at")})"""
    return [_Filter(ids, " AND ".join(holds))]


class Window(NamedTuple):
    """UTC texts: from the first, inclusive, to the second, exclusive.

    A time that another tool wrote with an offset or a space sorts hours away from its instant, so the query covers half
    a day more on either side and the caller compares the instants.
    """

    start: str
    end: str
    published_start: str
    published_end: str


def calendar(names: FieldNames, window: Window) -> Statement:
    """Rows for scheduled, published and expiring posts in a window, in no particular order.

    ``kind`` is scheduled, change (to a published post), published or expiry; ``at`` is the time as stored; ``held`` is
    the reason if the post is held; further id, slug, locale, version, updated_at, author, ``title`` as it will read,
    and ``categories``, a JSON array.
    """
    columns = "p.id AS id, p.draft_revision_id AS draft"
    # A writer of the embedded store may set published_at alone; on a site, that means something else.
    most_embedded = f"(SELECT iif({IS_SITE}, 0, 1000000))"
    staged = f"""CASE WHEN w.kind = 'change' THEN (
        SELECT iif(json_valid(r.data), r.data ->> '$.{names.title}', NULL)
        FROM revisions AS r WHERE r.id = w.draft) END"""
    sql = f"""
    WITH wanted AS MATERIALIZED (
      SELECT {columns}, p.scheduled_at AS at, iif(p.status = 'published', 'change', 'scheduled') AS kind
      FROM {names.table} AS p
      WHERE p.scheduled_at >= ?1 AND p.scheduled_at < ?2 AND +p.deleted_at IS NULL
        AND +p.status IN ('scheduled', 'published')
      UNION ALL SELECT * FROM (
        SELECT {columns}, p.published_at, 'scheduled' FROM {names.table} AS p
        WHERE p.status = 'scheduled' AND p.scheduled_at IS NULL AND p.published_at >= ?1 AND p.published_at < ?2
          AND +p.deleted_at IS NULL LIMIT {most_embedded})
      UNION ALL SELECT {columns}, k.scheduled_at, iif(p.status = 'published', 'change', 'scheduled')
      FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id
      WHERE k.held_at > '' AND +k.scheduled_at >= ?1 AND +k.scheduled_at < ?2 AND {ONLY_LOCKED}
      UNION ALL SELECT {columns}, e.expires_at, 'expiry'
      FROM post_expiries AS e CROSS JOIN {names.table} AS p ON p.id = e.post_id
      WHERE e.expires_at >= ?1 AND e.expires_at < ?2 AND +p.deleted_at IS NULL
        AND +p.status IN ('scheduled', 'published')
      UNION ALL SELECT {columns}, p.published_at, 'published' FROM {names.table} AS p
      WHERE p.deleted_at IS NULL AND p.published_at >= ?3 AND p.published_at < ?4 AND +p.status = 'published'
    )
    SELECT w.kind AS kind, w.at AS at, p.id AS id, p.slug AS slug, p.locale AS locale, p.version AS version,
      p.updated_at AS updated_at, coalesce({staged}, p.{names.title}) AS title, {labels.author(names)} AS author,
      {labels.terms(names, "category")} AS categories,
      CASE WHEN w.kind IN ('scheduled', 'change') THEN (
        SELECT coalesce(k.held_reason, 'held') FROM schedule_locks AS k
        WHERE k.post_id = w.id AND k.held_at IS NOT NULL) END AS held
    FROM wanted AS w CROSS JOIN {names.table} AS p ON p.id = w.id"""
    return Statement(sql, tuple(window))


_MOST_WORDS: Final = 50
_BEGINS: Final = "+p.slug >= ?1 AND +p.slug < ?2"
"""SQL: not by the index of slugs, which would check every published post for the few that match."""


def authors_beginning(start: str) -> Statement:
    """Slugs of bylines (``word``) with their names (``label``)."""
    sql = f"""
    SELECT b.slug AS word, min(b.display_name) AS label FROM _emdash_bylines AS b
    WHERE b.slug >= ?1 AND b.slug < ?2 GROUP BY b.slug ORDER BY b.slug LIMIT {_MOST_WORDS}"""
    return Statement(sql, (start, start + labels.LAST_CHARACTER))


def terms_beginning(taxonomy: str, start: str) -> Statement:
    """Slugs of terms (``word``) with their labels (``label``)."""
    sql = f"""
    SELECT t.slug AS word, min(t.label) AS label FROM taxonomies AS t
    WHERE t.name = ?3 AND t.slug >= ?1 AND t.slug < ?2 GROUP BY t.slug ORDER BY t.slug LIMIT {_MOST_WORDS}"""
    return Statement(sql, (start, start + labels.LAST_CHARACTER, taxonomy))


def schedulable_beginning(names: FieldNames, start: str) -> Statement:
    """Slugs (``word``) for `schedule`: of drafts and changed published posts that are neither scheduled nor held."""
    return _slugs(
        f"""
    SELECT p.slug FROM {names.table} AS p
    WHERE p.deleted_at IS NULL AND p.status = 'draft' AND +p.scheduled_at IS NULL AND {_BEGINS}
      AND +p.id NOT IN {HELD}
    UNION SELECT p.slug FROM {names.table} AS p
    WHERE p.draft_revision_id > '' AND p.draft_revision_id IS NOT p.live_revision_id AND +p.deleted_at IS NULL
      AND +p.status = 'published' AND +p.scheduled_at IS NULL AND {_BEGINS} AND +p.id NOT IN {HELD}""",
        start,
    )


def scheduled_beginning(names: FieldNames, start: str) -> Statement:
    """Slugs (``word``) for `reschedule` and `unschedule`: of posts that are scheduled or held."""
    return _slugs(
        f"""
    SELECT p.slug FROM {names.table} AS p
    WHERE p.scheduled_at IS NOT NULL AND +p.deleted_at IS NULL AND +p.status IN ('scheduled', 'published')
      AND {_BEGINS}
    UNION SELECT p.slug FROM {names.table} AS p
    WHERE p.deleted_at IS NULL AND p.status = 'scheduled' AND {_BEGINS}
    UNION SELECT p.slug FROM schedule_locks AS k CROSS JOIN {names.table} AS p ON p.id = k.post_id
    WHERE k.held_at > '' AND +p.deleted_at IS NULL AND {_BEGINS}""",
        start,
    )


def _slugs(found: str, start: str) -> Statement:
    return Statement(
        f"SELECT f.slug AS word FROM ({found}) AS f ORDER BY f.slug LIMIT {_MOST_WORDS}",
        (start, start + labels.LAST_CHARACTER),
    )
