"""A blog as it must be: what each article says, and whether its readers see it. Nothing here knows of a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.model.jobs import SINCE, Board

# After the real present: EmDash's tables have defaults that take the time from SQLite, and these rows must be old.
START = datetime(2040, 6, 15, 12, 0, tzinfo=UTC)
PAGE_DATE = datetime(2035, 6, 1, tzinfo=UTC)
"""What pages are dated."""
SOON = timedelta(hours=1)
"""So long before its time, a sweep compares a draft with what was reviewed."""


class Draft(NamedTuple):
    """A text that readers do not see yet.

    Attributes:
        slug: the one that its post gets with it; None: the post keeps its own.
    """

    title: str
    slug: str | None = None


@dataclass
class Post:
    """An article that the tool has taken, or that another tool has written.

    Attributes:
        live: the title that readers see; None if they see nothing.
        draft: what stands beside or before it.
        due: when the draft goes live; None if it is not scheduled.
        reviewed: the draft that was locked when it was scheduled.
        held: whether a sweep found that the draft is not what was reviewed.
        taken_off: whether it is off the site's schedule since, whose own scheduler would publish it.
        filed: the title that its file brought.
        half: the title that a tool gave it which died before it set a revision live; empty if it wrote nothing else.
        has_revision: whether that tool had written the revision.
        written: when somebody last made a revision of it.
        platforms: where it is announced when it goes live.
        is_trashed: whether it is in the trash.
        noted: when a sweep has seen it there with a schedule; of what another tool brought back, nobody knows when.
        dated: when it first went live, as readers see it; None while it is not live.
        first: the same of a post that was unpublished since.
        expires: when it is taken down, if it is live by then.
    """

    slug: str
    written: datetime
    live: str | None = None
    draft: Draft | None = None
    due: datetime | None = None
    reviewed: Draft | None = None
    held: bool = False
    taken_off: bool = False
    tag: str | None = None
    filed: str = ""
    half: str | None = None
    has_revision: bool = True
    platforms: tuple[str, ...] = ()
    is_trashed: bool = False
    noted: datetime | None = None
    dated: datetime | None = None
    first: datetime | None = None
    expires: datetime | None = None

    @property
    def status(self) -> str:
        if self.live is not None or self.half is not None:
            return "published"
        return "scheduled" if self.planned else "draft"

    @property
    def planned(self) -> datetime | None:
        """What the post itself says of when it is due."""
        return None if self.taken_off else self.due

    @property
    def newest(self) -> Draft:
        return self.draft or Draft(self.live or "")

    @property
    def as_filed(self) -> bool:
        """Whether its newest text is the one that its file brought; a slug that waits in a draft is part of it."""
        return self.newest.title == self.filed and self.newest.slug is None

    @property
    def may_follow_its_file(self) -> bool:
        """Whether a changed file changes it: nobody has touched it since, or means to."""
        return self.as_filed and not self.due and not self.is_trashed

    def edit(self, draft: Draft, now: datetime) -> None:
        self.draft, self.written = draft, now

    def schedule(self, due: datetime) -> None:
        self.due, self.reviewed, self.held, self.taken_off = due, self.draft, False, False

    def take_back(self, now: datetime) -> None:
        """It is a draft, with the text that was live if nothing else waits; its first date is kept, and no schedule."""
        if self.draft is None:
            self.edit(Draft(self.live or ""), now)
        self.live, self.first, self.dated, self.expires = None, self.dated, None, None
        self.unschedule()

    def has_expired(self, now: datetime) -> bool:
        return self.expires is not None and self.expires <= now

    def unschedule(self) -> None:
        self.due, self.reviewed, self.held, self.taken_off = None, None, False, False


@dataclass(frozen=True)
class File:
    """A file in the queue: the key, title and wanted state of its article. Without a title, it cannot be published.

    Attributes:
        due: when it is to be published; in the past, its post is dated back.
        platforms: where it is announced; None: where its stream is.
    """

    name: str
    key: str
    title: str | None
    status: str = "published"
    due: datetime | None = None
    stream: str = "default"
    platforms: tuple[str, ...] | None = None

    @property
    def place(self) -> tuple[int, str]:
        """By which files are published: the number first."""
        return int(self.name.split("-")[0]), self.name


@dataclass
class Page:
    """A page of a folder that is imported: what it says, and what it said when its post was written last."""

    says: str
    written: str | None = None


class Announced(NamedTuple):
    """A row of the outbox: the slug of a post that changed in public, and the one that it had before."""

    slug: str
    before: str | None = None


@dataclass
class Blog:
    """Everything that must be true.

    Attributes:
        has_scheduler: whether the blog is a site whose own scheduler publishes what is due.
        posts: by the key of the article.
        filed: the title that each key's file said when the tool last took it.
        files: every file that there was, by its name.
        archived: the folder of every file that left the queue, by its name.
        pages: by the key of the article.
        announced: what the outbox says.
        redirects: from the slugs that published posts had to those that they have.
        litter: IDs of deleted posts whose revisions are still there, and when the last was made.
        removed: what `cleanup` has removed, which `restore` restores: such litter, and posts by their keys.
        board: where what is announced.
    """

    has_scheduler: bool = False
    now: datetime = START
    posts: dict[str, Post] = field(default_factory=dict)
    filed: dict[str, str] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    queue: list[File] = field(default_factory=list)
    archived: dict[str, str] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    announced: Counter[Announced] = field(default_factory=Counter)
    redirects: dict[str, str] = field(default_factory=dict)
    litter: dict[str, datetime] = field(default_factory=dict)
    removed: dict[str, Post | datetime] = field(default_factory=dict)
    board: Board = field(default_factory=Board)

    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def goes_live(self, post: Post, text: Draft, date: datetime, *, is_news: bool = True) -> None:
        """Readers see the text; the slug that they knew leads to the new one. Platforms are told of news.

        Args:
            post: that is not in the trash.
            text: what readers see.
            date: of the post, if it has none yet.
            is_news: whether it is announced if it never was.
        """
        before, slug = post.slug, text.slug or post.slug
        was_public = post.live is not None
        renamed = was_public and slug != before
        post.live, post.slug, post.draft = text.title, slug, None
        post.unschedule()
        post.dated, post.first = post.dated or date, None
        self.announce(post, before if renamed else None)
        if not was_public:
            self.board.went_live(post, self.now, is_news=is_news and post.dated >= SINCE)
        else:
            self.board.changed(post, slug, before if renamed else None, self.now)
        if renamed:
            self.redirects.pop(slug, None)
            self.redirects.setdefault(before, slug)

    def take_back(self, post: Post) -> None:
        """Readers see it no more, and what waits to be announced is not."""
        post.take_back(self.now)
        self.is_gone(post)

    def changes(self, post: Post) -> None:
        """In public, under the slug that it has."""
        self.announce(post)
        self.board.changed(post, post.slug, None, self.now)

    def is_gone(self, post: Post) -> None:
        self.announce(post)
        self.board.was_taken_back(post, self.now)

    def rename(self, post: Post, slug: str) -> None:
        """At once; readers who know the former one are led to it."""
        before, post.slug = post.slug, slug
        if post.live is None:
            post.draft = post.draft and Draft(post.draft.title)
            return
        self.announce(post, before)
        self.board.changed(post, slug, before, self.now)
        self.redirects.pop(slug, None)
        self.redirects.setdefault(before, slug)

    def announce(self, post: Post, before: str | None = None) -> None:
        self.announced[Announced(post.slug, before)] += 1

    def is_public(self, post: Post) -> bool:
        return post.status == "published" and not post.is_trashed and any(each is post for each in self.posts.values())

    # Files.

    def put(self, file: File) -> None:
        self.files[file.name] = file
        self.queue.append(file)

    def publish(self) -> None:
        """Every file leaves the queue, in the order of the numbers."""
        for file in sorted(self.queue, key=lambda file: file.place):
            self.archived[file.name] = self._take(file)
        self.queue = []

    def _take(self, file: File) -> str:
        if file.title is None:
            return "rejected"
        if file.key not in self.filed:
            return self._adopt(file, file.title) or self._create(file, file.title)
        if self.filed[file.key] == file.title:
            return "duplicate"
        if file.stream == "default":
            return "changed"
        return self._update(file, file.title)

    def _adopt(self, file: File, title: str) -> str | None:
        """What becomes of a file whose slug another tool's post has: it is taken for its file if it says the same."""
        owner = next((post for post in self.posts.values() if post.slug == file.key), None)
        if owner is None:
            return None
        if owner.live != title:
            return "conflict"
        self.filed[file.key] = title
        owner.platforms = self._platforms(file)
        return "duplicate"

    def _create(self, file: File, title: str) -> str:
        self.filed[file.key] = title
        status = file.status
        if status == "scheduled" and file.due and file.due <= self.now:
            status = "published"
        post = self.posts[file.key] = Post(slug=file.key, written=self.now, draft=Draft(title), tag="filed")
        post.filed, post.platforms = title, self._platforms(file)
        if status == "published":
            self.goes_live(post, Draft(title), file.due or self.now)
        if status == "scheduled" and file.due:
            post.schedule(file.due)
        return status

    def _platforms(self, file: File) -> tuple[str, ...]:
        return self.board.of_stream(file.stream) if file.platforms is None else file.platforms

    def _update(self, file: File, title: str) -> str:
        post = self.posts.get(file.key)
        if post is None or not post.may_follow_its_file:
            return "conflict"
        self.filed[file.key] = title
        post.filed, post.written, post.platforms = title, self.now, self._platforms(file)
        if post.live is None or file.status == "draft":
            post.draft = Draft(title)
        else:
            self.goes_live(post, Draft(title), self.now)
        return "updated"

    def requeue(self, file: File) -> None:
        """A file comes back from the archive, and its article counts as one that was never published."""
        del self.archived[file.name]
        self.filed.pop(file.key, None)
        self.put(file)

    # What cron does.

    def sweep(self) -> None:
        for post in self.posts.values():
            if post.live is not None and not post.is_trashed and post.has_expired(self.now):
                self.take_back(post)
            self._watch_trash(post)
        due = (post for post in self.posts.values() if post.due and not post.held and not post.is_trashed)
        for post in sorted(due, key=lambda post: (post.due, post.slug)):
            if post.draft != post.reviewed:
                # Where EmDash might publish it, a text is looked at before it is due soon if a slug waits with it.
                is_renamed = bool(self.has_scheduler and post.reviewed and post.reviewed.slug not in {None, post.slug})
                post.held = post.due is not None and (post.due <= self.now + SOON or is_renamed)
                post.taken_off = post.held and self.has_scheduler
            elif post.due and post.due <= self.now and post.has_expired(self.now):
                post.held, post.taken_off = True, self.has_scheduler
            elif post.due and post.due <= self.now and post.draft:
                self.goes_live(post, post.draft, post.due)

    def _watch_trash(self, post: Post) -> None:
        """What comes back too late, or may have, is not published unless somebody says so."""
        is_late = post.due is not None and post.due <= self.now and not post.held
        if post.is_trashed and post.planned and not post.held:
            post.noted = post.noted or self.now
        elif not post.is_trashed and not is_late:
            post.noted = None
        if is_late and (post.is_trashed or post.noted):
            post.held = post.taken_off = True

    def cleanup(self) -> dict[str, str]:
        """What is written by now is old enough an hour later. Answers what becomes of half posts, by their slugs."""
        fates = {}
        for key, post in list(self.posts.items()):
            if post.half is None or post.written >= self.now:
                continue
            fates[post.slug] = "finished" if post.half else "removed"
            if post.half:
                self.goes_live(post, Draft(post.half), post.written)
                post.half, post.written = None, post.written if post.has_revision else self.now
            else:
                self.removed[key] = self.posts.pop(key)
                self.announce(post)
        self.board.purge(self.now)
        for post_id, written in list(self.litter.items()):
            if written < self.now:
                self.removed[post_id] = self.litter.pop(post_id)
        return fates

    def restore(self) -> None:
        for key, what in self.removed.items():
            if isinstance(what, Post):
                self.posts.setdefault(key, replace(what))
            else:
                self.litter[key] = what

    # What others do.

    def delete(self, key: str, post_id: str) -> None:
        """Another tool deletes a post, and leaves its revisions behind."""
        self.litter[post_id] = self.posts.pop(key).written

    def bring_in(self, *, update: bool, announce: bool) -> None:
        """New pages become posts; with `update`, edited ones change theirs, unless somebody else has touched it."""
        for key, page in self.pages.items():
            post = self.posts.get(key)
            if page.written is None:
                post = self.posts[key] = Post(slug=key, written=self.now, platforms=self.board.of_stream("default"))
            elif not update or page.says == page.written or post is None or not post.may_follow_its_file:
                continue
            self.goes_live(post, Draft(page.says), PAGE_DATE, is_news=announce)
            page.written, post.filed, post.written = page.says, page.says, self.now
