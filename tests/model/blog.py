"""A blog as it must be: what each article says, and whether its readers see it. Nothing here knows of a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

START = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


@dataclass
class Post:
    """An article that the tool has taken.

    Attributes:
        live: the title that readers see; None if they see nothing.
        draft: the title of the draft beside or before it; None if there is none.
        due: when the draft goes live; None if it is not scheduled.
        reviewed: the title that was locked when it was scheduled.
        held: whether a sweep found that the draft is not what was reviewed.
    """

    slug: str
    live: str | None = None
    draft: str | None = None
    due: datetime | None = None
    reviewed: str | None = None
    held: bool = False

    @property
    def status(self) -> str:
        if self.live is not None:
            return "published"
        return "scheduled" if self.due else "draft"

    def schedule(self, due: datetime) -> None:
        self.due, self.reviewed, self.held = due, self.draft, False

    def unschedule(self) -> None:
        self.due, self.reviewed, self.held = None, None, False

    def sweep(self, now: datetime) -> None:
        if self.due is None or self.due > now or self.held:
            return
        if self.draft != self.reviewed:
            self.held = True
            return
        self.live, self.draft = self.draft, None
        self.unschedule()


@dataclass(frozen=True)
class File:
    """A file in the queue: the key, title and wanted state of its article."""

    name: str
    key: str
    title: str
    status: str = "published"
    due: datetime | None = None


@dataclass
class Page:
    """A page of a folder that is imported: what it says, and what it said when its post was written last."""

    says: str
    written: str | None = None


@dataclass
class Blog:
    """Everything that must be true.

    Attributes:
        posts: by the key of the article.
        first: the title under which each key was taken: with another title, its file is reported as changed.
        archived: the folder of every file that left the queue.
        pages: by the key of the article.
    """

    now: datetime = START
    posts: dict[str, Post] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    queue: list[File] = field(default_factory=list)
    archived: dict[str, str] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)

    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def publish(self) -> None:
        """Every file leaves the queue, in the order of the names."""
        for file in self.queue:
            self.archived[file.name] = self._take(file)
        self.queue = []

    def _take(self, file: File) -> str:
        if file.key in self.first:
            return "duplicate" if self.first[file.key] == file.title else "changed"
        self.first[file.key] = file.title
        status = file.status
        if status == "scheduled" and file.due and file.due <= self.now:
            status = "published"
        post = Post(slug=file.key)
        if status == "published":
            post.live = file.title
        else:
            post.draft = file.title
        if status == "scheduled" and file.due:
            post.schedule(file.due)
        self.posts[file.key] = post
        return status

    def sweep(self) -> None:
        for post in self.posts.values():
            post.sweep(self.now)

    def bring_in(self, *, update: bool) -> None:
        """New pages become posts; with `update`, edited ones change theirs, unless somebody else has touched it."""
        for key, page in self.pages.items():
            post = self.posts.get(key)
            if post is None:
                self.posts[key] = Post(slug=key, live=page.says)
                page.written = page.says
            elif update and page.says != page.written and self._is_untouched(post, page):
                post.live = page.written = page.says

    @staticmethod
    def _is_untouched(post: Post, page: Page) -> bool:
        return post.live == page.written and post.draft is None and post.due is None
