"""What other tools do behind the tool's back."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.blog import Draft, File, Post
from tests.model.calendar import Calendar
from tests.model.machine import CHOICE, pick, quoted
from tests.model.places import text

BODY = [
    {"_type": "block", "_key": "a", "style": "normal", "children": [{"_type": "span", "_key": "b", "text": "Half"}]}
]


class OtherTools(Calendar):
    """What the tool finds, and has not done."""

    def having_draft_due(self) -> list[Post]:
        return self.having(lambda post: post.due is not None and post.draft is not None)

    @precondition(lambda self: self.having_draft_due())
    @rule(which=CHOICE)
    def edit_behind_its_back(self, which: int) -> None:
        self.autosave(pick(self.having_draft_due(), which))

    def autosave(self, post: Post) -> None:
        """Rewrite a draft in place, as EmDash's editor does."""
        post.edit(Draft(f"Autosave {self.number()}"), post.written)
        self.site.sql(
            f"UPDATE revisions SET data = {quoted({'title': post.newest.title, 'content': []})}"
            f" WHERE id = (SELECT draft_revision_id FROM ec_posts WHERE slug = '{post.slug}')"
        )

    @precondition(lambda self: self.editable())
    @rule(which=CHOICE)
    def delete_behind_its_back(self, which: int) -> None:
        post = pick(self.editable(), which)
        key = next(key for key, each in self.blog.posts.items() if each is post)
        ((row,),) = self.place.look(f"SELECT id FROM ec_posts WHERE slug = '{post.slug}'")
        self.site.sql(f"DELETE FROM ec_posts WHERE id = '{row['id']}'")
        self.blog.delete(key, row["id"])

    @rule(has_text=st.booleans(), has_revision=st.booleans())
    def die_half_way(self, has_text: bool, has_revision: bool) -> None:  # noqa: FBT001 - Hypothesis draws them
        """Another tool inserts a post, then its revision, then sets that live: it dies after the first or second."""
        slug, now = f"half-{self.number()}", text(self.blog.now)
        title = f"About {slug}" if has_text else ""
        self.site.sql(
            "INSERT INTO ec_posts"
            " (id, slug, status, title, content, created_at, updated_at, locale, translation_group)"
            f" VALUES ('{slug}', '{slug}', 'published', '{title}', {quoted(BODY) if has_text else 'NULL'},"
            f" '{now}', '{now}', 'en', '{slug}')"
        )
        has_revision = has_revision and has_text
        if has_revision:
            self.site.sql(
                "INSERT INTO revisions (id, collection, entry_id, data, created_at)"
                f" VALUES ('{slug}-1', 'posts', '{slug}', {quoted({'title': title, 'content': BODY})}, '{now}')"
            )
        post = self.blog.posts[slug] = Post(slug, self.blog.now, half=title, has_revision=has_revision)
        post.platforms, post.dated = self.blog.board.of_stream("default"), self.blog.now

    def loses(self) -> list[str]:
        """Keys of published posts that have their files' slugs, and no other file in a queue."""
        waiting = {file.key for file in self.blog.queue}
        posts = self.blog.posts
        return [
            key for key in sorted(set(self.blog.filed) & set(posts) - waiting)
            if posts[key].slug == key and posts[key].live is not None and not posts[key].is_trashed
        ]  # fmt: skip

    @precondition(lambda self: self.loses())
    @rule(which=CHOICE)
    def move_from_another_tool(self, which: int) -> None:
        """A post that the tool does not know is taken for that of the file, if it says the same.

        That it has never known the post is not quite true: what it announced since goes by another name from now on.
        """
        key = pick(self.loses(), which)
        del self.blog.filed[key]
        self.articles.clear()
        for table in ("publish_keys", "publish_sources", "publish_ledger"):
            post = f"(SELECT id FROM ec_posts WHERE slug = '{key}')"
            self.site.sql(f"DELETE FROM {table} WHERE post_id = {post}")
        serial = self.number()
        old = next(file for file in reversed(self.blog.files.values()) if file.key == key and file.title)
        self.put(File(f"{serial:03}-{key}.json", key, old.title, stream=old.stream))
        self.emdash("publish-queue", codes=(0, 3))
        self.blog.publish()
