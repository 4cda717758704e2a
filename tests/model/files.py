"""Files come: into a queue, back from the archive, or in a folder of pages that is imported again and again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.blog import PAGE_DATE, File, Page
from tests.model.jobs import SINCE
from tests.model.machine import CHOICE, CRASH, HOURS, Machine, pick
from tests.model.places import STREAMS, text

if TYPE_CHECKING:
    from pathlib import Path

STATUSES = st.sampled_from(["scheduled", "published", "draft", "backdated"])
PLATFORMS = st.sampled_from([None, None, ("bot",), ()])
LONG_AGO = SINCE - timedelta(days=1000)


def article(file: File) -> dict[str, object]:
    """What the file says."""
    said: dict[str, object] = {"id": file.key, "slug": file.key, "tags": ["filed"], "status": file.status}
    if file.title is not None:
        said |= {"title": file.title, "body_text": f"The text of {file.title}."}
    if file.platforms is not None:
        said["platforms"] = file.platforms
    return said | ({"publish_at": text(file.due)} if file.due else {})


class Files(Machine):
    """Whoever writes articles."""

    def put(self, file: File) -> None:
        path = self.site.root / self.queue(file.stream) / file.name
        self.site.put_raw(path.name, json.dumps(article(file)).encode(), queue=path.parent.name)
        self.blog.put(file)

    def queue(self, stream: str) -> str:
        return {"default": "queue", "notes": "notes"}[stream]

    def find(self, name: str) -> Path:
        """Where that file is in the archives."""
        (path,) = (path for path in self.site.root.glob(f"*/*/*/{name}") if path.parts[-4] != "removed")
        return path

    def new_file(self, status: str, hours: int, stream: str, platforms: tuple[str, ...] | None = None) -> File:
        serial = self.number()
        due = {"scheduled": self.blog.now + timedelta(hours=hours), "backdated": LONG_AGO}.get(status)
        status = "published" if status == "backdated" else status
        key = f"article-{serial}"
        return File(f"{serial:03}-{key}.json", key, f"First {key}", status, due, stream, platforms)

    @rule(status=STATUSES, hours=HOURS, stream=st.sampled_from(STREAMS), platforms=PLATFORMS)
    def write(self, status: str, hours: int, stream: str, platforms: tuple[str, ...] | None) -> None:
        self.put(self.new_file(status, hours, stream, platforms))

    @rule(status=STATUSES, hours=HOURS, stream=st.sampled_from(STREAMS), nth=CRASH)
    def enqueue(self, status: str, hours: int, stream: str, nth: int) -> None:
        """A command that died may have queued the file: whoever looks sees it, and does not run it again."""
        file = self.new_file(status, hours, stream)
        source = self.root / "source.json"
        source.write_text(json.dumps(article(file)))
        queue = self.site.root / self.queue(stream)
        before = set(queue.glob("[!.]*"))
        words = ("enqueue", str(source), "--stream", stream)
        if nth:
            self.place.run(self.blog.now, *words, nth=nth)
        if not set(queue.glob("[!.]*")) - before:
            self.emdash(*words)
        (path,) = set(queue.glob("[!.]*")) - before
        self.blog.put(replace(file, name=path.name))

    @rule(stream=st.sampled_from(STREAMS))
    def write_without_a_title(self, stream: str) -> None:
        serial = self.number()
        self.put(File(f"{serial:03}-broken.json", f"article-{serial}", None, stream=stream))

    def known(self) -> list[File]:
        """The last file of each article that the tool knows."""
        last = {file.key: file for file in self.blog.files.values() if file.key in self.blog.filed}
        return [last[key] for key in sorted(last)]

    @precondition(lambda self: self.known())
    @rule(which=CHOICE, says_the_same=st.booleans())
    def write_again(self, which: int, says_the_same: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        file, serial = pick(self.known(), which), self.number()
        title = self.blog.filed[file.key] if says_the_same else f"Rewrite {serial} of {file.key}"
        self.put(replace(file, name=f"{serial:03}-{file.key}.json", title=title))

    def rejected(self) -> list[str]:
        return sorted(name for name, folder in self.blog.archived.items() if folder == "rejected")

    @precondition(lambda self: self.rejected())
    @rule(which=CHOICE, nth=CRASH)
    def correct_and_requeue(self, which: int, nth: int) -> None:
        old = self.blog.files[pick(self.rejected(), which)]
        file = File(old.name, old.key, f"Corrected {old.key}", stream=old.stream)
        path = self.find(file.name)
        path.write_text(json.dumps(article(file)))
        self.emdash("requeue", str(path), nth=nth)
        self.blog.requeue(file)

    def deleted(self) -> list[File]:
        """Archived files of articles whose posts were deleted since, and that no file brings back yet."""
        waiting = {file.key for file in self.blog.queue}
        keys = set(self.blog.filed) - set(self.blog.posts) - waiting
        return [file for name in sorted(self.blog.archived) if (file := self.blog.files[name]).key in keys]

    @precondition(lambda self: self.deleted())
    @rule(which=CHOICE, nth=CRASH)
    def requeue_again(self, which: int, nth: int) -> None:
        file = pick(self.deleted(), which)
        self.emdash("requeue", "--again", str(self.find(file.name)), nth=nth)
        self.blog.requeue(file)

    # A folder of pages.

    def page(self, key: str, title: str) -> None:
        matter = f"---\ntitle: {title}\ndate: {PAGE_DATE:%Y-%m-%d}\n---\nText of {key}.\n"
        (self.folder / f"{key}.md").write_text(matter, "utf-8")

    @rule()
    def add_page(self) -> None:
        key = f"page-{len(self.blog.pages) + 1}"
        self.blog.pages[key] = Page(f"First {key}")
        self.page(key, f"First {key}")

    @precondition(lambda self: self.blog.pages)
    @rule(which=CHOICE)
    def edit_page(self, which: int) -> None:
        key, page = pick(sorted(self.blog.pages.items()), which)
        page.says = f"Page {self.number()} of {key}"
        self.page(key, page.says)

    @precondition(lambda self: self.blog.pages)
    @rule(nth=CRASH, update=st.booleans(), announce=st.booleans())
    def bring_in(self, nth: int, update: bool, announce: bool) -> None:  # noqa: FBT001 - Hypothesis draws them
        words = ["import", "--from-markdown", str(self.folder), "--stream", "default"]
        options = [*(["--update"] if update else []), *(["--announce"] if announce else [])]
        self.emdash(*words, *options, nth=nth, codes=(0, 3))
        self.blog.bring_in(update=update, announce=announce)

    def knows_its_archive(self) -> bool:
        """Whether no article is to be published anew, which any of its files would do."""
        taken = {
            name
            for name, folder in self.blog.archived.items()
            if folder in {"published", "scheduled", "draft", "updated"}
        }
        return bool(taken) and {self.blog.files[name].key for name in taken} <= set(self.blog.filed)

    @precondition(lambda self: self.knows_its_archive())
    @rule(stream=st.sampled_from(STREAMS))
    def bring_in_the_archive(self, stream: str) -> None:
        """What was published is known, wherever it comes from, and not announced again."""
        archive = {"default": "archive", "notes": "noted"}[stream]
        words = ("import", "--from-archive", str(self.site.root / archive), "--stream", stream, "--announce", "--json")
        ran = self.emdash(*words, codes=(0, 3))
        assert set(ran.counts) <= {"duplicate", "changed"}, ran
