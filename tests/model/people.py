"""What editors do with posts, and what other tools do behind the tool's back."""

from __future__ import annotations

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.blog import Draft, File, Post
from tests.model.files import Files
from tests.model.machine import CHOICE, CRASH, HOURS, pick, quoted
from tests.model.places import text

BODY = [
    {"_type": "block", "_key": "a", "style": "normal", "children": [{"_type": "span", "_key": "b", "text": "Half"}]}
]


class Editors(Files):
    """Whoever edits, schedules and renames posts."""

    def can_go_live(self) -> list[Post]:
        return self.having(lambda post: post.draft is not None and not post.is_trashed)

    @precondition(lambda self: self.can_go_live())
    @rule(which=CHOICE, hours=HOURS | st.none(), nth=CRASH)
    def plan(self, which: int, hours: int | None, nth: int) -> None:
        """Schedule a draft, move it to another time, or take it off the schedule."""
        self.plan_post(pick(self.can_go_live(), which), hours, nth)

    def plan_post(self, post: Post, hours: int | None, nth: int = 0) -> None:
        # One that died may have done its work, and is refused the second time.
        codes = (0, 3) if nth else (0,)
        if hours:
            due = self.blog.now + timedelta(hours=hours)
            self.emdash("reschedule" if post.due else "schedule", post.slug, "--at", text(due), nth=nth, codes=codes)
            post.schedule(due)
        elif post.due:
            self.emdash("unschedule", post.slug, nth=nth, codes=codes)
            post.unschedule()

    def editable(self) -> list[Post]:
        return self.having(lambda post: post.half is None and not post.is_trashed)

    @precondition(lambda self: self.editable())
    @rule(which=CHOICE, what=st.sampled_from(["title", "new-slug", "tag"]), nth=CRASH)
    def edit(self, which: int, what: str, nth: int) -> None:
        self.edit_post(pick(self.editable(), which), which, what, nth)

    def free(self) -> list[Post]:
        return self.having(lambda post: post.half is None and post.due is None and not post.is_trashed)

    @precondition(lambda self: self.free())
    @rule(which=CHOICE, what=st.sampled_from(["new-slug", "title"]), nth=CRASH)
    def edit_and_publish(self, which: int, what: str, nth: int) -> None:
        self.publish_edit(pick(self.free(), which), which, what, nth)

    def publish_edit(self, post: Post, which: int, what: str, nth: int = 0) -> None:
        self.edit_post(post, which, what)
        self.emdash("schedule", post.slug, "--at", "now")
        post.schedule(self.blog.now)
        self.sweep(nth)

    def sweep(self, nth: int = 0) -> None:
        self.emdash("sweep", nth=nth, codes=(0, 3))
        self.blog.sweep()

    def edit_post(self, post: Post, which: int, what: str, nth: int = 0) -> None:
        """A title and a slug wait in the draft; tags have none, and readers see them at once."""
        serial = self.number()
        value = f"Edit {serial} of {post.slug}"
        if what == "new-slug":
            value = pick([f"renamed-{serial}", *sorted(self.free_slugs())], which // 7)
        # A post that is scheduled is locked.
        self.emdash("edit", post.slug, f"--{what}", value, nth=nth, codes=(3,) if post.due else (0,))
        if post.due:
            return
        match what:
            case "title":
                post.edit(Draft(value, post.newest.slug), self.blog.now)
            case "new-slug":
                post.edit(Draft(post.newest.title, value), self.blog.now)
            case _:
                post.tag = value
                if post.live is not None:
                    self.blog.announce(post)
                    self.blog.board.changed(post, post.slug, None, self.blog.now)

    def free_slugs(self) -> set[str]:
        """Slugs that published posts had, and that no post has or is to get."""
        taken = {slug for post in self.blog.posts.values() for slug in (post.slug, post.newest.slug)}
        return set(self.blog.redirects) - taken - set(self.blog.filed)


class OtherTools(Editors):
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
        post.platforms = self.blog.board.of_stream("default")

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
