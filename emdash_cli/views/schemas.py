"""The documents that have a JSON Schema: their list, and the schema of each."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from inspect import cleandoc
from typing import Any, Final, NamedTuple

import msgspec

from emdash_cli.domain.errors import UsageError
from emdash_cli.views import json_form, output
from emdash_cli.views.documents import blog, editing, jobs, posts, runs, site, undo

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
QUEUE_FILE: Final = "queue-file"


class Printed(NamedTuple):
    """A document that commands print."""

    type: Any
    commands: tuple[str, ...]


PRINTED: Final = {
    "publish-queue": Printed(runs.PublishRun, ("publish-queue", "import")),
    "sweep": Printed(runs.SweepRun, ("sweep",)),
    "post-change": Printed(runs.PostChangeRun, ("publish", "unpublish", "trash", "untrash")),
    "distribute": Printed(runs.DistributionRun, ("distribute",)),
    "jobs": Printed(jobs.JobList, ("jobs list", "dead list")),
    "job": Printed(jobs.JobDetails, ("jobs show", "dead show")),
    "platforms": Printed(jobs.Platforms, ("platforms list",)),
    "platform-check": Printed(jobs.PlatformChecks, ("platforms check",)),
    "platform-change": Printed(jobs.PlatformChange, ("platforms pause", "platforms resume")),
    "announce": Printed(jobs.Announcement, ("announce",)),
    "job-change": Printed(
        jobs.JobChange, ("jobs retry", "jobs discard", "jobs resolve", "dead replay", "dead discard")
    ),
    "job-purge": Printed(jobs.Purge, ("jobs purge",)),
    "worker": Printed(runs.WorkerEvent, ("worker",)),
    "enqueue": Printed(runs.EnqueueRun, ("enqueue",)),
    "requeue": Printed(runs.RequeueRun, ("requeue",)),
    "export": Printed(runs.ExportRun, ("export",)),
    "cleanup": Printed(runs.CleanupRun, ("cleanup", "restore")),
    "preview": Printed(posts.Preview, ("preview",)),
    "show": Printed(posts.Post, ("show",)),
    "posts": Printed(posts.PostList, ("posts",)),
    "history": Printed(posts.History, ("history",)),
    "edit": Printed(posts.Edit, ("edit",)),
    "revert": Printed(editing.Revert, ("revert",)),
    "rename": Printed(editing.Rename, ("rename",)),
    "translations": Printed(editing.Translations, ("translations",)),
    "diff": Printed(posts.Difference, ("diff",)),
    "schedule": Printed(posts.ScheduleRun, ("schedule", "reschedule", "unschedule")),
    "calendar": Printed(posts.Calendar, ("calendar",)),
    "slots": Printed(blog.SlotList, ("slots",)),
    "runs": Printed(undo.RunList, ("runs list",)),
    "run": Printed(undo.RunDetails, ("runs show",)),
    "undo": Printed(undo.UndoRun, ("undo",)),
    "status": Printed(blog.Status, ("status",)),
    "metrics": Printed(blog.Metrics, ("metrics",)),
    "stats": Printed(blog.Statistics, ("stats",)),
    "doctor": Printed(blog.Checkup, ("doctor",)),
    "init": Printed(blog.InitRun, ("init",)),
    "config": Printed(blog.Configuration, ("config",)),
    "users": Printed(blog.Users, ("users list",)),
    "user-change": Printed(blog.UserChange, ("users add", "users role", "users disable")),
    "webhook-test": Printed(site.WebhookTest, ("webhooks test",)),
    "indexnow-key": Printed(site.IndexNowKey, ("indexnow key",)),
    "schema": Printed(blog.Schemas, ("schema",)),
    "error": Printed(json_form.Failure, ()),
}
"""Every document by the name of its schema."""


def listed() -> blog.Schemas:
    """Every document that has a schema."""
    queue_file = blog.Schema(QUEUE_FILE, (), "One article of a queue.")
    rest = (blog.Schema(name, each.commands, _summary(name)) for name, each in PRINTED.items())
    return blog.Schemas((queue_file, *rest))


def show_list(*, as_json: bool) -> None:
    """Print the documents: a table on a terminal; in a pipe a line for each, with name, commands, description."""
    if as_json:
        json_form.show(listed())
        return
    rows = [(each.name, ", ".join(each.commands), each.description) for each in listed().schemas]
    output.table(("document", "printed by", "what it is"), rows)


def show_schema(name: str) -> None:
    """Print the schema of a document, indented also in a pipe: its readers are people and editors.

    Raises:
        UsageError: there is no such document.
    """
    output.data(json.dumps(schema(name), ensure_ascii=False, indent=2))


def _summary(name: str) -> str:
    """A short description of a document that commands print."""
    return str(schema(name)["description"]).partition("\n\n")[0]


def schema(name: str) -> dict[str, Any]:
    """JSON Schema 2020-12 of a document, by its own name or that of a command that prints it.

    Raises:
        UsageError: there is no such document.
    """
    if name == QUEUE_FILE:
        from emdash_cli.domain.queue_file import json_schema

        return json_schema()
    found = next((key for key, each in PRINTED.items() if name == key or name in each.commands), None)
    if found is None:
        close = get_close_matches(name, [QUEUE_FILE, *PRINTED], n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(f"there is no document {name!r}{meant}", hint="`emdash schema` lists the documents")
    (top,), parts = msgspec.json.schema_components((PRINTED[found].type,), ref_template="#/$defs/{name}")
    described = {key: _described(part) for key, part in parts.items()}
    own = described.pop(top["$ref"].rpartition("/")[2]) if "$ref" in top else top
    return {"$schema": DIALECT, **own, "title": found, **({"$defs": described} if described else {})}


def _described(part: dict[str, Any]) -> dict[str, Any]:
    """The schema of a class, its keys with their descriptions from the docstring."""
    if "properties" not in part:
        return {"enum": part["enum"]}
    about, _, attributes = cleandoc(part["description"]).partition("\n\nAttributes:\n")
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", attributes, re.MULTILINE)
    texts = {key: " ".join(text.split()) for key, text in found}
    properties = {key: {"description": texts[key], **_nullable(each)} for key, each in part["properties"].items()}
    return {**part, "description": about, "properties": properties}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """``"type": [T, "null"]`` in place of two schemas, where T is one type."""
    match schema:
        case {"anyOf": [{"type": str(kind)} as either, {"type": "null"}]}:
            return {**either, "type": [kind, "null"]}
    return schema
