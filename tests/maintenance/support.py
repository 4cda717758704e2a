"""A store in which every kind of half-finished insert was made on purpose, and what `cleanup` makes of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tests.harness.site import Result, Site


OLD = "2026-06-15T08:00:00.000Z"
OLD_REVISION = "2026-06-15 08:00:00"
BODY = [
    {"_type": "block", "_key": "a", "style": "normal", "children": [{"_type": "span", "_key": "b", "text": "Grüße"}]}
]
_CROCKFORD = str.maketrans("OL-", "010")
TABLES = (
    *("ec_posts", "revisions", "content_taxonomies", "_emdash_content_bylines", "_emdash_seo", "schedule_locks"),
    "publish_ledger",
)


class Half(NamedTuple):
    """The command line in a place whose store is a mess."""

    site: Site
    by_group: bool

    def insert(self, table: str, **values: Any) -> None:
        marks = ", ".join("?" for _ in values)
        names = ", ".join(values)
        self.site.sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())

    def post(self, post: str, body: object = BODY, **values: Any) -> None:
        """The first step."""
        row: dict[str, str | None] = {"slug": post.lower(), "title": f"About {post}"}
        row |= {"status": "published", "locale": "en"}
        row |= {"created_at": OLD, "updated_at": OLD, "published_at": OLD, "translation_group": self.entry(post)}
        row |= {"content": json.dumps(body) if body is not None else None}
        self.insert("ec_posts", id=post, **(row | values))

    def revision(self, revision: str, post: str, body: object = BODY, **values: Any) -> None:
        """The second step."""
        data = json.dumps({"title": f"About {post}", "content": body}, ensure_ascii=False, separators=(",", ":"))
        row = {"collection": "posts", "data": data, "created_at": OLD_REVISION}
        self.insert("revisions", id=revision, entry_id=post, **(row | values))

    def live(self, post: str, revision: str) -> None:
        """The third step."""
        self.site.sql("UPDATE ec_posts SET live_revision_id = ? WHERE id = ?", revision, post)

    def entry(self, post: str) -> str:
        """What a term link names: the post, or its group, which is a ULID that tells its age."""
        return f"00{post.translate(_CROCKFORD):0<24}" if self.by_group and len(post) < 26 else post

    def hang(self, post: str, **values: Any) -> None:
        """A term, a byline and an SEO row."""
        columns = "(id, translation_group, slug"
        self.site.sql(
            f"INSERT OR IGNORE INTO taxonomies {columns}, name, label) VALUES ('T-EN', 'T1', 't', 'tag', 'T')"
        )
        self.site.sql(f"INSERT OR IGNORE INTO _emdash_bylines {columns}, display_name) VALUES ('B-EN', 'B1', 'b', 'B')")
        made = {} if self.by_group else {"created_at": OLD}
        self.insert("content_taxonomies", collection="posts", entry_id=self.entry(post), taxonomy_id="T1", **made)
        row = {"collection_slug": "posts", "byline_id": "B1", "created_at": OLD} | values
        self.insert("_emdash_content_bylines", id=f"credit-{post}", content_id=post, **row)
        made = {"created_at": OLD, "updated_at": OLD} | values
        self.insert("_emdash_seo", collection="posts", content_id=post, seo_title="S", **made)

    def lock(self, post: str, **values: Any) -> None:
        row = {"revision_id": "R", "data": "{}", "scheduled_at": OLD, "locked_by": "me", "locked_at": OLD}
        self.insert("schedule_locks", post_id=post, **(row | values))

    def rows(self, table: str) -> set[tuple[Any, ...]]:
        return set(self.site.sql(f"SELECT * FROM {table}"))

    def everything(self) -> dict[str, set[tuple[Any, ...]]]:
        """Every row that cleaning up may touch, and the ledger."""
        return {table: self.rows(table) for table in TABLES}

    def ids(self, table: str, column: str = "id") -> set[str]:
        return {row[0] for row in self.site.sql(f"SELECT {column} FROM {table}")}


def whole(half: Half) -> None:
    """Posts to which nothing may happen."""
    half.post("WHOLE")
    half.revision("WHOLE-1", "WHOLE", created_at="2020-01-01 00:00:00")
    half.revision("WHOLE-2", "WHOLE")
    half.live("WHOLE", "WHOLE-2")
    half.hang("WHOLE")
    half.lock("WHOLE")
    half.post("DRAFT", None, status="draft", published_at=None)
    half.post("SCHEDULED", status="scheduled", scheduled_at="2026-07-01T00:00:00.000Z")
    half.revision("SCHEDULED-1", "SCHEDULED")
    half.post("TRASHED", None, deleted_at=OLD)
    half.hang("TRASHED")
    half.revision("TRASHED-1", "TRASHED")
    if half.by_group:
        # The German post is gone on with under the group of an English one that was deleted.
        half.post("GERMAN", locale="de", translation_group="ENGLISH")
        half.revision("GERMAN-1", "GERMAN")
        half.live("GERMAN", "GERMAN-1")
        half.insert("content_taxonomies", collection="posts", entry_id="ENGLISH", taxonomy_id="T1")
    half.insert("revisions", id="PAGE-1", collection="pages", entry_id="NO-PAGE", data="{}", created_at=OLD_REVISION)
    half.insert("content_taxonomies", collection="pages", entry_id="NO-PAGE", taxonomy_id="T1")
    half.insert("_emdash_seo", collection="pages", content_id="NO-PAGE", created_at=OLD, updated_at=OLD)


def half_done(half: Half) -> None:
    """What must be finished or removed."""
    half.post("ONLY")
    half.post("ONLY-TERMS")
    half.hang("ONLY-TERMS")
    half.post("UNLIVE")
    half.revision("UNLIVE-1", "UNLIVE", [], created_at="2026-06-15T07:00:00.000Z")
    half.revision("UNLIVE-2", "UNLIVE")
    half.post("BARE", None)
    half.revision("BARE-1", "BARE")
    half.post("OTHER")
    half.revision("OTHER-1", "OTHER", [{"_type": "block", "children": []}])
    half.post("EMPTY", None)
    half.hang("EMPTY")
    half.lock("EMPTY")
    half.post("UNREADABLE", [])
    half.revision("UNREADABLE-1", "UNREADABLE", data="{no JSON")
    half.revision("ORPHAN-1", "GONE")
    half.hang("GONE")
    half.lock("GONE")


NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
AGE = timedelta(minutes=15)
_EXPECTED = {
    ("finished", "post", "ONLY"),
    ("finished", "post", "ONLY-TERMS"),
    ("finished", "post", "UNLIVE"),
    ("finished", "post", "BARE"),
    ("finished", "post", "OTHER"),
    ("removed", "post", "EMPTY"),
    ("left", "post", "UNREADABLE"),
    ("removed", "revision", "ORPHAN-1"),
    *(("removed", "credit", f"credit-{post}") for post in ("EMPTY", "GONE")),
    *(("removed", "seo", f"posts {post}") for post in ("EMPTY", "GONE")),
    *(("removed", "lock", post) for post in ("EMPTY", "GONE")),
}


def expected(half: Half) -> set[tuple[str, str, str]]:
    """What becomes of `half_done`."""
    links = {("removed", "term_link", f"posts {half.entry(post)} T1") for post in ("EMPTY", "GONE")}
    return _EXPECTED | links


def outcomes(result: Result) -> set[tuple[str, str, str]]:
    return {(item["outcome"], item["kind"], item["key"]) for item in result.json["outcomes"]}
