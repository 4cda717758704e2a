"""What editors do with posts: they edit, schedule and rename them."""

from __future__ import annotations

from datetime import datetime, timedelta

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.blog import Draft, Post
from tests.model.files import Files
from tests.model.machine import CHOICE, CRASH, HOURS, pick
from tests.model.places import text


class Editors(Files):
    """Whoever edits, schedules and renames posts."""

    def can_go_live(self) -> list[Post]:
        return self.having(lambda post: post.draft is not None and not post.is_trashed)

    @precondition(lambda self: self.can_go_live())
    @rule(which=CHOICE, hours=HOURS | st.none(), nth=CRASH)
    def plan(self, which: int, hours: int | None, nth: int) -> None:
        """Schedule a draft for a time or a free slot, move it to another time, or take it off the schedule."""
        self.plan_post(pick(self.can_go_live(), which), hours, nth)

    def plan_post(self, post: Post, hours: int | None, nth: int = 0) -> None:
        # One that died may have done its work, and is refused the second time.
        codes = (0, 3) if nth else (0,)
        if hours:
            due = self.blog.now + timedelta(hours=hours)
            is_late = post.expires is not None and due >= post.expires
            codes = (3,) if is_late else codes
            self.emdash("reschedule" if post.due else "schedule", post.slug, "--at", text(due), nth=nth, codes=codes)
            if not is_late:
                self.is_scheduled(post, due)
        elif post.due:
            # Twice, of a live post, it also takes back when the post is to be taken down.
            nth = 0 if post.live is not None and post.expires is not None else nth
            self.emdash("unschedule", post.slug, nth=nth, codes=codes)
            post.unschedule()
        elif post.expires is None:
            self.take_a_slot(post, nth)
        elif post.live is not None:
            self.emdash("unschedule", post.slug, nth=nth, codes=codes)
            post.expires = None

    def take_a_slot(self, post: Post, nth: int) -> None:
        """Give a draft the next time of a row that no other post of its stream has."""
        ran = self.emdash("schedule", post.slug, "--every", "daily 6:00,18:00", "--json", nth=nth)
        due = datetime.fromisoformat(ran.json["posts"][0]["scheduled_at"])
        taken = {other.due for other in self.blog.posts.values() if not other.is_trashed}
        this_hour = self.blog.now.replace(minute=0, second=0, microsecond=0)
        row = (hour for n in range(1, 10_000) if (hour := this_hour + timedelta(hours=n)).hour in {6, 18})
        # Posts of another stream may have the time, too.
        assert due == next(hour for hour in row if hour == due or hour not in taken)
        rows = self.site.sql(
            "SELECT p.slug, coalesce(l.stream, 'default') FROM ec_posts AS p"
            " LEFT JOIN publish_ledger AS l ON l.post_id = p.id"
            f" WHERE p.deleted_at IS NULL AND p.scheduled_at = '{text(due)}'"
        )
        streams = [stream for _, stream in rows]
        assert streams.count(dict(rows)[post.slug]) == 1
        self.is_scheduled(post, due)

    def is_scheduled(self, post: Post, due: datetime) -> None:
        post.schedule(due)
        if post.noted and post.noted < self.blog.now:
            post.noted = None

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
        is_late = post.has_expired(self.blog.now)
        self.emdash("schedule", post.slug, "--at", "now", codes=(3,) if is_late else (0,))
        if not is_late:
            self.is_scheduled(post, self.blog.now)
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
