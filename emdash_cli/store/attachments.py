"""What belongs to a post: bylines, terms and SEO. Each is written only for the posts that a batch has claimed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from emdash_cli.domain.article import compact_json
from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emdash_cli.domain.article import Article, Term
    from emdash_cli.domain.authors import Author
    from emdash_cli.store.layout import Layout


class Described(Protocol):
    """The source of bylines and terms, for example an `Article`."""

    @property
    def locale(self) -> str:
        """Locale of the post."""
        ...

    @property
    def author(self) -> Author | None:
        """An author with a name; see `Author.needs_store`."""
        ...

    @property
    def terms(self) -> Sequence[Term]:
        """Terms to link."""
        ...


class Claimed(NamedTuple):
    """SQL that finds the posts of a claim, which is ?2.

    Attributes:
        found: what to join to find the post of the id ``{id}``: as ``l`` a row with its ``post_id`` and ``locale``.
        has: whether the claim has the id ``x.value``.
        group: the translation group of the post.
    """

    found: str
    has: str
    group: str

    # json_each always drives: CROSS JOIN and the unary + keep the planner from starting at a large table.
    @property
    def rows(self) -> str:
        """A FROM clause for the rows of the JSON in ?1, whose first value is an id, as ``j``."""
        return f"json_each(?1) AS j CROSS JOIN {self.found.format(id='j.value ->> 0')}"


PUBLISHED: Final = Claimed(
    found="publish_ledger AS l ON l.post_id = {id} AND +l.claim = ?2",
    has="SELECT 1 FROM publish_ledger AS c WHERE c.post_id = x.value AND +c.claim = ?2",
    group="l.translation_group",
)
"""The ids are those of posts, the claim is one of the ledger."""


class Credit(NamedTuple):
    """What identifies the byline of an author, each as SQL or as a value.

    Attributes:
        handle: the slug that the file names, or the name, which may also be a slug.
        slug: the slug that a new byline gets: another spelling of a name is the same author.
    """

    handle: str | None
    user_id: str | None
    name: str | None
    slug: str | None


def credit(author: Author | None) -> Credit:
    """The values that `byline_of` takes."""
    return _credit(author) if author else Credit(None, None, None, None)


@lru_cache(maxsize=256)
def _credit(author: Author) -> Credit:
    from emdash_cli.domain.slugs import slugify

    handle = author.slug or author.name
    return Credit(handle, author.user_id, author.name, slugify(handle) or None if handle else None)


def byline_of(author: Credit, locale: str) -> str:
    """SQL: the translation group of the byline with that slug, of that user, or with that display name."""

    def found(condition: str) -> str:
        return (
            f"(SELECT found FROM (SELECT coalesce(b.translation_group, b.id) AS found, b.locale = {locale} AS near"
            f" FROM _emdash_bylines AS b WHERE {condition}) ORDER BY near DESC, found LIMIT 1)"
        )

    ways = (
        f"b.slug = {author.handle}",
        f"b.user_id = {author.user_id}",
        f"b.display_name = {author.name}",
        f"b.slug = {author.slug}",
    )
    return f"coalesce({', '.join(map(found, ways))})"


_ASKED: Final = byline_of(
    Credit("(j.value ->> 6)", "(j.value ->> 7)", "(j.value ->> 2)", "(j.value ->> 1)"), "(j.value ->> 4)"
)


# A byline is shown only if it has a row in the post's own locale. A byline that is known in another locale gets its
# translation, a user without a byline gets one, and an unknown name becomes a guest. No name here is an e-mail
# address: `Author.name` never is.
@lru_cache(maxsize=8)
def _missing_bylines(claimed: Claimed) -> str:
    return f"""
    INSERT INTO _emdash_bylines
      (id, slug, display_name, user_id, is_guest, created_at, updated_at, locale, translation_group)
    SELECT w.id, coalesce(o.slug, iif(u.id IS NULL, w.slug, 'author-' || lower(w.id))),
      coalesce(o.display_name, w.name), coalesce(o.user_id, u.id),
      coalesce(o.is_guest, u.id IS NULL),
      ?3, ?3, w.locale, coalesce(w.known, w.together)
    FROM (
      SELECT j.value ->> 0 AS id, j.value ->> 1 AS slug, j.value ->> 2 AS name, j.value ->> 4 AS locale,
        j.value ->> 5 AS together, j.value ->> 7 AS user_id, {_ASKED} AS known
      FROM json_each(?1) AS j
      WHERE EXISTS (SELECT 1 FROM json_each(j.value, '$[3]') AS x WHERE EXISTS ({claimed.has}))
    ) AS w
    LEFT JOIN _emdash_bylines AS o ON o.id = (
      SELECT e.id FROM _emdash_bylines AS e WHERE e.translation_group = w.known LIMIT 1)
    LEFT JOIN users AS u ON u.id = w.user_id AND w.known IS NULL
    WHERE coalesce(o.display_name, w.name) IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM _emdash_bylines AS e WHERE e.translation_group = w.known AND +e.locale = w.locale)
    ON CONFLICT DO NOTHING"""


def bylines(
    by_post: Sequence[tuple[str, Described]],
    claim: str,
    now: str,
    new_id: Callable[[], str],
    claimed: Claimed = PUBLISHED,
) -> list[Statement]:
    """Insert the bylines that the authors of the group lack, each in the locale of its post."""
    posts_of: dict[tuple[Credit, str], list[str]] = {}
    for post, article in by_post:
        if article.author:
            posts_of.setdefault((credit(article.author), article.locale), []).append(post)
    if not posts_of:
        return []
    rows = []
    together: dict[Credit, str] = {}
    for (by, locale), posts in posts_of.items():
        byline = new_id()
        slug = by.slug or f"author-{byline.lower()}"
        rows.append([byline, slug, by.name, posts, locale, together.setdefault(by, byline), by.handle, by.user_id])
    return [Statement(_missing_bylines(claimed), (compact_json(rows), claim, now))]


def credits(layout: Layout, by_post: Sequence[tuple[str, Article]], claim: str) -> list[Statement]:  # noqa: A001
    """The credit of each claimed post's primary byline. A post has one, so the post's id serves as its id."""
    if not any(article.author for _, article in by_post):
        return []
    sql = f"""
    INSERT INTO _emdash_content_bylines (id, collection_slug, content_id, byline_id, sort_order)
    SELECT p.id, '{layout.names.collection}', p.id, p.primary_byline_id, 0
    FROM publish_ledger AS l CROSS JOIN {layout.posts} AS p ON p.id = l.post_id
    WHERE l.claim = ?1 AND p.primary_byline_id IS NOT NULL
    ON CONFLICT DO NOTHING"""
    return [Statement(sql, (claim,))]


def _term(locale: str) -> str:
    """SQL: the translation group of the term that ``j.value`` names."""
    return f"""coalesce(
  (SELECT coalesce(x.translation_group, x.id) FROM taxonomies AS x
   WHERE x.name = j.value ->> 1 AND x.slug = j.value ->> 2 AND x.locale = {locale}),
  (SELECT coalesce(x.translation_group, x.id) FROM taxonomies AS x
   WHERE x.name = j.value ->> 1 AND x.locale = {locale} AND lower(x.label) = lower(j.value ->> 3) LIMIT 1))"""


# A term that exists in another locale is the same term: its translation joins the group.
@lru_cache(maxsize=8)
def _new_terms(claimed: Claimed) -> str:
    return f"""
    INSERT INTO taxonomies (id, name, slug, label, locale, translation_group)
    SELECT j.value ->> 4, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 5, coalesce(
      (SELECT coalesce(o.translation_group, o.id) FROM taxonomies AS o
       WHERE o.name = j.value ->> 1 AND o.slug = j.value ->> 2 LIMIT 1),
      (SELECT coalesce(o.translation_group, o.id) FROM taxonomies AS o
       WHERE o.name = j.value ->> 1 AND lower(o.label) = lower(j.value ->> 3)
         AND NOT EXISTS (SELECT 1 FROM taxonomies AS t
           WHERE t.translation_group = coalesce(o.translation_group, o.id) AND +t.locale = j.value ->> 5)
       LIMIT 1), j.value ->> 4)
    FROM json_each(?1) AS j
    WHERE {_term("j.value ->> 5")} IS NULL
      AND EXISTS (SELECT 1 FROM json_each(j.value, '$[0]') AS x WHERE EXISTS ({claimed.has}))
    ORDER BY j.key
    ON CONFLICT DO NOTHING"""


@lru_cache(maxsize=8)
def _links(layout: Layout, claimed: Claimed) -> str:
    collection = layout.names.collection
    wanted = f"""
    WITH wanted AS MATERIALIZED (
      SELECT j.value -> 0 AS posts, {_term("j.value ->> 5")} AS term FROM json_each(?1) AS j
    )"""
    rows = f"wanted AS w CROSS JOIN json_each(w.posts) AS x CROSS JOIN {claimed.found.format(id='x.value')}"
    if layout.terms_by_group:
        return f"""{wanted}
        INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id)
        SELECT '{collection}', {claimed.group}, w.term FROM {rows}
        WHERE 1 ON CONFLICT DO NOTHING"""
    return f"""{wanted}
    INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id, status, scheduled_at, deleted_at, locale,
      published_at, created_at)
    SELECT '{collection}', p.id, w.term, p.status, p.scheduled_at, p.deleted_at, p.locale, p.published_at, p.created_at
    FROM {rows} CROSS JOIN {layout.posts} AS p ON p.id = l.post_id
    WHERE 1 ON CONFLICT DO NOTHING"""


@lru_cache(maxsize=8)
def _unlinked(layout: Layout, claimed: Claimed) -> str:
    entry, term = claimed.group if layout.terms_by_group else "l.post_id", _term("l.locale")
    return f"""
    DELETE FROM content_taxonomies WHERE rowid IN (
      SELECT t.rowid FROM {claimed.rows}
      CROSS JOIN content_taxonomies AS t
        ON t.collection = '{layout.names.collection}' AND t.entry_id = {entry} AND t.taxonomy_id = {term})"""


def terms(
    layout: Layout,
    by_post: Sequence[tuple[str, Described]],
    claim: str,
    new_id: Callable[[], str],
    claimed: Claimed = PUBLISHED,
) -> list[Statement]:
    """Insert the missing terms, which are looked up by slug or label, and the links to them."""
    posts_of: dict[tuple[str, Term], list[str]] = {}
    for post, article in by_post:
        for term in article.terms:
            posts_of.setdefault((article.locale, term), []).append(post)
    if not posts_of:
        return []
    rows = [[posts, *term, new_id(), locale] for (locale, term), posts in posts_of.items()]
    values = (compact_json(rows), claim)
    return [Statement(_new_terms(claimed), values), Statement(_links(layout, claimed), values)]


def unlink(
    layout: Layout, by_post: Sequence[tuple[str, Sequence[Term]]], claim: str, claimed: Claimed
) -> list[Statement]:
    """Delete the links to those terms. The terms themselves stay."""
    rows = [[post, *term] for post, terms_of_post in by_post for term in terms_of_post]
    return [Statement(_unlinked(layout, claimed), (compact_json(rows), claim))] if rows else []


def seo(layout: Layout, by_post: Sequence[tuple[str, Article]], claim: str) -> list[Statement]:
    """Insert the SEO rows of the articles that have any."""
    rows = [[post, *article.seo[:4], int(article.seo.no_index)] for post, article in by_post if article.seo]
    if not rows:
        return []
    sql = f"""
    INSERT INTO _emdash_seo (collection, content_id, seo_title, seo_description, seo_image, seo_canonical, seo_no_index)
    SELECT '{layout.names.collection}', l.post_id, j.value ->> 1, j.value ->> 2, j.value ->> 3,
      j.value ->> 4, j.value ->> 5
    FROM {PUBLISHED.rows}
    WHERE 1 ON CONFLICT DO NOTHING"""
    return [Statement(sql, (compact_json(rows), claim))]
