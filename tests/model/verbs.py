"""What editors do at once: publish posts, take them back, rename them, and move them to the trash and out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.desk import REFUSED, UNCHANGED, act, copied, undo, verdict
from tests.model.machine import CHOICE, CRASH, PAUSE, pick
from tests.model.people import Editors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.model.blog import Post

ACTS: Final = st.sampled_from(["publish", "unpublish", "trash", "untrash"])
SEVERAL: Final = st.lists(CHOICE, min_size=1, max_size=3)
FORCE: Final = st.sampled_from([False, False, True])


class Desk(Editors):
    """Whoever does not wait for cron."""

    def whole(self) -> list[Post]:
        return self.having(lambda post: post.half is None)

    @precondition(lambda self: self.whole())
    @rule(verb=ACTS, which=SEVERAL, force=FORCE, hours=PAUSE, nth=CRASH)
    def act(self, verb: str, which: Sequence[int], force: bool, hours: int, nth: int) -> None:  # noqa: FBT001 - Hypothesis draws them
        self.blog.wait(hours)
        force = force and verb == "publish"
        self.act_on(verb, self.chosen(verb, which, force=force), nth, force=force)

    def act_on(self, verb: str, posts: Sequence[Post], nth: int = 0, *, force: bool = False) -> str:
        """Several posts at once, of which all are changed or none is."""
        if verb == "unpublish":
            self.blog.wait(1)  # The last one decides about the date: two at one instant have no order.
        verdicts = [verdict(self.blog, verb, post, force=force) for post in posts]
        words = (verb, *(post.slug for post in posts), "--json", *(["--force"] if force else []))
        if REFUSED in verdicts:
            self.emdash(*words, nth=nth, codes=(3,))
            return ""
        if len(posts) == 1:
            preview = self.emdash(*words, "--dry-run").json["posts"]
            assert [each["outcome"] for each in preview] == verdicts
        report = self.emdash(*words, nth=nth).json
        said = report["posts"]
        for post, outcome in zip(posts, verdicts, strict=True):
            if outcome != UNCHANGED:
                act(self.blog, verb, post)
        outcomes = {post.slug: outcome for post, outcome in zip(posts, verdicts, strict=True)}
        found = {each["slug"]: each["outcome"] for each in said}
        # One that died may have done its work.
        assert found == outcomes or (nth and found == dict.fromkeys(outcomes, UNCHANGED)), (said, outcomes)
        return str(report["run"])

    def chosen(self, verb: str, which: Sequence[int], *, force: bool) -> list[Post]:
        """Different posts; most of the time such as the verb changes."""
        fit = [post for post in self.whole() if verdict(self.blog, verb, post, force=force) not in {REFUSED, UNCHANGED}]
        found = [pick(self.whole() if one % 5 == 0 or not fit else fit, one) for one in which]
        return sorted({id(post): post for post in found}.values(), key=lambda post: post.slug)

    @precondition(lambda self: self.whole())
    @rule(verb=ACTS, which=CHOICE, hours=PAUSE, nth=CRASH)
    def act_and_undo(self, verb: str, which: int, hours: int, nth: int) -> None:
        """Nobody has touched the post since; that it was announced is left as it is."""
        fit = [
            post for post in self.whole()
            if post.due is None and post.expires is None
            and verdict(self.blog, verb, post) not in {REFUSED, UNCHANGED}
        ]  # fmt: skip
        if not fit:
            return
        post = pick(fit, which)
        was = copied(post)
        run = self.act_on(verb, [post])
        self.all_is_as_it_must_be()
        self.blog.wait(hours or 1)
        self.emdash("undo", run, nth=nth)
        undo(self.blog, verb, post, was)

    def public(self) -> list[Post]:
        return self.having(lambda post: post.live is not None and not post.is_trashed)

    @precondition(lambda self: self.public())
    @rule(which=CHOICE, verbs=st.sampled_from([("unpublish", "publish"), ("trash", "untrash")]), hours=PAUSE, nth=CRASH)
    def take_back_and_think_again(self, which: int, verbs: tuple[str, str], hours: int, nth: int) -> None:
        """It is public again after some hours, with its text and its date, and announced once."""
        post = pick(self.public(), which)
        for verb in verbs:
            self.act_on(verb, [post], nth)
            self.all_is_as_it_must_be()
            self.blog.wait(hours)

    @precondition(lambda self: self.whole())
    @rule(which=CHOICE, new=CHOICE, nth=CRASH)
    def rename(self, which: int, new: int, nth: int) -> None:
        """A slug that another post has is refused; one that a post had before is not."""
        post, other = pick(self.whole(), which), pick(self.having(lambda _: True), new // 3)
        is_free = new % 3 > 0 or other is post
        slug = pick([f"named-{self.number()}", *sorted(self.free_slugs())], new) if new % 3 else other.slug
        is_done = is_free and not post.is_trashed and post.due is None
        self.emdash("rename", post.slug, slug, nth=nth, codes=(0,) if is_done else (3,))
        if is_done and slug != post.slug:
            self.blog.rename(post, slug)
