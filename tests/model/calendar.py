"""What editors plan: when posts are taken down, and a calendar that slips."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.machine import CHOICE, CRASH, HOURS, pick
from tests.model.places import text
from tests.model.process import KILLED
from tests.model.verbs import SEVERAL, Desk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.model.blog import Post


class Calendar(Desk):
    """Whoever plans for many posts, and further ahead than their publication."""

    @precondition(lambda self: self.whole())
    @rule(which=CHOICE, hours=HOURS | st.none(), nth=CRASH)
    def expire(self, which: int, hours: int | None, nth: int) -> None:
        """Say when a post is taken down, or that it is not."""
        post = pick(self.whole(), which)
        at = self.blog.now + timedelta(hours=hours) if hours else None
        is_early = at is not None and post.planned is not None and at <= post.planned
        is_refused = post.is_trashed or is_early
        self.emdash(
            "unpublish", post.slug, "--at", text(at) if at else "never", nth=nth, codes=(3,) if is_refused else (0,)
        )
        if not is_refused:
            post.expires = at

    def movable(self) -> list[Post]:
        return self.having(lambda post: post.due is not None)

    @precondition(lambda self: self.movable())
    @rule(which=SEVERAL, hours=HOURS, nth=CRASH)
    def move(self, which: Sequence[int], hours: int, nth: int) -> None:
        """All of them, each from its own time, or none: if a text changed, or is held, nobody has agreed to it."""
        posts = list({one.slug: one for one in (pick(self.movable(), each) for each in which)}.values())
        step = timedelta(hours=hours)
        is_refused = any(self.cannot_move(post, step) for post in posts)
        codes = (3,) if is_refused else (0,)
        words = ("reschedule", *(post.slug for post in posts), "--by", f"+{hours}h")
        ran = self.place.run(self.blog.now, *words, nth=nth)
        assert ran.code in ({*codes, KILLED} if nth else codes), ran
        if ran.code == KILLED:
            self.emdash(*words, "--interrupted", "continue", codes=codes)
        if not is_refused:
            for post in posts:
                self.is_scheduled(post, (post.due or self.blog.now) + step)

    @staticmethod
    def cannot_move(post: Post, step: timedelta) -> bool:
        is_late = post.due is not None and post.expires is not None and post.due + step >= post.expires
        return post.is_trashed or post.held or post.draft != post.reviewed or is_late
